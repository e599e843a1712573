//! What an archive, or what is in it, is known by.

use sha2::{Digest as _, Sha256};

use crate::tree::{Entry, Tree};

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// A digest in hexadecimal digits.
    pub(crate) fn read(text: &str) -> Option<Digest> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16)?;
                *byte = *byte << 4 | u8::try_from(value).ok()?;
            }
        }
        Some(Digest(bytes))
    }

    /// The digest of the files and links of a repository, in the order of their names.
    pub(crate) fn of_files(tree: &Tree) -> Digest {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        for (name, entry) in tree.entries() {
            add(name.as_bytes());
            match entry {
                Entry::File(data) => {
                    add(b"file");
                    add(data);
                }
                Entry::Link(to) => {
                    add(b"link");
                    add(to.as_bytes());
                }
                Entry::Dropped(reason) => {
                    add(b"dropped");
                    add(reason.as_bytes());
                }
            }
        }
        Digest(hash.finalize().into())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_64_digits() {
        let digits = "00ff".repeat(16);
        let digest = Digest::read(&digits).map(|digest| digest.0[..2].to_vec());
        assert_eq!(digest, Some(vec![0, 255]));
        assert!(Digest::read(&digits.to_uppercase()) == Digest::read(&digits));
        for odd in ["", "00", &"0g".repeat(32), &"é".repeat(32), &"0".repeat(65)] {
            assert!(Digest::read(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn a_name_and_its_data_are_told_apart() {
        let file = |name: &str, data: &str| {
            let entry = Entry::File(data.as_bytes().to_vec());
            Digest::of_files(&Tree::from_entries([(name, entry)]))
        };
        let link = Tree::from_entries([("a", Entry::Link("bc".to_owned()))]);
        let digests = [
            file("a", "bc"),
            file("ab", "c"),
            file("a", "cb"),
            Digest::of_files(&link),
        ];
        for (at, digest) in digests.iter().enumerate() {
            assert!(!digests[..at].contains(digest), "{at}");
        }
        assert!(file("a", "bc") == digests[0]);
    }
}
