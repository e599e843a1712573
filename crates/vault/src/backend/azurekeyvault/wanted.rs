//! What the requests of a run come down to, and how they are answered with what was found.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Read, Stored};
use super::reader::Place;
use crate::shared::Found;
use crate::transport::azure::{KeyVault, NoVault, is_name};
use crate::{Keys, Secret, SecretRequest, VaultError, VaultErrorKind};

/// The secrets that a run wants, and what was found.
pub(super) struct Wanted<'r> {
    requests: &'r [SecretRequest],
    /// The vault of each request.
    vaults: Vec<Result<KeyVault, VaultError>>,
    /// The names of the secrets of a vault, where that was asked.
    pub(super) listed: BTreeMap<KeyVault, Result<Vec<String>, VaultError>>,
    pub(super) found: BTreeMap<Place, Result<Found<Read>, VaultError>>,
}

impl<'r> Wanted<'r> {
    pub(super) fn new(
        requests: &'r [SecretRequest],
        find: impl Fn(&str) -> Result<KeyVault, NoVault>,
    ) -> Self {
        // Paths come from `parse_path`, but a program may have made one itself.
        let vault = |request: &SecretRequest| {
            let path = request.path.as_str();
            let vault = find(path).map_err(|_| {
                let message = "the path {} is not a key vault that may be asked";
                VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
            })?;
            check_version(request)?;
            Ok(vault)
        };
        Wanted {
            requests,
            vaults: requests.iter().map(vault).collect(),
            listed: BTreeMap::new(),
            found: BTreeMap::new(),
        }
    }

    fn sound(&self) -> impl Iterator<Item = (&'r SecretRequest, &KeyVault)> {
        let all = self.requests.iter().zip(&self.vaults);
        all.filter_map(|(request, vault)| Some((request, vault.as_ref().ok()?)))
    }

    /// The vaults of which somebody wants to know what there is.
    pub(super) fn wanted_whole(&self) -> BTreeSet<KeyVault> {
        let whole = self
            .sound()
            .filter(|(request, _)| request.keys == Keys::All);
        whole.map(|(_, vault)| vault.clone()).collect()
    }

    /// The secrets to read: those that somebody names, since each of them is a request.
    pub(super) fn places(&self) -> BTreeSet<Place> {
        let named = self
            .sound()
            .filter(|(request, _)| matches!(request.keys, Keys::Names(_)));
        let places = named.flat_map(|(request, vault)| {
            let names = self.names(request, vault).into_iter();
            names.filter_map(|name| place(request, vault, name))
        });
        places.collect()
    }

    /// The vaults that lack a secret which is wanted in its newest version and were not listed.
    pub(super) fn lacking(&self) -> BTreeSet<KeyVault> {
        let newest = self.sound().filter(|(request, vault)| {
            version(request).is_none() && !self.listed.contains_key(vault)
        });
        let lacking = newest.filter(|(request, vault)| {
            let mut names = self.names(request, vault).into_iter();
            names.any(|name| matches!(self.value(request, vault, name), Ok(None)))
        });
        lacking.map(|(_, vault)| vault.clone()).collect()
    }

    /// The names of the secrets that a request is for.
    fn names<'n>(&'n self, request: &'n SecretRequest, vault: &KeyVault) -> Vec<&'n str> {
        match &request.keys {
            Keys::Names(names) => names.iter().collect(),
            _ => match self.listed.get(vault) {
                Some(Ok(listed)) => listed.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// The answers to the requests.
    pub(super) fn answers(&self) -> Vec<Result<Secret, VaultError>> {
        let all = self.requests.iter().zip(&self.vaults);
        all.map(|(request, vault)| self.answer(request, vault.as_ref().map_err(Clone::clone)?))
            .collect()
    }

    fn answer(&self, request: &SecretRequest, vault: &KeyVault) -> Result<Secret, VaultError> {
        let listed = self.listed.get(vault);
        if let (Keys::All, Some(Err(error))) = (&request.keys, listed) {
            return Err(error.clone());
        }
        let mut secret = Secret::new().with_id(vault.plain());
        let mut versions = Vec::new();
        let names = self.names(request, vault);
        // Of several keys each has an error of its own: others may be read, or missing.
        let is_alone = request.keys != Keys::All && names.len() == 1;
        for name in names {
            match self.value(request, vault, name) {
                Ok(None) => {}
                Ok(Some(stored)) => {
                    versions.extend(stored.version.as_deref());
                    secret.insert(name, Ok(stored.value.clone()));
                }
                Err(error) if is_of_one(&error) && !is_alone => secret.insert(name, Err(error)),
                Err(error) => return Err(error),
            }
        }
        let has_any = secret.names().len() > 0;
        match version(request).filter(|_| request.keys != Keys::All) {
            Some(version) if !has_any => {
                let message =
                    "the vault {} has no secret with the version {} under the key that is wanted";
                return Err(VaultError::new(VaultErrorKind::NotFound, message)
                    .with_name(vault.plain())
                    .with_name(version));
            }
            Some(_) => {}
            None => {
                if let Some(Ok(listed)) = listed {
                    secret = secret.with_names(listed.iter().map(String::as_str));
                }
            }
        }
        if versions.is_empty() {
            return Ok(secret);
        }
        // Each key has a version of its own, and all of them are what was read.
        Ok(secret.with_version(versions.join(",")))
    }

    /// What was found under a key; `None` if there is no such secret, or can be none.
    fn value(
        &self,
        request: &SecretRequest,
        vault: &KeyVault,
        name: &str,
    ) -> Result<Option<&Stored>, VaultError> {
        let found = place(request, vault, name).and_then(|place| self.found.get(&place));
        match found {
            Some(Ok(read)) => Ok(read.0.as_ref()),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        }
    }
}

/// Whether an error is about one secret, beside which others may be read.
fn is_of_one(error: &VaultError) -> bool {
    matches!(
        error.kind(),
        VaultErrorKind::PermissionDenied | VaultErrorKind::InvalidRequest
    )
}

fn place(request: &SecretRequest, vault: &KeyVault, name: &str) -> Option<Place> {
    is_name(name).then(|| Place {
        vault: vault.clone(),
        name: name.to_ascii_lowercase(),
        version: version(request).map(str::to_owned),
    })
}

fn version(request: &SecretRequest) -> Option<&str> {
    request.version.as_deref().filter(|text| !text.is_empty())
}

fn check_version(request: &SecretRequest) -> Result<(), VaultError> {
    let is_version =
        |text: &str| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match version(request) {
        Some(text) if !is_version(text) => {
            let message = "{} is not the id of a version";
            Err(VaultError::new(VaultErrorKind::InvalidRequest, message)
                .with_name(text)
                .with_hint("a version of Key Vault has 32 letters and digits"))
        }
        _ => Ok(()),
    }
}
