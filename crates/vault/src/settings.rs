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

    /// Sets the folder that relative file names in settings start from.
    pub fn with_base(mut self, base: impl Into<std::path::PathBuf>) -> Self {
        self.base = Some(base.into());
        self
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

    /// A file name in a setting, seen from the folder the settings belong to.
    pub fn path(&self, name: &str) -> Option<std::path::PathBuf> {
        let value = self.value(name)?;
        Some(match &self.base {
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
