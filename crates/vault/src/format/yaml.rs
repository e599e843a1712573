//! YAML as a data file: text in, a [`SecretValue`] out.
//!
//! Only what JSON knows has a type: its numbers in their digits, `true`, `false`, `null`, `~` and
//! nothing at all. Every other plain scalar is text. A data file of secrets holds PINs with
//! leading zeros, the word `yes`, dates and version numbers that must come out as they were
//! written; the types that Kubernetes would see in them matter in manifests, not here.

use base64::Engine as _;
use manifill_yaml::{ComposeError, Key, Position, Problem, Scalar, Schema, Style, Tag, compose};

use crate::SecretValue;

const TOO_DEEP: &str = "values are nested too deeply";
const NO_TAG: &str = "of the tags, only !!str and !!binary are read here";

/// What is wrong with a text, and where; nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) problem: &'static str,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl YamlError {
    fn at(at: Position, problem: &'static str) -> Self {
        YamlError {
            problem,
            line: at.line,
            column: at.column,
        }
    }
}

impl From<ComposeError> for YamlError {
    fn from(error: ComposeError) -> Self {
        let problem = match error.problem {
            Problem::TooDeep => TOO_DEEP,
            Problem::TooLarge => "the aliases up to here make the file too large",
            Problem::InsideItself => "an alias is inside its own anchor",
            Problem::KeyForm => "a key must be plain or quoted text",
            Problem::Twice(_) => "a key is given twice",
            Problem::Refused(words) => words,
            _ => "this is not YAML",
        };
        YamlError::at(error.at, problem)
    }
}

/// Reads one YAML document.
pub(crate) fn read(text: &str) -> Result<SecretValue, YamlError> {
    let mut documents = compose(text, &DataFile)?.into_iter();
    let root = documents.next().map(|one| one.value);
    match documents.next() {
        Some(second) => Err(YamlError::at(second.start, "there is a second document")),
        None => Ok(root.unwrap_or_else(SecretValue::null)),
    }
}

/// The types of JSON, and nothing that only YAML has but `!!binary`.
struct DataFile;

impl Schema for DataFile {
    type Value = SecretValue;

    fn scalar(&self, scalar: Scalar<'_>, _: Position) -> Result<SecretValue, &'static str> {
        let Scalar { text, style, .. } = scalar;
        match scalar.tag {
            Tag::Str => Ok(SecretValue::text(text)),
            Tag::Binary => binary(text).ok_or("this is not base64"),
            Tag::None if style != Style::Plain => Ok(SecretValue::text(text)),
            Tag::None => Ok(match text {
                "" | "~" | "null" => SecretValue::null(),
                "true" => SecretValue::bool(true),
                "false" => SecretValue::bool(false),
                _ => SecretValue::number(text).unwrap_or_else(|| SecretValue::text(text)),
            }),
            _ => Err(NO_TAG),
        }
    }

    fn list(&self, items: Vec<SecretValue>, _: Position) -> SecretValue {
        SecretValue::list(items)
    }

    fn map(&self, entries: Vec<(Key, SecretValue)>, _: Position) -> SecretValue {
        SecretValue::map(entries.into_iter().map(|(key, value)| (key.text, value)))
    }

    fn collection(&self, tag: Tag, is_map: bool) -> Result<(), &'static str> {
        match (tag, is_map) {
            (Tag::None, _) | (Tag::Map, true) | (Tag::List, false) => Ok(()),
            _ => Err(NO_TAG),
        }
    }

    fn key(&self, key: Scalar<'_>) -> Result<(), &'static str> {
        if key.tag != Tag::None || key.is_anchored {
            Err("a key must be plain or quoted text")
        } else if key.text == "<<" && key.style == Style::Plain {
            Err("merge keys are not read here")
        } else {
            Ok(())
        }
    }
}

fn binary(text: &str) -> Option<SecretValue> {
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
            ("a: &x [*x]\n", "an alias is inside its own anchor", 1, 8),
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
