//! What the requests of a run come down to, and how they are answered with what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::directory::Directory;
use super::model::Contents;
use super::path::{Folder, Place, is_name};
use super::reader::Item;
use crate::shared::Found;
use crate::{Keys, RunContext, Secret, SecretRequest, VaultError, VaultErrorKind};

/// The requests of a run, and what was found for them.
pub(super) struct Wanted<'r> {
    requests: Vec<(&'r SecretRequest, Result<Place, VaultError>)>,
    pub(super) found: BTreeMap<Item, Result<Found<Contents>, VaultError>>,
    /// The folders that were listed.
    pub(super) listed: BTreeMap<Folder, Result<Arc<Directory>, VaultError>>,
}

impl<'r> Wanted<'r> {
    pub(super) fn new(requests: &'r [SecretRequest]) -> Self {
        // Paths come from `parse_path`, but a program may have made one itself.
        let place = |request: &SecretRequest| {
            let path = request.path.as_str();
            Place::parse(path).map_err(|_| {
                let message = "the path {} cannot be one of Secrets Manager";
                VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
            })
        };
        Wanted {
            requests: requests.iter().map(|one| (one, place(one))).collect(),
            found: BTreeMap::new(),
            listed: BTreeMap::new(),
        }
    }

    fn places(&self) -> impl Iterator<Item = (&'r SecretRequest, &Place)> {
        let places = self.requests.iter();
        places.filter_map(|(request, place)| Some((*request, place.as_ref().ok()?)))
    }

    /// The secrets that are wanted, each with the fields that are wanted of it by name.
    pub(super) fn items(&self) -> BTreeMap<Item, Vec<Keys>> {
        let mut items: BTreeMap<Item, Vec<Keys>> = BTreeMap::new();
        for (request, place) in self.places() {
            match (&place.name, &request.keys) {
                (Some(name), keys) => {
                    let fields = items.entry(item(request, &place.folder, name)).or_default();
                    fields.push(keys.clone());
                }
                (None, Keys::Names(names)) => {
                    for name in names.iter().filter(|name| is_name(name)) {
                        items.entry(item(request, &place.folder, name)).or_default();
                    }
                }
                (None, _) => {}
            }
        }
        items
    }

    /// The folders that have to be listed, or were and whose list is needed: for whoever wants what
    /// there is, and where something is missing, to tell what, unless nobody may see the names.
    pub(super) fn folders(&self, run: &RunContext) -> BTreeSet<Folder> {
        let whole = self.places().filter(|(request, place)| {
            place.name.is_none() && !matches!(request.keys, Keys::Names(_))
        });
        let whole = whole.map(|(_, place)| place.folder.clone());
        let may_tell = run.may_compare(0);
        let lacking = self.found.iter().filter(|(item, found)| {
            let error = found.as_ref().err();
            error.is_some_and(|error| {
                let is_missing = error.kind() == VaultErrorKind::NotFound;
                // The others were listed to find them.
                (is_missing && may_tell) || !item.is_found_by_name()
            })
        });
        whole
            .chain(lacking.map(|(item, _)| item.folder.clone()))
            .collect()
    }

    /// The answers to the requests, in their order.
    pub(super) fn answers(&self, run: &RunContext) -> Vec<Result<Secret, VaultError>> {
        let answer = |(request, place): &(&SecretRequest, Result<Place, VaultError>)| {
            let Place { folder, name } = place.as_ref().map_err(Clone::clone)?;
            let secret = match name {
                Some(name) => self.fields(request, item(request, folder, name), run),
                None => self.secrets(request, folder),
            }?;
            Ok(match version(request) {
                Some(version) => secret.with_version(version),
                None => secret,
            })
        };
        self.requests.iter().map(answer).collect()
    }

    /// The fields of a secret.
    fn fields(
        &self,
        request: &SecretRequest,
        item: Item,
        run: &RunContext,
    ) -> Result<Secret, VaultError> {
        let error = match self.found.get(&item) {
            Some(Ok(contents)) => return Ok(contents.secret(&request.keys)),
            // Whatever the form of the path, as for the secrets of a group.
            Some(Err(error)) => error.clone().with_missing_keys(),
            None => item.missing().with_missing_keys(),
        };
        match self.listed.get(&item.folder) {
            Some(Err(of_group)) if of_group.kind() == VaultErrorKind::NotFound => {
                Err(of_group.clone())
            }
            Some(Ok(listed))
                if error.kind() == VaultErrorKind::NotFound && !listed.has_name(&item.name) =>
            {
                Err(error.with_candidates(listed.near(&item.name, run)))
            }
            _ => Err(error),
        }
    }

    /// The secrets of a folder, each as the value of its name.
    fn secrets(&self, request: &SecretRequest, folder: &Folder) -> Result<Secret, VaultError> {
        let mut listed = None;
        match self.listed.get(folder) {
            Some(Ok(found)) => listed = Some(found),
            Some(Err(error)) => {
                let needs_list = !matches!(request.keys, Keys::Names(_))
                    || !item(request, folder, "").is_found_by_name()
                    || error.kind() == VaultErrorKind::NotFound;
                if needs_list {
                    return Err(error.clone());
                }
            }
            None => {}
        }
        let all = listed.map_or(Vec::new(), |listed| listed.names());
        let names: Vec<&str> = match &request.keys {
            Keys::Names(names) => names.iter().collect(),
            _ => all.clone(),
        };
        let mut secret = Secret::new();
        let (mut has_any, mut without_version) = (false, None);
        for name in names {
            let value = match self.found.get(&item(request, folder, name)) {
                Some(Ok(contents)) => contents.whole().map(Ok),
                Some(Err(error)) if error.kind() == VaultErrorKind::NotFound => {
                    without_version = without_version
                        .or(Some(error)
                            .filter(|_| listed.is_some_and(|listed| listed.has_name(name))));
                    None
                }
                Some(Err(error)) if is_of_all(error) => return Err(error.clone()),
                Some(Err(error)) => Some(Err(error.clone())),
                None => None,
            };
            if let Some(value) = value {
                has_any = true;
                secret.insert(name, value);
            }
        }
        match (without_version, listed) {
            // A key can only be missing: this says that what is missing is the version.
            (Some(error), _) if !has_any => Err(error.clone()),
            (_, Some(_)) => Ok(secret.with_names(all)),
            (_, None) => Ok(secret),
        }
    }
}

fn item(request: &SecretRequest, folder: &Folder, name: &str) -> Item {
    Item {
        folder: folder.clone(),
        name: name.to_owned(),
        version: version(request),
    }
}

/// The version that a request wants, if it is not the current one.
fn version(request: &SecretRequest) -> Option<String> {
    let version = request.version.clone();
    version.filter(|version| !matches!(version.as_str(), "" | "current"))
}

/// Whether an error is about everything that is read, not about one secret.
fn is_of_all(error: &VaultError) -> bool {
    use VaultErrorKind::{RequestBudget, Timeout, Unauthenticated, Unavailable};
    matches!(
        error.kind(),
        Unauthenticated | Unavailable | Timeout | RequestBudget
    )
}
