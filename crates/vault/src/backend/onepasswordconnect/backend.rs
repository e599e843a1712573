mod client;
mod fields;
mod host;
mod lookup;
mod model;
mod names;
mod otp;
mod path;
mod reference;
mod shares;
mod ssh;
mod token;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_fields;
#[cfg(test)]
mod test_path;
#[cfg(test)]
mod test_reference;
#[cfg(test)]
mod test_requests;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod test_ssh;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::client::{Client, Trouble};
use self::fields::KeyTarget;
use self::lookup::{Lookup, not_covered};
use self::model::{Item, ItemId};
use self::path::ItemPath;
use self::shares::{Reader, Shares};
use self::token::Token;
use crate::clock::now;
use crate::settings::ConnectContext;
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, SecretValue, Settings,
    VaultBackend, VaultError, VaultErrorKind,
};

/// The conversion of keys, for the fuzz target `ssh`.
#[cfg(fuzzing)]
pub fn fuzz_openssh(pem: &str) -> Option<String> {
    ssh::convert(pem)
}

/// Items of 1Password, read from a Connect server.
pub struct OnePasswordConnect {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<Shares>,
    /// Whether what has the shape of an id is never looked for as a name.
    ids_only: bool,
    /// Whether `/v1` was taken off the address.
    shortened: bool,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = OnePasswordConnect::from_settings(settings)?;
    backend.ids_only = context.is_restricted();
    let server = backend.client.origin();
    let shares = |sharing| Shares::new(sharing, &server);
    backend.shares = context.sharing().map(shares);
    Ok(Arc::new(backend))
}

impl OnePasswordConnect {
    /// Makes the backend from `OP_CONNECT_HOST` and `OP_CONNECT_TOKEN`; nothing is connected yet.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if one of them is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let (address, token) =
            VaultError::both(host::address(settings), Token::from_settings(settings))?;
        let client = Client::new(address.url, token)?;
        Ok(OnePasswordConnect {
            client: Arc::new(client),
            shares: None,
            ids_only: false,
            shortened: address.shortened,
        })
    }
}

