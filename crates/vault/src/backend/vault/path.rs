//! Paths: what stands after `/v1/` in an address of the API, such as `secret/data/db`.

use crate::{PathError, SecretPath};

/// Parses a path; slashes too many are left out, as Vault's own client does (AVP rule 62).
///
/// # Errors
/// If nothing is left, or a part could lead elsewhere or would not arrive as it is written.
pub(super) fn parse(path: &str) -> Result<SecretPath, PathError> {
    if path.contains(char::is_control) {
        return Err(PathError::new("the path {} holds a control character").with_name(path));
    }
    let parts: Vec<&str> = segments(path).collect();
    if parts.is_empty() {
        return Err(PathError::new("the path is empty").with_hint("write <mount>/data/<secret>"));
    }
    // Vault's client would resolve these, so `secret/data/../other` would read another path than
    // it seems to.
    if let Some(part) = parts.iter().find(|part| matches!(**part, "." | "..")) {
        return Err(PathError::new("the path {} has the part {}")
            .with_name(path)
            .with_name(*part)
            .with_hint("write the path that is meant"));
    }
    Ok(SecretPath::verbatim(parts.join("/")))
}

/// The parts of a path.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// The path with `data` after its mount, which KV version 2 wants; `None` if the mount is not
/// where the path begins.
pub(super) fn with_data(path: &str, mount: &str) -> Option<String> {
    let mount = mount.trim_matches('/');
    let rest = path.strip_prefix(mount)?.strip_prefix('/')?;
    if mount.is_empty() || rest.is_empty() {
        None
    } else {
        // Of the same text as the path, so that messages show nothing else.
        Some(format!("{}/data/{rest}", &path[..mount.len()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_their_text_but_for_slashes_too_many() {
        for (path, plain) in [
            ("secret/data/db", "secret/data/db"),
            ("/secret/data/db/", "secret/data/db"),
            ("secret//data///db", "secret/data/db"),
            ("kv/*.fqdn.com/a b%2e+ü", "kv/*.fqdn.com/a b%2e+ü"),
            ("x", "x"),
        ] {
            assert_eq!(parse(path).unwrap().as_str(), plain);
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "/",
            "//",
            "secret/../sys/seal",
            "..",
            "a/./b",
            "a\tb",
            "a\nb",
            "a\u{7f}b",
        ] {
            assert!(parse(path).is_err(), "{path:?}");
        }
        let error = parse("a/../b").unwrap_err().to_string();
        assert_eq!(error, "the path `a/../b` has the part `..`");
    }

    #[test]
    fn data_goes_after_the_mount() {
        for (path, mount, full) in [
            ("secret/db", "secret/", Some("secret/data/db")),
            ("team/kv2/a/b", "team/kv2/", Some("team/kv2/data/a/b")),
            ("secret/data/db", "secret/", Some("secret/data/data/db")),
            ("secrets/db", "secret/", None),
            ("secret", "secret/", None),
            ("other/db", "secret/", None),
            ("secret/db", "", None),
        ] {
            assert_eq!(with_data(path, mount).as_deref(), full, "{path} {mount}");
        }
    }
}
