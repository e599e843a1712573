//! From sources to a configuration, step by step.
//!
//! The order of the steps is what keeps an app's author in bounds: whose app it is comes first, who
//! wrote the settings file next, and only then does any value count.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use manifill_vault::backend::{BACKENDS, BackendInfo, alias_of};
use manifill_vault::settings::{Kind, Origin};
use manifill_vault::{ConnectContext, VaultError, VaultErrorKind};

use super::Config;
use super::checkout::Checkout;
use super::classes::{self, BackendSettings, Context};
use super::error::{ConfigError, ConfigErrors};
use super::layers::Layers;
use super::limits::Limits;
use super::names::{TYPE, VALIDATION};
use super::near_names;
use super::sections::{Sections, SectionsReader};
#[cfg(feature = "shared")]
use super::server_settings::ServerSettings;
use super::settings_file::{self, Shape};
#[cfg(feature = "shared")]
use super::shared_limits::SharedLimits;
use super::sources::Sources;
use super::yaml::Entry;
use crate::backends::Backends;
use crate::confines::Confines;
use crate::policy::{PathRules, Rules};

/// What people call the settings file.
const USUAL_NAMES: [&str; 3] = ["manifill.yaml", "manifill.yml", "manifill.json"];

/// What is known so far.
pub(super) struct Loader<'s> {
    sources: &'s Sources,
    checkout: Checkout,
    layers: Layers<'s>,
    /// The folder that names in the settings file start from.
    file_dir: PathBuf,
    /// The file with named backends: its entries, its name, and whether the author wrote it.
    entries: Option<(Vec<Entry>, String, bool)>,
    files_never_inputs: Vec<PathBuf>,
    /// When files of settings must have been read.
    deadline: Instant,
    notes: Vec<String>,
    errors: Vec<ConfigError>,
    /// Whether there is a settings file that cannot be read, so that nobody knows what is missing.
    is_unread: bool,
    /// Whether the program ends anyway.
    is_ending: bool,
}

impl<'s> Loader<'s> {
    /// The facts: whose app it is, and what the environment says.
    pub(super) fn new(sources: &'s Sources) -> Self {
        let mut errors = Vec::new();
        let checkout = Checkout::new(sources, &mut errors);
        let layers = Layers::new(sources, sources.settings_file().is_some(), &mut errors);
        // What is wrong with it is told when all settings are known.
        let timeout = Limits::new(&layers, &mut Vec::new()).timeout;
        Loader {
            sources,
            checkout,
            layers,
            file_dir: sources.working_dir.clone(),
            entries: None,
            files_never_inputs: Vec::new(),
            deadline: Instant::now() + timeout,
            notes: sources.notes.clone(),
            errors,
            is_unread: false,
            is_ending: false,
        }
    }

    /// Tells everything that is wrong, as for a program that ends anyway.
    pub(super) fn ending(mut self) -> Self {
        self.is_ending = true;
        self
    }

    /// Makes the configuration, with the program's own backends beside those of the settings.
    pub(super) fn load(mut self, own: Backends) -> Result<Config, ConfigErrors> {
        self.read_file();
        self.notes.extend(self.layers.unread());
        self.notes
            .extend(near_names::in_environment(self.sources, &self.layers));
        self.note_unused_file();
        let file_root = self.file_root();
        let limits = Limits::new(&self.layers, &mut self.errors);
        #[cfg(feature = "shared")]
        let shared = SharedLimits::new(&self.layers, &mut self.errors);
        let validation = self.validation();
        let sections = self.sections(&own, file_root.as_deref());
        let (backends, policy) = self.backends(own, sections, file_root.as_deref());
        let mut rules = Rules::validating(validation);
        if let Some(policy) = policy {
            rules = rules.with_policy(policy, self.checkout.app.clone());
        }
        let mut backends = backends.bound_by(&rules);
        if self.sources.without_token_cache {
            backends = backends.without_token_cache();
        }
        self.add_mistakes(&backends);
        match ConfigErrors::from_vec(self.errors) {
            Some(errors) => Err(errors.with_notes(self.notes)),
            None => Ok(Config {
                backends,
                rules,
                timeout: limits.timeout,
                concurrency: limits.concurrency,
                max_output: limits.max_output,
                digest_key: limits.digest_key,
                for_app: self.checkout.is_under_argo(),
                #[cfg(feature = "shared")]
                share_reads: shared.window,
                #[cfg(feature = "shared")]
                max_requests_per_minute: shared.most,
                confines: self.checkout.confines(file_root.as_deref()),
                files_never_inputs: self.files_never_inputs,
                notes: self.notes,
            }),
        }
    }

