//! What the requests of a run come down to, and how they are answered with what was found.

use std::collections::{BTreeMap, BTreeSet};

use super::path;
use super::variables::ValuesById;
use crate::{Keys, Secret, SecretRequest, SecretValue, VaultError, VaultErrorKind};

/// The variables that a run wants, and what was found.
pub(super) struct Wanted {
    requests: Vec<SecretRequest>,
    /// The variables that the login sees, if they were listed.
    pub(super) listed: Option<BTreeSet<String>>,
    pub(super) found: ValuesById,
    /// The values of versions.
    pub(super) old: BTreeMap<(String, u32), Result<Option<SecretValue>, VaultError>>,
}

impl Wanted {
    pub(super) fn new(requests: &[SecretRequest]) -> Self {
        let is_right = |request: &&SecretRequest| version(request).is_ok() && is_path(request);
        Wanted {
            requests: requests.iter().filter(is_right).cloned().collect(),
            listed: None,
            found: ValuesById::new(),
            old: BTreeMap::new(),
        }
    }

    /// Whether nothing has to be asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Whether somebody wants whatever there is.
    pub(super) fn needs_list(&self) -> bool {
        self.requests
            .iter()
            .any(|request| request.keys == Keys::All)
    }

    /// The ids of the variables that are wanted in their newest version.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        let newest = self.requests.iter();
        let newest = newest.filter(|request| request.version.is_none());
        newest.flat_map(|request| self.ids_of(request)).collect()
    }

    /// The ids of the others, each with its version.
    pub(super) fn versions(&self) -> BTreeSet<(String, u32)> {
        let mut versions = BTreeSet::new();
        for request in &self.requests {
            if let Ok(Some(version)) = version(request) {
                let ids = self.ids_of(request).into_iter();
                versions.extend(ids.map(|id| (id, version)));
            }
        }
        versions
    }

    /// Whether a variable that is wanted was not found.
    pub(super) fn lacks_something(&self) -> bool {
        let is_missing = |value: &Result<Option<SecretValue>, _>| matches!(value, Ok(None));
        self.found.values().any(is_missing) || self.old.values().any(is_missing)
    }

    /// The keys of a request, as far as they can be variables.
    fn ids_of(&self, request: &SecretRequest) -> Vec<String> {
        let path = request.path.as_str();
        match &request.keys {
            Keys::Names(names) => names
                .iter()
                .filter_map(|key| path::id(path, key).ok())
                .collect(),
            _ => self
                .names(path)
                .map(|key| format!("{path}/{key}"))
                .collect(),
        }
    }

    /// The keys that were listed below a path.
    fn names<'w>(&'w self, path: &'w str) -> impl Iterator<Item = &'w str> {
        let listed = self.listed.iter().flatten();
        listed.filter_map(move |id| path::key(path, id))
    }

    /// That a request can be one of this backend.
    ///
    /// # Errors
    /// If its path or its version cannot.
    pub(super) fn check(&self, request: &SecretRequest) -> Result<Option<u32>, VaultError> {
        // Paths come from `parse_path`, but a program may have made one itself.
        if is_path(request) {
            return version(request);
        }
        let message = "the path {} is not the beginning of a variable's id";
        Err(VaultError::new(VaultErrorKind::InvalidRequest, message)
            .with_name(request.path.as_str()))
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// If nothing that it wants exists, or it cannot be answered at all.
    pub(super) fn answer(&self, request: &SecretRequest) -> Result<Secret, VaultError> {
        let version = self.check(request)?;
        let path = request.path.as_str();
        let mut secret = Secret::new().with_id(path);
        if let Some(version) = version {
            secret = secret.with_version(version.to_string());
        }
        let mut has_any = false;
        let keys: Vec<&str> = match &request.keys {
            Keys::Names(names) => names.iter().collect(),
            _ => self.names(path).collect(),
        };
        for key in keys {
            let value = match path::id(path, key) {
                Ok(id) => self.value(id, version),
                Err(error) => Some(Err(error)),
            };
            if let Some(value) = value {
                has_any = true;
                secret.insert(key, value);
            }
        }
        if self.listed.is_some() {
            secret = secret.with_names(self.names(path));
        }
        let is_nothing = !has_any && self.names(path).next().is_none();
        match version {
            Some(version) if !has_any => {
                Err(missing("there is no version {} of what is wanted of {}")
                    .with_name(version.to_string())
                    .with_name(path)
                    .with_hint("Conjur keeps the last twenty versions of a variable"))
            }
            _ if is_nothing && self.listed.is_some() => Err(missing(
                "there are no variables of {}, or the login may not see them",
            )
            .with_name(path)
            .with_hint(
                "check each part of the policy, and that the login may `read` its variables",
            )),
            _ => Ok(secret),
        }
    }

    /// What was found for a variable.
    fn value(&self, id: String, version: Option<u32>) -> Option<Result<SecretValue, VaultError>> {
        let found = match version {
            None => self.found.get(&id),
            Some(version) => self.old.get(&(id, version)),
        };
        found?.clone().transpose()
    }
}

fn missing(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::NotFound, message)
}

fn is_path(request: &SecretRequest) -> bool {
    path::parse(request.path.as_str()).is_ok()
}

/// The version that a request wants.
fn version(request: &SecretRequest) -> Result<Option<u32>, VaultError> {
    let Some(text) = &request.version else {
        return Ok(None);
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_number && number > 0 => Ok(Some(number)),
        _ => {
            let message = "the version {} of the path {} is not a number";
            Err(VaultError::new(VaultErrorKind::InvalidRequest, message)
                .with_name(text)
                .with_name(request.path.as_str()))
        }
    }
}
