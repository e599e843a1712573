//! What a backend is told at the start: settings with their origin.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

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

    /// Whether the backend never works without it.
    pub const fn is_required(&self) -> bool {
        matches!(self.required, Required::Always)
    }
}

/// What the engine decides for a backend, which no setting of it can change.
///
/// The default is that of a program that makes a backend for itself: nothing is restricted.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ConnectContext {
    restricted: bool,
    confined: bool,
    forgets_login: bool,
    local_login: Option<bool>,
    file_root: Option<PathBuf>,
    settings_secret: Option<String>,
}

impl ConnectContext {
    /// A context in which nothing is restricted.
    pub fn new() -> Self {
        ConnectContext::default()
    }

    /// Says that rules are set for paths: a backend reads a path as it is written or not at all,
    /// since that is what the rules have judged (rule R8).
    pub fn with_restriction(mut self, restricted: bool) -> Self {
        self.restricted = restricted;
        self
    }

    /// Says that an app's author whom no policy binds chooses the paths: under Argo CD without a
    /// policy (rule R7). A backend that reaches further than one app should keeps to what is near.
    pub fn with_confinement(mut self, confined: bool) -> Self {
        self.confined = confined;
        self
    }

    /// Says whether a login may be kept on disk, where the settings name a folder for it.
    pub fn with_kept_login(mut self, kept: bool) -> Self {
        self.forgets_login = !kept;
        self
    }

    /// Says whether a login of this machine, such as the token of its pod, may be sent to the
    /// server. It must not be where an author chose the server (rule R7).
    pub fn with_local_login(mut self, allowed: bool) -> Self {
        self.local_login = Some(allowed);
        self
    }

