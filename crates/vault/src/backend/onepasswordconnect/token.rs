//! The access token: what is wrong with it before it is sent, and what it says about itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::{Settings, VaultError, VaultErrorKind};

/// An access token, wiped when dropped. It has no `Debug`.
pub(super) struct Token(Zeroizing<String>);

/// What a token says about itself. Nobody checked its signature, so this only makes messages
/// better; what may be read is the server's decision.
#[derive(serde::Deserialize)]
struct Claims {
    #[serde(default)]
    exp: Option<u64>,
    #[serde(default, rename = "1password.com/vts")]
    vaults: Option<Vec<Covered>>,
}

#[derive(serde::Deserialize)]
struct Covered {
    #[serde(rename = "u")]
    id: String,
}

impl Token {
    /// Reads `OP_CONNECT_TOKEN`.
    ///
    /// # Errors
    /// If it is not set, or cannot be an access token of a Connect server.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let wrong = |message| VaultError::new(VaultErrorKind::Configuration, message);
        let Some(token) = settings.value("OP_CONNECT_TOKEN") else {
            return Err(wrong("OP_CONNECT_TOKEN is not set").with_hint(
                "it must be an access token of the Connect server, as `op connect token create` makes it",
            ));
        };
        if token.starts_with("ops_") {
            return Err(
                wrong("OP_CONNECT_TOKEN holds the token of a service account")
                    .with_hint("use an access token of the Connect server"),
            );
        }
        // Docker's files of variables keep the quotes that a shell takes off.
        let is_of_tokens = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
        if !token.bytes().all(is_of_tokens) {
            return Err(
                wrong("OP_CONNECT_TOKEN contains a character that no token has")
                    .with_hint("look for line breaks, spaces and quotes in it"),
            );
        }
        Ok(Token(Zeroizing::new(token.to_owned())))
    }

    /// The token, to be sent and for nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it says that it ended before `now`, in seconds.
    pub(super) fn says_expired(&self, now: u64) -> bool {
        self.claims()
            .and_then(|claims| claims.exp)
            .is_some_and(|end| end <= now)
    }

    /// Whether it lists its vaults and this one is not among them.
    pub(super) fn says_not_covered(&self, vault: &str) -> bool {
        self.claims()
            .and_then(|claims| claims.vaults)
            .is_some_and(|vaults| {
                !vaults
                    .iter()
                    .any(|covered| covered.id.eq_ignore_ascii_case(vault))
            })
    }

    fn claims(&self) -> Option<Claims> {
        let claims = self.0.split('.').nth(1)?;
        let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).ok()?);
        serde_json::from_slice(&claims).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Result<Token, VaultError> {
        Token::from_settings(&Settings::new().with("OP_CONNECT_TOKEN", text))
    }

    fn with_claims(claims: &str) -> Token {
        token(&format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))).unwrap()
    }

    #[test]
    fn white_space_around_it_does_not_matter() {
        assert_eq!(token(" a.b.c\n").unwrap().expose(), "a.b.c");
    }

    #[test]
    fn what_cannot_be_one_is_refused_and_not_shown() {
        for text in [
            "",
            " \n",
            "ops_SENTINEL",
            "SENT\nINEL",
            "SENT INEL",
            "\"SENTINEL\"",
            "'SENTINEL'",
            "SENTINEL\u{e9}",
        ] {
            let error = token(text).err().unwrap();
            assert_eq!(error.kind(), VaultErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("SENT"), "{error:?}");
        }
    }

    #[test]
    fn what_it_says_about_itself() {
        let token = with_claims(r#"{"exp":100,"1password.com/vts":[{"u":"ABC","a":496}],"x":1}"#);
        assert!(token.says_expired(100) && !token.says_expired(99));
        assert!(token.says_not_covered("xyz") && !token.says_not_covered("abc"));
        let silent = with_claims("{}");
        assert!(!silent.says_expired(u64::MAX) && !silent.says_not_covered("abc"));
    }

    #[test]
    fn a_token_of_another_form_says_nothing() {
        for text in ["a", "a.b.c", "..", "a.e30", "a.%%%.c"] {
            let token = token(text).unwrap();
            assert!(
                !token.says_expired(u64::MAX) && !token.says_not_covered("v"),
                "{text}"
            );
        }
    }
}
