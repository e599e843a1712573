//! Bearer tokens and the vaults they cover.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A bearer token the server accepts.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    vaults: Option<Vec<String>>,
}

impl Token {
    /// A token that covers every vault.
    pub fn new(text: impl Into<String>) -> Token {
        Token {
            text: text.into(),
            vaults: None,
        }
    }

    /// Narrows the token to vaults, by id. One that does not exist is answered with 404, any
    /// other vault with 403, as a real server does.
    #[must_use]
    pub fn with_vaults<V: Into<String>>(mut self, ids: impl IntoIterator<Item = V>) -> Token {
        self.vaults = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Makes a token up that is shaped as a real one: a JWT that names the vaults, with a
    /// signature that is none.
    pub(crate) fn made_up<'a>(vaults: impl Iterator<Item = &'a str>) -> String {
        let vaults: Vec<_> = vaults.map(|id| json!({"u": id, "a": 496})).collect();
        let head = json!({"alg": "ES256", "kid": "fakekeyfakekeyfakekeyfakek", "typ": "JWT"});
        let claims = json!({
            "1password.com/auuid": "FAKEACCOUNTFAKEACCOUNTFAKE",
            "1password.com/token": "FAKETOKENFAKETOKENFAKETOKE",
            "1password.com/fts": ["vaultaccess"],
            "1password.com/vts": vaults,
            "aud": ["com.1password.connect"],
            "iat": 1_700_000_000,
            "iss": "com.1password.b5",
            "jti": "faketokenfaketokenfaketoke",
            "sub": "FAKESERVERFAKESERVERFAKESE",
        });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(head.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let half = Sha256::digest(&signed);
        let signature = URL_SAFE_NO_PAD.encode([half, half].concat());
        format!("{signed}.{signature}")
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn covers(&self, vault: &str) -> bool {
        match &self.vaults {
            Some(ids) => ids.iter().any(|id| id == vault),
            None => true,
        }
    }

    /// Whether the token names a vault, so that it is known to have existed.
    pub(crate) fn names(&self, vault: &str) -> bool {
        self.vaults.is_some() && self.covers(vault)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("text", &"[redacted]")
            .field("vaults", &self.vaults)
            .finish()
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_made_up_token_names_its_vaults() {
        let text = Token::made_up(["prodvault000000000000000aa"].into_iter());
        let parts: Vec<_> = text.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            claims["1password.com/vts"][0]["u"],
            "prodvault000000000000000aa"
        );
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 64);
    }

    #[test]
    fn debug_hides_the_text() {
        let token = Token::new("sentinel").with_vaults(["v"]);
        assert!(!format!("{token:?}").contains("sentinel"));
    }
}
