mod client;
mod path;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::{Client, Config};
use self::path::ConfigName;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, Shareable, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of Doppler.
pub struct Doppler {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<ConfigName, Config, VaultError>>,
}

impl Shareable for Config {}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// As [`Doppler::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = Doppler::from_settings(settings)?;
    let server = backend.client.origin();
    let shares = |sharing| SharedReads::new(sharing, server);
    backend.shares = context.sharing().map(shares);
    Ok(Arc::new(backend))
}

impl Doppler {
    /// Makes the backend from `DOPPLER_TOKEN`; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::doppler::Doppler;
    /// let settings = Settings::new().with("DOPPLER_TOKEN", "dp.st.prd.xxxx");
    /// let backend = Doppler::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(Doppler {
            client: Arc::new(Client::from_settings(settings)?),
            shares: None,
        })
    }

    /// Reads a config, or takes it from another run if all that is wanted is in it.
    async fn find(
        &self,
        name: ConfigName,
        keys: Vec<Keys>,
        run: &RunContext,
    ) -> Result<Found<Config>, VaultError> {
        let Some(shares) = &self.shares else {
            return self.client.config(&name, run).await.map(Found::own);
        };
        let ask = |run: RunContext| {
            let (client, name) = (Arc::clone(&self.client), name.clone());
            async move { client.config(&name, &run).await }
        };
        let is_enough = |config: &Config| config.has_all(&keys);
        shares.read_enough(&name, run, ask, is_enough).await
    }
}

impl fmt::Debug for Doppler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doppler")
            .field("server", &self.client.origin())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Doppler {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let wanted = requests.iter().map(wanted).collect();
        let find = |name, keys| self.find(name, keys, run);
        let secret =
            |name: &ConfigName, found: &Found<Config>, keys: &Keys| found.secret(name, keys);
        distinct::answers(requests, wanted, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        ConfigName::parse(path).map(|name| name.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn wanted(request: &SecretRequest) -> Result<ConfigName, VaultError> {
    let path = request.path.as_str();
    ConfigName::parse(path).map_err(|_| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "the path {} is not that of a config",
        )
        .with_name(path)
    })
}
