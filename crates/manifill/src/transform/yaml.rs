//! `yamlParse` and `toYaml`.

use manifill_manifest::{Value, push_escaped, read_one};
use manifill_vault::{Exposed, SecretValue};

use super::bounded::Bounded;
use super::{TransformErrorKind, json};

/// Longer keys need the `? key` form: YAML 1.1 readers look 1024 characters ahead for the colon.
const MAX_SIMPLE_KEY: usize = 1000;

/// Reads the first document of a YAML text under the types of YAML 1.1, as AVP does (rule 34).
pub(super) fn parse(text: &str) -> Result<SecretValue, TransformErrorKind> {
    let value = read_one(text).map_err(|_| TransformErrorKind::NotYaml)?;
    secret(value)
}

fn secret(value: Value) -> Result<SecretValue, TransformErrorKind> {
    Ok(match value {
        Value::Null => SecretValue::null(),
        Value::Bool(value) => SecretValue::bool(value),
        // JSON has no infinity and no NaN.
        Value::Number(digits) => SecretValue::number(digits).ok_or(TransformErrorKind::NotYaml)?,
        Value::Text(text) => SecretValue::text(text),
        Value::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(secret(item)?);
            }
            SecretValue::list(list)
        }
        Value::Map(entries) => {
            let mut map = Vec::with_capacity(entries.len());
            for (key, item) in entries {
                map.push((key, secret(item)?));
            }
            SecretValue::map(map)
        }
    })
}

/// Writes block YAML without a final line break, keys sorted, as Helm's `toYaml` does.
///
/// Texts stand in double quotes unless they are words that no reader of YAML takes for anything
/// but text, so every line can be indented without harm.
pub(super) fn block(value: Exposed<'_>) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::value();
    node(value, 0, &mut out)?;
    Ok(out.finish())
}

/// Writes a node where it may begin on the current line; its other lines begin at `column`.
fn node(value: Exposed<'_>, column: usize, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    new_line(column, out)?;
                }
                out.push("- ")?;
                node(item.expose(), column + 2, out)?;
            }
            Ok(())
        }
        Exposed::Map(entries) if !entries.is_empty() => {
            for (index, (key, item)) in json::sorted(entries).into_iter().enumerate() {
                if index > 0 {
                    new_line(column, out)?;
                }
                write_key(key, column, out)?;
                write_item(item.expose(), column, out)?;
            }
            Ok(())
        }
        scalar => write_scalar(scalar, out),
    }
}

fn write_key(key: &str, column: usize, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    let mut quoted = Bounded::value();
    write_text(key, &mut quoted)?;
    let quoted = quoted.finish();
    if quoted.chars().count() > MAX_SIMPLE_KEY {
        out.push("? ")?;
        out.push(&quoted)?;
        new_line(column, out)?;
    } else {
        out.push(&quoted)?;
    }
    out.push(":")
}

/// Writes what follows the colon of a key that stands at `column`.
fn write_item(
    value: Exposed<'_>,
    column: usize,
    out: &mut Bounded,
) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::List(items) if !items.is_empty() => {
            new_line(column, out)?;
            node(value, column, out)
        }
        Exposed::Map(entries) if !entries.is_empty() => {
            new_line(column + 2, out)?;
            node(value, column + 2, out)
        }
        scalar => {
            out.push(" ")?;
            write_scalar(scalar, out)
        }
    }
}

fn write_scalar(value: Exposed<'_>, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::Null => out.push("null"),
        Exposed::Bool(true) => out.push("true"),
        Exposed::Bool(false) => out.push("false"),
        Exposed::Number(digits) => json::yaml_number(out, digits),
        Exposed::Text(text) => write_text(text, out),
        Exposed::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => write_text(text, out),
            Err(_) => Err(TransformErrorKind::Datatype(value.type_name())),
        },
        Exposed::List(_) => out.push("[]"),
        Exposed::Map(_) => out.push("{}"),
    }
}

fn write_text(text: &str, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    if is_word(text) {
        return out.push(text);
    }
    out.push("\"")?;
    out.spell(text, push_escaped)?;
    out.push("\"")
}

/// Whether a text needs no quotes under any version of YAML: a letter, then letters, digits, `_`
/// and `-`, and none of the words that mean a boolean, null or a number somewhere.
fn is_word(text: &str) -> bool {
    const TYPED: [&str; 11] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ];
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !TYPED.iter().any(|typed| typed.eq_ignore_ascii_case(text))
}

