//! The backends of a renderer: named, one of them the default, each made when it is first needed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::Origin;
use manifill_vault::{Settings, VaultBackend, VaultError, VaultErrorKind};

use crate::config::Rules;

/// The switch of backends that can read a path which is not quite the one that is written.
const PATH_REPAIR: &str = "MANIFILL_VAULT_PATH_REPAIR";
/// The folder of backends that can keep a login there.
const TOKEN_CACHE: &str = "MANIFILL_VAULT_TOKEN_CACHE";

/// The backends a renderer may read from.
///
/// A backend given by its settings is made when the first placeholder needs it, so that manifests
/// without placeholders need no settings at all.
#[derive(Debug, Default)]
pub struct Backends {
    entries: Vec<Entry>,
    default: Option<usize>,
    missing: Option<VaultError>,
    named: bool,
}

struct Entry {
    name: String,
    /// Whether `name!` chooses it.
    named: bool,
    kind: String,
    settings: Option<(&'static BackendInfo, Settings)>,
    made: OnceLock<Result<Arc<dyn VaultBackend>, VaultError>>,
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
        backends.push(kind.clone(), kind, None, Some(backend));
        backends.default = Some(0);
        backends
    }

    /// A single backend made from its settings when it is needed.
    pub fn from_settings(info: &'static BackendInfo, settings: Settings) -> Self {
        let mut backends = Backends::new();
        backends.push(
            info.name.to_owned(),
            info.name.to_owned(),
            Some((info, settings)),
            None,
        );
        backends.default = Some(0);
        backends
    }

    /// Adds a backend that placeholders choose with `name!`. `kind` is its type as in `AVP_TYPE`.
    pub fn with_named(
        mut self,
        name: impl Into<String>,
        kind: impl Into<String>,
        backend: Arc<dyn VaultBackend>,
    ) -> Self {
        self.push(name.into(), kind.into(), None, Some(backend));
        self.choosable()
    }

    /// Adds a named backend made from its settings when it is needed.
    pub fn with_named_settings(
        mut self,
        name: impl Into<String>,
        info: &'static BackendInfo,
        settings: Settings,
    ) -> Self {
        self.push(
            name.into(),
            info.name.to_owned(),
            Some((info, settings)),
            None,
        );
        self.choosable()
    }

    /// Adds a backend made from its settings that is the default and has no name to choose it by;
    /// named ones may stand beside it.
    pub fn with_default_settings(mut self, info: &'static BackendInfo, settings: Settings) -> Self {
        self.push(
            info.name.to_owned(),
            info.name.to_owned(),
            Some((info, settings)),
            None,
        );
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

    /// Keeps backends from reading another path than the one that the rules have judged
    /// (rule R8): one that is made from its settings here repairs no path, whatever they say.
    pub(crate) fn bound_by(self, rules: &Rules) -> Self {
        match rules.is_restricted() {
            true => self.impose(PATH_REPAIR, "false"),
            false => self,
        }
    }

    /// Keeps backends that are made from their settings here from keeping a login on disk.
    pub(crate) fn without_token_cache(self) -> Self {
        // An empty setting counts as not set.
        self.impose(TOKEN_CACHE, "")
    }

    /// Sets a setting of the backends that declare it. One that was made before is made anew.
    fn impose(mut self, name: &str, value: &str) -> Self {
        for entry in &mut self.entries {
            let Some((info, settings)) = &mut entry.settings else {
                continue;
            };
            if info.settings.iter().any(|setting| setting.name == name) {
                settings.set(name, value, Origin::Program);
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

    fn push(
        &mut self,
        name: String,
        kind: String,
        settings: Option<(&'static BackendInfo, Settings)>,
        ready: Option<Arc<dyn VaultBackend>>,
    ) {
        let made = OnceLock::new();
        if let Some(backend) = ready {
            // A new cell is empty, so this cannot fail.
            let _ = made.set(Ok(backend));
        }
        self.entries.push(Entry {
            name,
            named: false,
            kind,
            settings,
            made,
        });
    }

    /// Whether placeholders may choose with `name!`; otherwise `!` has no meaning (rule R3).
    pub fn are_named(&self) -> bool {
        self.named
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
                .hint("choose a backend with `name!`, or name a default one")
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
    #[cfg(test)]
    pub(crate) fn settings(&self, index: usize) -> Option<(&str, &Settings)> {
        let entry = self.entries.get(index)?;
        entry
            .settings
            .as_ref()
            .map(|(_, settings)| (entry.kind.as_str(), settings))
    }

    /// The backend itself, made now if it was not needed before.
    pub(crate) fn backend(&self, index: usize) -> Result<&Arc<dyn VaultBackend>, &VaultError> {
        let entry = &self.entries[index];
        entry.made.get_or_init(|| make(entry)).as_ref()
    }
}

fn make(entry: &Entry) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let Some((info, settings)) = &entry.settings else {
        return Err(
            VaultError::new(VaultErrorKind::Configuration, "backend {} has no settings")
                .name(&entry.name),
        );
    };
    match info.connect {
        Some(connect) => connect(settings),
        None => Err(VaultError::new(
            VaultErrorKind::Configuration,
            "this build has no backend {}; it is built with the cargo feature {}",
        )
        .name(info.name)
        .name(info.feature)),
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish()
    }
}
