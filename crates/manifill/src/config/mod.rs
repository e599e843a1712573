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

mod app;
mod classes;
mod error;
mod flat;
mod kinds;
mod layers;
mod limits;
mod lines;
mod policy;
mod rules;
#[cfg(feature = "kubernetessecret")]
mod secret;
mod sections;
mod settings_file;
mod sources;
#[cfg(test)]
mod tests;
mod yaml;

use std::path::{Path, PathBuf};
use std::time::Duration;

use manifill_placeholder::PathRules;
use manifill_vault::backend::BACKENDS;
use manifill_vault::settings::Origin;
use manifill_vault::{VaultError, VaultErrorKind};

use crate::backends::Backends;
use app::App;
use classes::{Chosen, FILE_ROOT, Surroundings};
pub use error::{ConfigError, ConfigErrors, Position};
use layers::Layers;
use limits::Limits;
pub use rules::{RuleError, Rules};
use sections::{Reader, Sections};
use settings_file::Shape;
pub use sources::Sources;

/// Everything a run needs to know, made of the settings.
#[derive(Debug)]
pub struct Config {
    /// The backends; none of them is contacted yet.
    pub backends: Backends,
    /// Which paths may be read.
    pub rules: Rules,
    /// How long a run may take (`MANIFILL_TIMEOUT`).
    pub timeout: Duration,
    /// How many requests may run at the same time (`MANIFILL_CONCURRENCY`).
    pub concurrency: usize,
    /// The files that were or will be read for settings and secrets: in a folder of manifests they
    /// are not inputs (rule R2). To be compared by identity, not by name.
    pub files_never_inputs: Vec<PathBuf>,
    /// Remarks for the user, names only.
    pub notes: Vec<String>,
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
    /// use manifill::config::{Config, Sources};
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
        let mut errors = Vec::new();
        let config = load(sources, own, &mut errors);
        ConfigErrors::from_vec(errors).map_or(Ok(config), Err)
    }
}

fn load(sources: &Sources, own: Backends, errors: &mut Vec<ConfigError>) -> Config {
    let app = App::new(sources, errors);
    let mut notes = Vec::new();
    let mut files_never_inputs = Vec::new();
    let given = sources.settings_file();
    let mut layers = Layers::new(sources, given.is_some(), errors);
    let mut file_dir = sources.working_dir.clone();
    let mut sections = None;
    if let Some(given) = given {
        match settings_file::read(&given, sources, &app) {
            Ok(file) => {
                file_dir = file.path.parent().map(Path::to_owned).unwrap_or_default();
                files_never_inputs.push(file.path);
                match file.shape {
                    Shape::Flat(flat) => {
                        notes.extend(flat.notes.iter().map(|(note, at)| {
                            format!("{}:{}:{}: {note}", file.name, at.line, at.column)
                        }));
                        layers = layers.with_file(flat, file.name, file.by_author);
                    }
                    Shape::Sections(entries) => {
                        sections = Some((entries, file.name, file.by_author));
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    notes.extend(layers.unread());
    let file_root = layers
        .own(FILE_ROOT, errors)
        .map(|found| match found.origin {
            Origin::File(_) => file_dir.join(found.value),
            _ => sources.absolute(found.value),
        });
    let limits = Limits::new(&layers, errors);
    let validation = validation(&layers, errors);
    let around = Surroundings {
        app: &app,
        working_dir: &sources.working_dir,
        file_dir: &file_dir,
        file_root,
    };
    let sections = sections.map(|(entries, name, by_author)| {
        let trust = layers.trust;
        Reader {
            sources,
            around: &around,
            own: own.names().collect(),
            file: &name,
            by_author,
            trust,
            errors,
        }
        .read(&entries)
    });
    let (backends, policy) = backends(
        own,
        sections.unwrap_or_default(),
        &layers,
        &around,
        &mut files_never_inputs,
        &mut notes,
        errors,
    );
    let rules = Rules::new(validation, policy, app);
    let mut backends = backends.bound_by(&rules);
    if sources.without_token_cache {
        backends = backends.without_token_cache();
    }
    Config {
        backends,
        rules,
        timeout: limits.timeout,
        concurrency: limits.concurrency,
        files_never_inputs,
        notes,
    }
}

/// The restriction of the operator and that of the author, both of which must be met: the author
/// can narrow what may be read and never widen it (rule R7).
fn validation(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> PathRules {
    const NAME: &str = "AVP_PATH_VALIDATION";
    let found = layers.all(NAME);
    for found in &found {
        if let Err(error) = PathRules::new([found.value.as_str()]) {
            let error = ConfigError::new("{}: {=}")
                .name(NAME)
                .name(error.to_string());
            errors.push(found.error(error));
        }
    }
    PathRules::new(found.iter().map(|found| found.value.as_str())).unwrap_or_default()
}

fn backends(
    mut backends: Backends,
    sections: Sections,
    layers: &Layers<'_>,
    around: &Surroundings<'_>,
    files: &mut Vec<PathBuf>,
    notes: &mut Vec<String>,
    errors: &mut Vec<ConfigError>,
) -> (Backends, Option<policy::Policy>) {
    // Without a policy nobody says which paths are this app's (rule R7).
    let confined = around.app.is_under_argo() && sections.policy.is_none();
    for (
        name,
        Chosen {
            info,
            settings,
            file,
        },
    ) in sections.backends
    {
        files.extend(file);
        backends = backends.with_named_settings(name, info, settings.with_confinement(confined));
    }
    if let Some(default) = sections.default {
        notes.extend(ignored(layers, &sections.variables));
        return (backends.with_default(&default), sections.policy);
    }
    let backends = match classes::choose(layers, around, errors) {
        Some(Chosen {
            info,
            settings,
            file,
        }) => {
            files.extend(file);
            backends.with_default_settings(info, settings.with_confinement(confined))
        }
        None => {
            let reason = missing(backends.are_named());
            backends.with_missing_default(reason)
        }
    };
    (backends, sections.policy)
}

/// Why there is no default backend. The words are AVP's (rule 58), but they are said only when a
/// placeholder needs the backend.
fn missing(has_names: bool) -> VaultError {
    let error = VaultError::new(
        VaultErrorKind::Configuration,
        "Must provide a supported Vault Type, received none: AVP_TYPE is not set",
    );
    match has_names {
        true => error.hint("choose a backend with `name!`, or name one as `default`"),
        false => error.hint("set AVP_TYPE; `manifill backends` lists what it can be"),
    }
}

/// A remark that settings outside the file have no say beside a named default backend: a token in
/// the environment never goes to a host in a file (rule R7).
fn ignored(layers: &Layers<'_>, used: &std::collections::BTreeSet<String>) -> Option<String> {
    let declared = BACKENDS
        .iter()
        .flat_map(|info| info.settings)
        // Others may be set for other programs, as KUBECONFIG is.
        .filter(|setting| setting.required)
        .map(|setting| setting.name);
    let names: Vec<&str> = std::iter::once("AVP_TYPE")
        .chain(declared)
        .filter(|name| layers.avp(name).is_some() && !used.contains(*name))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "ignored, since the settings file names a default backend: {}",
            names.join(", ")
        )
    })
}
