//! What can be wrong with a manifest.

use std::fmt;

use manifill_yaml::{YamlError, YamlErrorKind};

/// A mistake in a manifest, or an edit that cannot be made.
///
/// It holds a kind, a fixed text, byte positions, and at most one name that stands in the
/// manifest (a key or an anchor). It never holds a value, so it can be shown anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    kind: ManifestErrorKind,
    message: &'static str,
    offset: usize,
    other: Option<usize>,
    name: Option<String>,
    hint: Option<&'static str>,
}

/// The class of a [`ManifestError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ManifestErrorKind {
    /// The text is not YAML.
    Syntax,
    /// A nesting, size or alias limit was reached.
    Limit,
    /// The document is not a map with a non-empty string `kind`.
    MissingKind,
    /// A map has the same key twice ([`crate::ParseOptions::strict`]).
    DuplicateKey,
    /// A tag, merge key or map key has no meaning in Kubernetes, or a value is not what its tag
    /// says.
    Type,
    /// The document holds U+0085, U+2028 or U+2029 unescaped.
    LineSeparator,
    /// An entry cannot be removed because its anchor is used elsewhere, or not be added because
    /// others share its map.
    AliasedAnchor,
    /// Only map entries can be removed.
    NotRemovable,
    /// The edit would not have read back as intended; nothing was written.
    Internal,
}

impl ManifestErrorKind {
    /// A stable word for reports, such as `syntax`.
    pub fn as_str(self) -> &'static str {
        match self {
            ManifestErrorKind::Syntax => "syntax",
            ManifestErrorKind::Limit => "limit",
            ManifestErrorKind::MissingKind => "missing-kind",
            ManifestErrorKind::DuplicateKey => "duplicate-key",
            ManifestErrorKind::Type => "type",
            ManifestErrorKind::LineSeparator => "line-separator",
            ManifestErrorKind::AliasedAnchor => "aliased-anchor",
            ManifestErrorKind::NotRemovable => "not-removable",
            ManifestErrorKind::Internal => "internal",
        }
    }
}

impl ManifestError {
    pub(crate) fn new(kind: ManifestErrorKind, message: &'static str, offset: usize) -> Self {
        Self {
            kind,
            message,
            offset,
            other: None,
            name: None,
            hint: None,
        }
    }

    pub(crate) fn internal(message: &'static str, offset: usize) -> Self {
        Self::new(ManifestErrorKind::Internal, message, offset)
    }

    pub(crate) fn with_hint(mut self, hint: Option<&'static str>) -> Self {
        self.hint = hint;
        self
    }

    pub(crate) fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn with_other(mut self, other: usize) -> Self {
        self.other = Some(other);
        self
    }

    /// The same mistake in a text that begins `by` bytes earlier.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.offset += by;
        self.other = self.other.map(|at| at + by);
        self
    }

    /// The same mistake, found at the end of a text of `length` bytes at the latest.
    pub(crate) fn within(mut self, length: usize) -> Self {
        self.offset = self.offset.min(length);
        self
    }

    /// The class of the mistake.
    pub fn kind(&self) -> ManifestErrorKind {
        self.kind
    }

    /// The byte of the source at which the mistake was found.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// A second byte position: where a duplicate key stood first.
    pub fn other_offset(&self) -> Option<usize> {
        self.other
    }

    /// The key or anchor that the message names.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

impl From<YamlError> for ManifestError {
    fn from(error: YamlError) -> Self {
        let kind = match error.kind() {
            YamlErrorKind::Limit => ManifestErrorKind::Limit,
            YamlErrorKind::Internal => ManifestErrorKind::Internal,
            _ => ManifestErrorKind::Syntax,
        };
        ManifestError::new(kind, error.message(), error.offset()).with_hint(error.hint())
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        match &self.name {
            Some(name) => write!(f, " `{name}`"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ManifestError {}
