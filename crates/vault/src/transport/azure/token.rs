//! The answers that hold a token.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use zeroize::Zeroizing;

use crate::clock::now;
use crate::shared::LoginToken;
use crate::{VaultError, format::null::or_default};

/// A token, as what gives one writes it.
#[derive(Deserialize)]
pub(super) struct Granted {
    #[serde(alias = "accessToken", alias = "token", deserialize_with = "secret")]
    access_token: Zeroizing<String>,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    expires_on: Option<Seconds>,
}

impl Granted {
    /// The token; `what` gives it, for messages.
    pub(super) fn token(self, what: &'static str) -> Result<LoginToken, VaultError> {
        if self.access_token.trim().is_empty() {
            let message = "the answer of {} holds no token";
            return Err(VaultError::invalid_answer(message).with_name(what));
        }
        let left = |Seconds(at): Seconds| Some(at?.saturating_sub(now()));
        let seconds = self.expires_in.and_then(|Seconds(seconds)| seconds);
        let seconds = seconds.or_else(|| self.expires_on.and_then(left));
        Ok(LoginToken::new(self.access_token, seconds))
    }
}

/// Seconds, which some write as text. What is neither says nothing of the time.
struct Seconds(Option<u64>);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer).map_err(D::Error::custom)?;
        let seconds = match &value {
            serde_json::Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        };
        Ok(Seconds(seconds))
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}
