//! Writing JSON: as Go writes it, and as every YAML reader reads it.

use manifill_manifest::push_quoted;
use manifill_placeholder::escaped::Escape;
use manifill_vault::{Exposed, SecretValue};

use super::TransformErrorKind;

/// A way of writing JSON.
struct Dialect {
    comma: &'static str,
    colon: &'static str,
    sorted: bool,
    text: fn(&mut String, &str),
    number: fn(&str, &mut String),
}

/// Go's `json.Marshal`: compact, sorted keys, safe to paste into HTML.
const GO: Dialect = Dialect {
    comma: ",",
    colon: ":",
    sorted: true,
    text: go_text,
    number: |digits, out| out.push_str(digits),
};

/// A flow collection that YAML 1.1, YAML 1.2 and JSON read alike.
const FLOW: Dialect = Dialect {
    comma: ", ",
    colon: ": ",
    sorted: false,
    text: push_quoted,
    number: yaml_number,
};

/// Compact JSON as Go writes it; numbers keep their digits.
pub(super) fn compact(value: Exposed<'_>) -> Result<String, TransformErrorKind> {
    let mut out = String::new();
    write(value, &GO, &mut out)?;
    Ok(out)
}

/// The one-line text with which a value that is no text is put into YAML or JSON as what it is.
///
/// Integers keep their digits. Floats get a dot and a signed exponent (`1.0e+21`), because YAML 1.1
/// reads `1e21` as text. Texts inside are escaped so that JSON, YAML 1.1 and YAML 1.2 read them
/// alike. `None` for text and bytes, also for bytes inside that are not UTF-8: they are written by
/// the rules for text.
///
/// ```
/// use manifill::transform::typed_json;
/// use manifill::vault::SecretValue;
///
/// let value = SecretValue::from_json(r#"{"ports":[80,1e21],"tls":true}"#).unwrap();
/// assert_eq!(typed_json(&value).as_deref(), Some(r#"{"ports": [80, 1.0e+21], "tls": true}"#));
/// assert_eq!(typed_json(&SecretValue::text("80")), None);
/// ```
pub fn typed_json(value: &SecretValue) -> Option<String> {
    match value.expose() {
        Exposed::Text(_) | Exposed::Bytes(_) => None,
        exposed => {
            let mut out = String::new();
            write(exposed, &FLOW, &mut out).ok()?;
            Some(out)
        }
    }
}

/// The entries of a map in the order of their keys, as Go writes them.
pub(super) fn sorted(entries: &[(String, SecretValue)]) -> Vec<&(String, SecretValue)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

pub(super) fn yaml_number(digits: &str, out: &mut String) {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    out.push_str(mantissa);
    if let Some(exponent) = exponent {
        if !mantissa.contains('.') {
            out.push_str(".0");
        }
        out.push('e');
        if !exponent.starts_with(['+', '-']) {
            out.push('+');
        }
        out.push_str(exponent);
    }
}

fn write(
    value: Exposed<'_>,
    dialect: &Dialect,
    out: &mut String,
) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::Null => out.push_str("null"),
        Exposed::Bool(true) => out.push_str("true"),
        Exposed::Bool(false) => out.push_str("false"),
        Exposed::Number(digits) => (dialect.number)(digits, out),
        Exposed::Text(text) => (dialect.text)(out, text),
        Exposed::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (dialect.text)(out, text),
            Err(_) => return Err(TransformErrorKind::Datatype(value.type_name())),
        },
        Exposed::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(dialect.comma);
                }
                write(item.expose(), dialect, out)?;
            }
            out.push(']');
        }
        Exposed::Map(entries) => {
            let entries = if dialect.sorted {
                sorted(entries)
            } else {
                entries.iter().collect()
            };
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(dialect.comma);
                }
                (dialect.text)(out, key);
                out.push_str(dialect.colon);
                write(item.expose(), dialect, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn go_text(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(&Escape::Json.apply(text));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> SecretValue {
        SecretValue::from_json(json).unwrap()
    }

    fn go(json: &str) -> String {
        compact(value(json).expose()).unwrap()
    }

    #[test]
    fn compact_json_is_what_go_writes() {
        assert_eq!(
            go(r#"{ "x": [ 1, {"y": "z"} ] }"#),
            r#"{"x":[1,{"y":"z"}]}"#
        );
        assert_eq!(
            go(r#"{"b":1,"a":{"d":[],"c":{}}}"#),
            r#"{"a":{"c":{},"d":[]},"b":1}"#
        );
        assert_eq!(
            go(r#""<&>\u2028\u0001\u007f\u00e9""#),
            "\"\\u003c\\u0026\\u003e\\u2028\\u0001\u{7f}é\""
        );
        assert_eq!(
            go(r#"[9007199254740993,1.50,1E5,null,true]"#),
            "[9007199254740993,1.50,1E5,null,true]"
        );
    }

    #[test]
    fn typed_numbers_are_numbers_for_every_reader() {
        for (digits, want) in [
            ("9007199254740993", "9007199254740993"),
            ("-0", "-0"),
            ("1.50", "1.50"),
            ("1e21", "1.0e+21"),
            ("1E+5", "1.0e+5"),
            ("-2.5E-3", "-2.5e-3"),
        ] {
            let number = SecretValue::number(digits).unwrap();
            assert_eq!(typed_json(&number).as_deref(), Some(want));
            assert!(SecretValue::number(want).is_some());
        }
    }

    #[test]
    fn typed_collections_stand_on_one_line_in_their_own_order() {
        let typed = typed_json(&value(
            r#"{"b":["a\nb","<\u0085\u2028\ufeff\u007f\b"],"a":{}}"#,
        ))
        .unwrap();
        assert_eq!(
            typed,
            "{\"b\": [\"a\\nb\", \"<\\u0085\\u2028\\uFEFF\\u007F\\b\"], \"a\": {}}"
        );
        assert!(value(&typed) == value(r#"{"b":["a\nb","<\u0085\u2028\ufeff\u007f\b"],"a":{}}"#));
    }

    #[test]
    fn text_and_bytes_are_not_typed() {
        assert_eq!(typed_json(&SecretValue::text("1")), None);
        assert_eq!(typed_json(&SecretValue::bytes(*b"1")), None);
        let binary = SecretValue::list([SecretValue::bytes([0xff])]);
        assert_eq!(typed_json(&binary), None);
        assert_eq!(
            compact(binary.expose()),
            Err(TransformErrorKind::Datatype("bytes"))
        );
        let text = SecretValue::list([SecretValue::bytes(*b"abc")]);
        assert_eq!(typed_json(&text).as_deref(), Some("[\"abc\"]"));
    }
}
