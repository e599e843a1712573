mod client;
mod config;
mod crypto;
mod letter;
mod model;
mod path;
mod read;
mod record;
mod records;
#[cfg(test)]
mod samples;
mod server_keys;
#[cfg(test)]
mod test_config;
#[cfg(test)]
mod test_files;
#[cfg(test)]
mod test_records;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::{Client, Contents, Wanted};
use self::path::Name;
use self::read::Read;
use self::record::{File, Record};
use self::records::Records;
use super::info;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Records of Keeper Secrets Manager.
pub struct KeeperSecretsManager {
    client: Arc<Client>,
    /// Whether rules judge paths: then what has the shape of a UID is no title (rule R8).
    restricted: bool,
    /// What runs share, in a long-lived program: those that want the same records.
    records: Option<SharedReads<Wanted, Records, VaultError>>,
    files: Option<SharedReads<String, Contents, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = KeeperSecretsManager::from_settings(settings)?;
    backend.restricted = context.is_restricted();
    if let Some(sharing) = context.sharing() {
        let server = backend.client.origin();
        backend.records = Some(SharedReads::new(sharing, server.clone()));
        backend.files = Some(SharedReads::new(sharing, server));
    }
    Ok(Arc::new(backend))
}

/// What a run has read: the records whose UIDs it knew, and all of them if it looks for titles.
#[derive(Default)]
struct Reading {
    by_uid: Option<Result<Found<Records>, VaultError>>,
    all: Option<Result<Found<Records>, VaultError>>,
}

/// The names that a run wants, and which keys of them.
type Names<'n> = BTreeMap<&'n Name, Vec<&'n Keys>>;

impl KeeperSecretsManager {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(KeeperSecretsManager {
            client: Arc::new(Client::from_settings(settings)?),
            restricted: false,
            records: None,
            files: None,
        })
    }

    /// Reads what is wanted with one request, and with another one if a UID is not found and may be a title.
    async fn read_all(&self, names: &Names<'_>, run: &RunContext) -> Reading {
        let mut reading = Reading::default();
        if names.is_empty() {
            return reading;
        }
        if names.keys().all(|name| name.is_uid()) {
            let uids: BTreeSet<String> =
                names.keys().map(|name| name.as_str().to_owned()).collect();
            let found = self.find_records(Some(uids), names, run).await;
            let is_there = |name: &Name| !matches!(&found, Ok(found) if matches!(found.find(name, false), Ok(None)));
            let is_enough = self.restricted || names.keys().all(|name| is_there(name));
            reading.by_uid = Some(found);
            if is_enough {
                return reading;
            }
        }
        reading.all = Some(self.find_records(None, names, run).await);
        reading
    }

    /// Reads records, or takes them from another run if all that is wanted is in them.
    async fn find_records(
        &self,
        wanted: Wanted,
        names: &Names<'_>,
        run: &RunContext,
    ) -> Result<Found<Records>, VaultError> {
        let ask = |run: RunContext| {
            let (client, wanted) = (Arc::clone(&self.client), wanted.clone());
            async move { client.records(&wanted, &run).await }
        };
        let by_title = wanted.is_none();
        let is_enough = |records: &Records| {
            names
                .iter()
                .all(|(name, keys)| match records.find(name, by_title) {
                    Ok(Some(record)) => keys
                        .iter()
                        .all(|keys| record.has_all(keys) && !record.wants_file(keys)),
                    _ => false,
                })
        };
        match &self.records {
            Some(shares) => shares.read_enough(&wanted, run, ask, is_enough).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }

    /// The record of a name.
    fn record<'r>(
        &self,
        name: &Name,
        reading: &'r Reading,
        run: &RunContext,
    ) -> Result<&'r Record, VaultError> {
        let may_be_title = !(self.restricted && name.is_uid());
        for (found, by_title) in [(&reading.by_uid, false), (&reading.all, may_be_title)] {
            let Some(found) = found else { continue };
            let found = found.as_ref().map_err(Clone::clone)?;
            if let Some(record) = found.find(name, by_title)? {
                return Ok(record);
            }
        }
        let near = match &reading.all {
            Some(Ok(all)) => all.near(name, run),
            _ => Vec::new(),
        };
        Err(VaultError::new(VaultErrorKind::NotFound, "there is no record {}")
            .with_name(name.as_str())
            .with_candidates(near)
            .with_hint("it must be shared with the application of the configuration, alone or with its folder"))
    }

    async fn find<'r>(
        &self,
        name: Name,
        keys: Vec<Keys>,
        reading: &'r Reading,
        run: &RunContext,
    ) -> Result<Read<'r>, VaultError> {
        let record = self.record(&name, reading, run)?;
        let mut files = BTreeMap::new();
        for file in record.files(&keys) {
            files.insert(file.uid.as_str(), self.find_file(file, run).await);
        }
        Ok(Read { record, files })
    }

    /// Reads a file, or takes it from another run. What goes by a file's UID does not change.
    async fn find_file(
        &self,
        file: &File,
        run: &RunContext,
    ) -> Result<Found<Contents>, VaultError> {
        let ask = |run: RunContext| {
            let (client, file) = (Arc::clone(&self.client), file.clone());
            async move { client.contents(&file, &run).await }
        };
        match &self.files {
            Some(shares) => shares.read(&file.uid, run, ask).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

impl fmt::Debug for KeeperSecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeeperSecretsManager")
            .field("server", &self.client.origin())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for KeeperSecretsManager {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let wanted: Vec<Result<Name, VaultError>> = requests.iter().map(name).collect();
        let mut names = Names::new();
        for (request, name) in requests.iter().zip(&wanted) {
            if let Ok(name) = name {
                names.entry(name).or_default().push(&request.keys);
            }
        }
        let reading = &self.read_all(&names, run).await;
        let find = |name, keys| self.find(name, keys, reading, run);
        let secret = |_: &Name, found: &Read<'_>, keys: &Keys| found.secret(keys);
        distinct::answers(requests, wanted, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Name::parse(path).map(|name| name.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn name(request: &SecretRequest) -> Result<Name, VaultError> {
    let path = request.path.as_str();
    Name::parse(path).map_err(|_| {
        let message = "the path {} cannot be a record of Keeper";
        VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
    })
}
