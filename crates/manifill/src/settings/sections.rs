//! Settings files with `backends`, `default` and `policy`, in which every key must be known.

use std::collections::BTreeSet;
use std::time::Instant;

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Kind, Origin, Setting};

use super::classes::{self, BackendSettings, Context, NamedSetting};
use super::error::{ConfigError, Position};
use super::flat::SECTIONS;
use super::kinds;
use super::layers::SourcedValue;
use super::policy_section;
use super::settings_file;
use super::sources::Sources;
use super::yaml::{Content, Entry, Node};
use crate::policy::Policy;

/// What such a file says.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) default: Option<String>,
    pub(super) backends: Vec<(String, BackendSettings)>,
    pub(super) policy: Option<Policy>,
    /// The variables that `{env: NAME}` reads.
    pub(super) variables: BTreeSet<String>,
}

/// Reads the sections; mistakes go to the reader's errors and leave their part out.
pub(super) struct Reader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) context: &'a Context<'a>,
    /// The names of the program's own backends.
    pub(super) own: Vec<&'a str>,
    /// The file's name, for messages.
    pub(super) file: &'a str,
    /// Whether the app's author wrote the file.
    pub(super) by_author: bool,
    pub(super) trust: bool,
    /// When files of settings must have been read.
    pub(super) deadline: Instant,
    pub(super) errors: &'a mut Vec<ConfigError>,
}

impl Reader<'_> {
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
                    let error = ConfigError::new("the key {} is not known here")
                        .with_name(key)
                        .near(key, SECTIONS)
                        .with_hint(
                            "AVP's names and values do not mix with backends, default and policy",
                        );
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
        self.push(wrong(key, wanted, node.kind()), node.at);
    }

    fn default(&mut self, entry: &Entry, names: &[&str]) -> Option<String> {
        let name = self.text(entry)?;
        if names.contains(&name) {
            return Some(name.to_owned());
        }
        let error = ConfigError::new("`default` names {}, which is none of the backends")
            .with_name(name)
            .near(name, names.iter().copied());
        self.push(error, entry.value.at);
        None
    }

    fn backend(&mut self, entry: &Entry, sections: &mut Sections) {
        if !is_name(&entry.key) {
            let error = ConfigError::new("{} cannot be the name of a backend")
                .with_name(&entry.key)
                .with_hint(
                    "a name is lower-case letters, digits and hyphens, and starts with a letter",
                );
            self.push(error, entry.at);
        }
        if self.own.contains(&entry.key.as_str()) {
            let error = ConfigError::new("there is a backend {} already")
                .with_name(&entry.key)
                .with_hint("the program that reads this file brings one of that name");
            self.push(error, entry.at);
        }
        let Some(parts) = self.map(entry) else { return };
        let mut kind = None;
        let mut settings: &[Entry] = &[];
        for part in parts {
            match part.key.as_str() {
                "type" => kind = self.text(part).map(|text| (text, part.value.at)),
                "settings" => settings = self.map(part).unwrap_or_default(),
                "command" if self.by_author => self.refuse(part.at, "`command`"),
                key => {
                    let error = ConfigError::new("the key {} is not known in a backend")
                        .with_name(key)
                        .near(key, ["type", "settings"]);
                    self.push(error, part.at);
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
            Ok(info) if self.by_author && !self.trust && !brings_login(info) => {
                let error = ConfigError::new(
                    "a settings file in the app's repository may not use backend {}: its login is the operator's",
                );
                let hint =
                    "under Argo CD the operator keeps the settings file outside the repository";
                self.push(error.with_name(info.name).with_hint(hint), at);
            }
            Ok(info) => {
                let given = self.settings(info, settings, &mut sections.variables);
                let mut errors = Vec::new();
                let chosen = classes::named(info, given, self.trust, self.context, &mut errors);
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
        variables: &mut BTreeSet<String>,
    ) -> Vec<NamedSetting> {
        let mut given: Vec<NamedSetting> = Vec::new();
        for entry in entries {
            let Some(setting) = info.setting(&entry.key) else {
                let known = info.settings.iter().map(|setting| setting.name);
                let error = ConfigError::new("a backend of type {} has no setting {}")
                    .with_name(info.name)
                    .with_name(&entry.key)
                    .near(&entry.key, known);
                self.push(error, entry.at);
                continue;
            };
            if given.iter().any(|given| given.setting.name == setting.name) {
                let error =
                    ConfigError::new("the setting {} stands here twice").with_name(setting.name);
                self.push(error, entry.at);
                continue;
            }
            given.extend(
                self.value(entry, variables)
                    .map(|(found, author)| NamedSetting {
                        setting,
                        found,
                        author,
                    }),
            );
        }
        given
    }

    /// The value of a setting, and where the author decides it if the author does.
    fn value(
        &mut self,
        entry: &Entry,
        variables: &mut BTreeSet<String>,
    ) -> Option<(SourcedValue, Option<String>)> {
        let at = entry.value.at;
        let found = |value: &str, origin| SourcedValue {
            value: value.to_owned(),
            origin,
            at: Some(at),
        };
        let file = Origin::File(self.file.to_owned());
        let parts = match &entry.value.content {
            Content::Text(text) => {
                let author = self.by_author.then(|| file.to_string());
                return Some((found(text.trim(), file), author));
            }
            Content::Map(parts) => parts,
            Content::Null | Content::List(_) => {
                self.wrong(
                    &entry.key,
                    "text, {env: NAME} or {file: PATH}",
                    &entry.value,
                );
                return None;
            }
        };
        let [part] = parts.as_slice() else {
            self.wrong(
                &entry.key,
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
                variables.insert(name.to_owned());
                let (value, origin) = self.variable(name, part)?;
                let author = (origin == Origin::AppEnvironment).then(|| name.to_owned());
                return Some((found(&value, origin), author));
            }
            "file" => {
                let path = self.context.file_dir.join(self.text(part)?);
                match settings_file::text(&path, self.deadline) {
                    Ok(text) if text.trim().is_empty() => {
                        let error = ConfigError::new("file {} for {} is empty")
                            .with_name(path.display().to_string())
                            .with_name(&entry.key);
                        self.push(error, part.value.at);
                    }
                    Ok(text) => return Some((found(text.trim(), file), None)),
                    Err(error) => self.push(error, part.value.at),
                }
            }
            key => {
                let error = ConfigError::new("{} is no way to give {}")
                    .with_name(key)
                    .with_name(&entry.key)
                    .near(key, ["env", "file"])
                    .with_hint("a setting is text, {env: NAME} or {file: PATH}");
                self.push(error, part.at);
            }
        }
        None
    }

    /// The variable that `{env: NAME}` names.
    fn variable(&mut self, name: &str, part: &Entry) -> Option<(String, Origin)> {
        if name.starts_with("PARAM_") || name == "ARGOCD_APP_PARAMETERS" {
            let error =
                ConfigError::new("{} holds parameters of the app, which are never settings")
                    .with_name(name);
            self.push(error, part.value.at);
            return None;
        }
        let Some(value) = self.sources.variable(name) else {
            let error =
                ConfigError::new("the environment has no {}, or it is empty").with_name(name);
            self.push(error, part.value.at);
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

/// Something has the wrong shape.
pub(super) fn wrong(key: &str, wanted: &'static str, found: &'static str) -> ConfigError {
    ConfigError::new("{} must be {=}, but it is {=}")
        .with_name(key)
        .with_name(wanted)
        .with_name(found)
}

/// Whether placeholders can choose a backend of this name with `name!` (rule R3).
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|part| matches!(part, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
