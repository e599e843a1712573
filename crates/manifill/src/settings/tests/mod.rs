//! What the rules promise, sentence by sentence.

mod classes;
mod cluster;
mod files;
mod flat;
mod login;
mod named;
mod near_names;
mod places;
mod policy;
mod precedence;
mod programs;
#[cfg(feature = "sops")]
mod sops;
mod vault;
mod walk;

use std::path::{Path, PathBuf};

use manifill_vault::backend::BACKENDS;
use manifill_vault::{ConnectContext, Settings};

use super::{Config, ConfigErrors, Sources};

/// A folder with files for one test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, making its folder.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Sources that start in this folder, with these variables.
    fn sources(&self, variables: &[(&str, &str)]) -> Sources {
        sources_in(self.0.path(), variables)
    }

    /// Sources of an app under Argo CD: its folder is `checkout/apps/web`.
    fn argo(&self, variables: &[(&str, &str)]) -> Sources {
        let folder = self.path("checkout/apps/web");
        std::fs::create_dir_all(&folder).unwrap();
        sources_in(&folder, variables)
            .with_variable("ARGOCD_APP_NAME", "web")
            .with_variable("ARGOCD_APP_PROJECT_NAME", "team-a")
            .with_variable("ARGOCD_APP_SOURCE_PATH", "apps/web")
    }
}

fn sources_in(folder: &Path, variables: &[(&str, &str)]) -> Sources {
    let sources = Sources {
        working_dir: folder.to_owned(),
        ..Sources::default()
    };
    variables.iter().fold(sources, |sources, (name, value)| {
        sources.with_variable(*name, *value)
    })
}

/// What a process with these variables and nothing else makes of them.
fn environment(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::load(&sources_in(Path::new("/"), variables))
}

/// The types that there are, as messages list them.
fn types() -> String {
    let names: Vec<&str> = BACKENDS.iter().map(|info| info.name).collect();
    names.join(", ")
}

/// The default backend's type and settings.
fn default(config: &Config) -> (&str, &Settings) {
    config
        .backends
        .settings(config.backends.default_index().unwrap())
        .unwrap()
}

/// What is decided for the default backend.
fn decided(config: &Config) -> &ConnectContext {
    let index = config.backends.default_index().unwrap();
    config.backends.context(index).unwrap()
}

/// What is decided for a named backend.
fn decided_for<'c>(config: &'c Config, name: &str) -> &'c ConnectContext {
    let index = config.backends.index(name).unwrap();
    config.backends.context(index).unwrap()
}

/// The settings of a named backend.
fn named<'c>(config: &'c Config, name: &str) -> &'c Settings {
    config
        .backends
        .settings(config.backends.index(name).unwrap())
        .unwrap()
        .1
}

/// The errors as the user reads them, and a check that none of them shows a secret: every secret
/// of these tests starts with `s3cr3t`.
fn refusal(result: Result<Config, ConfigErrors>) -> String {
    let errors = result.expect_err("these settings must be refused");
    let debug = format!("{errors:?}");
    let text = errors.to_string();
    assert!(
        !debug.contains("s3cr3t") && !text.contains("s3cr3t"),
        "{text}\n{debug}"
    );
    text
}

const CONNECT: (&str, &str) = ("AVP_TYPE", "1passwordconnect");
const HOST: (&str, &str) = ("OP_CONNECT_HOST", "http://connect:8080");
const TOKEN: (&str, &str) = ("OP_CONNECT_TOKEN", "s3cr3t-operator");
const APP_HOST: (&str, &str) = ("ARGOCD_ENV_OP_CONNECT_HOST", "http://evil:8080");
const APP_TOKEN: (&str, &str) = ("ARGOCD_ENV_OP_CONNECT_TOKEN", "s3cr3t-author");
const TRUST: (&str, &str) = ("MANIFILL_TRUST_APP_ENV", "true");