fn new_line(column: usize, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    out.push("\n")?;
    out.pad(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(json: &str) -> String {
        block(SecretValue::from_json(json).unwrap().expose()).unwrap()
    }

    #[test]
    fn collections_are_blocks() {
        let want = "a:\n  b: word\n  c: []\nd: {}\nl:\n- 1\n- m: null\n  \"n\": true\n- - x\n  - \"y\"\n- - p: 1\n    q: 2";
        let json = r#"{"d":{},"a":{"c":[],"b":"word"},"l":[1,{"n":true,"m":null},["x","y"],[{"p":1,"q":2}]]}"#;
        assert_eq!(yaml(json), want);
    }

    #[test]
    fn scalars_stand_alone() {
        for (json, want) in [
            ("null", "null"),
            ("true", "true"),
            ("1e21", "1.0e+21"),
            ("[]", "[]"),
            ("{}", "{}"),
            (r#""""#, r#""""#),
            (r#""word-1_x""#, "word-1_x"),
            (r#""a\nb""#, r#""a\nb""#),
        ] {
            assert_eq!(yaml(json), want);
        }
    }

    #[test]
    fn texts_that_could_be_something_else_are_quoted() {
        for text in [
            "yes",
            "NO",
            "y",
            "Off",
            "True",
            "NULL",
            "nan",
            "Inf",
            "1",
            "0x1",
            "1e3",
            "-",
            "- a",
            "a: b",
            "a #b",
            " a",
            "a ",
            "~",
            "=",
            "<<",
            "2001-01-01",
            "1:30",
            ".5",
            "é",
            "a.b",
            "@a",
            "*a",
            "",
        ] {
            let yaml = block(SecretValue::text(text).expose()).unwrap();
            assert!(
                yaml.starts_with('"') && yaml.ends_with('"'),
                "{text:?}: {yaml}"
            );
            assert!(SecretValue::from_json(&yaml).unwrap() == SecretValue::text(text));
        }
    }

    #[test]
    fn long_keys_are_written_as_complex_keys() {
        let key = "k ".repeat(600);
        let map = SecretValue::map([(key.clone(), SecretValue::map([("a", SecretValue::null())]))]);
        let yaml = block(map.expose()).unwrap();
        assert_eq!(yaml, format!("? \"{key}\"\n:\n  a: null"));
    }

    #[test]
    fn what_is_written_reads_back() {
        let value = SecretValue::from_json(
            r#"{"a":["yes",1,-0.5,true,null,{"x":"1","y":["p",["q"]]},[],{}],"b c":"l1\nl2\n","no":"\u0085\u2028","e":[[1,2],[3]]}"#,
        )
        .unwrap();
        let read = parse(&block(value.expose()).unwrap()).unwrap();
        assert_eq!(
            json::compact(read.expose()).unwrap(),
            json::compact(value.expose()).unwrap()
        );
    }

    mod anything {
        use proptest::prelude::*;

        use super::*;
        use crate::transform::{text, typed_json};

        fn texts() -> impl Strategy<Value = String> {
            let nasty = prop::sample::select(vec![
                "",
                "yes",
                "n",
                "~",
                "null",
                "<<",
                "=",
                "0o17",
                "1_000",
                "1:30",
                "2001-01-01",
                "- a",
                "a: b",
                "a #b",
                "%a",
                "---",
                "...",
                "\u{85}",
                "\u{2028}",
                "\u{feff}",
                "\ta",
                "a\r\n",
                " a",
                "a ",
                "\"",
                "\\",
                "{{ x }}",
                "<path:a#b>",
                "😀",
                "!!str x",
                "&a",
                "*a",
                "? a",
            ]);
            prop_oneof![nasty.prop_map(str::to_owned), any::<String>()]
        }

        fn values() -> impl Strategy<Value = SecretValue> {
            let leaf = prop_oneof![
                Just(SecretValue::null()),
                any::<bool>().prop_map(SecretValue::bool),
                any::<i64>().prop_map(|n| SecretValue::number(n.to_string()).unwrap()),
                texts().prop_map(SecretValue::text),
            ];
            leaf.prop_recursive(4, 24, 4, |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..4).prop_map(SecretValue::list),
                    prop::collection::vec((texts(), inner), 0..4).prop_map(SecretValue::map),
                ]
            })
        }

        fn go(value: &SecretValue) -> String {
            json::compact(value.expose()).unwrap()
        }

        proptest! {
            #[test]
            fn blocks_read_back(value in values()) {
                let yaml = block(value.expose()).unwrap();
                prop_assert_eq!(go(&parse(&yaml).unwrap()), go(&value), "{}", yaml);
            }

            #[test]
            fn indented_blocks_read_back(value in values()) {
                let yaml = block(value.expose()).unwrap();
                let nested = format!("a:{}\nb: 1\n", text::nindent(&yaml, 2).unwrap());
                let want = SecretValue::map([("a", value), ("b", SecretValue::number("1").unwrap())]);
                prop_assert_eq!(go(&parse(&nested).unwrap()), go(&want), "{}", nested);
            }

            #[test]
            fn typed_values_read_back(value in values()) {
                if let Some(typed) = typed_json(&value) {
                    prop_assert_eq!(go(&SecretValue::from_json(&typed).unwrap()), go(&value));
                    let yaml = format!("{{a: {typed}}}\n");
                    let want = SecretValue::map([("a", value)]);
                    prop_assert_eq!(go(&parse(&yaml).unwrap()), go(&want), "{}", yaml);
                }
            }
        }
    }
}
