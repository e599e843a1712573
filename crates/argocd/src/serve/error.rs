//! Why a server does not start.

use std::fmt;

/// Why a server does not start. [`fmt::Display`] says what is wrong; what to do about it is the
/// [`hint`](ServeError::hint).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeError {
    message: String,
    hint: Option<String>,
}

impl ServeError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        ServeError {
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to do about it, if that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServeError {}
