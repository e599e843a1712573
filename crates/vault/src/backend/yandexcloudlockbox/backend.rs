mod client;
mod key;
mod login;
mod model;
mod path;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::{Client, Known, Wanted};
use self::model::Entries;
use self::path::Locator;
use super::info;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of Yandex Cloud Lockbox.
pub struct YandexCloudLockbox {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Wanted, Entries, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = YandexCloudLockbox::from_settings(settings)?;
    let shares = |sharing| SharedReads::new(sharing, backend.client.name());
    backend.shares = context.sharing().map(shares);
    Ok(Arc::new(backend))
}

impl YandexCloudLockbox {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::yandexcloudlockbox::YandexCloudLockbox;
    /// let settings = Settings::new().with("YC_IAM_TOKEN", "t1.9euelZqQ");
    /// let backend = YandexCloudLockbox::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong. Whether a private key is
    /// one shows when it is first used.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(YandexCloudLockbox {
            client: Arc::new(Client::from_settings(settings)?),
            shares: None,
        })
    }

    /// Reads a version of a secret, or takes it from another run if all that is wanted is in it.
    async fn find(
        &self,
        wanted: Wanted,
        keys: Vec<Keys>,
        run: &RunContext,
        known: &Arc<Known>,
    ) -> Result<Found<Entries>, VaultError> {
        let ask = |run: RunContext| {
            let (client, known) = (Arc::clone(&self.client), Arc::clone(known));
            let wanted = wanted.clone();
            async move { client.entries(&wanted, &run, &known).await }
        };
        let is_enough = |entries: &Entries| keys.iter().all(|keys| entries.has_all(keys));
        match &self.shares {
            Some(shares) => shares.read_enough(&wanted, run, ask, is_enough).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

impl fmt::Debug for YandexCloudLockbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YandexCloudLockbox")
            .field("server", &self.client.name())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for YandexCloudLockbox {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let known = &Arc::<Known>::default();
        let places = requests.iter().map(place).collect();
        let find = |place, keys| self.find(place, keys, run, known);
        let secret = |_: &Wanted, found: &Found<Entries>, keys: &Keys| found.secret(keys);
        distinct::answers(requests, places, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Locator::parse(path).map(|place| place.plain())
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn place(request: &SecretRequest) -> Result<Wanted, VaultError> {
    let path = request.path.as_str();
    let at = Locator::parse(path).map_err(|_| {
        let message = "the path {} cannot be one of Lockbox";
        VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
    })?;
    let version = request.version.clone().filter(|text| !text.is_empty());
    Ok(Wanted { at, version })
}
