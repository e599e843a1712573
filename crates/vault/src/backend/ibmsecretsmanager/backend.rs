mod client;
mod directory;
mod login;
mod model;
mod path;
mod reader;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod test_requests;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod tests;
mod types;
mod wanted;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::client::Client;
use self::model::Contents;
use self::path::Place;
use self::reader::{Item, Known, Reader};
use self::wanted::Wanted;
use super::info;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError,
};

/// Secrets of an instance of IBM Cloud Secrets Manager.
pub struct IbmSecretsManager {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Item, Contents, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if a setting is missing
/// or wrong, or a login of this machine is not allowed.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let client = Arc::new(Client::from_settings(settings, context)?);
    let shares = context.sharing();
    let shares = shares.map(|sharing| SharedReads::new(sharing, client.origin()));
    Ok(Arc::new(IbmSecretsManager { client, shares }))
}

impl IbmSecretsManager {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::ibmsecretsmanager::IbmSecretsManager;
    /// let settings = Settings::new()
    ///     .with("AVP_IBM_INSTANCE_URL", "https://i.us-south.secrets-manager.appdomain.cloud")
    ///     .with("AVP_IBM_API_KEY", "from elsewhere");
    /// let backend = IbmSecretsManager::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if a setting is
    /// missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(IbmSecretsManager {
            client: Arc::new(Client::from_settings(settings, &ConnectContext::new())?),
            shares: None,
        })
    }

    /// Reads a secret, or takes it from another run if all that is wanted is in it.
    async fn find(
        &self,
        item: &Item,
        fields: &[Keys],
        run: &RunContext,
        known: &Arc<Known>,
    ) -> Result<Found<Contents>, VaultError> {
        let ask = |run: RunContext| {
            let (client, known, item) = (Arc::clone(&self.client), Arc::clone(known), item.clone());
            async move { reader(&client, &run, &known).contents(&item).await }
        };
        let is_enough = |contents: &Contents| fields.iter().all(|keys| contents.has_all(keys));
        match &self.shares {
            Some(shares) => shares.read_enough(item, run, ask, is_enough).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

fn reader<'r>(client: &'r Client, run: &'r RunContext, known: &'r Known) -> Reader<'r> {
    Reader { client, run, known }
}

impl fmt::Debug for IbmSecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IbmSecretsManager")
            .field("instance", &self.client.origin())
            .field("login", &self.client.method())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for IbmSecretsManager {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let known = &Arc::<Known>::default();
        let mut wanted = Wanted::new(requests);
        // The futures are made before the streams, as in `RunContext::each`.
        let reads = wanted.items().into_iter().map(|(item, fields)| async move {
            let found = self.find(&item, &fields, run, known).await;
            (item, found)
        });
        let reads: Vec<_> = reads.collect();
        let limit = run.concurrency();
        wanted.found = stream::iter(reads).buffer_unordered(limit).collect().await;
        let lists = wanted.folders(run).into_iter().map(|folder| async move {
            let listed = reader(&self.client, run, known).directory(&folder).await;
            (folder, listed)
        });
        let lists: Vec<_> = lists.collect();
        wanted.listed = stream::iter(lists).buffer_unordered(limit).collect().await;
        wanted.answers(run)
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Place::parse(path).map(|place| place.plain())
    }
}
