//! Settings: where they come from, which one wins, and who may set what.
//!
//! [`Sources`] gathers the environment, the settings file and the flags once, at the edge;
//! [`Config::load`] makes backends, rules and limits of them, or reports every mistake at once.
//!
//! Two sides meet here. The *operator* runs the program: the environment of the process, the
//! settings file, the Kubernetes Secret. Under Argo CD the *app's author* speaks too, through
//! `ARGOCD_ENV_*` and through files in the repository. What the author says is never combined with
//! the operator's login, and can only narrow what may be read.
//!
//! Two shapes of files are read. AVP's flat `KEY: value` in YAML, JSON, TOML, dotenv, properties or
//! ini may hold anything. A YAML or JSON file with `backends`, `default` or `policy` names
//! several backends, and every key in it must be known:
//!
//! ```yaml
//! default: homelab
//! backends:
//!   homelab: {type: 1passwordconnect, settings: {OP_CONNECT_HOST: "http://connect:8080", OP_CONNECT_TOKEN: {file: /run/secrets/op-token}}}
//!   shared:  {type: file, settings: {MANIFILL_FILE: shared.yaml}}
//! policy:
//!   - {project: "team-a-*", allow: ["homelab!vaults/Team A/**"]}
//!   - {project: "*",        allow: ["shared!common/**"]}
//! ```

mod checkout;
mod classes;
mod error;
mod flat;
mod kinds;
mod layers;
mod limits;
mod lines;
mod loader;
mod login;
mod names;
mod near_names;
mod open;
mod policy_section;
#[cfg(feature = "kubernetessecret")]
mod secret;
mod sections;
#[cfg(feature = "shared")]
mod server_settings;
mod settings_file;
#[cfg(feature = "shared")]
mod shared_config;
#[cfg(feature = "shared")]
mod shared_limits;
mod sources;
#[cfg(test)]
mod tests;
mod unknown;
mod yaml;

use std::path::PathBuf;
use std::time::Duration;

use crate::backends::Backends;
pub use crate::confines::Confines;
use crate::digest_key::DigestKey;
use crate::policy::Rules;
pub use error::{ConfigError, ConfigErrors, Position};
use loader::Loader;
#[cfg(feature = "shared")]
pub use server_settings::ServerSettings;
pub use sources::Sources;

/// Everything a run needs to know, made of the settings.
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// The backends; none of them is contacted yet.
    pub backends: Backends,
    /// Which paths may be read.
    pub rules: Rules,
    /// How long a run may take (`MANIFILL_TIMEOUT`).
    pub timeout: Duration,
    /// How many requests may run at the same time (`MANIFILL_CONCURRENCY`).
    pub concurrency: usize,
    /// How many bytes a run may write (`MANIFILL_MAX_OUTPUT`), if that is set.
    pub max_output: Option<u64>,
    /// The key for digests of values (`MANIFILL_DIGEST_KEY`), if there is one.
    pub digest_key: Option<DigestKey>,
    /// Whether Argo CD runs this for an app (`ARGOCD_APP_NAME`).
    pub for_app: bool,
    /// How long a server shares what it reads with other runs (`MANIFILL_SHARE_READS`).
    #[cfg(feature = "shared")]
    pub share_reads: Duration,
    /// How many requests a server may send in a minute (`MANIFILL_MAX_REQUESTS_PER_MINUTE`), if that
    /// is limited.
    #[cfg(feature = "shared")]
    pub max_requests_per_minute: Option<u64>,
    /// The files that were or will be read for settings and secrets: in a folder of manifests they
    /// are not inputs (rule R2). To be compared by identity, not by name.
    pub files_never_inputs: Vec<PathBuf>,
    /// How far the arguments of a run may lead (rule R7).
    pub confines: Confines,
    /// Remarks for the user, names only.
    pub notes: Vec<String>,
}

#[cfg(feature = "shared")]
impl ServerSettings {
    /// Reads the settings of a server from these sources, and tells what is wrong with them, which counts
    /// as not set. What else is wrong with the sources is the business of [`Config::load`].
    ///
    /// ```
    /// use manifill::settings::{ServerSettings, Sources};
    ///
    /// let sources = Sources::default().with_variable("MANIFILL_SERVER_PARALLEL", "4");
    /// let (settings, errors) = ServerSettings::load(&sources);
    /// assert_eq!((settings.parallel, errors.len()), (Some(4), 0));
    /// ```
    pub fn load(sources: &Sources) -> (ServerSettings, Vec<ConfigError>) {
        Loader::new(sources).server()
    }
}

impl Config {
    /// Makes the configuration of these sources.
    ///
    /// Files are read, backends are not contacted. Without any setting this succeeds too: the
    /// backends then say why there is none when a placeholder needs one.
    ///
    /// # Errors
    /// Every mistake that was found, each with its file, line and column where it has them.
    pub fn load(sources: &Sources) -> Result<Config, ConfigErrors> {
        Config::load_with(sources, Backends::new())
    }

    /// Makes the configuration of these sources, with the named backends of the program beside
    /// those of the settings file: `default` and `policy` of the file may name them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use manifill::Backends;
    /// use manifill::settings::{Config, Sources};
    /// use manifill::vault::backend::memory::Memory;
    ///
    /// let own = Backends::new().with_named("team", "memory", Arc::new(Memory::new()));
    /// let config = Config::load_with(&Sources::default(), own).expect("nothing here is wrong");
    /// assert_eq!(config.backends.names().collect::<Vec<_>>(), ["team"]);
    /// ```
    ///
    /// # Errors
    /// As [`load`](Config::load), and a name that the settings file has as well.
    pub fn load_with(sources: &Sources, own: Backends) -> Result<Config, ConfigErrors> {
        Loader::new(sources).load(own)
    }

    /// The [`confines`](Config::confines) alone, for a program that needs no backend. What is wrong with
    /// these sources opens nothing.
    pub fn confines_of(sources: &Sources) -> Confines {
        Loader::new(sources).confines()
    }

    /// Everything that is wrong with these sources, for a program that ends anyway: backends that lack a
    /// setting are among it, though a run may not need them.
    ///
    /// ```
    /// use manifill::settings::{Config, Sources};
    ///
    /// let sources = Sources::default().with_variable("AVP_TYPE", "1passwordconnect");
    /// assert!(Config::load(&sources).is_ok());
    /// let mistakes = Config::mistakes(&sources);
    /// assert_eq!(mistakes[0].to_string(), "OP_CONNECT_HOST is not set");
    /// ```
    pub fn mistakes(sources: &Sources) -> Vec<ConfigError> {
        let loaded = Loader::new(sources).ending().load(Backends::new());
        loaded.map_or_else(|errors| errors.iter().cloned().collect(), |_| Vec::new())
    }
}
