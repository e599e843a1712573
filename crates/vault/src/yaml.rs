//! YAML as a data file: text in, a [`SecretValue`] out.
//!
//! Only what JSON knows has a type: its numbers in their digits, `true`, `false`, `null`, `~` and
//! nothing at all. Every other plain scalar is text. A data file of secrets holds PINs with
//! leading zeros, the word `yes`, dates and version numbers that must come out as they were
//! written; the types that Kubernetes would see in them matter in manifests, not here.

use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};

use crate::SecretValue;

/// Nesting beyond this is refused, as in JSON.
const MAX_DEPTH: usize = 128;

const TOO_DEEP: &str = "values are nested too deeply";

/// How many bytes aliases may add: a few lines could otherwise fill the memory.
const MAX_EXPANSION: usize = 16 * 1024 * 1024;

/// What the tags that are written `!!` begin with.
const YAML: &str = "tag:yaml.org,2002:";

/// What is wrong with a text, and where; nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) problem: &'static str,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl YamlError {
    fn at(marker: &Marker, problem: &'static str) -> Self {
        YamlError {
            problem,
            line: marker.line(),
            column: marker.col() + 1,
        }
    }
}

/// Reads one YAML document.
pub(crate) fn read(text: &str) -> Result<SecretValue, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parser = Parser::new_from_str(text);
    let mut composer = Composer {
        parser,
        anchors: HashMap::new(),
        left: MAX_EXPANSION,
    };
    let mut root = None;
    loop {
        let (event, span) = composer.next()?;
        match event {
            Event::StreamEnd => return Ok(root.unwrap_or_else(SecretValue::null)),
            Event::DocumentStart(..) if root.is_some() => {
                return Err(YamlError::at(&span.start, "there is a second document"));
            }
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => root = Some(composer.node(event, &span, 0)?.0),
        }
    }
}

struct Composer<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The anchored values with their sizes.
    anchors: HashMap<usize, (SecretValue, usize)>,
    /// How much aliases may still add.
    left: usize,
}

impl<'a> Composer<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), YamlError> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(YamlError::at(
                error.marker(),
                match error.kind() {
                    ErrorKind::RecursionLimitExceeded => TOO_DEEP,
                    _ => "this is not YAML",
                },
            )),
            None => Ok((Event::StreamEnd, Span::empty(Marker::default()))),
        }
    }

    /// The value that an event begins, and its size.
    fn node(
        &mut self,
        event: Event<'a>,
        span: &Span,
        depth: usize,
    ) -> Result<(SecretValue, usize), YamlError> {
        if depth > MAX_DEPTH {
            return Err(YamlError::at(&span.start, TOO_DEEP));
        }
        let (anchor, (value, size)) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let size = text.len() + size_of::<SecretValue>();
                let value = scalar(&text, style, tag.as_deref())
                    .map_err(|problem| YamlError::at(&span.start, problem))?;
                (anchor, (value, size))
            }
            Event::SequenceStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "seq", span)?;
                (anchor, self.list(depth)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "map", span)?;
                (anchor, self.map(depth)?)
            }
            _ => return Err(YamlError::at(&span.start, "this is not YAML")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok((value, size))
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(SecretValue, usize), YamlError> {
        let Some((value, size)) = self.anchors.get(&anchor) else {
            return Err(YamlError::at(
                &span.start,
                "an alias stands inside its own anchor",
            ));
        };
        self.left = self.left.checked_sub(*size).ok_or_else(|| {
            YamlError::at(
                &span.start,
                "the aliases up to here make the file too large",
            )
        })?;
        Ok((value.clone(), *size))
    }

    fn list(&mut self, depth: usize) -> Result<(SecretValue, usize), YamlError> {
        let (mut items, mut size) = (Vec::new(), size_of::<SecretValue>());
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok((SecretValue::list(items), size));
            }
            let (item, more) = self.node(event, &span, depth + 1)?;
            items.push(item);
            size += more;
        }
    }

    fn map(&mut self, depth: usize) -> Result<(SecretValue, usize), YamlError> {
        let (mut entries, mut size) = (Vec::new(), size_of::<SecretValue>());
        let mut keys = HashSet::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok((SecretValue::map(entries), size)),
                Event::Scalar(key, style, 0, None) => {
                    if key == "<<" && style == ScalarStyle::Plain {
                        return Err(YamlError::at(&span.start, "merge keys are not read here"));
                    }
                    key.into_owned()
                }
                _ => {
                    return Err(YamlError::at(
                        &span.start,
                        "a key must be plain or quoted text",
                    ));
                }
            };
            if !keys.insert(key.clone()) {
                return Err(YamlError::at(&span.start, "a key is given twice"));
            }
            let (event, span) = self.next()?;
            let (value, more) = self.node(event, &span, depth + 1)?;
            size += more + key.len();
            entries.push((key, value));
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<SecretValue, &'static str> {
    match tag {
        Some(tag) => match tag.suffix_in_namespace(YAML).as_deref() {
            Some("str") => Ok(SecretValue::text(text)),
            Some("binary") => binary(text).ok_or("this is not base64"),
            _ => Err("of the tags, only !!str and !!binary are read here"),
        },
        None if style != ScalarStyle::Plain => Ok(SecretValue::text(text)),
        None => Ok(match text {
            "" | "~" | "null" => SecretValue::null(),
            "true" => SecretValue::bool(true),
            "false" => SecretValue::bool(false),
            _ => SecretValue::number(text).unwrap_or_else(|| SecretValue::text(text)),
        }),
    }
}

