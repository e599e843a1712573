//! Writing JSON: as Go writes it, and as every YAML reader reads it.

use manifill_manifest::push_escaped;
use manifill_placeholder::escaped::Escape;
use manifill_vault::{Exposed, SecretValue};

use super::TransformErrorKind;
use super::bounded::Bounded;

/// A way of writing JSON.
struct Dialect {
    comma: &'static str,
    colon: &'static str,
    sorted: bool,
    /// How a text is spelled between its quotes.
    text: fn(&mut String, &str),
    number: fn(&mut Bounded, &str) -> Result<(), TransformErrorKind>,
}

/// Go's `json.Marshal`: compact, sorted keys, safe to paste into HTML.
const GO: Dialect = Dialect {
    comma: ",",
    colon: ":",
    sorted: true,
    text: |out, text| out.push_str(&Escape::Json.apply(text)),
    number: Bounded::push,
};

/// A flow collection that YAML 1.1, YAML 1.2 and JSON read alike.
const FLOW: Dialect = Dialect {
    comma: ", ",
    colon: ": ",
    sorted: false,
    text: push_escaped,
    number: yaml_number,
};

/// Compact JSON as Go writes it; numbers keep their digits.
pub(super) fn compact(value: Exposed<'_>) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::unlimited();
    push_compact(value, &mut out)?;
    Ok(out.finish())
}

/// The same, up to the limit of the text it is appended to.
pub(super) fn push_compact(
    value: Exposed<'_>,
    out: &mut Bounded,
) -> Result<(), TransformErrorKind> {
    write(value, &GO, out)
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
            let mut out = Bounded::unlimited();
            write(exposed, &FLOW, &mut out).ok()?;
            Some(out.finish())
        }
    }
}

/// The entries of a map in the order of their keys, as Go writes them.
pub(super) fn sorted(entries: &[(String, SecretValue)]) -> Vec<&(String, SecretValue)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

pub(super) fn yaml_number(out: &mut Bounded, digits: &str) -> Result<(), TransformErrorKind> {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else {
        return out.push(digits);
    };
    out.push(mantissa)?;
    if !mantissa.contains('.') {
        out.push(".0")?;
    }
    out.push("e")?;
    if !exponent.starts_with(['+', '-']) {
        out.push("+")?;
    }
    out.push(exponent)
}

fn write(
    value: Exposed<'_>,
    dialect: &Dialect,
    out: &mut Bounded,
) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::Null => out.push("null"),
        Exposed::Bool(true) => out.push("true"),
        Exposed::Bool(false) => out.push("false"),
        Exposed::Number(digits) => (dialect.number)(out, digits),
        Exposed::Text(text) => quoted(text, dialect, out),
        Exposed::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => quoted(text, dialect, out),
            Err(_) => Err(TransformErrorKind::Datatype(value.type_name())),
        },
        Exposed::List(items) => {
            out.push("[")?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(dialect.comma)?;
                }
                write(item.expose(), dialect, out)?;
            }
            out.push("]")
        }
        Exposed::Map(entries) => {
            let entries = if dialect.sorted {
                sorted(entries)
            } else {
                entries.iter().collect()
            };
            out.push("{")?;
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(dialect.comma)?;
                }
                quoted(key, dialect, out)?;
                out.push(dialect.colon)?;
                write(item.expose(), dialect, out)?;
            }
            out.push("}")
        }
    }
}

fn quoted(text: &str, dialect: &Dialect, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    out.push("\"")?;
    out.spell(text, dialect.text)?;
    out.push("\"")
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
