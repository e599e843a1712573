//! Settings files with `backends`, `default` and `policy`, in which every key must be known.

use std::collections::BTreeSet;
use std::time::Instant;

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Kind, Origin, Setting};

use super::classes::{self, BackendSettings, Context};
use super::error::{ConfigError, Position};
use super::flat::SECTIONS;
use super::kinds;
use super::layers::{Layers, SourcedValue};
use super::login::Said;
use super::near_names;
use super::policy_section;
use super::settings_file;
use super::sources::Sources;
use super::unknown::{self, unknown};
use super::yaml::{Content, Entry, Node};
use crate::diagnostic::Place;
use crate::policy::Policy;

/// What such a file says.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) default: Option<String>,
    pub(super) backends: Vec<(String, BackendSettings)>,
    pub(super) policy: Option<Policy>,
    /// The variables that `{env: NAME}` reads.
    pub(super) variables: BTreeSet<String>,
    /// What is missing and not needed for a plan.
    pub(super) notes: Vec<String>,
}

/// Reads the sections; mistakes go to the reader's errors and leave their part out.
pub(super) struct SectionsReader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) context: &'a Context<'a>,
    /// The names of the program's own backends.
    pub(super) own: Vec<&'a str>,
    /// The file's name, for messages.
    pub(super) file: &'a str,
    /// Whether the app's author wrote the file.
    pub(super) by_author: bool,
    pub(super) layers: &'a Layers<'a>,
    /// When files of settings must have been read.
    pub(super) deadline: Instant,
    pub(super) errors: &'a mut Vec<ConfigError>,
}

