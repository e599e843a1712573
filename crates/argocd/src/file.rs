//! A file.

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text: YAML documents.
    pub text: String,
}

impl File {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        File {
            name: name.into(),
            text: text.into(),
        }
    }
}
