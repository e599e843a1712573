//! Where the settings of a backend stand: a mistake in them is told there, and not at the
//! placeholder that first needs the backend (rule R12).

use std::collections::BTreeMap;

use manifill_vault::VaultError;
use manifill_vault::backend::BackendInfo;
#[cfg(feature = "settings")]
use manifill_vault::settings::Kind;

use crate::diagnostic::{Diagnostic, Place};

/// The places of the settings of one backend.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingPlaces {
    /// Where the backend as a whole is described, for what is missing.
    backend: Place,
    settings: BTreeMap<&'static str, Place>,
}

#[cfg(feature = "settings")]
impl SettingPlaces {
    /// The places of a backend that is described here.
    pub(crate) fn new(backend: Place) -> Self {
        SettingPlaces {
            backend,
            settings: BTreeMap::new(),
        }
    }

    /// Adds the place of a setting.
    pub(crate) fn add(&mut self, setting: &'static str, place: Place) {
        self.settings.insert(setting, place);
    }
}

impl SettingPlaces {
    /// Where a setting stands, if somebody has set it.
    pub(crate) fn of(&self, setting: &str) -> Option<&Place> {
        self.settings.get(setting)
    }

    /// What is wrong with the settings, each mistake where the setting stands that its words name.
    pub(crate) fn mistakes(
        &self,
        name: &str,
        info: &BackendInfo,
        error: &VaultError,
    ) -> Vec<Diagnostic> {
        self.some_mistakes(name, info, error, |_| true)
    }

    /// Those of the mistakes that name nothing but settings, for whoever may not need this backend:
    /// the file that a setting names is told to those who do.
    #[cfg(feature = "settings")]
    pub(crate) fn plain_mistakes(
        &self,
        name: &str,
        info: &BackendInfo,
        error: &VaultError,
    ) -> Vec<Diagnostic> {
        let is_setting = |name: &str| info.setting(name).is_some();
        // A method that does not exist is the name of nothing.
        let is_method = |error: &VaultError| {
            let setting = error.setting().and_then(|name| info.setting(name));
            setting.is_some_and(|setting| setting.kind == Kind::LoginMethod)
        };
        self.some_mistakes(name, info, error, |error| {
            error.names().all(is_setting) || is_method(error)
        })
    }

    fn some_mistakes(
        &self,
        name: &str,
        info: &BackendInfo,
        error: &VaultError,
        wanted: impl Fn(&VaultError) -> bool,
    ) -> Vec<Diagnostic> {
        let mistake = |error: VaultError| {
            let message = error.to_string();
            let setting = error
                .setting()
                .and_then(|name| info.setting(name))
                .or_else(|| info.setting_in(&message))
                .or_else(|| info.setting_in(error.hint()?));
            let place = setting.and_then(|setting| self.settings.get(setting.name));
            let mut told = Diagnostic::error(error.kind().into(), message);
            told.hint = error.hint().map(str::to_owned);
            told.place = place.unwrap_or(&self.backend).clone();
            told.backend = Some(name.to_owned());
            told
        };
        error.each().filter(wanted).map(mistake).collect()
    }
}
