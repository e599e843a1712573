//! What the service answers, as far as it is used.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::path::Name;
use crate::format::json_object;
use crate::shared::Shareable;
use crate::transport::gcp::crc32c;
use crate::{Keys, Secret, SecretValue, VaultError};

/// A version of a secret as it is written.
#[derive(Deserialize)]
pub(super) struct Accessed {
    name: String,
    payload: Written,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    /// Base64; not there if it is empty.
    #[serde(default)]
    data: Zeroizing<String>,
    /// 64 bits, which JSON has as text.
    #[serde(default)]
    data_crc32c: Option<String>,
}

/// The payload of a version.
#[derive(Debug)]
pub(super) struct Payload {
    /// The id of the secret, by which the whole of it is asked for.
    secret: String,
    version: String,
    name: String,
    value: SecretValue,
}

/// Why an answer is no payload.
pub(super) enum Unusable {
    /// It was changed on its way.
    Changed,
    Error(VaultError),
}

impl Shareable for Payload {}

impl Payload {
    /// Reads an answer, and checks that it is what was asked for and what was sent.
    pub(super) fn of(accessed: Accessed, name: &Name) -> Result<Self, Unusable> {
        let wrong = |message| Unusable::Error(VaultError::invalid_answer(message));
        // The project is told by its number.
        let parts: Vec<&str> = accessed.name.split('/').collect();
        let version = match parts.as_slice() {
            [.., "secrets", secret, "versions", version] if *secret == name.secret => *version,
            _ => return Err(wrong("Google Secret Manager answers with another secret")),
        };
        let Written { data, data_crc32c } = accessed.payload;
        let bytes = STANDARD.decode(data.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| wrong("the payload of the secret is not base64"))?;
        if let Some(told) = data_crc32c {
            if told.parse() != Ok(i64::from(crc32c(&bytes))) {
                return Err(Unusable::Changed);
            }
        }
        let value = match std::str::from_utf8(&bytes) {
            Ok(text) => SecretValue::text(text),
            Err(_) => SecretValue::bytes(bytes.to_vec()),
        };
        Ok(Payload {
            secret: name.secret.clone(),
            version: version.to_owned(),
            name: accessed.name,
            value,
        })
    }

    /// The wanted keys: the whole payload by the id of the secret, and the keys of the JSON object
    /// that it may be.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let whole = [(self.secret.clone(), self.value.clone())];
        let secret = match self.value.expose().as_text() {
            Some(text) => {
                let mut secret = json_object::secret(text, &self.secret, keys);
                // A key of the same name in the object does not take its place.
                if keys.wants(&self.secret) {
                    secret.insert(self.secret.as_str(), Ok(self.value.clone()));
                }
                let mut names: Vec<String> = secret.names().map(str::to_owned).collect();
                if !names.contains(&self.secret) {
                    names.push(self.secret.clone());
                }
                secret.with_names(names)
            }
            None => Secret::wanted_of(&whole, keys),
        };
        secret
            .with_id(self.name.as_str())
            .with_version(self.version.as_str())
    }

    /// Whether all of these keys are there.
    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        let Keys::Names(names) = keys else {
            return true;
        };
        let secret = self.secret(keys);
        names.iter().all(|name| secret.value(name).is_some())
    }
}
