//! What the services answer, as far as it is used.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::types::{Holds, SecretType};
use crate::format::null::or_default;
use crate::format::raw_json::Map;
use crate::shared::Shareable;
use crate::{Keys, Secret, SecretValue, VaultError, VaultErrorKind};

/// What a login brings.
#[derive(Deserialize)]
pub(super) struct Grant {
    #[serde(default, deserialize_with = "token")]
    pub(super) access_token: Zeroizing<String>,
    /// Seconds.
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
}

/// Why there is no token. The words are not kept.
#[derive(Deserialize)]
pub(super) struct LoginRefusal {
    #[serde(rename = "errorCode")]
    code: String,
}

impl LoginRefusal {
    /// Whether the service that gives tokens says so, and no proxy before it.
    pub(super) fn is_genuine(&self) -> bool {
        !self.code.is_empty()
    }
}

/// Why there is no secret. The words are not kept.
#[derive(Deserialize)]
pub(super) struct Refusal {
    errors: Vec<RefusalCode>,
}

#[derive(Deserialize)]
struct RefusalCode {
    code: String,
}

impl Refusal {
    /// Whether the API of Secrets Manager says so, and no proxy before it.
    pub(super) fn is_genuine(&self) -> bool {
        self.errors.iter().any(|error| !error.code.is_empty())
    }
}

/// The groups of an instance.
#[derive(Deserialize)]
pub(super) struct GroupList {
    pub(super) secret_groups: Vec<Named>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

/// A part of the list of secrets.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) secrets: Vec<Listed>,
    #[serde(default)]
    pub(super) total_count: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    pub(super) secret_type: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) secret_group_id: String,
}

/// A secret or a version of one as it is sent.
pub(super) struct Sent<'a>(pub(super) Map<'a>);

impl<'a> Sent<'a> {
    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let mut entries = self.0.0.iter();
        let found = entries.find(|(key, _)| key == name);
        let raw = found.map(|(_, raw)| *raw);
        raw.filter(|raw| raw.get() != "null")
    }

    /// Whether a field is this text.
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        let raw = self.raw(name);
        let found = raw.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        found.as_deref() == Some(text)
    }

    /// Whether it says that what it holds is gone.
    pub(super) fn is_without_data(&self) -> bool {
        self.raw("payload_available")
            .is_some_and(|raw| raw.get() == "false")
    }

    /// What it holds; `None` if that has another form than its type has.
    pub(super) fn contents(&self, of_type: SecretType) -> Option<Contents> {
        let mut fields = Vec::new();
        match of_type.holds {
            Holds::Text(name) => fields.extend(self.field(name)?),
            Holds::Fields(names) => {
                for name in names {
                    fields.extend(self.field(name)?);
                }
            }
            Holds::Map(name) => {
                let Map(entries) = match self.raw(name) {
                    Some(raw) => serde_json::from_str(raw.get()).ok()?,
                    None => Map(Vec::new()),
                };
                for (key, raw) in entries {
                    fields.push((key, SecretValue::from_json(raw.get())?));
                }
            }
        }
        Some(Contents {
            is_text: matches!(of_type.holds, Holds::Text(_)),
            fields,
        })
    }

    fn field(&self, name: &str) -> Option<Option<(String, SecretValue)>> {
        let Some(raw) = self.raw(name) else {
            return Some(None);
        };
        let value = SecretValue::from_json(raw.get())?;
        Some(Some((name.to_owned(), value)))
    }
}

/// What a secret holds.
#[derive(Debug)]
pub(super) struct Contents {
    /// Whether it is a single text rather than fields.
    is_text: bool,
    fields: Vec<(String, SecretValue)>,
}

impl Shareable for Contents {}

impl Contents {
    /// All of it: the text, or a map of the fields. `None` if there is nothing.
    pub(super) fn whole(&self) -> Option<SecretValue> {
        match self.fields.first() {
            Some((_, text)) if self.is_text => Some(text.clone()),
            Some(_) => Some(SecretValue::map(self.fields.iter().cloned())),
            None => None,
        }
    }

    /// The answer to a request for these fields.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let names = self.fields.iter().map(|(name, _)| name.as_str());
        let mut secret = Secret::new();
        for (name, value) in self.fields.iter().filter(|(name, _)| keys.wants(name)) {
            let of_name = |field: &&(String, SecretValue)| field.0 == *name;
            let mut others = self.fields.iter().filter(of_name);
            let value = if others.all(|(_, other)| other == value) {
                Ok(value.clone())
            } else {
                let message = "the secret has {} twice, with different values";
                Err(VaultError::new(VaultErrorKind::Ambiguous, message).with_name(name))
            };
            secret.insert(name.as_str(), value);
        }
        secret.with_names(names)
    }

    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        keys.are_in(&self.fields)
    }
}

fn token<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}
