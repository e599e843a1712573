//! A token as token endpoints and the metadata server write it.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::shared::LoginToken;

/// What tokens are for: all of Google Cloud that the account may do.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// A token, and how many seconds it is good for.
#[derive(Deserialize)]
pub(super) struct Granted {
    #[serde(default)]
    pub(super) access_token: Zeroizing<String>,
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
    /// What to ask the next token with, where that changes each time.
    #[serde(default)]
    pub(super) refresh_token: Option<Zeroizing<String>>,
}

impl Granted {
    /// The token.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn token(self) -> Result<LoginToken, VaultError> {
        if self.access_token.is_empty() {
            let message = "the login to Google Cloud brings no token";
            return Err(VaultError::invalid_answer(message));
        }
        Ok(LoginToken::new(self.access_token, self.expires_in))
    }
}