impl fmt::Debug for OnePasswordConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnePasswordConnect")
            .field("server", &self.client.origin())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for OnePasswordConnect {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let parsed: Vec<Result<ItemPath, VaultError>> = requests
            .iter()
            .map(|request| parse(&request.path))
            .collect();
        let paths: Vec<ItemPath> = parsed.iter().flatten().cloned().collect();
        if self.shortened {
            run.note("OP_CONNECT_HOST ends with /v1 or an address below it, which was left out: it is the address of the server alone");
        }
        let reader = Reader {
            session: self.client.session(run),
            shares: self.shares.as_ref(),
        };
        let all = requests.iter().any(|request| request.keys == Keys::All);
        // A list that is shared serves everyone, whatever they look for.
        let all = all || self.shares.is_some();
        let mut lookup = Lookup::new(&reader, self.ids_only).with_all_titles(all);
        let found = lookup.find(&paths).await;
        if self.shares.is_some() {
            refresh(&mut lookup, requests, &parsed, &found).await;
        }
        let mut found = found.into_iter();
        let reads: Vec<Result<Read<'_>, VaultError>> = requests
            .iter()
            .zip(parsed)
            .map(|(request, parsed)| {
                let path = parsed?;
                let id = found.next().unwrap_or_else(|| Err(not_covered(&path)));
                let id = id.map_err(|error| about_version(error, request))?;
                let item = lookup.item(&id).ok_or_else(|| not_covered(&path))?;
                Ok(Read::new(&path, id, item, &request.keys))
            })
            .collect();
        let files = read_files(&reader, reads.iter().flatten()).await;
        reads
            .into_iter()
            .map(|read| Ok(read?.into_secret(&files, run)))
            .collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        ItemPath::parse(path).map(|path| path.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// What a request comes down to once its item is known.
struct Read<'i> {
    id: ItemId,
    item: &'i Item,
    found: Vec<(String, Result<KeyTarget<'i>, VaultError>)>,
}

/// The contents of files, by item and by the id of the file.
type Files = BTreeMap<(ItemId, String), Result<SecretValue, VaultError>>;

impl<'i> Read<'i> {
    fn new(path: &ItemPath, id: ItemId, item: &'i Item, keys: &Keys) -> Self {
        let find = if path.reference {
            reference::find
        } else {
            fields::find
        };
        let found = match keys {
            Keys::All => fields::all(item)
                .into_iter()
                .map(|(name, value)| (name, Ok(KeyTarget::Value(value))))
                .collect(),
            Keys::Names(names) => names
                .iter()
                .filter_map(|name| {
                    find(item, name, now())
                        .transpose()
                        .map(|found| (name.to_owned(), found))
                })
                .collect(),
        };
        Read { id, item, found }
    }

    /// Whether all that is wanted is there.
    fn has_all(&self, keys: &Keys) -> bool {
        let wanted = match keys {
            Keys::All => 0,
            Keys::Names(names) => names.len(),
        };
        self.found.len() >= wanted && self.found.iter().all(|(_, found)| found.is_ok())
    }

    /// Whether a one-time code is wanted.
    fn has_code(&self) -> bool {
        let is_code = |found: &Result<_, _>| matches!(found, Ok(KeyTarget::Code(_)));
        self.found.iter().any(|(_, found)| is_code(found))
    }

    /// The ids of the files that are wanted.
    fn files(&self) -> impl Iterator<Item = (ItemId, String)> {
        self.found.iter().filter_map(|(_, found)| match found {
            Ok(KeyTarget::File(file)) => Some((self.id.clone(), file.id.clone())),
            _ => None,
        })
    }

    fn into_secret(self, files: &Files, run: &RunContext) -> Secret {
        let ItemId { vault, item } = &self.id;
        let mut secret = Secret::new()
            .with_id(format!("vaults/{vault}/items/{item}"))
            .with_names(fields::names(self.item));
        if let Some(title) = self.item.title.as_deref().filter(|title| !title.is_empty()) {
            secret = secret.with_title(title);
        }
        if let Some(version) = self.item.version {
            secret = secret.with_version(version.to_string());
        }
        for (key, found) in self.found {
            let value = match found {
                Ok(KeyTarget::Value(value)) => Ok(value),
                Ok(KeyTarget::Code(code)) => {
                    run.note("one-time codes change every 30 s: each run gives other manifests");
                    Ok(code)
                }
                Ok(KeyTarget::File(file)) => match files.get(&(self.id.clone(), file.id.clone())) {
                    Some(contents) => contents.clone(),
                    None => continue,
                },
                Err(error) => Err(error),
            };
            secret.insert(key, value);
        }
        secret
    }
}

/// Reads items again where what another run has read does not do: a key that is missing in it may
/// be there now, and a one-time code is nobody else's.
async fn refresh(
    lookup: &mut Lookup<'_>,
    requests: &[SecretRequest],
    parsed: &[Result<ItemPath, VaultError>],
    found: &[Result<ItemId, VaultError>],
) {
    let (mut lacking, mut codes) = (BTreeSet::new(), BTreeSet::new());
    let pairs = requests.iter().zip(parsed);
    let pairs = pairs.filter_map(|(request, path)| Some((request, path.as_ref().ok()?)));
    for ((request, path), id) in pairs.zip(found) {
        let Ok(id) = id else { continue };
        let Some(item) = lookup.item(id) else {
            continue;
        };
        let read = Read::new(path, id.clone(), item, &request.keys);
        if read.has_code() {
            codes.insert(id.clone());
        } else if item.is_old && !read.has_all(&request.keys) {
            lacking.insert(id.clone());
        }
    }
    lookup.renew(lacking.difference(&codes).cloned()).await;
    lookup.read_alone(codes).await;
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn parse(path: &SecretPath) -> Result<ItemPath, VaultError> {
    ItemPath::parse(path.as_str()).map_err(|_| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "the path {} is not that of an item",
        )
        .with_name(path.as_str())
        .with_hint("write vaults/<vault>/items/<item>")
    })
}

/// A version says nothing here, so it may be what a `#` cut off from a title (rule R3).
fn about_version(error: VaultError, request: &SecretRequest) -> VaultError {
    match (error.kind(), &request.version) {
        (VaultErrorKind::NotFound, Some(_)) => {
            error.with_hint("if its title holds a #, use the item's id or its link")
        }
        _ => error,
    }
}

/// Reads the files that are wanted, each once.
async fn read_files<'r>(reader: &Reader<'_>, reads: impl Iterator<Item = &'r Read<'r>>) -> Files {
    let wanted: BTreeSet<(ItemId, String)> = reads.flat_map(Read::files).collect();
    let contents = stream::iter(wanted.into_iter().map(|(id, file)| async move {
        let contents = reader.contents(&id, &file).await.map_err(file_trouble);
        ((id, file), contents)
    }));
    contents
        .buffer_unordered(reader.run().concurrency())
        .collect()
        .await
}

/// An item that lists a file the server cannot give: it is not there yet, rather than missing.
fn file_trouble(trouble: Trouble) -> VaultError {
    match trouble {
        Trouble::Other(error) => error,
        Trouble::Missing => VaultError::new(
            VaultErrorKind::Unavailable,
            "the server does not have the contents of the file yet",
        ),
        Trouble::NotCovered => VaultError::new(
            VaultErrorKind::PermissionDenied,
            "this token may not read the file",
        ),
    }
}
