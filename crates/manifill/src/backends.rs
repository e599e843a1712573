//! The backends of a renderer: named, one of them the default, each made when it is first needed.

use std::fmt;
use std::sync::{Arc, OnceLock};

#[cfg(feature = "shared")]
use manifill_vault::RunContext;
use manifill_vault::backend::{BackendInfo, by_name, claiming};
use manifill_vault::settings::Kind;
use manifill_vault::{ConnectContext, Settings, VaultBackend, VaultError, VaultErrorKind};

use crate::diagnostic::{Diagnostic, Place};
use crate::plan_only::{self, PlanOnly};
use crate::policy::Rules;
use crate::setting_places::SettingPlaces;
#[cfg(feature = "shared")]
use crate::shared::SharedBackends;

/// The backends a renderer may read from.
///
/// A backend given by its settings is made when the first placeholder needs it, so that manifests
/// without placeholders need no settings at all.
#[derive(Debug, Default)]
#[must_use]
pub struct Backends {
    entries: Vec<Entry>,
    default: Option<usize>,
    missing: Option<VaultError>,
    named: bool,
    /// Where those that are made of settings come from, in a long-lived program.
    #[cfg(feature = "shared")]
    shared: Option<SharedBackends>,
}

struct Entry {
    name: String,
    /// Whether `name!` chooses it.
    named: bool,
    kind: String,
    /// What it is made of, if not by the program.
    parts: Option<Parts>,
    made: OnceLock<Result<Arc<dyn VaultBackend>, VaultError>>,
}

/// What a backend is made of.
#[derive(Clone)]
struct Parts {
    info: &'static BackendInfo,
    settings: Settings,
    context: ConnectContext,
    places: SettingPlaces,
    plans_only: bool,
}

impl Backends {
    /// No backends.
    pub fn new() -> Self {
        Backends::default()
    }

    /// A single backend, the default, without a name to choose it by.
    pub fn single(kind: impl Into<String>, backend: Arc<dyn VaultBackend>) -> Self {
        let kind = kind.into();
        let mut backends = Backends::new();
        backends.push(Entry::ready(kind.clone(), kind, backend));
        backends.default = Some(0);
        backends
    }

    /// A single backend made from its settings when it is needed.
    pub fn from_settings(info: &'static BackendInfo, settings: Settings) -> Self {
        Backends::new().with_default_settings(info, settings)
    }

    /// Adds a backend that placeholders choose with `name!`. `kind` is its type as in `AVP_TYPE`.
    pub fn with_named(
        mut self,
        name: impl Into<String>,
        kind: impl Into<String>,
        backend: Arc<dyn VaultBackend>,
    ) -> Self {
        self.push(Entry::ready(name.into(), kind.into(), backend));
        self.choosable()
    }

    /// Adds a named backend made from its settings when it is needed.
    pub fn with_named_settings(
        self,
        name: impl Into<String>,
        info: &'static BackendInfo,
        settings: Settings,
    ) -> Self {
        let context = ConnectContext::new();
        self.with_named_settings_in(name, info, settings, context, SettingPlaces::default())
    }

    /// As [`with_named_settings`](Backends::with_named_settings), with what is decided for it.
    pub(crate) fn with_named_settings_in(
        mut self,
        name: impl Into<String>,
        info: &'static BackendInfo,
        settings: Settings,
        context: ConnectContext,
        places: SettingPlaces,
    ) -> Self {
        let parts = Parts::new(info, settings, context, places);
        self.push(Entry::of_parts(name.into(), parts));
        self.choosable()
    }

    /// Adds a backend made from its settings that is the default and has no name to choose it by;
    /// named ones may stand beside it.
    pub fn with_default_settings(self, info: &'static BackendInfo, settings: Settings) -> Self {
        let context = ConnectContext::new();
        self.with_default_settings_in(info, settings, context, SettingPlaces::default())
    }

