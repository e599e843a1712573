//! What a vault answers, as far as it is used.

use serde::Deserialize;

use crate::SecretValue;
use crate::format::null::or_default;
use crate::shared::Shareable;

/// A secret.
#[derive(Deserialize)]
pub(super) struct Bundle {
    value: String,
    #[serde(default, deserialize_with = "or_default")]
    id: String,
}

/// A page of the list of secrets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) value: Vec<Item>,
    /// The address of the next page.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) next_link: String,
}

#[derive(Deserialize)]
pub(super) struct Item {
    #[serde(default, deserialize_with = "or_default")]
    id: String,
}

impl Item {
    /// `None` if the id is not one of a secret.
    pub(super) fn name(&self) -> Option<&str> {
        parts(&self.id).map(|(name, _)| name)
    }
}

/// A secret that was read, or that there is none.
#[derive(Debug)]
pub(super) struct Read(pub(super) Option<Stored>);

/// A secret in one of its versions.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) value: SecretValue,
    /// The version that was read.
    pub(super) version: Option<String>,
}

impl Shareable for Read {
    fn may_be_shared(&self) -> bool {
        self.0.is_some()
    }
}

impl Stored {
    pub(super) fn of(bundle: Bundle) -> Self {
        Stored {
            version: parts(&bundle.id).and_then(|(_, version)| version.map(str::to_owned)),
            value: SecretValue::text(bundle.value),
        }
    }
}

/// The name and the version in the id of a secret, which is an address.
fn parts(id: &str) -> Option<(&str, Option<&str>)> {
    let (_, rest) = id.split_once("/secrets/")?;
    let (name, version) = match rest.split_once('/') {
        Some((name, version)) => (name, Some(version)),
        None => (rest, None),
    };
    Some((name, version.filter(|version| !version.is_empty())))
}
