//! The authorized key of a service account, and what it signs.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::format::jwt::{self, Algorithm};

/// How long a signed request for a token may be used, in seconds: as long as the vendor's client
/// says.
const GOOD_FOR: u64 = 3600;

/// A service account and its key. It has no `Debug`.
#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(rename = "service_account_id")]
    pub(super) account: String,
    pub(super) id: String,
    #[serde(deserialize_with = "secret")]
    pub(super) private_key: Zeroizing<String>,
}

impl Key {
    /// A request for a token: a JWT for this receiver, signed with PS256.
    ///
    /// # Errors
    /// If the private key is none.
    pub(super) fn jwt(&self, receiver: &str, now: u64) -> Result<Zeroizing<String>, VaultError> {
        let wrong = || {
            VaultError::configuration("the private key of the service account {} is not an RSA key")
                .with_name(&self.account)
                .with_hint("it is the text from BEGIN PRIVATE KEY to END PRIVATE KEY, these lines included")
        };
        let claims = serde_json::json!({
            "iss": self.account,
            "aud": receiver,
            "iat": now,
            "exp": now.saturating_add(GOOD_FOR),
        });
        jwt::sign(
            &self.private_key,
            Algorithm::Ps256,
            ("kid", &self.id),
            &claims,
        )
        .ok_or_else(wrong)
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}