    /// As [`with_default_settings`](Backends::with_default_settings), with what is decided for it.
    pub(crate) fn with_default_settings_in(
        mut self,
        info: &'static BackendInfo,
        settings: Settings,
        context: ConnectContext,
        places: SettingPlaces,
    ) -> Self {
        let parts = Parts::new(info, settings, context, places);
        self.push(Entry::of_parts(info.name.to_owned(), parts));
        self.default = Some(self.entries.len() - 1);
        self
    }

    /// Says why there is no default backend, for the moment a placeholder needs it.
    pub fn with_missing_default(mut self, reason: VaultError) -> Self {
        self.missing = Some(reason);
        self
    }

    /// Makes the backend of that name the default; an unknown name leaves things as they are.
    pub fn with_default(mut self, name: &str) -> Self {
        self.default = self.index(name).or(self.default);
        self
    }

    /// The same backends, those with settings not made yet; see
    /// [`Renderer::renewed`](crate::Renderer::renewed).
    pub fn renewed(&self) -> Self {
        let entries = self.entries.iter().map(Entry::renewed).collect();
        Backends {
            entries,
            default: self.default,
            missing: self.missing.clone(),
            named: self.named,
            #[cfg(feature = "shared")]
            shared: self.shared.clone(),
        }
    }

    /// Takes those that are made of the operator's settings alone from the ones that all runs of a
    /// long-lived program share.
    #[cfg(feature = "shared")]
    pub(crate) fn shared_from(mut self, shared: &SharedBackends) -> Self {
        self.shared = Some(shared.clone());
        self
    }

    /// The run with the limits that all runs have together.
    #[cfg(feature = "shared")]
    pub(crate) fn limit(&self, run: RunContext) -> RunContext {
        match &self.shared {
            Some(shared) => run.with_traffic(shared.traffic()),
            None => run,
        }
    }

    /// Keeps backends from reading another path than the one that the rules have judged
    /// (rule R8).
    pub(crate) fn bound_by(self, rules: &Rules) -> Self {
        let restricted = rules.is_restricted();
        self.decide(|context| context.with_restriction(restricted))
    }

    /// Keeps backends that are made from their settings here from keeping a login on disk.
    #[cfg(feature = "settings")]
    pub(crate) fn without_token_cache(self) -> Self {
        self.decide(|context| context.with_kept_login(false))
    }

    /// The same backends, good for plans alone: none of them reads a secret, so what a backend
    /// cannot be made without may be missing. Where no default one is described, one called `?`
    /// takes every path as it is written, and references too.
    pub(crate) fn for_plans(mut self) -> Self {
        for entry in &mut self.entries {
            if let Some(parts) = &mut entry.parts {
                parts.plans_only = true;
                parts.settings =
                    plan_only::complete(parts.info, std::mem::take(&mut parts.settings));
                entry.made = OnceLock::new();
            }
        }
        if self.default.is_none() && !self.named {
            let kind = claiming("op://").map_or(plan_only::UNKNOWN, |info| info.name);
            let backend = Arc::new(PlanOnly(None));
            let entry = Entry::ready(plan_only::UNKNOWN.to_owned(), kind.to_owned(), backend);
            self.push(entry);
            self.default = Some(self.entries.len() - 1);
        }
        self
    }

    /// Decides something for the backends that are made from their settings. One that was made
    /// before is made anew.
    fn decide(mut self, decide: impl Fn(ConnectContext) -> ConnectContext) -> Self {
        for entry in &mut self.entries {
            if let Some(parts) = &mut entry.parts {
                parts.context = decide(std::mem::take(&mut parts.context));
                entry.made = OnceLock::new();
            }
        }
        self
    }

