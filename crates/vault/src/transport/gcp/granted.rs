//! A token as token endpoints and the metadata server write it.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::shared::LoginToken;

/// A token, and how many seconds it is good for.
#[derive(Deserialize)]
pub(super) struct Granted {
    #[serde(default)]
    pub(super) access_token: Zeroizing<String>,
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
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
