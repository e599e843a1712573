//! What a backend is told at the start: settings with their origin.

mod context;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use context::ConnectContext;

use crate::VaultError;

/// Who may set a setting (rule R7): an app's author reaches a run through `ARGOCD_ENV_*`, the
/// operator through everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The app's author may set it.
    Free,
    /// The author may set it if the whole login and the host are the author's.
    Bundle,
    /// Only the operator may set it, unless the operator trusts the authors.
    Operator,
    /// Never the author's, whatever the switches say: with it an author would run programs where
    /// manifill runs, or read files there.
    Locked,
}

impl Class {
    /// A stable word for reports: `free`, `bundle`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Class::Free => "free",
            Class::Bundle => "bundle",
            Class::Operator => "operator",
            Class::Locked => "locked",
        }
    }
}

/// What the value of a setting is. What an author could do with it follows from that, and so does
/// the [least class](Kind::least_class) of the setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A text that is used as it is: a name, a token, a number.
    Text,
    /// The address of a server that a login is sent to.
    Url,
    /// Which way to log in; [`Required::With`] names its values.
    LoginMethod,
    /// On or off.
    Switch,
    /// A file that is read here as certificates or keys; nothing of it is sent or shown.
    File,
    /// A file whose content is sent to a server.
    SecretFile,
    /// A file whose content fills placeholders. Where the author may name one, it must lie in the
    /// app's folder; the settings judge that.
    DataFile,
    /// A folder.
    Folder,
    /// The folder that the operator opens for [data files](Kind::DataFile) and for the files that
    /// placeholders name.
    FileRoot,
    /// A program, or a file or folder that can name one.
    Program,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::Text,
        Kind::Url,
        Kind::LoginMethod,
        Kind::Switch,
        Kind::File,
        Kind::SecretFile,
        Kind::DataFile,
        Kind::Folder,
        Kind::FileRoot,
        Kind::Program,
    ];

    /// The class that a setting of this kind has at least (rule R7).
    pub const fn least_class(self) -> Class {
        match self {
            Kind::Text => Class::Free,
            Kind::Url | Kind::LoginMethod => Class::Bundle,
            Kind::Switch | Kind::File | Kind::DataFile => Class::Operator,
            Kind::SecretFile | Kind::Folder | Kind::FileRoot | Kind::Program => Class::Locked,
        }
    }

    /// A stable word for reports: `text`, `url`, `secret-file`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Url => "url",
            Kind::LoginMethod => "login-method",
            Kind::Switch => "switch",
            Kind::File => "file",
            Kind::SecretFile => "secret-file",
            Kind::DataFile => "data-file",
            Kind::Folder => "folder",
            Kind::FileRoot => "file-root",
            Kind::Program => "program",
        }
    }
}

/// On or off, in the words of Go's `strconv.ParseBool`, which argocd-vault-plugin and Vault's own
/// client read switches with.
///
/// ```
/// use manifill_vault::settings::parse_bool;
/// assert_eq!((parse_bool("T"), parse_bool("0"), parse_bool("yes")), (Some(true), Some(false), None));
/// ```
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// When a backend cannot work without a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Required {
    /// It can always do without.
    Never,
    /// It never can.
    Always,
    /// It cannot with these values of the [login method](Kind::LoginMethod).
    With(&'static [&'static str]),
}

/// A setting that a backend declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Setting {
    /// Its name, as in the environment: `OP_CONNECT_HOST`.
    pub name: &'static str,
    /// Another name, which counts where this one is not set. It is the same setting, of the same
    /// kind and class.
    pub alias: Option<&'static str>,
    /// What its value is.
    pub kind: Kind,
    /// Who may set it.
    pub class: Class,
    /// When the backend cannot work without it.
    pub required: Required,
    /// Settings that take its place: with one of them, it is not required. A token says by itself
    /// which way to log in, and a file holds what could be given as text.
    pub alternatives: &'static [&'static str],
    /// Whether it belongs to the login without being one of its secrets: a client certificate, a
    /// folder that keeps tokens. Where an author brings a login, the operator's is left out
    /// (rule R7).
    pub goes_with_login: bool,
    /// What it is for, in a few words.
    pub about: &'static str,
}

impl Setting {
    /// A setting that the backend can do without.
    pub const fn new(name: &'static str, kind: Kind, class: Class, about: &'static str) -> Self {
        Setting {
            name,
            alias: None,
            kind,
            class,
            required: Required::Never,
            alternatives: &[],
            goes_with_login: false,
            about,
        }
    }

    /// The same setting, which goes by another name, too.
    pub const fn with_alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    /// Whether this is its name or its alias; neither is case-sensitive (AVP rule 56).
    pub fn is_called(&self, name: &str) -> bool {
        let is = |own: &str| own.eq_ignore_ascii_case(name);
        is(self.name) || self.alias.is_some_and(is)
    }

    /// The same setting, without which the backend cannot work.
    pub const fn required(mut self) -> Self {
        self.required = Required::Always;
        self
    }

    /// The same setting, without which the backend cannot log in by these values of the
    /// [login method](Kind::LoginMethod).
    pub const fn required_with(mut self, methods: &'static [&'static str]) -> Self {
        self.required = Required::With(methods);
        self
    }

    /// The same setting, which is not required where one of [these](Setting::alternatives) is set.
    pub const fn with_alternatives(mut self, names: &'static [&'static str]) -> Self {
        self.alternatives = names;
        self
    }

    /// The same setting, which [belongs to the login](Setting::goes_with_login).
    pub const fn with_login(mut self) -> Self {
        self.goes_with_login = true;
        self
    }

    /// Whether a login by this method cannot do without it; the method itself is no part of it.
    pub fn is_needed_by(&self, method: Option<&str>) -> bool {
        match self.required {
            Required::Never => false,
            Required::Always => self.kind != Kind::LoginMethod,
            Required::With(methods) => method.is_some_and(|method| methods.contains(&method)),
        }
    }

    /// Whether the backend never works without it, or without one of its
    /// [alternatives](Setting::alternatives).
    pub const fn is_required(&self) -> bool {
        matches!(self.required, Required::Always)
    }
}

