//! Paths: the id of a secret, or its folder and its name.

use std::fmt;

use crate::{PathError, SecretPath};

const SHAPE: &str = "write the id of a secret, or the id of its folder and its name: folder/name";

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Locator {
    /// Its id.
    Id(String),
    /// Its name in a folder, which has an id.
    Name { folder: String, name: String },
}

impl Locator {
    /// Reads a path.
    ///
    /// # Errors
    /// If a part of it can be no id and no name.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        let (id, name) = match path.split_once('/') {
            Some((folder, name)) => (folder, Some(name)),
            None => (path, None),
        };
        if !is_id(id) {
            return Err(wrong("the path {} does not begin with an id"));
        }
        let id = id.to_owned();
        match name {
            None => Ok(Locator::Id(id)),
            Some(name) if is_name(name) => Ok(Locator::Name {
                folder: id,
                name: name.to_owned(),
            }),
            Some(_) => Err(wrong("the path {} does not end with a name")),
        }
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }
}

fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

fn is_name(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
    !matches!(text, "" | "." | "..") && !text.contains(is_odd)
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locator::Id(id) => f.write_str(id),
            Locator::Name { folder, name } => write!(f, "{folder}/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_id_or_a_folder_and_a_name() {
        for path in ["e6qd8ab7nr4fq4k2c5b1", "b1g/db", "b1g/my db, prod.v2"] {
            let locator = Locator::parse(path).unwrap();
            assert_eq!(locator.plain().as_str(), path);
            assert_eq!(matches!(locator, Locator::Name { .. }), path.contains('/'));
        }
        assert_eq!(Locator::parse(" e6q\n"), Ok(Locator::Id("e6q".to_owned())));
    }

    #[test]
    fn what_can_be_no_secret_is_told() {
        let (begin, end) = ("does not begin with an id", "does not end with a name");
        for (path, what) in [
            ("", begin),
            ("a b", begin),
            ("/db", begin),
            ("../db", begin),
            ("e6q?x=1", begin),
            ("b1g/", end),
            ("b1g/..", end),
            ("b1g/a/b", end),
            ("b1g/a\\b", end),
            ("b1g/a\tb", end),
        ] {
            let error = Locator::parse(path).unwrap_err();
            assert!(error.to_string().ends_with(what), "{path:?}: {error}");
            assert_eq!(error.hint(), Some(SHAPE));
        }
    }
}