    /// The settings of a server, whatever else is wrong.
    #[cfg(feature = "shared")]
    pub(super) fn server(mut self) -> (ServerSettings, Vec<ConfigError>) {
        self.read_file();
        let mut errors = Vec::new();
        let settings = ServerSettings::new(&self.layers, &mut errors);
        (settings, errors)
    }

    /// How far the arguments of a run may lead. What is wrong with the settings opens nothing.
    pub(super) fn confines(mut self) -> Confines {
        if !self.checkout.is_under_argo() {
            return Confines::default();
        }
        self.read_file();
        let file_root = self.file_root();
        self.checkout.confines(file_root.as_deref())
    }

    /// A run that ends with the settings tells everything that is wrong with them. In one that goes
    /// on, nobody may need a backend that cannot be made.
    fn add_mistakes(&mut self, backends: &Backends) {
        if self.is_unread || (self.errors.is_empty() && !self.is_ending) {
            return;
        }
        let for_plans = self
            .sources
            .for_plans
            .then(|| backends.renewed().for_plans());
        let backends = for_plans.as_ref().unwrap_or(backends);
        let told: Vec<String> = self.errors.iter().map(ConfigError::to_string).collect();
        for mistake in backends.all_mistakes() {
            // A setting that was refused or cannot be read is missing for no reason of its own.
            let about = BACKENDS
                .iter()
                .find_map(|info| info.setting_in(&mistake.message));
            if about.is_some_and(|about| told.iter().any(|told| told.contains(about.name))) {
                continue;
            }
            let mut error = ConfigError::new("{=}")
                .with_name(mistake.message)
                .in_place(mistake.place);
            if let Some(hint) = mistake.hint {
                error = error.with_hint(hint);
            }
            self.errors.push(error);
        }
    }

    /// The settings file, if one is given.
    fn read_file(&mut self) {
        let Some(given) = self.sources.settings_file() else {
            return;
        };
        let file = match settings_file::read(&given, self.sources, &self.checkout, self.deadline) {
            Ok(file) => file,
            Err(error) => {
                self.is_unread = true;
                return self.errors.push(error);
            }
        };
        self.file_dir = file.path.parent().map(Path::to_owned).unwrap_or_default();
        self.files_never_inputs.push(file.path);
        match file.shape {
            Shape::Flat(flat) => {
                self.notes.extend(
                    flat.notes.iter().map(|(note, at)| {
                        format!("{}:{}:{}: {note}", file.name, at.line, at.column)
                    }),
                );
                self.notes.extend(near_names::in_file(&flat, &file.name));
                self.layers.set_file(flat, file.name, file.by_author);
            }
            Shape::Sections(entries) => self.entries = Some((entries, file.name, file.by_author)),
        }
    }

    /// A remark on a settings file of the usual name that is not read: it is never searched for
    /// (rule R7), since whoever writes the manifests could put one there.
    fn note_unused_file(&mut self) {
        if self.sources.settings_file().is_some() {
            return;
        }
        let lies_here = |name: &&str| self.sources.absolute(name).is_file();
        if let Some(name) = USUAL_NAMES.into_iter().find(lies_here) {
            self.notes.push(format!(
                "{name} in this folder is not read; -c {name} or MANIFILL_CONFIG names it"
            ));
        }
    }

    /// The folder that the operator opens for files. Backends declare its name.
    fn file_root(&mut self) -> Option<PathBuf> {
        let mut declared = BACKENDS.iter().flat_map(|info| info.settings);
        let setting = declared.find(|setting| setting.kind == Kind::FileRoot)?;
        let found = self
            .layers
            .manifill_setting(setting.name, &mut self.errors)?;
        Some(match found.origin {
            Origin::File(_) => self.file_dir.join(found.value),
            _ => self.sources.absolute(found.value),
        })
    }

    /// The restriction of the operator and that of the author, both of which must be met: the
    /// author can narrow what may be read and never widen it (rule R7).
    fn validation(&mut self) -> PathRules {
        let found = self.layers.every(VALIDATION);
        for found in &found {
            if let Err(error) = PathRules::new([found.value.as_str()]) {
                let mut told = ConfigError::new("{}: {=}")
                    .with_name(VALIDATION)
                    .with_name(error.to_string());
                if let Some(hint) = error.hint() {
                    told = told.with_hint(hint);
                }
                self.errors.push(found.error(told));
            }
        }
        PathRules::new(found.iter().map(|found| found.value.as_str())).unwrap_or_default()
    }

    fn context<'a>(&'a self, file_root: Option<&'a Path>) -> Context<'a> {
        Context {
            checkout: &self.checkout,
            working_dir: &self.sources.working_dir,
            file_dir: &self.file_dir,
            file_root,
        }
    }

