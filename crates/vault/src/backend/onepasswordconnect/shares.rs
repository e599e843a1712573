//! What a long-lived program shares of a server (rule R14): the lists of vaults and of items, items
//! and the contents of files. One-time codes are not taken from a shared item; `backend.rs` reads
//! the item again for those.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::client::{Client, Session, Trouble};
use super::model::{Item, ItemId, is_gone};
use super::names::Names;
use crate::shared::{Found, Shareable, SharedReads, Sharing};
use crate::{RunContext, SecretValue, VaultError};

/// The shared reads of one server and login.
pub(super) struct Shares {
    vaults: SharedReads<(), Names, VaultError>,
    titles: SharedReads<String, Names, Trouble>,
    items: SharedReads<ItemId, Item, Trouble>,
    files: SharedReads<(ItemId, String), SecretValue, Trouble>,
}

impl Shareable for Names {}
impl Shareable for Item {}
impl Shareable for SecretValue {}

impl From<VaultError> for Trouble {
    fn from(error: VaultError) -> Self {
        Trouble::Other(error)
    }
}

impl Shares {
    pub(super) fn new(sharing: &Sharing, server: &str) -> Self {
        Shares {
            vaults: SharedReads::new(sharing, server),
            titles: SharedReads::new(sharing, server),
            items: SharedReads::new(sharing, server),
            files: SharedReads::new(sharing, server),
        }
    }

    /// Forgets the list of vaults, unless it has been read again since.
    pub(super) fn forget_vaults(&self, old: &Found<Names>) {
        self.vaults.forget(&(), old);
    }

    /// The same for the list of a vault's items.
    pub(super) fn forget_titles(&self, vault: &String, old: &Found<Names>) {
        self.titles.forget(vault, old);
    }

    /// The same for an item.
    pub(super) fn forget_item(&self, id: &ItemId, old: &Found<Item>) {
        self.items.forget(id, old);
    }
}

/// What begins a session for a read that belongs to no run.
#[derive(Clone)]
struct Beginning {
    client: Arc<Client>,
    started: Arc<AtomicBool>,
}

impl Beginning {
    fn session<'c>(&'c self, run: &'c RunContext) -> Session<'c> {
        Session {
            client: &self.client,
            run,
            started: Arc::clone(&self.started),
        }
    }
}

/// What a run reads with: for itself, or with others.
pub(super) struct Reader<'c> {
    pub(super) session: Session<'c>,
    pub(super) shares: Option<&'c Shares>,
}

impl Reader<'_> {
    pub(super) fn run(&self) -> &RunContext {
        self.session.run
    }

    /// The names of the vaults that the token covers.
    pub(super) async fn vaults(&self) -> Result<Found<Names>, VaultError> {
        let Some(shares) = self.shares else {
            return vault_names(&self.session).await.map(Found::own);
        };
        let beginning = self.beginning();
        let ask = |run: RunContext| {
            let beginning = beginning.clone();
            async move { vault_names(&beginning.session(&run)).await }
        };
        shares.vaults.read(&(), self.run(), ask).await
    }

    /// The titles of a vault's items, or of those that have one title.
    pub(super) async fn titles(
        &self,
        vault: &String,
        only: Option<&str>,
    ) -> Result<Found<Names>, Trouble> {
        let Some(shares) = self.shares else {
            return titles(&self.session, vault, only).await.map(Found::own);
        };
        let beginning = self.beginning();
        let ask = |run: RunContext| {
            let (beginning, vault) = (beginning.clone(), vault.clone());
            async move { titles(&beginning.session(&run), &vault, None).await }
        };
        shares.titles.read(vault, self.run(), ask).await
    }

    /// An item with its fields.
    pub(super) async fn item(&self, id: &ItemId) -> Result<Found<Item>, Trouble> {
        let Some(shares) = self.shares else {
            let item = self.session.item(&id.vault, &id.item).await;
            return item.map(Found::own);
        };
        let beginning = self.beginning();
        let ask = |run: RunContext| {
            let (beginning, id) = (beginning.clone(), id.clone());
            async move { beginning.session(&run).item(&id.vault, &id.item).await }
        };
        shares.items.read(id, self.run(), ask).await
    }

    /// The contents of a file.
    pub(super) async fn contents(&self, id: &ItemId, file: &str) -> Result<SecretValue, Trouble> {
        let Some(shares) = self.shares else {
            return self.session.file(&id.vault, &id.item, file).await;
        };
        let beginning = self.beginning();
        let key = (id.clone(), file.to_owned());
        let ask = |run: RunContext| {
            let (beginning, (id, file)) = (beginning.clone(), key.clone());
            async move {
                let session = beginning.session(&run);
                session.file(&id.vault, &id.item, &file).await
            }
        };
        let found = shares.files.read(&key, self.run(), ask).await?;
        Ok(SecretValue::clone(&found))
    }

    fn beginning(&self) -> Beginning {
        Beginning {
            client: Arc::clone(self.session.client),
            started: Arc::clone(&self.session.started),
        }
    }
}

async fn vault_names(session: &Session<'_>) -> Result<Names, VaultError> {
    let vaults = session.vaults().await?.into_iter();
    let vaults = vaults.map(|vault| (vault.id, vault.name.unwrap_or_default()));
    Ok(Names::new(vaults))
}

async fn titles(session: &Session<'_>, vault: &str, only: Option<&str>) -> Result<Names, Trouble> {
    let items = session.items(vault, only).await?.into_iter();
    let live = items.filter(|item| !is_gone(item.state.as_deref()));
    let titles = live.map(|item| (item.id, item.title.unwrap_or_default()));
    Ok(Names::new(titles))
}
