//! What a backend is told at the start: settings with their origin.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// Who may set a setting (rule R7): an app's author reaches a run through `ARGOCD_ENV_*`, the
/// operator through everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The app's author may set it.
    Free,
    /// The author may set it if the whole login and the host are the author's.
    Bundle,
    /// Only the operator may set it.
    Operator,
}

/// A setting that a backend declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, as in the environment: `OP_CONNECT_HOST`.
    pub name: &'static str,
    /// Who may set it.
    pub class: Class,
    /// Whether the backend cannot work without it.
    pub required: bool,
    /// What it is for, in a few words.
    pub about: &'static str,
}

/// Where the value of a setting came from; shown in messages instead of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
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
pub struct Settings {
    values: BTreeMap<String, (Zeroizing<String>, Origin)>,
    base: Option<std::path::PathBuf>,
    file_base: Option<std::path::PathBuf>,
    confined: bool,
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
    pub fn with_base(mut self, base: impl Into<std::path::PathBuf>) -> Self {
        self.base = Some(base.into()).filter(|base| !base.as_os_str().is_empty());
        self
    }

    /// Sets the folder that relative names start from if a settings file gives them.
    pub fn with_file_base(mut self, base: impl Into<std::path::PathBuf>) -> Self {
        self.file_base = Some(base.into());
        self
    }

    /// Says that an app's author whom no policy binds chooses the paths: under Argo CD without a
    /// policy (rule R7). A backend that reaches further than one app should keeps to what is near.
    pub fn with_confinement(mut self, confined: bool) -> Self {
        self.confined = confined;
        self
    }

    /// Whether paths are chosen by an app's author whom no policy binds.
    pub fn is_confined(&self) -> bool {
        self.confined
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
    pub fn base(&self) -> Option<&std::path::Path> {
        self.base.as_deref()
    }

    /// A file name in a setting, seen from the folder that the setting belongs to.
    pub fn path(&self, name: &str) -> Option<std::path::PathBuf> {
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
    use std::path::PathBuf;

    use super::*;
    use crate::conformance::SENTINEL;

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
        assert_eq!(settings.base(), Some(std::path::Path::new("/base")));
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
