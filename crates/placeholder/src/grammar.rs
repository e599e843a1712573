//! What placeholders begin with, and which texts are some.

/// What an inline placeholder begins with.
pub(crate) const INLINE: &str = "path:";

/// What every reference of 1Password begins with.
pub(crate) const SCHEME: &str = "op://";

/// What an inline path and a secret reference begin with, behind their `<`.
pub const OPENERS: [&str; 2] = [INLINE, SCHEME];

/// Whether a text begins as a placeholder that is live with or without the annotation.
pub(crate) fn begins_reference(body: &str) -> bool {
    OPENERS.iter().any(|opener| body.starts_with(opener))
}

/// Which texts are placeholders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Grammar {
    /// The resource has the annotation `avp.kubernetes.io/path`: every `<…>` on one line is a
    /// placeholder (AVP rule 1).
    pub annotated: bool,
    /// Generic placeholders are only `<key>` and `<key | …>` with a key of letters, digits, `-`,
    /// `_` and `.`; all else in brackets is text.
    pub strict: bool,
}

impl Grammar {
    /// Inline paths and references only.
    pub const fn new() -> Self {
        Grammar {
            annotated: false,
            strict: false,
        }
    }

    /// Sets whether the resource has the annotation `avp.kubernetes.io/path`.
    pub const fn with_annotated(mut self, annotated: bool) -> Self {
        self.annotated = annotated;
        self
    }

    /// Sets whether generic placeholders are only `<key>` and `<key | …>`.
    pub const fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}
