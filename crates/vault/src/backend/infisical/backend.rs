mod client;
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

use self::client::Client;
use self::model::Folder;
use self::path::FolderPath;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, RunTokens, Shareable, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of Infisical.
pub struct Infisical {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<FolderPath, Folder, VaultError>>,
}

impl Shareable for Folder {}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// As [`Infisical::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    Ok(Arc::new(Infisical::in_context(settings, context)?))
}

impl Infisical {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::infisical::Infisical;
    /// let settings = Settings::new()
    ///     .with("INFISICAL_HOST_URL", "https://eu.infisical.com")
    ///     .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "2f0c…")
    ///     .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "9d1e…");
    /// let backend = Infisical::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Infisical::in_context(settings, &ConnectContext::new())
    }

    fn in_context(settings: &Settings, context: &ConnectContext) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(super::info::INFO.settings);
        let client = Client::from_settings(settings, context)?;
        let shares = |sharing| SharedReads::new(sharing, client.origin());
        Ok(Infisical {
            shares: context.sharing().map(shares),
            client: Arc::new(client),
        })
    }

    /// Reads a folder, or takes it from another run if all that is wanted is in it.
    async fn find(
        &self,
        path: FolderPath,
        keys: Vec<Keys>,
        run: &RunContext,
        of_run: Arc<RunTokens>,
    ) -> Result<Found<Folder>, VaultError> {
        let Some(shares) = &self.shares else {
            let folder = self.client.folder(&path, run, &of_run).await;
            return folder.map(Found::own);
        };
        let ask = |run: RunContext| {
            let (client, of_run) = (Arc::clone(&self.client), Arc::clone(&of_run));
            let path = path.clone();
            async move { client.folder(&path, &run, &of_run).await }
        };
        let is_enough = |folder: &Folder| folder.has_all(&keys);
        shares.read_enough(&path, run, ask, is_enough).await
    }
}

impl fmt::Debug for Infisical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Infisical")
            .field("server", &self.client.origin())
            .field("login", &self.client.method())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Infisical {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let wanted = requests.iter().map(wanted).collect();
        let of_run = Arc::<RunTokens>::default();
        let find = |path, keys| self.find(path, keys, run, Arc::clone(&of_run));
        let secret =
            |path: &FolderPath, found: &Found<Folder>, keys: &Keys| found.secret(path, keys);
        distinct::answers(requests, wanted, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        FolderPath::parse(path).map(|path| path.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn wanted(request: &SecretRequest) -> Result<FolderPath, VaultError> {
    let path = request.path.as_str();
    FolderPath::parse(path).map_err(|_| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "the path {} is not that of a folder",
        )
        .with_name(path)
    })
}
