//! The logins that a backend sends, none of which may come back as a value.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::{Exposed, SecretValue};

/// Tokens, wiped when dropped. `Debug` shows none.
#[derive(Default)]
pub(crate) struct Logins(Mutex<Vec<Zeroizing<String>>>);

impl Logins {
    /// Remembers a token.
    pub(crate) fn add(&self, token: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !token.is_empty() && !known.iter().any(|known| known.as_str() == token) {
            known.push(Zeroizing::new(token.to_owned()));
        }
    }

    /// Remembers the tokens that another run has sent.
    #[cfg(feature = "shared")]
    pub(crate) fn add_all(&self, other: &Logins) {
        let tokens = other.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = tokens.clone();
        for token in &tokens {
            self.add(token);
        }
    }

    /// Whether a value is one of them or has one among its own values, with white space round it
    /// or without.
    pub(crate) fn are_in(&self, value: &SecretValue) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().any(|token| is_in(token.as_bytes(), value))
    }
}

fn is_in(token: &[u8], value: &SecretValue) -> bool {
    match value.expose() {
        Exposed::Null | Exposed::Bool(_) => false,
        Exposed::Number(text) | Exposed::Text(text) => is_same(token, text.trim().as_bytes()),
        Exposed::Bytes(bytes) => is_same(token, bytes.trim_ascii()),
        Exposed::List(items) => items.iter().any(|item| is_in(token, item)),
        Exposed::Map(entries) => entries
            .iter()
            .any(|(key, value)| is_same(token, key.trim().as_bytes()) || is_in(token, value)),
    }
}

/// Compares in a time that depends on the lengths only.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_whatever_holds_it() {
        let logins = Logins::default();
        logins.add("");
        assert!(!logins.are_in(&SecretValue::text("")));
        logins.add("4711");
        let json = |text| SecretValue::from_json(text).unwrap();
        for value in [
            SecretValue::text("4711"),
            SecretValue::text(" 4711\r\n"),
            SecretValue::bytes(*b"\t4711\n"),
            json("4711"),
            json(r#"{"a":[1,{"b":"4711 "}]}"#),
            json(r#"{"4711":null}"#),
        ] {
            assert!(logins.are_in(&value), "{}", value.to_json());
        }
        for value in ["null", "true", "47", "47110", r#"["4712"]"#, r#""4711x""#] {
            assert!(!logins.are_in(&json(value)), "{value}");
        }
        assert_eq!(format!("{logins:?}"), "[redacted]");
    }
}
