//! What the cloud answers, as far as it is used.

use std::collections::BTreeMap;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::format::base64::Decoded;
use crate::format::null::or_default;
use crate::shared::Shareable;
use crate::{Keys, Secret, SecretValue};

/// The entries of a secret that is named by its id.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    #[serde(default, deserialize_with = "or_default")]
    version_id: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    key: String,
    #[serde(default)]
    text_value: Option<String>,
    #[serde(default)]
    binary_value: Option<Decoded>,
}

/// The entries of a secret that is named by its folder and its name. Which of them were text is not
/// said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NamedPayload {
    #[serde(default, deserialize_with = "or_default")]
    secret_id: String,
    #[serde(default, deserialize_with = "or_default")]
    version_id: String,
    entries: BTreeMap<String, Decoded>,
}

/// What is wrong, in the form of the cloud's API. The words are not kept.
#[derive(Deserialize)]
pub(super) struct Refusal {
    /// A code of gRPC.
    #[serde(rename = "code")]
    _code: u32,
}

/// What a key brings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Granted {
    #[serde(default, deserialize_with = "secret")]
    pub(super) iam_token: Zeroizing<String>,
}

/// What the machine's own service brings.
#[derive(Deserialize)]
pub(super) struct MachineToken {
    #[serde(default, deserialize_with = "secret")]
    pub(super) access_token: Zeroizing<String>,
    /// Seconds.
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
}

/// Where the services of an installation are.
#[derive(Deserialize)]
pub(super) struct Directory {
    endpoints: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    id: String,
    address: String,
}

impl Directory {
    /// The host of a service, and perhaps its port.
    pub(super) fn address(&self, id: &str) -> Option<&str> {
        let mut services = self.endpoints.iter();
        let found = services.find(|service| service.id == id)?;
        Some(&found.address)
    }
}

/// A version of a secret.
#[derive(Debug)]
pub(super) struct Entries {
    id: String,
    version: String,
    values: Vec<(String, SecretValue)>,
}

impl Shareable for Entries {}

impl Entries {
    pub(super) fn of_id(id: &str, payload: Payload) -> Self {
        let value = |entry: Entry| {
            let value = match (entry.text_value, entry.binary_value) {
                (None, Some(Decoded(value))) => value,
                (text, _) => SecretValue::text(text.unwrap_or_default()),
            };
            (entry.key, value)
        };
        Entries {
            id: id.to_owned(),
            version: payload.version_id,
            values: payload.entries.into_iter().map(value).collect(),
        }
    }

    pub(super) fn of_name(payload: NamedPayload) -> Self {
        let entries = payload.entries.into_iter();
        Entries {
            id: payload.secret_id,
            version: payload.version_id,
            values: entries.map(|(key, Decoded(value))| (key, value)).collect(),
        }
    }

    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        let has = |key: &str| self.values.iter().any(|(name, _)| name == key);
        match keys {
            Keys::Names(names) => names.iter().all(has),
            _ => true,
        }
    }

    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let mut secret = Secret::wanted_of(&self.values, keys);
        if !self.id.is_empty() {
            secret = secret.with_id(&*self.id);
        }
        if !self.version.is_empty() {
            secret = secret.with_version(&*self.version);
        }
        secret
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}
