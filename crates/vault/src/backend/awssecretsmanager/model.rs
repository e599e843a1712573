//! What the service answers, as far as it is used.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::format::json_object;
use crate::shared::Shareable;
use crate::{Keys, Secret, SecretValue, VaultError};

/// The keys of a secret that is no JSON object.
const TEXT: &str = "SecretString";
const BINARY: &str = "SecretBinary";

/// The value of a secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Value {
    #[serde(rename = "ARN")]
    pub(super) arn: String,
    pub(super) name: String,
    #[serde(default)]
    version_id: Option<String>,
    #[serde(default)]
    secret_string: Option<Zeroizing<String>>,
    #[serde(default)]
    secret_binary: Option<Zeroizing<String>>,
}

/// The values of several secrets. Those that it has none for are asked for one by one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Values {
    pub(super) secret_values: Vec<Value>,
}

impl Shareable for Value {}

impl Value {
    /// The wanted keys: those of a JSON object; of any other text, and of every text that is asked
    /// for so, `SecretString`; of bytes `SecretBinary`.
    pub(super) fn secret(&self, keys: &Keys) -> Result<Secret, VaultError> {
        let mut secret = match (&self.secret_string, &self.secret_binary) {
            (Some(text), _) => json_object::secret(text, TEXT, keys),
            (None, Some(base64)) => {
                let bytes = STANDARD.decode(base64.as_bytes()).map_err(|_| {
                    VaultError::invalid_answer("the bytes of the secret are not base64")
                })?;
                Secret::wanted_of(&[(BINARY.to_owned(), SecretValue::bytes(bytes))], keys)
            }
            (None, None) => Secret::new().with_names([""; 0]),
        };
        secret = secret.with_id(self.arn.as_str());
        Ok(match &self.version_id {
            Some(version) => secret.with_version(version.as_str()),
            None => secret,
        })
    }

    /// Whether all of these keys are there.
    pub(super) fn has(&self, keys: &Keys) -> bool {
        let Keys::Names(names) = keys else {
            return true;
        };
        self.secret(keys)
            .is_ok_and(|secret| names.iter().all(|name| secret.value(name).is_some()))
    }
}
