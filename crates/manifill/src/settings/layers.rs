//! The layers that flat settings come from, and who wrote each of them.
//!
//! For the operator the order is AVP's (rules 54 and 55): environment, file, Secret; with a file
//! the Secret has no say at all. What the app's author says is kept apart, so that the choice
//! between the two can be made by the class of a setting (rule R7).

use std::collections::BTreeMap;

use manifill_vault::backend::alias_of;
use manifill_vault::settings::{Class, Origin};

use super::error::{ConfigError, Position};
use super::flat::Flat;
use super::open::OpenSettings;
use super::sources::Sources;
use crate::diagnostic::Place;

/// The switch that gives AVP's order back. Only the operator's environment is asked for it.
const TRUST: &str = "MANIFILL_TRUST_APP_ENV";
const TRUST_HINT: &str = "the operator can open single settings with MANIFILL_APP_MAY_SET, or all with MANIFILL_TRUST_APP_ENV=true";

pub(super) struct Layers<'s> {
    sources: &'s Sources,
    /// `ARGOCD_ENV_*` by name in upper case.
    app: BTreeMap<String, Vec<&'s str>>,
    /// The flat settings file with its name.
    file: Option<(Flat, String)>,
    file_is_authors: bool,
    /// Whether any settings file was given, which silences the Secret.
    has_file: bool,
    /// Whether AVP's order holds.
    pub(super) trust: bool,
    /// What the operator has opened to the author.
    pub(super) open: OpenSettings,
}

/// A value with where it came from. It has no `Debug`.
#[derive(Clone)]
pub(super) struct SourcedValue {
    pub(super) value: String,
    pub(super) origin: Origin,
    /// The name it was given under, which can be the other one of the setting.
    pub(super) name: String,
    /// The file that says it, or says where it is, and the place there.
    pub(super) file: Option<(String, Position)>,
}

impl<'s> Layers<'s> {
    pub(super) fn new(sources: &'s Sources, has_file: bool, errors: &mut Vec<ConfigError>) -> Self {
        let mut app: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, value) in &sources.environment {
            // The underscore belongs to the prefix: `ARGOCD_ENVIRONMENT` is no setting.
            if let Some(name) = name.strip_prefix("ARGOCD_ENV_") {
                let value = value.trim();
                if !value.is_empty() {
                    app.entry(name.to_ascii_uppercase())
                        .or_default()
                        .push(value);
                }
            }
        }
        let trust = switch(sources, TRUST, errors);
        Layers {
            sources,
            app,
            file: None,
            file_is_authors: false,
            has_file,
            trust,
            open: OpenSettings::new(sources, errors),
        }
    }

    /// Adds the flat settings file.
    pub(super) fn set_file(&mut self, flat: Flat, name: String, is_authors: bool) {
        self.file = Some((flat, name));
        self.file_is_authors = is_authors;
    }

    /// The flat settings file as a place for what no layer says.
    pub(super) fn file_place(&self) -> Place {
        let mut place = Place::default();
        if let Some((_, name)) = &self.file {
            place.file.clone_from(name);
        }
        place
    }

    fn environment(&self, name: &str) -> Option<SourcedValue> {
        let value = self.sources.variable(name)?.to_owned();
        Some(SourcedValue {
            value,
            origin: Origin::Environment,
            name: name.to_owned(),
            file: None,
        })
    }

    fn file(&self, name: &str) -> Option<SourcedValue> {
        let (flat, file) = self.file.as_ref()?;
        let (value, at) = flat.value(name)?;
        Some(SourcedValue {
            value: value.to_owned(),
            origin: Origin::File(file.clone()),
            name: name.to_owned(),
            file: Some((file.clone(), at)),
        })
    }

    fn secret(&self, name: &str) -> Option<SourcedValue> {
        let (secret, data) = self.sources.secret.as_ref().filter(|_| !self.has_file)?;
        let (_, value) = data
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let value = value.trim();
        (!value.is_empty()).then(|| SourcedValue {
            value: value.to_owned(),
            origin: Origin::Secret(secret.clone()),
            name: name.to_owned(),
            file: None,
        })
    }

    /// All values of `ARGOCD_ENV_name`: names that differ only in case are the same setting.
    fn app(&self, name: &str) -> impl Iterator<Item = SourcedValue> + '_ {
        // What is manifill's own is never the author's to set.
        let values = if name.starts_with("MANIFILL_") {
            None
        } else {
            self.app.get(name)
        };
        let name = name.to_owned();
        values.into_iter().flatten().map(move |value| SourcedValue {
            value: (*value).to_owned(),
            origin: Origin::AppEnvironment,
            name: name.clone(),
            file: None,
        })
    }

    /// What the operator says.
    pub(super) fn operator(&self, name: &str) -> Option<SourcedValue> {
        by_either_name(name, |name| {
            self.environment(name)
                .or_else(|| self.file(name).filter(|_| !self.file_is_authors))
                .or_else(|| self.secret(name))
        })
    }

    /// What the author says. A value of the author's file counts only where the environment has
    /// none, since the environment comes before the file.
    pub(super) fn author(&self, name: &str) -> Option<SourcedValue> {
        let file_counts =
            self.file_is_authors && by_either_name(name, |name| self.environment(name)).is_none();
        by_either_name(name, |name| {
            let file = || self.file(name).filter(|_| file_counts);
            self.app(name).next().or_else(file)
        })
    }

    /// Whatever both say about a restriction, which adds up instead of being chosen from.
    pub(super) fn every(&self, name: &str) -> Vec<SourcedValue> {
        let authors = self.file(name).filter(|_| self.file_is_authors);
        self.operator(name)
            .into_iter()
            .chain(authors)
            .chain(self.app(name))
            .collect()
    }

    /// Whether the author may set it, whatever else the author sets.
    pub(super) fn opens(&self, name: &str, class: Class) -> bool {
        match class {
            Class::Free => true,
            Class::Bundle | Class::Operator => self.trust || self.open.has(name),
            _ => false,
        }
    }

    /// Whether anybody sets it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.author(name).is_some() || self.operator(name).is_some()
    }

    /// The value of a setting of manifill itself. It is the operator's in any order: an author who
    /// could set it would open folders.
    pub(super) fn manifill_setting(
        &self,
        name: &'static str,
        errors: &mut Vec<ConfigError>,
    ) -> Option<SourcedValue> {
        let operator = self.operator(name);
        match self.author(name) {
            Some(author) if !author.is_same(operator.as_ref()) => {
                let error = refused(name, Class::Locked, author.source());
                errors.push(author.error(error.with_hint("set it in the environment")));
                None
            }
            _ => operator,
        }
    }

    /// A remark for each `ARGOCD_ENV_MANIFILL_*`, none of which is read.
    pub(super) fn unread(&self) -> impl Iterator<Item = String> + '_ {
        let names = self.app.keys().filter(|name| name.starts_with("MANIFILL_"));
        names.map(|name| format!("`ARGOCD_ENV_{name}` is not read: {name} is the operator's"))
    }
}

