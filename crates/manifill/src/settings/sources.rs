//! Where settings come from, gathered once at the edge.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Everything [`Config::load`](super::Config::load) looks at besides the files it is pointed to.
///
/// The environment is taken as a whole and once, so that nothing below reads `std::env` and a
/// program or a test can hand in its own. `Debug` shows names, never values.
///
/// ```
/// use manifill::settings::{Config, Sources};
///
/// let sources = Sources::default().with_variable("MANIFILL_TIMEOUT", "30s");
/// let config = Config::load(&sources).expect("nothing here is wrong");
/// assert_eq!(config.timeout.as_secs(), 30);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
#[must_use]
pub struct Sources {
    /// The environment of the process.
    pub environment: BTreeMap<String, String>,
    /// The file of `-c`; without it `MANIFILL_CONFIG` names one.
    pub config_file: Option<PathBuf>,
    /// The folder that relative names start from. Empty means the one of the process.
    pub working_dir: PathBuf,
    /// The project of `--project`.
    pub project: Option<String>,
    /// The Kubernetes Secret of `-s`: its name and its decoded data.
    pub secret: Option<(String, BTreeMap<String, String>)>,
    /// Whether no login is kept on disk, whatever the settings say: `--disable-token-cache`.
    pub without_token_cache: bool,
    /// Whether only plans are made: what a settings file takes from variables and files that are not
    /// here is then a note and no mistake.
    pub for_plans: bool,
    /// The Secret that `-s` names with its namespace, read or not.
    pub(super) settings_secret: Option<String>,
    /// Remarks that came up while sources were gathered.
    pub(super) notes: Vec<String>,
}

impl Sources {
    /// The environment and the working folder of this process.
    ///
    /// A variable that is not UTF-8 is kept with replacement characters: dropping it could switch
    /// a restriction off, while a broken one only refuses too much.
    pub fn from_env() -> Self {
        Sources {
            environment: std::env::vars_os()
                .map(|(name, value)| {
                    (
                        name.to_string_lossy().into_owned(),
                        value.to_string_lossy().into_owned(),
                    )
                })
                .collect(),
            working_dir: std::env::current_dir().unwrap_or_default(),
            ..Sources::default()
        }
    }

    /// Sets a variable of the environment.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Sets the configuration file, as `-c` does.
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Sets the folder that relative names start from.
    pub fn with_working_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.working_dir = folder.into();
        self
    }

    /// Sets the Argo CD project, outside Argo CD.
    pub fn with_project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// Keeps logins from being kept on disk, whatever the settings say.
    pub fn without_token_cache(mut self) -> Self {
        self.without_token_cache = true;
        self
    }

    /// Says that only plans are made, for which nothing that a login needs has to be here; see
    /// [`Renderer::for_plans`](crate::Renderer::for_plans).
    pub fn for_plans(mut self) -> Self {
        self.for_plans = true;
        self
    }

    /// The settings file: that of `-c`, or the one that `MANIFILL_CONFIG` names. With one, the
    /// Kubernetes Secret of `-s` has no say (AVP rule 54).
    pub fn settings_file(&self) -> Option<PathBuf> {
        let named = || self.variable("MANIFILL_CONFIG").map(PathBuf::from);
        self.config_file.clone().or_else(named)
    }

    /// The value of a variable without white space around it; an empty one counts as not set.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// A file name seen from the working folder.
    pub(super) fn absolute(&self, path: impl AsRef<std::path::Path>) -> PathBuf {
        self.working_dir.join(path)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .field("config_file", &self.config_file)
            .field("working_dir", &self.working_dir)
            .field("project", &self.project)
            .field("secret", &self.secret.as_ref().map(|(name, _)| name))
            .field("without_token_cache", &self.without_token_cache)
            .field("for_plans", &self.for_plans)
            .field("settings_secret", &self.settings_secret)
            .field("notes", &self.notes)
            .finish()
    }
}
