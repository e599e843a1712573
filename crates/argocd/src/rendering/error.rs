//! Why something is not rendered.

use std::fmt;

use manifill::printable;

use crate::beginning::beginning;

/// What a text of an author is cut at in messages, in bytes.
const SHOWN: usize = 256;

/// Why a chart or a kustomization is not rendered. [`fmt::Display`] gives what is wrong and where;
/// what to do about it is the [`hint`](RenderingError::hint).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderingError {
    kind: RenderingErrorKind,
    message: String,
    hint: Option<String>,
}

/// What sort of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RenderingErrorKind {
    /// A parameter, or a setting such as `HELM_ARGS`, of the app.
    Settings,
    /// A file of the repository.
    Source,
    /// Something on another host, which is not allowed or cannot be had.
    Remote,
    /// The program says that it cannot render it.
    Program,
    /// It takes more room than it may.
    Limit,
    /// The time ran out.
    Timeout,
    /// The program, or the folder it works in, is not as the operator meant it to be.
    Host,
}

impl RenderingError {
    pub(crate) fn new(kind: RenderingErrorKind, message: impl Into<String>) -> Self {
        RenderingError {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn settings(message: impl Into<String>) -> Self {
        RenderingError::new(RenderingErrorKind::Settings, message)
    }

    pub(crate) fn source(message: impl Into<String>) -> Self {
        RenderingError::new(RenderingErrorKind::Source, message)
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What sort of mistake it is.
    pub fn kind(&self) -> RenderingErrorKind {
        self.kind
    }

    /// What to do about it, if that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for RenderingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderingError {}

/// A text of an author as messages show it: in backticks, on one line, not too long.
pub(crate) fn shown(text: &str) -> String {
    format!("`{}`", cut(&printable(text), SHOWN))
}

/// The beginning of a text, up to so many bytes.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", beginning(text, most))
}
