//! What is wrong with the settings, and where.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::diagnostic::Place;
use crate::near;
use crate::policy::fill;

/// A mistake in the settings: fixed words and names, never a value.
///
/// `Display` is one line without the place; [`place`](ConfigError::place) and
/// [`hint`](ConfigError::hint) hold the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    message: &'static str,
    names: Vec<String>,
    file: Option<PathBuf>,
    position: Option<Position>,
    /// The setting with where it was set, if that is no file.
    setting: Option<String>,
    /// What is known beside the message: near names.
    more: String,
    hint: Option<Cow<'static, str>>,
}

pub use manifill_yaml::Position;

impl ConfigError {
    /// An error with fixed words: each `{}` takes the next name in backquotes, each `{=}` takes
    /// it bare, for wordings that AVP set.
    pub(super) fn new(message: &'static str) -> Self {
        ConfigError(Box::new(Details {
            message,
            names: Vec::new(),
            file: None,
            position: None,
            setting: None,
            more: String::new(),
            hint: None,
        }))
    }

    /// A key whose value has the wrong shape.
    pub(super) fn shape(key: &str, wanted: &'static str, found: &'static str) -> Self {
        ConfigError::new("{} must be {=}, but it is {=}")
            .with_name(key)
            .with_name(wanted)
            .with_name(found)
    }

    /// Adds a name that came from the settings.
    pub(super) fn with_name(mut self, name: impl Into<String>) -> Self {
        self.0.names.push(name.into());
        self
    }

    /// Adds what to do about it.
    pub(super) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the file.
    pub(super) fn in_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.file = Some(file.into());
        self
    }

    /// Adds where it is in the settings.
    pub(super) fn in_place(mut self, place: Place) -> Self {
        if !place.file.is_empty() {
            self.0.file = Some(place.file.into());
        }
        if place.line > 0 {
            let (line, column) = (place.line, place.column);
            self.0.position = Some(Position { line, column });
        }
        self.0.setting = place.setting;
        self
    }

    /// Adds the place in the file.
    pub(super) fn at(mut self, position: impl Into<Option<Position>>) -> Self {
        self.0.position = position.into();
        self
    }

    /// Adds the names that could have been meant.
    pub(super) fn near<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        // Backends share settings.
        let known: BTreeSet<&str> = known.into_iter().collect();
        self.meaning_one_of(&near::names(wrong, known.into_iter()))
    }

    /// Adds names as [`near`] writes them, if there are any.
    pub(super) fn meaning_one_of(mut self, names: &str) -> Self {
        if !names.is_empty() {
            self.0.more = format!("did you mean {names}?");
        }
        self
    }

    /// Adds the known name that a word begins with, which is not shown itself.
    pub(super) fn begins_with(mut self, name: &str) -> Self {
        self.0.more = format!("it begins with `{name}`");
        self
    }

    /// The file, if the mistake is in one.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The line and the column, where they are known.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// The setting with where it was set, if that is no file: `OP_CONNECT_HOST (environment)`.
    pub fn setting(&self) -> Option<&str> {
        self.0.setting.as_deref().filter(|_| self.0.file.is_none())
    }

    /// `file:line:column`, as much of it as is known, or else the [setting](ConfigError::setting).
    pub fn place(&self) -> Option<String> {
        let Some(file) = &self.0.file else {
            return self.0.setting.clone();
        };
        let file = file.display();
        Some(match self.0.position {
            Some(Position { line, column }) => format!("{file}:{line}:{column}"),
            None => file.to_string(),
        })
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fill(f, self.0.message, &self.0.names)?;
        match self.0.more.as_str() {
            "" => Ok(()),
            more => write!(f, "; {more}"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Every mistake of the settings, in the order they were found; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    errors: Vec<ConfigError>,
    notes: Vec<String>,
}

impl ConfigErrors {
    /// The errors, or `None` if there are none.
    pub(super) fn from_vec(errors: Vec<ConfigError>) -> Option<Self> {
        let notes = Vec::new();
        (!errors.is_empty()).then_some(ConfigErrors { errors, notes })
    }

    /// The same errors, and remarks that were made on the way.
    pub(super) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The errors one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.errors.iter()
    }

    /// Remarks for the user, names only: one of them can be about the cause of an error.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        ConfigErrors {
            errors: vec![error],
            notes: Vec::new(),
        }
    }
}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a ConfigError;
    type IntoIter = std::slice::Iter<'a, ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if let Some(place) = error.place() {
                write!(f, "{place}: ")?;
            }
            write!(f, "{error}")?;
            if let Some(hint) = error.hint() {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_backquotes_or_bare_and_none_is_lost() {
        let error = ConfigError::new("{} is no {=} here")
            .with_name("a")
            .with_name("b")
            .with_name("c");
        assert_eq!(error.to_string(), "`a` is no b here (`c`)");
        assert_eq!(ConfigError::new("no {}").to_string(), "no …");
    }

    #[test]
    fn a_name_cannot_break_the_line() {
        let error = ConfigError::new("no {}").with_name("a\nerror: b");
        assert_eq!(error.to_string(), "no `a\\nerror: b`");
    }

    #[test]
    fn the_place_says_what_is_known() {
        let error = ConfigError::new("x");
        assert_eq!(error.place(), None);
        let error = error.in_file("m.yaml");
        assert_eq!(error.place().as_deref(), Some("m.yaml"));
        let error = error.at(Position { line: 3, column: 7 }).with_hint("do y");
        assert_eq!(error.place().as_deref(), Some("m.yaml:3:7"));
        let errors = ConfigErrors::from_vec(vec![error.clone(), error]).map(|all| all.to_string());
        assert_eq!(
            errors.as_deref(),
            Some("m.yaml:3:7: x (do y)\nm.yaml:3:7: x (do y)")
        );
    }
}