    /// Lets placeholders choose the last entry by its name.
    fn choosable(mut self) -> Self {
        if let Some(entry) = self.entries.last_mut() {
            entry.named = true;
        }
        self.named = true;
        self
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Whether placeholders may choose with `name!`; otherwise `!` has no meaning (rule R3).
    pub fn are_named(&self) -> bool {
        self.named
    }

    /// Whether one of them can start a program, as the settings of its type declare. A command line
    /// that is asked to end has to end those first (rule R13).
    pub fn can_start_programs(&self) -> bool {
        let mut infos = self.entries.iter().filter_map(|entry| by_name(&entry.kind));
        infos.any(|info| has_setting(info, &[Kind::Program]))
    }

    /// Whether one of them may wait for something, a server or a program: unless the settings of its
    /// type declare neither, as those of `file` do. Without such a backend a program needs no async
    /// runtime.
    ///
    /// ```
    /// use manifill::Backends;
    /// use manifill::vault::backend::by_name;
    /// use manifill::vault::Settings;
    ///
    /// let of_type = |name| Backends::new().with_default_settings(by_name(name).unwrap(), Settings::new());
    /// assert!(!of_type("file").can_wait());
    /// assert!(of_type("vault").can_wait());
    /// ```
    pub fn can_wait(&self) -> bool {
        let mut infos = self.entries.iter().map(|entry| by_name(&entry.kind));
        infos.any(|info| info.is_none_or(|info| has_setting(info, &[Kind::Program, Kind::Url])))
    }

    /// The names that placeholders can choose, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(|entry| entry.named)
            .map(|entry| entry.name.as_str())
    }

    /// Why there is no default backend.
    pub(crate) fn missing_default(&self) -> VaultError {
        self.missing.clone().unwrap_or_else(|| {
            VaultError::new(VaultErrorKind::Configuration, "there is no default backend")
                .with_hint("choose a backend with `name!`, or name a default one")
        })
    }

    /// The name of the default backend.
    pub fn default_name(&self) -> Option<&str> {
        Some(&self.entries[self.default?].name)
    }

    pub(crate) fn default_index(&self) -> Option<usize> {
        self.default
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.named && entry.name == name)
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        &self.entries[index].name
    }

    /// The backends of one type.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = usize> + 'a {
        (0..self.entries.len()).filter(move |&index| self.entries[index].kind == kind)
    }

    /// The type and the settings that a backend would be made of.
    #[cfg(all(test, feature = "settings"))]
    pub(crate) fn settings(&self, index: usize) -> Option<(&str, &Settings)> {
        let entry = self.entries.get(index)?;
        let parts = entry.parts.as_ref();
        parts.map(|parts| (entry.kind.as_str(), &parts.settings))
    }

    /// What is decided for a backend.
    #[cfg(all(test, feature = "settings"))]
    pub(crate) fn context(&self, index: usize) -> Option<&ConnectContext> {
        let parts = self.entries.get(index)?.parts.as_ref();
        parts.map(|parts| &parts.context)
    }

    /// Whether one of those that a program has made understands this annotation. (What the others
    /// understand, their types declare.)
    pub(crate) fn understand(&self, annotation: &str) -> bool {
        let made = |entry: &Entry| entry.made.get()?.as_ref().ok().cloned();
        let mut made = self.entries.iter().filter_map(made);
        made.any(|backend| backend.options().contains(&annotation))
    }

    /// The backend itself, made now if it was not needed before.
    pub(crate) fn backend(&self, index: usize) -> Result<&Arc<dyn VaultBackend>, &VaultError> {
        let entry = &self.entries[index];
        entry.made.get_or_init(|| self.make(entry)).as_ref()
    }

    fn make(&self, entry: &Entry) -> Result<Arc<dyn VaultBackend>, VaultError> {
        #[cfg(feature = "shared")]
        if let (Some(shared), Some(parts)) = (&self.shared, &entry.parts) {
            if !parts.plans_only {
                let connect = |context: &ConnectContext| {
                    let made = parts.info.connect(&parts.settings, context);
                    made.unwrap_or_else(|| Err(not_built(parts.info)))
                };
                return shared.backend(parts.info, &parts.settings, &parts.context, connect);
            }
        }
        make(entry)
    }

    /// Why a backend cannot be made: each mistake in its settings, where it stands.
    pub(crate) fn mistakes(&self, index: usize, error: &VaultError) -> Vec<Diagnostic> {
        let entry = &self.entries[index];
        match &entry.parts {
            Some(parts) => parts.places.mistakes(&entry.name, parts.info, error),
            None => vec![Diagnostic::from_vault(error, false)],
        }
    }

    /// Where a setting of a backend stands, if somebody has set it.
    pub(crate) fn setting_place(&self, name: &str, setting: &str) -> Option<&Place> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.name == name)?;
        entry.parts.as_ref()?.places.of(setting)
    }

    /// What is wrong with the settings of all backends, as far as settings alone are to blame.
    #[cfg(feature = "settings")]
    pub(crate) fn all_mistakes(&self) -> Vec<Diagnostic> {
        let mistakes = |index: usize| {
            let error = self.backend(index).err()?;
            let entry = &self.entries[index];
            let parts = entry.parts.as_ref()?;
            let places = &parts.places;
            Some(places.plain_mistakes(&entry.name, parts.info, error))
        };
        (0..self.entries.len())
            .filter_map(mistakes)
            .flatten()
            .collect()
    }
}

