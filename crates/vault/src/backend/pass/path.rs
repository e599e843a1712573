//! Paths: the name of an entry, as `pass show` takes it.

use std::fmt;
use std::path::{Component, Path};

use crate::{PathError, SecretPath};

const HINT: &str = "write the name of an entry, such as web/db";

/// The name of an entry: its folders and its own, and nothing that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryName(String);

impl EntryName {
    /// Parses `folder/entry`.
    ///
    /// # Errors
    /// If a part is empty, `.` or `..`, or anything else than a name on this system, or if it holds a
    /// control character.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let wrong = |message| PathError::new(message).with_name(path).with_hint(HINT);
        if path.is_empty() {
            return Err(PathError::new("the path is empty").with_hint(HINT));
        }
        if path.contains(char::is_control) {
            return Err(wrong("the path {} contains a control character"));
        }
        let is_name = |part: &str| {
            let mut parts = Path::new(part).components();
            // A drive of Windows is a part, too, and so is what its backslashes separate.
            matches!(parts.next(), Some(Component::Normal(name)) if name == part)
                && parts.next().is_none()
        };
        if !path.split('/').all(is_name) {
            return Err(wrong("the path {} is not the name of an entry"));
        }
        Ok(EntryName(path.to_owned()))
    }

    /// The name.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path in its plain spelling.
    pub(super) fn plain(self) -> SecretPath {
        SecretPath::verbatim(self.0)
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_name_of_an_entry() {
        for path in [
            "db",
            "web/db",
            "mail/me@example.org",
            "a b/.c/...",
            "ü/db.gpg",
            "~/x",
        ] {
            let name = EntryName::parse(path).unwrap();
            assert_eq!(name.to_string(), path);
            assert_eq!(name.plain().as_str(), path);
        }
    }

    #[test]
    fn nothing_leads_out_of_the_store() {
        for path in [
            "/",
            "/etc/db",
            "../db",
            "web/../../db",
            "web/..",
            "..",
            ".",
            "./db",
            "web/./db",
            "web/",
            "web//db",
        ] {
            let error = EntryName::parse(path).unwrap_err();
            let message = format!("the path `{path}` is not the name of an entry");
            assert_eq!((error.to_string(), error.hint()), (message, Some(HINT)));
        }
        let message = |path| EntryName::parse(path).unwrap_err().to_string();
        assert_eq!(message(""), "the path is empty");
        assert_eq!(
            message("a\n"),
            "the path `a\\n` contains a control character"
        );
        assert_eq!(
            message("a\0b"),
            "the path `a\\u{0}b` contains a control character"
        );
    }
}