    /// What a file with named backends says.
    fn sections(&mut self, own: &Backends, file_root: Option<&Path>) -> Sections {
        let Some((entries, file, by_author)) = &self.entries else {
            return Sections::default();
        };
        let mut errors = Vec::new();
        let sections = SectionsReader {
            sources: self.sources,
            context: &self.context(file_root),
            own: own.names().collect(),
            file,
            by_author: *by_author,
            layers: &self.layers,
            deadline: self.deadline,
            errors: &mut errors,
        }
        .read(entries);
        self.errors.append(&mut errors);
        self.notes.extend(sections.notes.iter().cloned());
        sections
    }

    /// The backends: those of the program, those of the file, and the one that flat settings
    /// describe.
    fn backends(
        &mut self,
        mut backends: Backends,
        sections: Sections,
        file_root: Option<&Path>,
    ) -> (Backends, Option<crate::policy::Policy>) {
        // Without a policy nobody says which paths are this app's (rule R7).
        let confined = self.checkout.is_under_argo() && sections.policy.is_none();
        let secret = self.sources.secret.as_ref().map(|(name, _)| name);
        let secret = self.sources.settings_secret.as_ref().or(secret);
        let decided = |context: ConnectContext| {
            let context = context.with_confinement(confined);
            match secret {
                Some(name) => context.with_settings_secret(name),
                None => context,
            }
        };
        for (name, chosen) in sections.backends {
            self.files_never_inputs.extend(chosen.file);
            let context = decided(chosen.context);
            let BackendSettings {
                info,
                settings,
                places,
                ..
            } = chosen;
            backends = backends.with_named_settings_in(name, info, settings, context, places);
        }
        if let Some(default) = sections.default {
            self.notes.extend(self.ignored(&sections.variables));
            return (backends.with_default(&default), sections.policy);
        }
        let mut errors = Vec::new();
        let chosen = classes::route(&self.layers, &self.context(file_root), &mut errors);
        self.errors.append(&mut errors);
        let backends = match chosen {
            Some(BackendSettings {
                info,
                settings,
                context,
                file,
                places,
            }) => {
                self.files_never_inputs.extend(file);
                let context = decided(context);
                backends.with_default_settings_in(info, settings, context, places)
            }
            None => {
                let has_names = backends.are_named();
                let implied = self.implied_type().filter(|_| !has_names);
                let reason = missing(has_names, implied);
                backends.with_missing_default(reason)
            }
        };
        (backends, sections.policy)
    }

    /// The type whose settings are there though `AVP_TYPE` is not: the first that lacks none of
    /// those that it never works without, or else that has one.
    fn implied_type(&self) -> Option<&'static str> {
        let required = |info: &&'static BackendInfo| {
            let settings = info.settings.iter().filter(|one| one.is_required());
            settings.map(|one| one.name).collect::<Vec<_>>()
        };
        let has = |name: &&str| self.layers.has(name);
        let complete = BACKENDS.iter().find(|info| {
            let names = required(info);
            !names.is_empty() && names.iter().all(has)
        });
        let begun = || BACKENDS.iter().find(|info| required(info).iter().any(has));
        complete.or_else(begun).map(|info| info.name)
    }

    /// A remark that settings outside the file have no say beside a named default backend: a token
    /// in the environment never goes to a host in a file (rule R7).
    fn ignored(&self, used: &BTreeSet<String>) -> Option<String> {
        let declared = BACKENDS
            .iter()
            .flat_map(|info| info.settings)
            // Others may be set for other programs, as KUBECONFIG is.
            .filter(|setting| setting.is_required())
            .map(|setting| setting.name);
        let is_used =
            |name| used.contains(name) || alias_of(name).is_some_and(|alias| used.contains(alias));
        let names: Vec<&str> = std::iter::once(TYPE)
            .chain(declared)
            .filter(|name| self.layers.has(name) && !is_used(*name))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "ignored, since the settings file names a default backend: {}",
                names.join(", ")
            )
        })
    }
}

/// Why there is no default backend. The words are AVP's (rule 58), but they are said only when a
/// placeholder needs the backend.
fn missing(has_names: bool, implied: Option<&'static str>) -> VaultError {
    VaultError::new(
        VaultErrorKind::Configuration,
        "Must provide a supported Vault Type, received none: AVP_TYPE is not set",
    )
    .with_candidates(implied.map(|name| format!("AVP_TYPE={name}")))
    .with_hint(if has_names {
        "choose a backend with `name!`, or name one as `default`"
    } else {
        "set AVP_TYPE, or name a settings file with -c or MANIFILL_CONFIG; `manifill backends` lists what AVP_TYPE can be"
    })
}
