//! What a backend answers.

use std::collections::BTreeMap;

use crate::{SecretValue, VaultError};

/// The values of one request, by key.
#[derive(Clone, Debug, Default)]
pub struct Secret {
    values: BTreeMap<String, Result<SecretValue, VaultError>>,
    names: Vec<String>,
    id: Option<String>,
    version: Option<String>,
}

impl Secret {
    /// A secret without values.
    pub fn new() -> Self {
        Secret::default()
    }

    /// A secret that has all these values; their keys are the names it has to offer.
    pub fn from_values<K: Into<String>>(
        values: impl IntoIterator<Item = (K, SecretValue)>,
    ) -> Self {
        let mut secret = Secret::new();
        for (key, value) in values {
            let key = key.into();
            secret.names.push(key.clone());
            secret.values.insert(key, Ok(value));
        }
        secret
    }

    /// Answers one wanted key: with its value, or with what is wrong with just this key, such as
    /// two fields of that name. A key that is not there is left out.
    pub fn insert(&mut self, key: impl Into<String>, value: Result<SecretValue, VaultError>) {
        self.values.insert(key.into(), value);
    }

    /// Sets the keys that exist, for messages about a key that does not.
    pub fn with_names(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names = names.into_iter().collect();
        self
    }

    /// Sets what the path was resolved to, for reports.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the version that was read, for reports.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The answer for a key; `None` if there is no such key. A null counts as missing (AVP rule 17).
    pub fn value(&self, key: &str) -> Option<Result<&SecretValue, &VaultError>> {
        match self.values.get(key)? {
            Ok(value) if value.is_null() => None,
            answer => Some(answer.as_ref()),
        }
    }

    /// The keys that exist.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What the path was resolved to.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The version that was read.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}
