//! JSON in and out of a [`SecretValue`], with the digits of every number kept.

use serde_json::value::RawValue;
use zeroize::Zeroize as _;

use super::{Inner, SecretValue};
use crate::format::raw_json::{List, Map};

/// Nesting beyond this is refused; serde_json's own limit is the same.
const MAX_DEPTH: usize = 128;

impl SecretValue {
    /// Reads a JSON value; numbers keep their digits and maps their order.
    ///
    /// `None` if the text is not one JSON value, or is nested deeper than 128 levels. What is
    /// wrong is not said: a JSON error quotes the text, and the text is secret.
    ///
    /// ```
    /// use manifill_vault::{Exposed, SecretValue};
    /// let value = SecretValue::from_json(r#"{"port": 12345678901234567890.10}"#).unwrap();
    /// let Exposed::Map(entries) = value.expose() else { panic!() };
    /// assert!(entries[0].1.expose() == Exposed::Number("12345678901234567890.10"));
    /// ```
    pub fn from_json(text: &str) -> Option<Self> {
        let raw: &RawValue = serde_json::from_str(text).ok()?;
        read(raw, 0)
    }

    /// Writes compact JSON on one line, in the order of the map; bytes become base64 text.
    ///
    /// The text is secret; wipe it after use where that matters.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write(self, &mut out);
        out
    }
}

/// Whether a text is a JSON number (RFC 8259 section 6).
pub(super) fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_digit())
        && serde_json::from_str::<&RawValue>(text).is_ok()
}

fn read(raw: &RawValue, depth: usize) -> Option<SecretValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    let text = raw.get();
    Some(SecretValue(match text.as_bytes().first()? {
        b'n' => Inner::Null,
        b't' => Inner::Bool(true),
        b'f' => Inner::Bool(false),
        b'"' => Inner::Text(serde_json::from_str(text).ok()?),
        b'[' => {
            let List(items) = serde_json::from_str(text).ok()?;
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(read(item, depth + 1)?);
            }
            Inner::List(list)
        }
        b'{' => {
            let Map(entries) = serde_json::from_str(text).ok()?;
            let mut map = Vec::with_capacity(entries.len());
            for (key, item) in entries {
                map.push((key, read(item, depth + 1)?));
            }
            return Some(SecretValue::map(map));
        }
        _ => Inner::Number(text.to_owned()),
    }))
}

fn write(value: &SecretValue, out: &mut String) {
    match &value.0 {
        Inner::Null => out.push_str("null"),
        Inner::Bool(true) => out.push_str("true"),
        Inner::Bool(false) => out.push_str("false"),
        Inner::Number(digits) => out.push_str(digits),
        Inner::Text(text) => write_text(text, out),
        Inner::Bytes(bytes) => {
            use base64::Engine as _;
            let mut text = base64::engine::general_purpose::STANDARD.encode(bytes);
            write_text(&text, out);
            text.zeroize();
        }
        Inner::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Inner::Map(entries) => {
            out.push('{');
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    // Text has a spelling in JSON whatever it is.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::Exposed;
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_maps_their_order() {
        let text = r#"{"b":1.50,"a":[9007199254740993,1e400,-0.0],"t":"\u003c\n"}"#;
        let value = SecretValue::from_json(text).unwrap();
        assert_eq!(
            value.to_json(),
            "{\"b\":1.50,\"a\":[9007199254740993,1e400,-0.0],\"t\":\"<\\n\"}"
        );
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let value = SecretValue::from_json(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(value.to_json(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn what_is_not_one_json_value_is_refused() {
        for text in ["", "{", "{} {}", "01", "nul", "[1,]", "\u{feff}1"] {
            assert!(SecretValue::from_json(text).is_none(), "{text:?}");
        }
        let deep = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
        assert!(SecretValue::from_json(&deep).is_none());
    }

    #[test]
    fn only_json_numbers_are_numbers() {
        for text in ["1", "-0", "1.5e+3", "12345678901234567890123"] {
            assert!(
                matches!(SecretValue::number(text).unwrap().expose(), Exposed::Number(t) if t == text)
            );
        }
        for text in [
            "", "+1", "01", "1.", ".5", "0x1", "NaN", " 1", "1 ", "1,2", "null",
        ] {
            assert!(SecretValue::number(text).is_none(), "{text:?}");
        }
    }
}