impl SectionsReader<'_> {
    pub(super) fn read(mut self, entries: &[Entry]) -> Sections {
        let mut sections = Sections::default();
        let mut names = self.own.clone();
        if let Some(entry) = entries.iter().find(|entry| entry.key == "backends") {
            if let Some(backends) = self.map(entry) {
                names.extend(backends.iter().map(|backend| backend.key.as_str()));
                for backend in backends {
                    self.backend(backend, &mut sections);
                }
            }
        }
        for entry in entries {
            match entry.key.as_str() {
                "backends" => {}
                "default" => sections.default = self.default(entry, &names),
                "policy" if self.by_author => self.refuse(entry.at, "`policy`"),
                "policy" => match policy_section::read(&entry.value, entry.at, &names) {
                    Ok(policy) => sections.policy = Some(policy),
                    Err(errors) => self.extend(errors),
                },
                key => {
                    let error = match near_names::belongs(key) {
                        Some((name, hint)) => {
                            ConfigError::new("{} cannot stand beside backends, default and policy")
                                .with_name(name)
                                .with_hint(hint)
                        }
                        None => unknown("this key is not known here", key, SECTIONS).with_hint(
                            "AVP's names and values do not mix with backends, default and policy",
                        ),
                    };
                    self.push(error, entry.at);
                }
            }
        }
        sections
    }

    fn push(&mut self, error: ConfigError, at: Position) {
        self.errors.push(error.in_file(self.file).at(at));
    }

    fn extend(&mut self, errors: Vec<ConfigError>) {
        self.errors
            .extend(errors.into_iter().map(|error| error.in_file(self.file)));
    }

    /// What an app's author may not write into a settings file (rule R7).
    fn refuse(&mut self, at: Position, what: &'static str) {
        let error = ConfigError::new("a settings file in the app's repository may not have {=}")
            .with_name(what)
            .with_hint("under Argo CD the operator keeps the settings file outside the repository");
        self.push(error, at);
    }

    fn map<'n>(&mut self, entry: &'n Entry) -> Option<&'n [Entry]> {
        match &entry.value.content {
            Content::Map(entries) => Some(entries),
            _ => {
                self.wrong(&entry.key, "a map", &entry.value);
                None
            }
        }
    }

    fn text<'n>(&mut self, entry: &'n Entry) -> Option<&'n str> {
        match &entry.value.content {
            Content::Text(text) => Some(text.trim()),
            _ => {
                self.wrong(&entry.key, "text", &entry.value);
                None
            }
        }
    }

    fn wrong(&mut self, key: &str, wanted: &'static str, node: &Node) {
        self.push(ConfigError::shape(key, wanted, node.kind()), node.at);
    }

    fn default(&mut self, entry: &Entry, names: &[&str]) -> Option<String> {
        let name = self.text(entry)?;
        if names.contains(&name) {
            return Some(name.to_owned());
        }
        let message = "`default` names none of the backends";
        let error = unknown(message, name, names.iter().copied());
        self.push(error, entry.value.at);
        None
    }

    fn backend(&mut self, entry: &Entry, sections: &mut Sections) {
        if !is_name(&entry.key) {
            let error = unknown("this cannot be the name of a backend", &entry.key, []).with_hint(
                "a name is lower-case letters, digits and hyphens, and starts with a letter",
            );
            return self.push(error, entry.at);
        }
        if self.own.contains(&entry.key.as_str()) {
            let error = ConfigError::new("there is a backend {} already")
                .with_name(&entry.key)
                .with_hint("the program that reads this file brings one of that name");
            self.push(error, entry.at);
        }
        let Content::Map(parts) = &entry.value.content else {
            let error = ConfigError::new("a backend must be a map, but it is {=}");
            return self.push(error.with_name(entry.value.kind()), entry.value.at);
        };
        let mut kind = None;
        let mut settings: &[Entry] = &[];
        for part in parts {
            match part.key.as_str() {
                "type" => kind = self.text(part).map(|text| (text, part.value.at)),
                "settings" => settings = self.map(part).unwrap_or_default(),
                "command" if self.by_author => self.refuse(part.at, "`command`"),
                key => {
                    let message = "this key is not known in a backend";
                    self.push(unknown(message, key, ["type", "settings"]), part.at);
                }
            }
        }
        let Some((kind, at)) = kind else {
            if !parts.iter().any(|part| part.key == "type") {
                self.push(
                    ConfigError::new("backend {} has no `type`").with_name(&entry.key),
                    entry.at,
                );
            }
            return;
        };
        match kinds::find(kind) {
            Ok(info) if self.by_author && runs_program(info) => self.refuse(at, "`command`"),
            Ok(info) if self.by_author && !self.layers.trust && !brings_login(info) => {
                let error = ConfigError::new(
                    "a settings file in the app's repository may not use backend {}: its login is the operator's",
                );
                let hint =
                    "under Argo CD the operator keeps the settings file outside the repository";
                self.push(error.with_name(info.name).with_hint(hint), at);
            }
            Ok(info) => {
                let given = self.settings(info, settings, sections);
                let mut errors = Vec::new();
                let place = Place {
                    file: self.file.to_owned(),
                    line: entry.at.line,
                    column: entry.at.column,
                    ..Place::default()
                };
                let chosen =
                    classes::named(info, given, place, self.layers, self.context, &mut errors);
                self.extend(errors);
                sections.backends.push((entry.key.clone(), chosen));
            }
            Err(error) => self.push(error, at),
        }
    }

    fn settings(
        &mut self,
        info: &'static BackendInfo,
        entries: &[Entry],
        sections: &mut Sections,
    ) -> Vec<Said> {
        let mut given: Vec<Said> = Vec::new();
        for entry in entries {
            let Some(setting) = info.setting(&entry.key) else {
                let known = info.settings.iter().map(|setting| setting.name);
                let message = "a backend of type {} has no such setting";
                let error = unknown(message, &entry.key, known).with_name(info.name);
                self.push(error, entry.at);
                continue;
            };
            if given.iter().any(|given| given.setting.name == setting.name) {
                let error =
                    ConfigError::new("the setting {} is set here twice").with_name(setting.name);
                self.push(error, entry.at);
                continue;
            }
            given.extend(self.value(setting, entry, sections).map(|(found, author)| {
                let (author, operator) = match author {
                    Some(source) => (Some((found, source)), None),
                    None => (None, Some(found)),
                };
                Said {
                    setting,
                    author,
                    operator,
                }
            }));
        }
        given
    }

    /// The value of a setting, and where the author decides it if the author does.
    fn value(
        &mut self,
        setting: &Setting,
        entry: &Entry,
        sections: &mut Sections,
    ) -> Option<(SourcedValue, Option<String>)> {
        let at = entry.value.at;
        let found = |value: &str, origin| SourcedValue {
            value: value.to_owned(),
            origin,
            name: setting.name.to_owned(),
            file: Some((self.file.to_owned(), at)),
        };
        let file = Origin::File(self.file.to_owned());
        let parts = match &entry.value.content {
            Content::Text(text) => {
                if let Some(shape) = unknown::variable(text.trim()) {
                    let error = ConfigError::new("{} is given as {}, which is not expanded")
                        .with_name(setting.name)
                        .with_name(shape)
                        .with_hint("write {env: NAME}");
                    self.push(error, at);
                    return None;
                }
                let author = self.by_author.then(|| file.to_string());
                return Some((found(text.trim(), file), author));
            }
            Content::Map(parts) => parts,
            Content::Null | Content::List(_) => {
                self.wrong(
                    setting.name,
                    "text, {env: NAME} or {file: PATH}",
                    &entry.value,
                );
                return None;
            }
        };
        let [part] = parts.as_slice() else {
            self.wrong(
                setting.name,
                "text, {env: NAME} or {file: PATH}",
                &entry.value,
            );
            return None;
        };
        match part.key.as_str() {
            "env" if self.by_author => self.refuse(part.at, "`{env: …}`"),
            "file" if self.by_author => self.refuse(part.at, "`{file: …}`"),
            "command" if self.by_author => self.refuse(part.at, "`command`"),
            "env" => {
                let name = self.text(part)?;
                sections.variables.insert(name.to_owned());
                let (value, origin) = self.variable(setting, name, part, sections)?;
                let author = (origin == Origin::AppEnvironment).then(|| name.to_owned());
                return Some((found(&value, origin), author));
            }
            "file" => {
                let path = self.context.file_dir.join(self.text(part)?);
                // Its name may be a token that was written in the wrong place (rule R9).
                let why = match settings_file::text(&path, self.deadline) {
                    Ok(text) if text.trim().is_empty() => "it is empty",
                    Ok(text) => return Some((found(text.trim(), file), None)),
                    Err(unread) => unread.reason(),
                };
                let error = ConfigError::new("the file for {} is of no use: {=}");
                let error = error.with_name(setting.name).with_name(why);
                self.missing(error, part.value.at, sections);
            }
            key => {
                let error = unknown("this is no way to give {}", key, ["env", "file"])
                    .with_name(setting.name)
                    .with_hint("a setting is text, {env: NAME} or {file: PATH}");
                self.push(error, part.at);
            }
        }
        None
    }

    /// Tells what is not there: a mistake, unless nothing will be read.
    fn missing(&mut self, error: ConfigError, at: Position, sections: &mut Sections) {
        if self.sources.for_plans {
            let (file, Position { line, column }) = (self.file, at);
            let note = format!("{file}:{line}:{column}: not needed for a plan: {error}");
            sections.notes.push(note);
        } else {
            self.push(error, at);
        }
    }

    /// The variable that `{env: NAME}` names.
    fn variable(
        &mut self,
        setting: &Setting,
        name: &str,
        part: &Entry,
        sections: &mut Sections,
    ) -> Option<(String, Origin)> {
        if name.starts_with("PARAM_") || name == "ARGOCD_APP_PARAMETERS" {
            let error = ConfigError::new(
                "this variable holds parameters of the app, which are never settings",
            );
            self.push(error, part.value.at);
            return None;
        }
        let Some(value) = self.sources.variable(name) else {
            // The name may be a token that was written in the wrong place (rule R9).
            let message = "the environment has no such variable for {}, or it is empty";
            let error = unknown(message, name, unknown::declared()).with_name(setting.name);
            self.missing(error, part.value.at, sections);
            return None;
        };
        // The rest of what Argo CD says about the app is the author's choice as well.
        let origin = if name.starts_with("ARGOCD_ENV_") || name.starts_with("ARGOCD_APP_") {
            Origin::AppEnvironment
        } else {
            Origin::Environment
        };
        Some((value.to_owned(), origin))
    }
}

/// Whether the backend needs settings, so that whoever sets them brings the login. One that needs
/// none logs in as the process does.
fn brings_login(info: &BackendInfo) -> bool {
    info.settings.iter().any(Setting::is_required)
}

/// Whether the backend is a program that a setting names.
fn runs_program(info: &BackendInfo) -> bool {
    info.settings
        .iter()
        .any(|setting| setting.is_required() && setting.kind == Kind::Program)
}

/// Whether placeholders can choose a backend of this name with `name!` (rule R3).
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|part| matches!(part, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
