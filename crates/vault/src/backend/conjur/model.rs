//! What the API answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::SecretValue;
use crate::transport::http::Answer;

/// How long an access token is good for if it does not say so.
const LIFETIME: u64 = 8 * 60;

/// The access token that a login brings; it is sent as it came.
#[derive(Deserialize)]
pub(super) struct AccessToken<'t> {
    #[serde(borrow)]
    payload: &'t str,
    #[serde(rename = "protected")]
    _protected: IgnoredAny,
    #[serde(rename = "signature")]
    _signature: IgnoredAny,
}

/// What it says about itself.
#[derive(Default, Deserialize)]
struct Claims {
    iat: Option<u64>,
    exp: Option<u64>,
}

impl AccessToken<'_> {
    /// How long it is good for, in seconds, from when it was made.
    pub(super) fn lifetime(&self) -> u64 {
        let payload = STANDARD.decode(self.payload).map(Zeroizing::new);
        let claims = payload.map(|json| serde_json::from_slice::<Claims>(&json));
        let claims = claims.ok().and_then(Result::ok).unwrap_or_default();
        match (claims.iat, claims.exp) {
            (Some(made), Some(ends)) => ends.saturating_sub(made),
            _ => LIFETIME,
        }
    }
}

/// A resource in a list.
#[derive(Deserialize)]
pub(super) struct Resource {
    /// `account:variable:id`.
    pub(super) id: String,
}

/// How the API says no.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "error")]
    _error: IgnoredAny,
}

/// Whether a 404 is one of the API, and not of an address that does not exist.
pub(super) fn is_genuine(answer: &Answer) -> bool {
    answer.json::<Refusal>().is_ok()
}

/// A value: text if it is UTF-8.
pub(super) fn value(bytes: &[u8]) -> SecretValue {
    match std::str::from_utf8(bytes) {
        Ok(text) => SecretValue::text(text),
        Err(_) => SecretValue::bytes(bytes),
    }
}

/// A value in base64, which the server breaks into lines; `None` if it is not base64.
pub(super) fn encoded_value(text: &str) -> Option<SecretValue> {
    let joined: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let bytes = Zeroizing::new(STANDARD.decode(joined.as_bytes()).ok()?);
    Some(value(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_how_long_it_is_good_for() {
        for (claims, lifetime) in [
            (r#"{"sub":"admin","iat":1000,"exp":1600}"#, 600),
            (r#"{"sub":"admin","iat":1000}"#, 480),
            (r#"{"iat":1000,"exp":900}"#, 0),
            ("{}", 480),
            ("no JSON", 480),
        ] {
            let payload = STANDARD.encode(claims);
            let json = format!(r#"{{"protected":"p","payload":"{payload}","signature":"s"}}"#);
            let token: AccessToken<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!(token.lifetime(), lifetime, "{claims}");
        }
    }

    #[test]
    fn base64_has_lines() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = STANDARD.encode(&bytes);
        let lines: Vec<_> = text.as_bytes().chunks(60).collect();
        let broken = lines.join(&b'\n');
        let broken = std::str::from_utf8(&broken).unwrap();
        assert!(encoded_value(broken).unwrap() == SecretValue::bytes(bytes));
        assert!(encoded_value("w6Q=\n").unwrap() == SecretValue::text("\u{e4}"));
        assert!(encoded_value("%%%").is_none());
    }
}
