//! Paths: groups and a title, or the id of an entry.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::format::uuid::is_uuid;
use crate::{PathError, SecretPath};

const HINT: &str = "write <group>/<title>, such as shop/database, or the UUID of the entry";

/// The UUID of an entry or a group.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) [u8; 16]);

impl Id {
    /// Reads an id as KeePass and KeePassXC show it: 32 hexadecimal digits, with hyphens or
    /// without, and perhaps in braces.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let text = inner.unwrap_or(text);
        let digits = if is_uuid(text) {
            text.replace('-', "")
        } else {
            text.to_owned()
        };
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(Id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = HEXLOWER.encode(&self.0);
        for (place, digit) in digits.chars().enumerate() {
            if [8, 12, 16, 20].contains(&place) {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// What a path names an entry by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryName {
    /// Its groups below the first one, and its title.
    Place(String),
    /// Its id.
    Id(Id),
}

impl EntryName {
    /// Parses a path. A slash in front, as `keepassxc-cli` prints it, says nothing.
    ///
    /// # Errors
    /// If a part of it is empty or holds a control character.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        if path.contains(char::is_control) {
            return Err(PathError::new("the path {} contains a control character").with_name(path));
        }
        let place = path.strip_prefix('/').unwrap_or(path);
        if place.split('/').any(str::is_empty) {
            let error = PathError::new("the path {} has an empty part").with_name(path);
            return Err(error.with_hint(HINT));
        }
        Ok(match Id::parse(place) {
            Some(id) => EntryName::Id(id),
            None => EntryName::Place(place.to_owned()),
        })
    }

    /// The path in its plain spelling.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(match self {
            EntryName::Place(place) => place.clone(),
            EntryName::Id(id) => id.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    #[test]
    fn a_path_is_groups_and_a_title_or_an_id() {
        for (path, plain) in [
            ("db", "db"),
            ("/shop/my db", "shop/my db"),
            ("shop/C# {x} [y]", "shop/C# {x} [y]"),
            (ID, ID),
            ("{01234567-89AB-CDEF-0123-456789ABCDEF}", ID),
            ("0123456789abcdef0123456789abcdef", ID),
            ("/0123456789abcdef0123456789abcdef", ID),
        ] {
            assert_eq!(EntryName::parse(path).unwrap().plain().as_str(), plain);
        }
    }

    #[test]
    fn what_only_looks_like_an_id_is_a_title() {
        for path in [
            "x/0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdeg",
            "012345678-9ab-cdef-0123-456789abcdef",
            "0123456789abcdef0123456789abcde",
            "{0123456789abcdef0123456789abcdef",
            "ü1234567-89ab-cdef-0123-456789abcde",
        ] {
            let name = EntryName::parse(path).unwrap();
            assert!(matches!(name, EntryName::Place(_)), "{path}");
        }
    }

    #[test]
    fn anything_else_is_told() {
        for (path, message) in [
            ("", "the path `` has an empty part"),
            ("/", "the path `/` has an empty part"),
            ("//db", "the path `//db` has an empty part"),
            ("shop/", "the path `shop/` has an empty part"),
            ("a//b", "the path `a//b` has an empty part"),
            ("a/b\n", "the path `a/b\\n` contains a control character"),
        ] {
            assert_eq!(EntryName::parse(path).unwrap_err().to_string(), message);
        }
    }
}
