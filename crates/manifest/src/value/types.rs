//! The types of JSON, which are those that Kubernetes sees.

use crate::chars::push_escaped;

/// A value as Kubernetes reads it from YAML: the types of JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true`, and for YAML 1.1 `yes`, `on`, `y`.
    Bool(bool),
    /// A number as JSON writes it: integers in decimal with all digits, floats with the fewest
    /// digits that read back.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map in source order, each key once.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value of a key of a map; `None` if it is no map, or has no such key.
    ///
    /// ```
    /// use manifill_manifest::{Value, read_one};
    /// assert_eq!(read_one("a: {b: 1}\n")?.get("a").and_then(|a| a.get("c")), None);
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value as JSON on one line, which YAML readers read as the same value.
    ///
    /// Separators are `": "` and `", "`, escapes are those that JSON and YAML share, and floats
    /// have a dot and a signed exponent, without which YAML 1.1 readers take them for text.
    ///
    /// ```
    /// use manifill_manifest::Value;
    /// let value = Value::Map(vec![("a".into(), Value::Number("1e+21".into()))]);
    /// assert_eq!(value.to_json(), r#"{"a": 1.0e+21}"#);
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.push_json(&mut out);
        out
    }

    fn push_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => push_number(out, text),
            Self::Text(text) => push_text(out, text),
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push_str(", ");
                    }
                    item.push_json(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (n, (key, value)) in entries.iter().enumerate() {
                    if n > 0 {
                        out.push_str(", ");
                    }
                    push_text(out, key);
                    out.push_str(": ");
                    value.push_json(out);
                }
                out.push('}');
            }
        }
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

fn push_number(out: &mut String, text: &str) {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        out.push_str(text);
        return;
    };
    out.push_str(digits);
    if !digits.contains('.') {
        out.push_str(".0");
    }
    out.push('e');
    if !exponent.starts_with(['+', '-']) {
        out.push('+');
    }
    out.push_str(exponent);
}
