//! What is asked of a backend.

use std::collections::{BTreeMap, BTreeSet};

/// One read: a path, perhaps a version, and the keys that are wanted from it.
///
/// Two requests with the same path, version and options are the same read; the plan merges their
/// keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRequest {
    /// Where the secret is, in the backend's own words.
    pub path: SecretPath,
    /// The version, where the placeholder or the annotation names one.
    pub version: Option<String>,
    /// The options the backend declared and the document set, by annotation name.
    pub options: BTreeMap<String, String>,
    /// The keys that are wanted.
    pub keys: Keys,
}

impl SecretRequest {
    /// A request without version and options.
    pub fn new(path: SecretPath, keys: Keys) -> Self {
        SecretRequest {
            path,
            version: None,
            options: BTreeMap::new(),
            keys,
        }
    }

    /// Asks for a version.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// The keys that a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Everything that costs no further request; what `manifill keys` asks for.
    All,
    /// These keys.
    Names(BTreeSet<String>),
}

impl Keys {
    /// Wants the named keys.
    pub fn names<K: Into<String>>(names: impl IntoIterator<Item = K>) -> Self {
        Keys::Names(names.into_iter().map(Into::into).collect())
    }
}

/// A path as a backend understands it; equal paths name the same thing.
///
/// Policy sees this text besides the text of the manifest, so it is the plain spelling:
/// `vaults/Home/items/db`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretPath(String);

impl SecretPath {
    /// A path that is its own plain spelling.
    pub fn verbatim(path: impl Into<String>) -> Self {
        SecretPath(path.into())
    }

    /// The plain spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
