//! Why a server does not start.

use std::fmt;

use manifill::settings::ConfigError;

use crate::rendering::RenderingError;

/// Why a server does not start: everything that is wrong with its options or its settings, or the one
/// thing that the system refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeError {
    mistakes: Vec<Mistake>,
    is_in_options: bool,
}

/// One thing that keeps a server from starting. [`fmt::Display`] says what is wrong; what to do about it
/// is the [`hint`](Mistake::hint).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    message: String,
    place: Option<String>,
    hint: Option<String>,
}

impl ServeError {
    /// What is wrong with the options.
    pub(crate) fn in_options(mistakes: Vec<Mistake>) -> Self {
        ServeError {
            mistakes,
            is_in_options: true,
        }
    }

    /// What is wrong with the settings.
    pub(crate) fn in_settings(mistakes: Vec<Mistake>) -> Self {
        ServeError {
            mistakes,
            is_in_options: false,
        }
    }

    /// Everything that is wrong.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Whether the options are wrong, which is a mistake of whoever wrote the command.
    pub fn is_in_options(&self) -> bool {
        self.is_in_options
    }
}

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Mistake {
            message: message.into(),
            place: None,
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn in_place(mut self, place: Option<String>) -> Self {
        self.place = place;
        self
    }

    /// Where it is, if it is in the settings: `file:line:column`, or a setting with where it was set.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What to do about it, if that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// What the system refuses.
impl From<Mistake> for ServeError {
    fn from(mistake: Mistake) -> Self {
        ServeError {
            mistakes: vec![mistake],
            is_in_options: false,
        }
    }
}

impl From<&ConfigError> for Mistake {
    fn from(error: &ConfigError) -> Self {
        Mistake {
            message: error.to_string(),
            place: error.place(),
            hint: error.hint().map(str::to_owned),
        }
    }
}

impl From<RenderingError> for Mistake {
    fn from(error: RenderingError) -> Self {
        Mistake {
            message: error.to_string(),
            place: None,
            hint: error.hint().map(str::to_owned),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A line for each mistake.
impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if let Some(place) = &mistake.place {
                write!(f, "{place}: ")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ServeError {}