/// What is found under the name of a setting, or else under its alias. Whoever gives the alias sets
/// the setting, with all that follows from who it is.
fn by_either_name(name: &str, look: impl Fn(&str) -> Option<SourcedValue>) -> Option<SourcedValue> {
    look(name).or_else(|| look(alias_of(name)?))
}

impl SourcedValue {
    /// Whether the operator says the same, so that it does not matter who is heard.
    pub(super) fn is_same(&self, operator: Option<&SourcedValue>) -> bool {
        operator.is_some_and(|operator| operator.value == self.value)
    }

    /// Whether a settings file says it.
    pub(super) fn is_from_file(&self) -> bool {
        matches!(self.origin, Origin::File(_))
    }

    /// An error about this value.
    pub(super) fn error(&self, error: ConfigError) -> ConfigError {
        error.in_place(self.place())
    }

    /// Where it was set.
    pub(super) fn place(&self) -> Place {
        let mut place = Place::default();
        if let Some((file, at)) = &self.file {
            (place.file, place.line, place.column) = (file.clone(), at.line, at.column);
            return place;
        }
        let name = &self.name;
        place.setting = match &self.origin {
            Origin::Environment => Some(format!("{name} (environment)")),
            Origin::AppEnvironment => Some(format!("{name} (ARGOCD_ENV_{name}, set by the app)")),
            Origin::Secret(secret) => Some(format!("{name} (Secret {secret})")),
            _ => None,
        };
        place
    }

    /// Where the author wrote this, for messages.
    pub(super) fn source(&self) -> String {
        match &self.origin {
            Origin::AppEnvironment => format!("ARGOCD_ENV_{}", self.name),
            origin => origin.to_string(),
        }
    }
}

/// The author may not set this at all.
pub(super) fn refused(name: &str, class: Class, source: impl Into<String>) -> ConfigError {
    ConfigError::new("the app's author sets {} ({=}), but only the operator may set it")
        .with_name(name)
        .with_name(source)
        .with_hint(if class == Class::Locked {
            "set it in the environment or in a settings file outside the repository"
        } else {
            TRUST_HINT
        })
}

/// The author may not set this beside a login that is the operator's.
pub(super) fn mixed(name: &str, source: impl Into<String>, others: &[&str]) -> ConfigError {
    ConfigError::new(
        "the app's author sets {} ({=}), but not {=}; host and login must come from the same side",
    )
    .with_name(name)
    .with_name(source)
    .with_name(others.join(", "))
    .with_hint(TRUST_HINT)
}

/// A switch of the operator's environment.
fn switch(sources: &Sources, name: &'static str, errors: &mut Vec<ConfigError>) -> bool {
    match sources
        .variable(name)
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        None | Some("false" | "0" | "no") => false,
        Some("true" | "1" | "yes") => true,
        Some(_) => {
            errors.push(ConfigError::new("{} must be true or false").with_name(name));
            false
        }
    }
}