/// Two lists of settings as one, for backends that share one of them. `ALL` is how many that makes.
pub(crate) const fn joined<const A: usize, const B: usize, const ALL: usize>(
    first: [Setting; A],
    second: [Setting; B],
) -> [Setting; ALL] {
    assert!(A + B == ALL, "ALL is the sum");
    const NONE: Setting = Setting::new("", Kind::Text, Class::Operator, "");
    let mut all = [NONE; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < A { first[at] } else { second[at - A] };
        at += 1;
    }
    all
}

/// Where the value of a setting came from; shown in messages instead of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Given by the program.
    Program,
    /// An environment variable.
    Environment,
    /// An `ARGOCD_ENV_` variable, which the app's author sets.
    AppEnvironment,
    /// A settings file, by its name.
    File(String),
    /// A Kubernetes Secret, by its name.
    Secret(String),
}

/// The settings of one backend: values by name, each with its origin.
///
/// Names are not case-sensitive (AVP rule 56). `Debug` prints names and origins, never values.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Settings {
    values: BTreeMap<String, (Zeroizing<String>, Origin)>,
    base: Option<PathBuf>,
    file_base: Option<PathBuf>,
}

impl Settings {
    /// No settings.
    pub fn new() -> Self {
        Settings::default()
    }

    /// Adds a setting given by the program.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value, Origin::Program);
        self
    }

    /// Sets the working folder: relative file names in settings start from it, and so do those in
    /// placeholders. An empty one is that of the process.
    pub fn with_base(mut self, base: impl Into<PathBuf>) -> Self {
        self.base = Some(base.into()).filter(|base| !base.as_os_str().is_empty());
        self
    }

    /// Sets the folder that relative names start from if a settings file gives them.
    pub fn with_file_base(mut self, base: impl Into<PathBuf>) -> Self {
        self.file_base = Some(base.into());
        self
    }

    /// The same settings, with the value of an alias where the name is not set.
    pub fn with_aliases(&self, declared: &[Setting]) -> Self {
        let mut settings = self.clone();
        for Setting { name, alias, .. } in declared {
            let Some(alias) = alias.filter(|_| self.value(name).is_none()) else {
                continue;
            };
            if let Some((value, origin)) = self.values.get(alias) {
                let entry = (value.clone(), origin.clone());
                settings.values.insert((*name).to_owned(), entry);
            }
        }
        settings
    }

    /// Sets a value; white space around it is cut off, since it is never meant (AVP rule 58).
    pub fn set(&mut self, name: &str, value: impl Into<String>, origin: Origin) {
        let value = Zeroizing::new(value.into());
        self.values.insert(
            name.to_ascii_uppercase(),
            (Zeroizing::new(value.trim().to_owned()), origin),
        );
    }

    /// The value of a setting; an empty one counts as not set.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (value, _) = self.values.get(&name.to_ascii_uppercase())?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a setting that must be set.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if it is not.
    #[cfg_attr(not(feature = "full"), allow(dead_code))]
    pub(crate) fn needed(&self, name: &'static str) -> Result<String, VaultError> {
        let missing = || VaultError::configuration("{} is not set").with_name(name);
        let value = self.value(name).map(str::to_owned);
        value.ok_or_else(|| missing().about_setting(name))
    }

    /// A setting that is on or off, in the words of [`parse_bool`].
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if it is neither.
    pub fn switch(&self, name: &'static str) -> Result<Option<bool>, VaultError> {
        let wrong = || VaultError::configuration("{} must be true or false").with_name(name);
        self.value(name)
            .map(|text| parse_bool(text).ok_or_else(wrong))
            .transpose()
    }

    /// Where a setting came from.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.values
            .get(&name.to_ascii_uppercase())
            .map(|(_, origin)| origin)
    }

    /// The names that are set, sorted, in upper case.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The working folder, if it is not the one of the process.
    pub fn base(&self) -> Option<&Path> {
        self.base.as_deref()
    }

    /// A file name in a setting, seen from the folder that the setting belongs to.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.value(name)?;
        let base = match self.origin(name) {
            Some(Origin::File(_)) => self.file_base.as_ref().or(self.base.as_ref()),
            _ => self.base.as_ref(),
        };
        Some(match base {
            Some(base) => base.join(value),
            None => value.into(),
        })
    }

    /// The same as [`path`](Settings::path), from wherever it is looked at.
    pub fn absolute_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.path(name)?;
        // It fails only if the process has no folder, and then nothing relative can be found.
        Some(std::path::absolute(&path).unwrap_or(path))
    }

    /// The folder that a program runs in which this setting names: that of the settings file if it
    /// stands in one, else the root of all files (rule R7).
    pub fn program_folder(&self, name: &str) -> PathBuf {
        let folder = match self.origin(name) {
            Some(Origin::File(_)) => self.file_base.as_deref(),
            _ => None,
        };
        let folder = folder.and_then(|folder| std::path::absolute(folder).ok());
        folder.unwrap_or_else(|| PathBuf::from("/"))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.values.iter().map(|(name, (_, origin))| (name, origin)))
            .finish()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Program => f.write_str("the program"),
            Origin::Environment => f.write_str("the environment"),
            Origin::AppEnvironment => f.write_str("ARGOCD_ENV_"),
            Origin::File(name) => write!(f, "file `{name}`"),
            Origin::Secret(name) => write!(f, "secret `{name}`"),
        }
    }
}