    /// Sets the folder that the operator opens for files, besides that of the inputs.
    pub fn with_file_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.file_root = Some(root.into());
        self
    }

    /// Names the Kubernetes Secret that settings come from, `[namespace:]name`: without a policy
    /// no app reads it (rule R7).
    pub fn with_settings_secret(mut self, name: impl Into<String>) -> Self {
        self.settings_secret = Some(name.into());
        self
    }

    /// Whether rules are set for paths.
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// Whether paths are chosen by an app's author whom no policy binds.
    pub fn is_confined(&self) -> bool {
        self.confined
    }

    /// Whether a login may be kept on disk.
    pub fn keeps_login(&self) -> bool {
        !self.forgets_login
    }

    /// Whether a login of this machine may be sent; `None` where the settings decide.
    pub fn local_login(&self) -> Option<bool> {
        self.local_login
    }

    /// The folder that the operator opens for files.
    pub fn file_root(&self) -> Option<&Path> {
        self.file_root.as_deref()
    }

    /// The Kubernetes Secret that settings come from.
    pub fn settings_secret(&self) -> Option<&str> {
        self.settings_secret.as_deref()
    }
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
#[derive(Clone, Default)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::SENTINEL;

    #[test]
    fn names_have_no_case_and_the_last_value_counts() {
        let mut settings = Settings::new().with("op_connect_host", "http://a");
        settings.set(
            "Op_Connect_Host",
            "http://b",
            Origin::File("avp.yaml".to_owned()),
        );
        assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://b"));
        assert_eq!(settings.value("op_connect_host"), Some("http://b"));
        assert_eq!(settings.names().collect::<Vec<_>>(), ["OP_CONNECT_HOST"]);
        let origin = settings.origin("op_connect_HOST");
        assert_eq!(origin, Some(&Origin::File("avp.yaml".to_owned())));
    }

    #[test]
    fn white_space_around_a_value_is_cut_off() {
        let settings = Settings::new()
            .with("T", " a b\r\n")
            .with("E", " \n")
            .with("N", "");
        assert_eq!(settings.value("T"), Some("a b"));
        assert_eq!(settings.value("E"), None);
        assert_eq!(settings.value("N"), None);
        assert_eq!(settings.value("X"), None);
        assert_eq!(settings.origin("E"), Some(&Origin::Program));
        assert_eq!(settings.origin("X"), None);
    }

    #[test]
    fn relative_files_start_from_the_base() {
        let settings = Settings::new().with("F", "a/b.yaml").with("A", "/etc/x");
        assert_eq!(settings.path("F"), Some(PathBuf::from("a/b.yaml")));
        assert_eq!(settings.base(), None);
        let settings = settings.with_base("/base");
        assert_eq!(settings.base(), Some(Path::new("/base")));
        assert_eq!(settings.path("F"), Some(PathBuf::from("/base/a/b.yaml")));
        assert_eq!(settings.path("A"), Some(PathBuf::from("/etc/x")));
        assert_eq!(settings.path("X"), None);
        assert_eq!(settings.with_base("").base(), None);
    }

    #[test]
    fn what_a_settings_file_names_starts_from_its_folder() {
        let mut settings = Settings::new().with("F", "a").with_base("/base");
        settings.set("G", "b", Origin::File("etc/avp.yaml".to_owned()));
        assert_eq!(settings.path("G"), Some(PathBuf::from("/base/b")));
        let settings = settings.with_file_base("/etc");
        assert_eq!(settings.path("G"), Some(PathBuf::from("/etc/b")));
        assert_eq!(settings.path("F"), Some(PathBuf::from("/base/a")));
    }

    #[test]
    fn an_alias_counts_where_the_name_is_not_set() {
        const DECLARED: &[Setting] =
            &[Setting::new("NAME", Kind::Text, Class::Free, "a name").with_alias("ALIAS")];
        let mut alias = Settings::new();
        alias.set("alias", "a", Origin::AppEnvironment);
        let found = alias.with_aliases(DECLARED);
        assert_eq!(found.value("NAME"), Some("a"));
        assert_eq!(found.origin("NAME"), Some(&Origin::AppEnvironment));
        let empty = alias.clone().with("NAME", " ").with_aliases(DECLARED);
        assert_eq!(empty.value("NAME"), Some("a"));
        let both = alias.with("NAME", "n").with_aliases(DECLARED);
        assert_eq!(both.value("NAME"), Some("n"));
        assert_eq!(Settings::new().with_aliases(DECLARED).value("NAME"), None);
        assert!(DECLARED[0].is_called("name") && DECLARED[0].is_called("Alias"));
        assert!(!DECLARED[0].is_called("other"));
    }

    #[test]
    fn a_program_runs_beside_the_settings_file_that_names_it_or_at_the_root() {
        let mut settings = Settings::new()
            .with("E", "x/y")
            .with_base("/work")
            .with_file_base("/etc/manifill");
        settings.set("F", "x/y", Origin::File("a.yaml".to_owned()));
        settings.set("S", "x/y", Origin::Secret("avp".to_owned()));
        for (name, folder, path) in [
            ("E", "/", "/work/x/y"),
            ("F", "/etc/manifill", "/etc/manifill/x/y"),
            ("S", "/", "/work/x/y"),
        ] {
            assert_eq!(settings.program_folder(name), Path::new(folder), "{name}");
            assert_eq!(settings.absolute_path(name), Some(path.into()), "{name}");
        }
        assert_eq!(settings.program_folder("X"), Path::new("/"));
        assert!(
            Settings::new()
                .with("E", "x")
                .absolute_path("E")
                .unwrap()
                .is_absolute()
        );
    }

    #[test]
    fn debug_shows_names_and_origins_and_no_value() {
        let mut settings = Settings::new().with("OP_CONNECT_TOKEN", SENTINEL);
        settings.set("HOST", SENTINEL, Origin::AppEnvironment);
        let shown = format!("{settings:?} {settings:#?}");
        assert!(!shown.contains(SENTINEL), "{shown}");
        assert!(
            shown.contains("OP_CONNECT_TOKEN") && shown.contains("AppEnvironment"),
            "{shown}"
        );
    }

    #[test]
    fn an_origin_reads_well() {
        for (origin, text) in [
            (Origin::Program, "the program"),
            (Origin::Environment, "the environment"),
            (Origin::AppEnvironment, "ARGOCD_ENV_"),
            (Origin::File("a.yaml".to_owned()), "file `a.yaml`"),
            (
                Origin::Secret("argocd:avp".to_owned()),
                "secret `argocd:avp`",
            ),
        ] {
            assert_eq!(origin.to_string(), text);
        }
    }
}