fn collection_tag(tag: Option<&Tag>, expected: &str, span: &Span) -> Result<(), YamlError> {
    match tag.map(Tag::core_suffix) {
        None => Ok(()),
        Some(Some(suffix)) if suffix == expected => Ok(()),
        Some(_) => Err(YamlError::at(
            &span.start,
            "of the tags, only !!str and !!binary are read here",
        )),
    }
}

fn binary(text: &str) -> Option<SecretValue> {
    use base64::Engine as _;
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()?;
    Some(SecretValue::bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        read(text).unwrap().to_json()
    }

    #[test]
    fn only_what_json_knows_has_a_type() {
        for (text, value) in [
            ("0123", "\"0123\""),
            ("yes", "\"yes\""),
            ("2026-01-01", "\"2026-01-01\""),
            ("1_000", "\"1_000\""),
            ("0x1f", "\"0x1f\""),
            ("1:30", "\"1:30\""),
            (".5", "\".5\""),
            ("True", "\"True\""),
            ("Null", "\"Null\""),
            (".inf", "\".inf\""),
            ("'1'", "\"1\""),
            ("\"true\"", "\"true\""),
            ("|\n  1\n", "\"1\\n\""),
            ("1.50", "1.50"),
            ("-0", "-0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1e400", "1e400"),
            ("true", "true"),
            ("null", "null"),
            ("~", "null"),
            ("", "null"),
            ("# nothing\n", "null"),
            ("''", "\"\""),
        ] {
            assert_eq!(json(text), value, "{text:?}");
        }
    }

    #[test]
    fn maps_keep_their_order_and_lists_their_nesting() {
        let text =
            "\u{feff}---\nb: {z: 1, a: [x, {k: }]}\na:\n- |\n  two\n  lines\n- \"é\\u00e9\"\n...\n";
        assert_eq!(
            json(text),
            r#"{"b":{"z":1,"a":["x",{"k":null}]},"a":["two\nlines\n","éé"]}"#
        );
        assert_eq!(
            json("1: a\ntrue: b\n? long\n: c\r\n"),
            r#"{"1":"a","true":"b","long":"c"}"#
        );
    }

    #[test]
    fn anchors_are_followed() {
        let text = "a: &x {k: &y v}\nb: *x\nc: [*y, *y]\n";
        assert_eq!(json(text), r#"{"a":{"k":"v"},"b":{"k":"v"},"c":["v","v"]}"#);
        // Of two anchors of one name the last one before the alias counts.
        assert_eq!(json("a: &x 1\nb: &x 2\nc: *x\n"), r#"{"a":1,"b":2,"c":2}"#);
    }

    #[test]
    fn tags_choose_text_and_bytes() {
        assert_eq!(json("!!str 1"), "\"1\"");
        assert_eq!(json("!!map {a: !!seq []}"), r#"{"a":[]}"#);
        let value = read("!!binary |\n  AAH/\n  /g==\n").unwrap();
        assert!(value == SecretValue::bytes([0, 1, 255, 254]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, problem, line, column) in [
            ("a: 1\nb: 2\na: 3\n", "a key is given twice", 3, 1),
            ("a: {b: 1, 'b': 2}\n", "a key is given twice", 1, 11),
            ("a: 1\n---\nb: 2\n", "there is a second document", 2, 1),
            ("a: 1\n<<: {b: 2}\n", "merge keys are not read here", 2, 1),
            (
                "a: !!int 1\n",
                "of the tags, only !!str and !!binary are read here",
                1,
                10,
            ),
            ("a: !!binary '*'\n", "this is not base64", 1, 13),
            ("? [a]\n: 1\n", "a key must be plain or quoted text", 1, 3),
            (
                "a: &x [*x]\n",
                "an alias stands inside its own anchor",
                1,
                8,
            ),
            ("a: [1,\nb: }\n", "this is not YAML", 1, 4),
            ("a: *none\n", "this is not YAML", 1, 4),
        ] {
            assert_eq!(
                read(text),
                Err(YamlError {
                    problem,
                    line,
                    column
                }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn neither_depth_nor_aliases_fill_the_memory() {
        for text in [
            "[".repeat(100_000),
            format!("{}{}", "[".repeat(200), "]".repeat(200)),
            "- ".repeat(100_000),
            "{a: ".repeat(5_000),
        ] {
            assert_eq!(read(&text).unwrap_err().problem, TOO_DEEP);
        }
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(
            read(&text).unwrap_err().problem,
            "the aliases up to here make the file too large"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a:&*!\\[\\]{},'\"|>~<0\n \u{e9}#%@?]{0,60}") {
            let _ = read(&text);
        }
    }
}
