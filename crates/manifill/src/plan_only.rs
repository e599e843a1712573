//! Backends that are good for plans alone: they read paths and no secrets.
//!
//! A plan asks nothing, so it needs no login: CI that checks manifests should not have to invent
//! tokens. What a backend cannot be made without is made up, and such a backend refuses to read.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Kind, Required};
use manifill_vault::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend, VaultError,
};

/// The name of the backend that no settings describe.
pub(crate) const UNKNOWN: &str = "?";

/// A backend that only reads paths: as another one does, or as they are written.
#[derive(Debug)]
pub(crate) struct PlanOnly(pub(crate) Option<Arc<dyn VaultBackend>>);

#[async_trait]
impl VaultBackend for PlanOnly {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let refusal =
            VaultError::configuration("this backend was made for plans and reads nothing");
        requests.iter().map(|_| Err(refusal.clone())).collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        match &self.0 {
            Some(backend) => backend.parse_path(path),
            None => Ok(SecretPath::verbatim(path)),
        }
    }

    fn options(&self) -> Cow<'_, [&str]> {
        match &self.0 {
            Some(backend) => backend.options(),
            None => Cow::default(),
        }
    }

    fn has_versions(&self) -> bool {
        self.0.as_ref().is_none_or(|backend| backend.has_versions())
    }
}

/// The settings, with something in place of each that the backend cannot be made without.
pub(crate) fn complete(info: &BackendInfo, mut settings: Settings) -> Settings {
    let methods = info
        .settings
        .iter()
        .find_map(|setting| match setting.required {
            Required::With(methods) => methods.first().copied(),
            _ => None,
        });
    let by_login = |kind: Kind| kind == Kind::LoginMethod;
    // The method decides what else is needed.
    let mut all: Vec<_> = info.settings.iter().collect();
    all.sort_by_key(|setting| !by_login(setting.kind));
    let mut method = None;
    for setting in all {
        let given = settings
            .value(setting.name)
            .or_else(|| settings.value(setting.alias?))
            .map(str::to_owned);
        if by_login(setting.kind) {
            method = given.clone().or(methods.map(str::to_owned));
        }
        let needed = setting.is_required() || setting.is_needed_by(method.as_deref());
        if given.is_some() || !needed {
            continue;
        }
        let made_up = match setting.kind {
            Kind::Url => "http://localhost",
            Kind::LoginMethod => method.as_deref().unwrap_or_default(),
            _ => "none",
        };
        settings = settings.with(setting.name, made_up);
    }
    settings
}
