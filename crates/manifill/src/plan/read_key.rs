//! What a read is known by while a plan is made.

use manifill_manifest::Resource;
use manifill_vault::{KeyNames, Keys, SecretPath, SecretRequest};
use smallvec::SmallVec;

/// Bytes that UTF-8 never has, so that no path, version or option holds one.
const VERSION: u8 = 0xFE;
const OPTION: u8 = 0xFF;

/// A read as it is asked for: all but its keys.
pub(super) struct ReadKey<'a> {
    pub(super) backend: usize,
    pub(super) path: &'a str,
    version: Option<&'a str>,
    /// In the order in which the backend declares them.
    options: SmallVec<[(&'a str, &'a str); 2]>,
}

/// A read as one text, the same for the same backend, path, version and options.
pub(super) type KeyBytes = SmallVec<[u8; 128]>;

impl<'a> ReadKey<'a> {
    /// `declared` are the options that the backend knows.
    pub(super) fn new(
        backend: usize,
        path: &'a str,
        version: Option<&'a str>,
        declared: &[&'a str],
        resource: &'a Resource,
    ) -> Self {
        let set = |name: &&'a str| {
            let mut annotations = resource.annotations.iter().rev();
            let set = annotations.find(|annotation| annotation.name == **name)?;
            Some((*name, set.value.as_str()))
        };
        ReadKey {
            backend,
            path,
            version,
            options: declared.iter().filter_map(set).collect(),
        }
    }

    pub(super) fn spelling(&self) -> KeyBytes {
        self.spelling_at(self.path)
    }

    /// The spelling with another path.
    pub(super) fn spelling_at(&self, path: &str) -> KeyBytes {
        let mut spelling = KeyBytes::from_slice(&(self.backend as u32).to_le_bytes());
        spelling.extend_from_slice(path.as_bytes());
        if let Some(version) = self.version {
            spelling.push(VERSION);
            spelling.extend_from_slice(version.as_bytes());
        }
        for (name, value) in &self.options {
            for part in [name, value] {
                spelling.push(OPTION);
                spelling.extend_from_slice(part.as_bytes());
            }
        }
        spelling
    }

    /// The request for it, which wants no keys yet.
    pub(super) fn request(&self, path: SecretPath) -> SecretRequest {
        let mut request = SecretRequest::new(path, Keys::Names(KeyNames::default()));
        request.version = self.version.map(str::to_owned);
        let options = self.options.iter();
        request.options = options
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        request
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn asked<'a>(
        backend: usize,
        path: &'a str,
        version: Option<&'a str>,
        options: &[(&'a str, &'a str)],
    ) -> ReadKey<'a> {
        ReadKey {
            backend,
            path,
            version,
            options: options.into(),
        }
    }

    #[test]
    fn what_differs_is_spelled_differently() {
        let all = [
            asked(0, "a", None, &[]),
            asked(1, "a", None, &[]),
            asked(0, "", None, &[]),
            asked(0, "a", Some(""), &[]),
            asked(0, "", Some("a"), &[]),
            asked(0, "a", Some("b"), &[]),
            asked(0, "ab", None, &[]),
            asked(0, "a", None, &[("b", "")]),
            asked(0, "a", None, &[("", "b")]),
            asked(0, "a", None, &[("b", ""), ("", "b")]),
            asked(0, "a", Some("b"), &[("", "")]),
        ];
        let spellings: HashSet<KeyBytes> = all.iter().map(ReadKey::spelling).collect();
        assert_eq!(spellings.len(), all.len());
        assert_eq!(all[6].spelling_at("a"), all[0].spelling());
    }
}
