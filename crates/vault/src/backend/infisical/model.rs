//! What the API answers.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::path::FolderPath;
use crate::format::null;
use crate::transport::http::Answer;
use crate::{Keys, Secret, SecretValue, VaultError, VaultErrorKind};

/// What a login brings. It has no `Debug`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedIn<'a> {
    /// A text, which is not read before it can be wiped.
    #[serde(borrow)]
    access_token: &'a RawValue,
    #[serde(default, deserialize_with = "null::or_default")]
    pub(super) expires_in: u64,
}

impl LoggedIn<'_> {
    /// The token; `None` if it is no text or empty.
    pub(super) fn token(&self) -> Option<Zeroizing<String>> {
        let token = SecretValue::from_json(self.access_token.get())?;
        let text = token.expose().as_text().filter(|text| !text.is_empty());
        text.map(|text| Zeroizing::new(text.to_owned()))
    }
}

/// How the API says no.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// What kind of error an answer names, if it is one of the API.
pub(super) fn refusal(answer: &Answer) -> Option<String> {
    // What stands before the API has an error of its own for an address that does not exist.
    let refusal = answer.json::<Refusal>().ok()?;
    Some(refusal.error).filter(|error| error != "Not Found")
}

/// The secrets of a folder and those that it imports.
#[derive(Deserialize)]
pub(super) struct Listing<'a> {
    #[serde(borrow)]
    secrets: Vec<Entry<'a>>,
    #[serde(borrow, default, deserialize_with = "null::or_default")]
    imports: Vec<Import<'a>>,
}

#[derive(Deserialize)]
struct Import<'a> {
    #[serde(borrow)]
    secrets: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    secret_key: String,
    #[serde(borrow)]
    secret_value: &'a RawValue,
    /// Whether there is something else in the place of the value.
    #[serde(default, deserialize_with = "null::or_default")]
    secret_value_hidden: bool,
    #[serde(default, rename = "type", deserialize_with = "null::or_default")]
    kind: String,
}

/// What a folder holds for those who read it.
pub(super) struct Folder(Vec<(String, Result<SecretValue, VaultError>)>);

impl Folder {
    /// Takes the first of each name: the folder's own, then the last import's.
    ///
    /// # Errors
    /// If a value is no JSON that can be held.
    pub(super) fn new(listing: Listing<'_>, path: &FolderPath) -> Result<Self, VaultError> {
        let imported = listing.imports.into_iter().rev();
        let imported = imported.flat_map(|import| import.secrets);
        let all = listing.secrets.into_iter().chain(imported);
        let (mut entries, mut names) = (Vec::new(), BTreeSet::new());
        for entry in all.filter(|entry| entry.kind != "personal") {
            if names.insert(entry.secret_key.clone()) {
                let value = entry.value(path)?;
                entries.push((entry.secret_key, value));
            }
        }
        Ok(Folder(entries))
    }

    /// Whether there is all that is wanted.
    pub(super) fn has_all(&self, keys: &[Keys]) -> bool {
        let has = |name: &str| {
            let mut entries = self.0.iter();
            entries.any(|(key, value)| key == name && value.is_ok())
        };
        keys.iter().all(|keys| match keys {
            Keys::All => true,
            Keys::Names(names) => names.iter().all(has),
        })
    }

    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, path: &FolderPath, keys: &Keys) -> Secret {
        let names = self.0.iter().map(|(key, _)| key.as_str());
        let mut secret = Secret::new().with_id(path.to_string()).with_names(names);
        for (key, value) in self.0.iter().filter(|(key, _)| keys.wants(key)) {
            secret.insert(key.as_str(), value.clone());
        }
        secret
    }
}

impl Entry<'_> {
    fn value(&self, path: &FolderPath) -> Result<Result<SecretValue, VaultError>, VaultError> {
        if self.secret_value_hidden {
            let message = "the identity may not see all values of {}";
            let error = VaultError::new(VaultErrorKind::PermissionDenied, message)
                .with_name(path.to_string())
                .with_hint(
                    "its role must allow to read the value, not only to describe the secret",
                );
            return Ok(Err(error));
        }
        let wrong = || {
            VaultError::invalid_answer("a secret of {} holds a value that cannot be read")
                .with_name(path.to_string())
        };
        let value = SecretValue::from_json(self.secret_value.get());
        value.map(Ok).ok_or_else(wrong)
    }
}
