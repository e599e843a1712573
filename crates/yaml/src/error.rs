//! Text that is not YAML.

use std::fmt;

/// What is wrong with a text and where: fixed words and a position, nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YamlError {
    pub(crate) kind: YamlErrorKind,
    pub(crate) message: &'static str,
    pub(crate) offset: usize,
    pub(crate) hint: Option<&'static str>,
}

/// The class of a [`YamlError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum YamlErrorKind {
    /// The text is not YAML.
    Syntax,
    /// It is nested too deeply.
    Limit,
    /// The parser does not keep its promises; a bug.
    Internal,
}

impl YamlErrorKind {
    /// A stable word for reports.
    pub fn as_str(self) -> &'static str {
        match self {
            YamlErrorKind::Syntax => "syntax",
            YamlErrorKind::Limit => "limit",
            YamlErrorKind::Internal => "internal",
        }
    }
}

impl YamlError {
    pub(crate) fn new(kind: YamlErrorKind, message: &'static str, offset: usize) -> Self {
        YamlError {
            kind,
            message,
            offset,
            hint: None,
        }
    }

    /// The class.
    pub fn kind(&self) -> YamlErrorKind {
        self.kind
    }

    /// What is wrong, in fixed words.
    pub fn message(&self) -> &'static str {
        self.message
    }

    /// The byte of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for YamlError {}
