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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::VaultErrorKind;
    use crate::conformance::SENTINEL;

    #[test]
    fn a_null_counts_as_missing_and_an_empty_text_does_not() {
        let values = [
            ("null", SecretValue::null()),
            ("empty", SecretValue::text("")),
        ];
        let secret = Secret::from_values(values);
        assert!(secret.value("null").is_none());
        assert!(secret.value("none").is_none());
        assert!(secret.value("empty").unwrap().is_ok());
        assert_eq!(secret.names(), ["null", "empty"]);
    }

    #[test]
    fn a_key_may_have_an_error_of_its_own() {
        let mut secret = Secret::from_values([("a", SecretValue::text("1"))]);
        secret.insert(
            "b",
            Err(VaultError::new(VaultErrorKind::Ambiguous, "two fields {}").name("b")),
        );
        assert!(secret.value("a").unwrap().is_ok());
        assert_eq!(
            secret.value("b").unwrap().unwrap_err().kind(),
            VaultErrorKind::Ambiguous
        );
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let secret = Secret::from_values([("password", SecretValue::text(SENTINEL))])
            .with_id("item-1")
            .with_version("3");
        let shown = format!("{secret:?} {secret:#?}");
        assert!(
            shown.contains("password") && shown.contains("item-1"),
            "{shown}"
        );
        assert!(!shown.contains(SENTINEL), "{shown}");
        assert_eq!((secret.id(), secret.version()), (Some("item-1"), Some("3")));
    }
}
