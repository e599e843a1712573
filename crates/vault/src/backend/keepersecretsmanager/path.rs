//! Paths: the UID of a record, or its title.

use crate::{PathError, SecretPath};

/// What a record is called by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(String);

impl Name {
    /// Takes the whole path: a title may have any character that can be typed.
    ///
    /// # Errors
    /// If there is nothing or a control character in it.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let name = path.trim();
        if name.is_empty() {
            return Err(PathError::new("the path {} names no record").with_name(path));
        }
        if name.contains(char::is_control) {
            return Err(PathError::new("the path {} contains a control character").with_name(path));
        }
        Ok(Name(name.to_owned()))
    }

    /// Whether it has the shape of a UID: 16 bytes as base64 for URLs.
    pub(super) fn is_uid(&self) -> bool {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        self.0.len() == 22 && self.0.bytes().all(is_part)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uid_or_a_title() {
        for (path, plain, is_uid) in [
            ("Zk3rP1QnTm2yV8uX0aBc-_", "Zk3rP1QnTm2yV8uX0aBc-_", true),
            (" Zk3rP1QnTm2yV8uX0aBc-_ ", "Zk3rP1QnTm2yV8uX0aBc-_", true),
            ("Zk3rP1QnTm2yV8uX0aBc-", "Zk3rP1QnTm2yV8uX0aBc-", false),
            ("Zk3rP1QnTm2yV8uX0aBc-_A", "Zk3rP1QnTm2yV8uX0aBc-_A", false),
            ("Zk3rP1QnTm2yV8uX0aBc/_", "Zk3rP1QnTm2yV8uX0aBc/_", false),
            (" My db, 1/2 ü ", "My db, 1/2 ü", false),
        ] {
            let name = Name::parse(path).unwrap();
            assert_eq!(name.plain().as_str(), plain);
            assert_eq!(name.is_uid(), is_uid, "{path}");
            assert_eq!(Name::parse(plain), Ok(name));
        }
    }

    #[test]
    fn what_can_be_neither_is_told() {
        for (path, message) in [
            ("", "the path `` names no record"),
            ("  ", "the path `  ` names no record"),
            ("a\nb", "the path `a\\nb` contains a control character"),
        ] {
            assert_eq!(Name::parse(path).unwrap_err().to_string(), message);
        }
    }
}
