//! Paths: the id of a secret, or its folders and its name.

use std::fmt;

use crate::{PathError, SecretPath};

const SHAPE: &str = "write the id of a secret, such as 1234, or folder/name";

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Locator {
    /// Its id.
    Id(u64),
    /// Its folders and its name.
    Names(Vec<String>),
}

impl Locator {
    /// Reads a path. Digits are an id and nothing else (AVP rule 64). Names are separated by `/` or
    /// `\`, one or several, as the vendor's client has it.
    ///
    /// # Errors
    /// If it is empty, or a part of it is no name.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        if !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_digit()) {
            let id = path.parse();
            return id
                .map(Locator::Id)
                .map_err(|_| wrong("{} is too large for the id of a secret"));
        }
        if path.contains(char::is_control) {
            return Err(wrong("the path {} contains a control character"));
        }
        let parts = path.split(['/', '\\']);
        let names: Vec<String> = parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        if names.is_empty() {
            return Err(wrong("the path {} names no secret"));
        }
        if names.iter().any(|name| matches!(name.as_str(), "." | "..")) {
            return Err(wrong("the path {} has a part that is not a name"));
        }
        Ok(Locator::Names(names))
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }

    /// What the server knows names by.
    pub(super) fn server_path(names: &[String]) -> String {
        names
            .iter()
            .fold(String::new(), |path, name| path + "\\" + name)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locator::Id(id) => write!(f, "{id}"),
            Locator::Names(names) => {
                let text = names.join("/");
                // A name of digits outside of folders would be an id.
                let is_id = text.bytes().all(|byte| byte.is_ascii_digit());
                write!(f, "{}{text}", if is_id { "/" } else { "" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_id_or_names_and_has_one_spelling() {
        for (path, plain) in [
            ("1234", "1234"),
            (" 007 ", "7"),
            ("Team/Prod/db", "Team/Prod/db"),
            ("\\Team\\Prod\\db", "Team/Prod/db"),
            ("//Team\\/Prod/db/", "Team/Prod/db"),
            ("db", "db"),
            ("/db", "db"),
            ("/1234", "/1234"),
            ("Team/1234", "Team/1234"),
            ("Größe & Co/db #", "Größe & Co/db #"),
        ] {
            let locator = Locator::parse(path).unwrap();
            assert_eq!(locator.plain().as_str(), plain, "{path:?}");
            assert_eq!(Locator::parse(plain), Ok(locator), "{path:?}");
        }
    }

    #[test]
    fn names_are_sent_with_backslashes() {
        let Ok(Locator::Names(names)) = Locator::parse("Team/db") else {
            panic!("these are names");
        };
        assert_eq!(Locator::server_path(&names), "\\Team\\db");
    }

    #[test]
    fn what_can_be_no_secret_is_told() {
        for (path, message) in [
            ("", "the path `` names no secret"),
            ("/\\", "the path `/\\` names no secret"),
            ("a/../b", "the path `a/../b` has a part that is not a name"),
            (
                "a\\.\\b",
                "the path `a\\.\\b` has a part that is not a name",
            ),
            ("a\nb", "the path `a\\nb` contains a control character"),
            (
                "99999999999999999999",
                "`99999999999999999999` is too large for the id of a secret",
            ),
        ] {
            let error = Locator::parse(path).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.hint(), Some(SHAPE));
        }
    }
}
