//! Paths and keys: together they are the id of a variable.

use crate::{PathError, SecretPath, VaultError, VaultErrorKind};

const HINT: &str = "write <policy>#<variable>, with the variable behind the last / of its id";

/// Parses a path: the id of a variable without its last part.
///
/// # Errors
/// If a part is empty, could lead elsewhere, or holds a control character.
pub(super) fn parse(path: &str) -> Result<SecretPath, PathError> {
    match path.split('/').find(|part| !is_name(part)) {
        None => Ok(SecretPath::verbatim(path)),
        Some(part) => Err(PathError::new("the path {} has the part {}")
            .with_name(path)
            .with_name(part)
            .with_hint(HINT)),
    }
}

/// The id of the variable of a path and a key.
///
/// # Errors
/// If the key has parts itself: rules for paths have judged the path alone.
pub(super) fn id(path: &str, key: &str) -> Result<String, VaultError> {
    if is_name(key) && !key.contains('/') {
        return Ok(format!("{path}/{key}"));
    }
    let message = "the key {} of {} is not the last part of a variable's id";
    Err(VaultError::new(VaultErrorKind::InvalidRequest, message)
        .with_name(key)
        .with_name(path)
        .with_hint(HINT))
}

/// The key of a variable that belongs to a path.
pub(super) fn key<'i>(path: &str, id: &'i str) -> Option<&'i str> {
    let key = id.strip_prefix(path)?.strip_prefix('/')?;
    Some(key).filter(|key| !key.contains('/'))
}

/// Whether the server makes up a value for each read.
pub(super) fn is_dynamic(id: &str) -> bool {
    ["data/dynamic/", "data/ephemerals/"]
        .iter()
        .any(|start| id.starts_with(start))
}

fn is_name(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_key_are_an_id() {
        for (path, key, whole) in [
            ("prod", "password", "prod/password"),
            ("prod/db", "pass word,:", "prod/db/pass word,:"),
            ("a b/c@d", "ü", "a b/c@d/ü"),
        ] {
            assert_eq!(parse(path).unwrap().as_str(), path);
            assert_eq!(id(path, key).unwrap(), whole);
            assert_eq!(super::key(path, whole), Some(key));
        }
        assert_eq!(key("prod", "prod/db/password"), None);
        assert_eq!(key("prod", "production/password"), None);
        assert_eq!(key("prod", "prod"), None);
    }

    #[test]
    fn what_is_not_a_part_of_an_id_is_told() {
        for path in ["", "/a", "a/", "a//b", "a/../b", ".", "a\n"] {
            assert!(parse(path).is_err(), "{path:?}");
        }
        for key in ["", ".", "..", "../x", "a/b", "a\u{7f}"] {
            let error = id("prod", key).unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::InvalidRequest, "{key:?}");
        }
    }

    #[test]
    fn some_variables_are_made_for_each_read() {
        assert!(is_dynamic("data/dynamic/aws/key") && is_dynamic("data/ephemerals/x"));
        assert!(!is_dynamic("data/dynamics/x") && !is_dynamic("prod/data/dynamic/x"));
    }
}
