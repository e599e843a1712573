//! The shape that the API gives everything: ids, and what it leaves out.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Drops empty texts, lists, zeros and `false`, which a real server leaves out. A `null` stays:
/// it is in the data for clients to trip over.
pub(super) fn omit_empty(json: &mut Map<String, Value>) {
    json.retain(|_, value| match value {
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(value) => !value.is_empty(),
        Value::Array(value) => !value.is_empty(),
        Value::Null | Value::Object(_) => true,
    });
}

/// Whether a text has the shape of an id: 26 letters `a-z` and digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// An id that is the same for the same names in every run.
pub(super) fn derived_id(names: &[&str]) -> String {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    Sha256::digest(names.join("\0"))
        .iter()
        .take(26)
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .collect()
}
