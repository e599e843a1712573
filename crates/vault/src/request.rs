//! What is asked of a backend.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::SecretValue;

/// One read: a path, perhaps a version, and the keys that are wanted from it.
///
/// Two requests with the same path, version and options are the same read; the plan merges their
/// keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
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

    /// Sets an option that the backend declares.
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Asks for a version.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// The keys that a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keys {
    /// Everything that costs no further request; what `manifill keys` asks for.
    All,
    /// These keys.
    Names(KeyNames),
}

impl Keys {
    /// Wants the named keys.
    pub fn names<K: Into<Arc<str>>>(names: impl IntoIterator<Item = K>) -> Self {
        Keys::Names(names.into_iter().collect())
    }

    /// Whether this key is wanted.
    pub fn wants(&self, key: &str) -> bool {
        match self {
            Keys::All => true,
            Keys::Names(names) => names.contains(key),
        }
    }

    /// Whether all of these keys have a value among those that were read.
    #[cfg_attr(not(feature = "full"), allow(dead_code))]
    pub(crate) fn are_in(&self, values: &[(String, SecretValue)]) -> bool {
        let has = |name: &str| {
            let mut values = values.iter();
            values.any(|(key, value)| key == name && !value.is_null())
        };
        match self {
            Keys::All => true,
            Keys::Names(names) => names.iter().all(has),
        }
    }
}

/// Names of keys, sorted and each of them once.
///
/// A clone costs nothing, so that the very many requests of a run that want the same keys can share
/// them.
///
/// ```
/// use manifill_vault::KeyNames;
///
/// let names: KeyNames = ["user", "password", "user"].into_iter().collect();
/// assert!(names.contains("user") && !names.contains("pin"));
/// assert_eq!(names.iter().collect::<Vec<_>>(), ["password", "user"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyNames(Arc<[Arc<str>]>);

impl KeyNames {
    /// Whether this name is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.shared(name).is_some()
    }

    /// This name, if it is one of them, to be shared.
    pub(crate) fn shared(&self, name: &str) -> Option<&Arc<str>> {
        let place = self.0.binary_search_by(|known| (**known).cmp(name));
        self.0.get(place.ok()?)
    }

    /// The names in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.iter().map(|name| &**name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'n> IntoIterator for &'n KeyNames {
    type Item = &'n str;
    type IntoIter = std::iter::Map<std::slice::Iter<'n, Arc<str>>, fn(&'n Arc<str>) -> &'n str>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|name| &**name)
    }
}

impl<K: Into<Arc<str>>> FromIterator<K> for KeyNames {
    fn from_iter<I: IntoIterator<Item = K>>(names: I) -> Self {
        let mut names: Vec<Arc<str>> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        KeyNames(names.into())
    }
}

/// A path as a backend understands it; equal paths name the same thing.
///
/// Policy sees this text besides the text of the manifest, so it is the plain spelling:
/// `vaults/Home/items/db`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretPath(Box<str>);

impl SecretPath {
    /// A path that is its own plain spelling.
    pub fn verbatim(path: impl Into<String>) -> Self {
        SecretPath(path.into().into_boxed_str())
    }

    /// The plain spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_each_is_kept_once() {
        let names: KeyNames = ["b", "", "a", "b", "ä", "a"].into_iter().collect();
        assert_eq!(names.iter().collect::<Vec<_>>(), ["", "a", "b", "ä"]);
        assert_eq!((names.len(), names.iter().len()), (4, 4));
        let mut walked = Vec::new();
        for name in &names {
            walked.push(name);
        }
        assert_eq!(walked, ["", "a", "b", "ä"]);
        for name in ["", "a", "b", "ä"] {
            assert!(names.contains(name), "{name:?}");
        }
        for name in ["A", "aa", "c", "ä "] {
            assert!(!names.contains(name), "{name:?}");
        }
    }

    #[test]
    fn no_names_are_none() {
        let none = KeyNames::from_iter([""; 0]);
        assert!(none.is_empty() && none == KeyNames::default());
        assert!(!none.contains(""));
        assert!(!Keys::Names(none).wants(""));
    }

    #[test]
    fn equal_sets_are_equal_however_they_were_made() {
        let owned = Keys::names(["a".to_owned(), "b".to_owned()]);
        assert_eq!(owned, Keys::names(["b", "a", "b"]));
        assert_ne!(owned, Keys::names(["a"]));
        assert!(owned.wants("a") && !owned.wants("c") && Keys::All.wants("c"));
    }
}