impl Parts {
    fn new(
        info: &'static BackendInfo,
        settings: Settings,
        context: ConnectContext,
        places: SettingPlaces,
    ) -> Self {
        Parts {
            info,
            settings,
            context,
            places,
            plans_only: false,
        }
    }

    /// Whether a mistake is about a setting that somebody has set.
    fn is_blamed(&self, error: &VaultError) -> bool {
        error.each().any(|mistake| {
            let setting = self.info.setting_in(&mistake.to_string());
            let setting = setting.or_else(|| self.info.setting_in(mistake.hint()?));
            setting.is_some_and(|setting| self.settings.value(setting.name).is_some())
        })
    }
}

impl Entry {
    /// A backend that the program made.
    fn ready(name: String, kind: String, backend: Arc<dyn VaultBackend>) -> Self {
        Entry {
            name,
            named: false,
            kind,
            parts: None,
            made: OnceLock::from(Ok(backend)),
        }
    }

    /// A backend that is not made yet.
    fn of_parts(name: String, parts: Parts) -> Self {
        Entry {
            name,
            named: false,
            kind: parts.info.name.to_owned(),
            parts: Some(parts),
            made: OnceLock::new(),
        }
    }

    fn renewed(&self) -> Self {
        Entry {
            name: self.name.clone(),
            named: self.named,
            kind: self.kind.clone(),
            parts: self.parts.clone(),
            made: match self.parts {
                Some(_) => OnceLock::new(),
                None => self.made.clone(),
            },
        }
    }
}

fn make(entry: &Entry) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let Some(parts) = &entry.parts else {
        return Err(
            VaultError::new(VaultErrorKind::Configuration, "backend {} has no settings")
                .with_name(&entry.name),
        );
    };
    match parts.info.connect(&parts.settings, &parts.context) {
        Some(Ok(made)) if parts.plans_only => Ok(Arc::new(PlanOnly(Some(made)))),
        // A cluster or a file that is not here is not needed here either.
        Some(Err(error)) if parts.plans_only && !parts.is_blamed(&error) => {
            Ok(Arc::new(PlanOnly(None)))
        }
        Some(made) => made,
        None => Err(not_built(parts.info)),
    }
}

/// The backend was left out of this build.
fn not_built(info: &BackendInfo) -> VaultError {
    VaultError::new(
        VaultErrorKind::Configuration,
        "this build has no backend {}; it is built with the cargo feature {}",
    )
    .with_name(info.name)
    .with_name(info.feature)
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish()
    }
}
fn has_setting(info: &BackendInfo, kinds: &[Kind]) -> bool {
    info.settings
        .iter()
        .any(|setting| kinds.contains(&setting.kind))
}
