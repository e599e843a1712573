//! One thing that is told, the same for every form.

use manifill::settings::ConfigError;
use manifill::{Diagnostic, Place, Severity};
use serde::Serialize;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Nothing is rendered.
    Error,
    /// The run goes on.
    Warning,
    /// Good to know.
    Note,
}

/// What is wrong or remarkable, where, and what to do; names only, never a value.
///
/// Its fields are those of the JSON form, which `diagnostics.schema.json` describes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) level: Level,
    /// The situation: a word that stays the same from version to version.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// The setting with where it was set, if that is no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) setting: Option<String>,
    /// From 1; columns count characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    /// The file that the document was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rendered_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The other places that need the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) further_places: Vec<ToldPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) placeholder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backend: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

/// One more place of a thing that is told once.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ToldPlace {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The file that the document was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rendered_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

impl From<&Place> for ToldPlace {
    fn from(place: &Place) -> Self {
        ToldPlace {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            rendered_from: place.rendered_from.clone(),
            resource: place.resource.clone(),
            field: place.field.clone(),
        }
    }
}

impl Told {
    /// Something without a place.
    pub(crate) fn new(level: Level, kind: &'static str, message: impl Into<String>) -> Self {
        Told {
            level,
            kind,
            message: message.into(),
            hint: None,
            file: None,
            setting: None,
            line: None,
            column: None,
            rendered_from: None,
            resource: None,
            field: None,
            further_places: Vec::new(),
            placeholder: None,
            backend: None,
            path: None,
            version: None,
            key: None,
        }
    }

    pub(crate) fn error(kind: &'static str, message: impl Into<String>) -> Self {
        Told::new(Level::Error, kind, message)
    }

    pub(crate) fn with_hint(mut self, hint: Option<&str>) -> Self {
        self.hint = hint.map(str::to_owned);
        self
    }
}

impl From<&Diagnostic> for Told {
    fn from(diagnostic: &Diagnostic) -> Self {
        let level = match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Note => Level::Note,
            _ => Level::Warning,
        };
        let place = &diagnostic.place;
        let located = (place.line > 0).then_some((place.line, place.column));
        Told {
            hint: diagnostic.hint.clone(),
            file: Some(place.file.clone()).filter(|file| !file.is_empty()),
            setting: place.setting.clone(),
            line: located.map(|(line, _)| line),
            column: located.map(|(_, column)| column),
            rendered_from: place.rendered_from.clone(),
            resource: place.resource.clone(),
            field: place.field.clone(),
            further_places: diagnostic.further_places.iter().map(Into::into).collect(),
            placeholder: diagnostic.placeholder.clone(),
            backend: diagnostic.backend.clone(),
            path: diagnostic.path.clone(),
            version: diagnostic.version.clone(),
            key: diagnostic.key.clone(),
            ..Told::new(level, diagnostic.kind.as_str(), diagnostic.message.clone())
        }
    }
}

impl From<&ConfigError> for Told {
    fn from(error: &ConfigError) -> Self {
        let at = error.position();
        Told {
            hint: error.hint().map(str::to_owned),
            file: error.file().map(|file| file.display().to_string()),
            setting: error.setting().map(str::to_owned),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            ..Told::error("settings", error.to_string())
        }
    }
}
