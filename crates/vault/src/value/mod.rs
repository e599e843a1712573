//! The value of a secret: a type that cannot be printed.

mod json;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret value.
///
/// It has neither `Display` nor `Serialize`, its `Debug` says `[redacted]`, and its memory is
/// wiped when it is dropped. [`expose`](SecretValue::expose) is the one way in, and the one word
/// to search for in an audit.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretValue(Inner);

#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
enum Inner {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<SecretValue>),
    Map(Vec<(String, SecretValue)>),
}

/// What is inside a [`SecretValue`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Exposed<'a> {
    /// JSON null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number in the digits of its source; always a valid JSON number.
    Number(&'a str),
    /// Text.
    Text(&'a str),
    /// Bytes that are not text, such as a keystore.
    Bytes(&'a [u8]),
    /// A list.
    List(&'a [SecretValue]),
    /// A map in the order of its source.
    Map(&'a [(String, SecretValue)]),
}

impl<'a> Exposed<'a> {
    /// The text, if it is text.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Exposed::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name of the type, for messages: `null`, `bool`, `number`, `text`, `bytes`, `list`, `map`.
    pub fn type_name(self) -> &'static str {
        match self {
            Exposed::Null => "null",
            Exposed::Bool(_) => "bool",
            Exposed::Number(_) => "number",
            Exposed::Text(_) => "text",
            Exposed::Bytes(_) => "bytes",
            Exposed::List(_) => "list",
            Exposed::Map(_) => "map",
        }
    }
}

impl SecretValue {
    /// JSON null, which counts as missing when it is what a key holds (AVP rule 17).
    pub fn null() -> Self {
        SecretValue(Inner::Null)
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        SecretValue(Inner::Text(text.into()))
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        SecretValue(Inner::Bytes(bytes.into()))
    }

    /// A boolean.
    pub fn bool(value: bool) -> Self {
        SecretValue(Inner::Bool(value))
    }

    /// A number in its source digits, or `None` if the text is no JSON number.
    pub fn number(digits: impl Into<String>) -> Option<Self> {
        let digits = digits.into();
        json::is_number(&digits).then(|| SecretValue(Inner::Number(digits)))
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = SecretValue>) -> Self {
        SecretValue(Inner::List(items.into_iter().collect()))
    }

    /// A map; of equal keys the last one counts.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, SecretValue)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        let mut map: Vec<(String, SecretValue)> = entries.collect();
        if has_equal_keys(&map) {
            map = with_the_last_of_equal_keys(map);
        }
        map.shrink_to_fit();
        SecretValue(Inner::Map(map))
    }

    /// Shows what is inside.
    pub fn expose(&self) -> Exposed<'_> {
        match &self.0 {
            Inner::Null => Exposed::Null,
            Inner::Bool(value) => Exposed::Bool(*value),
            Inner::Number(digits) => Exposed::Number(digits),
            Inner::Text(text) => Exposed::Text(text),
            Inner::Bytes(bytes) => Exposed::Bytes(bytes),
            Inner::List(items) => Exposed::List(items),
            Inner::Map(entries) => Exposed::Map(entries),
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self.0, Inner::Null)
    }
}

fn has_equal_keys(entries: &[(String, SecretValue)]) -> bool {
    if entries.len() < 2 {
        return false;
    }
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|two| two[0] == two[1])
}

/// Puts the last of the values that have a key in the place of the first.
fn with_the_last_of_equal_keys(entries: Vec<(String, SecretValue)>) -> Vec<(String, SecretValue)> {
    let mut map: Vec<(String, SecretValue)> = Vec::with_capacity(entries.len());
    let mut places = HashMap::new();
    for (key, value) in entries {
        match places.get(&key) {
            Some(&place) => {
                let entry: &mut (String, SecretValue) = &mut map[place];
                entry.1 = value;
            }
            None => {
                places.insert(key.clone(), map.len());
                map.push((key, value));
            }
        }
    }
    map
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<&str> for SecretValue {
    fn from(text: &str) -> Self {
        SecretValue::text(text)
    }
}

impl From<String> for SecretValue {
    fn from(text: String) -> Self {
        SecretValue::text(text)
    }
}

impl From<bool> for SecretValue {
    fn from(value: bool) -> Self {
        SecretValue::bool(value)
    }
}
