//! The authorized key of a service account, and what it signs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::VaultError;

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
        let der = der(&self.private_key).ok_or_else(wrong)?;
        let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| wrong())?;
        let header = serde_json::json!({"typ": "JWT", "alg": "PS256", "kid": self.id});
        let claims = serde_json::json!({
            "iss": self.account,
            "aud": receiver,
            "iat": now,
            "exp": now.saturating_add(GOOD_FOR),
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; key.public_modulus_len()];
        let random = SystemRandom::new();
        key.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| wrong())?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(Zeroizing::new(format!("{signed}.{signature}")))
    }
}

/// What a PEM text holds. Before it may stand what the cloud writes there (a warning with the key's
/// id), and variables often hold `\n` for a line break.
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body = Zeroizing::new(body.replace("\\n", ""));
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}
