//! The name of a backend in front of a path.

/// Splits `name!path` into the name of a backend and the path.
///
/// A name is `[a-z][a-z0-9-]*`. Whether there is such a backend, and whether `!` means anything at
/// all, is for the caller to say (rule R3).
///
/// ```
/// use manifill_placeholder::split_backend;
///
/// assert_eq!(split_backend("shared!common/db"), (Some("shared"), "common/db"));
/// assert_eq!(split_backend("vaults/Wow!/items/Db"), (None, "vaults/Wow!/items/Db"));
/// ```
pub fn split_backend(path: &str) -> (Option<&str>, &str) {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match path.split_once('!') {
        Some((name, rest)) if is_name(name) => (Some(name), rest),
        _ => (None, path),
    }
}
