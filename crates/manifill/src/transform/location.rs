//! Where a value comes from.

/// Where a value was read.
///
/// `bcrypt` derives its salt from it (rule R9), so that rendering twice gives the same text and
/// Argo CD sees no drift, while equal passwords of two items give different hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyLocation<'a> {
    /// The name of the backend.
    pub backend: &'a str,
    /// The path of the secret.
    pub path: &'a str,
    /// The key in the secret.
    pub key: &'a str,
}

impl<'a> KeyLocation<'a> {
    /// A key of a path of a backend.
    pub const fn new(backend: &'a str, path: &'a str, key: &'a str) -> Self {
        KeyLocation { backend, path, key }
    }
}
