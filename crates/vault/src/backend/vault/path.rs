//! Paths: what stands after `/v1/` in an address of the API, such as `secret/data/db`.

use crate::{PathError, SecretPath};

/// What describes and makes logins and rights, in every namespace: no secret store (rule R7). No
/// secret engine can be mounted there, and no namespace can be called so.
const INTERNAL: [&str; 3] = ["auth", "identity", "sys"];

/// Parses a path; slashes too many are left out, as Vault's own client does (AVP rule 62).
///
/// # Errors
/// If nothing is left, a part could lead elsewhere or would not arrive as it is written, or the
/// path leads to the API of logins, be it with the namespace of the settings in front.
pub(super) fn parse(path: &str, namespace: Option<&str>) -> Result<SecretPath, PathError> {
    if path.contains(char::is_control) {
        return Err(PathError::new("the path {} contains a control character").with_name(path));
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
    let namespace: Vec<&str> = segments(namespace.unwrap_or_default()).collect();
    let inner = parts.strip_prefix(namespace.as_slice()).unwrap_or(&parts);
    if [&parts, inner].into_iter().any(is_internal) {
        return Err(PathError::new(
            "the path {} leads to the API of logins, which is not a secret store",
        )
        .with_name(path)
        .with_hint("nothing below auth/, identity/ and sys/ is read"));
    }
    Ok(SecretPath::verbatim(parts.join("/")))
}

fn is_internal(parts: &[&str]) -> bool {
    parts.first().is_some_and(|part| INTERNAL.contains(part))
}

/// Whether a path would lead to the API of logins if what stands before that part were a
/// namespace: `team-a/auth/token/lookup-self`. It may as well be a secret, `secret/data/auth/x`.
pub(super) fn may_be_internal(path: &str) -> bool {
    segments(path).any(|part| INTERNAL.contains(&part))
}

/// The beginning of a path up to and with the mount of its secret engine, which the server names
/// without the namespace; `None` if the path does not lead into it.
pub(super) fn up_to_engine<'p>(path: &'p str, mount: &str) -> Option<&'p str> {
    let parts: Vec<&str> = segments(path).collect();
    let mount: Vec<&str> = segments(mount).collect();
    let starts = parts.windows(mount.len().max(1));
    let (start, _) = starts.enumerate().find(|(_, window)| *window == mount)?;
    if parts
        .iter()
        .take(start + 1)
        .any(|part| INTERNAL.contains(part))
    {
        return None;
    }
    let length: usize = parts
        .iter()
        .take(start + mount.len())
        .map(|part| part.len() + 1)
        .sum();
    path.get(..length - 1)
}

/// The parts of a path.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// What stands behind an engine that [`up_to_engine`] found; `None` if the path is not below it.
pub(super) fn behind<'p>(path: &'p str, engine: &str) -> Option<&'p str> {
    path.strip_prefix(engine)?.strip_prefix('/')
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
            assert_eq!(parse(path, None).unwrap().as_str(), plain);
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
            assert!(parse(path, None).is_err(), "{path:?}");
        }
        let error = parse("a/../b", None).unwrap_err().to_string();
        assert_eq!(error, "the path `a/../b` has the part `..`");
    }

    #[test]
    fn an_engine_is_found_behind_its_namespace() {
        for (path, mount, engine) in [
            ("secret/db", "secret/", Some("secret")),
            ("team/kv2/a/b", "team/kv2/", Some("team/kv2")),
            ("team/kv2/a/b", "kv2/", Some("team/kv2")),
            ("secret/data/auth/x", "secret/", Some("secret")),
            ("team/auth/x", "team/auth/", Some("team/auth")),
            ("team/auth/token/x", "token/", None),
            ("team/sys/mounts", "sys/", None),
            ("team/identity/x", "identity/", None),
            ("secrets/db", "secret/", None),
            ("other/db", "secret/", None),
            ("secret/db", "", None),
            ("secret/db", "/", None),
            ("a", "a/b", None),
        ] {
            assert_eq!(up_to_engine(path, mount), engine, "{path} {mount}");
        }
        assert_eq!(behind("secret/data/db", "secret"), Some("data/db"));
        assert_eq!(behind("secrets/db", "secret"), None);
        assert_eq!(behind("secret", "secret"), None);
    }

    #[test]
    fn the_api_of_logins_is_no_secret_store() {
        for path in [
            "auth/token/lookup-self",
            "/auth/token/lookup-self",
            "//auth//token",
            "sys/mounts",
            "sys",
            "identity/oidc/token/app",
            "team-a/x/auth/token/lookup-self",
            "/team-a//x/sys/mounts",
        ] {
            let error = parse(path, Some("/team-a/x/")).unwrap_err();
            assert!(error.to_string().contains("the API of logins"), "{path}");
        }
        for path in [
            "secret/data/auth/x",
            "kv1/auth/x",
            "authority/x",
            "Auth/x",
            "system/x",
            "identity-kv/x",
            "team-a/x/kv/sys",
            "team-a/auth/x",
        ] {
            assert!(parse(path, Some("team-a/x")).is_ok(), "{path}");
            assert!(parse(path, None).is_ok(), "{path}");
        }
        assert!(may_be_internal("team-a/auth/x") && may_be_internal("secret/data/sys"));
        assert!(!may_be_internal("secret/data/authority"));
    }
}
