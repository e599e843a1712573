mod client;
mod login;
mod model;
mod path;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::{Client, File};
use self::model::{Content, Fields, FileId};
use self::path::Locator;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, RunTokens, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of a Delinea Secret Server.
pub struct DelineaSecretServer {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    secrets: Option<SharedReads<Locator, Fields, VaultError>>,
    files: Option<SharedReads<FileId, File, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = DelineaSecretServer::from_settings(settings)?;
    if let Some(sharing) = context.sharing() {
        let server = backend.client.origin();
        backend.secrets = Some(SharedReads::new(sharing, server.clone()));
        backend.files = Some(SharedReads::new(sharing, server));
    }
    Ok(Arc::new(backend))
}

impl DelineaSecretServer {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::delineasecretserver::DelineaSecretServer;
    /// let settings = Settings::new()
    ///     .with("AVP_DELINEA_URL", "https://vault.example.com/SecretServer")
    ///     .with("AVP_DELINEA_USER", "manifill")
    ///     .with("AVP_DELINEA_PASSWORD", "from elsewhere");
    /// let backend = DelineaSecretServer::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(DelineaSecretServer {
            client: Arc::new(Client::from_settings(settings)?),
            secrets: None,
            files: None,
        })
    }

    /// Reads a secret and the files that keys ask for, or takes from another run what it has of them.
    async fn find(
        &self,
        place: Locator,
        keys: Vec<Keys>,
        run: &RunContext,
        tokens: &Arc<RunTokens>,
    ) -> Result<Read, VaultError> {
        let ask = |run: RunContext| {
            let (client, tokens) = (Arc::clone(&self.client), Arc::clone(tokens));
            let place = place.clone();
            async move { client.secret(&place, &run, &tokens).await }
        };
        let is_enough = |fields: &Fields| keys.iter().all(|keys| fields.has_all(keys));
        let fields = match &self.secrets {
            Some(shares) => shares.read_enough(&place, run, ask, is_enough).await?,
            None => Found::own(ask(run.clone()).await?),
        };
        let mut files = BTreeMap::new();
        for id in keys.iter().flat_map(|keys| fields.files(keys)) {
            if let Entry::Vacant(place) = files.entry(id) {
                let file = self.find_file(place.key(), run, tokens).await;
                place.insert(file);
            }
        }
        Ok(Read { fields, files })
    }

    async fn find_file(
        &self,
        id: &FileId,
        run: &RunContext,
        tokens: &Arc<RunTokens>,
    ) -> Result<Found<File>, VaultError> {
        let ask = |run: RunContext| {
            let (client, tokens) = (Arc::clone(&self.client), Arc::clone(tokens));
            let id = id.clone();
            async move { client.file(&id, &run, &tokens).await }
        };
        match &self.files {
            Some(shares) => shares.read(id, run, ask).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

impl fmt::Debug for DelineaSecretServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelineaSecretServer")
            .field("server", &self.client.origin())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for DelineaSecretServer {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let tokens = &Arc::<RunTokens>::default();
        let places = requests.iter().map(locator).collect();
        let find = |place, keys| self.find(place, keys, run, tokens);
        let secret = |_: &Locator, found: &Read, keys: &Keys| found.secret(keys);
        distinct::answers(requests, places, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Locator::parse(path).map(|place| place.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn locator(request: &SecretRequest) -> Result<Locator, VaultError> {
    let path = request.path.as_str();
    Locator::parse(path).map_err(|_| {
        let message = "the path {} cannot be one of Secret Server";
        VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
    })
}

/// A secret with the files in it that keys ask for.
struct Read {
    fields: Found<Fields>,
    files: BTreeMap<FileId, Result<Found<File>, VaultError>>,
}

impl Read {
    /// The answer for a request that wants these keys.
    fn secret(&self, keys: &Keys) -> Secret {
        let fields = &self.fields;
        let mut secret = Secret::new()
            .with_id(fields.id.to_string())
            .with_names(fields.keys());
        if !fields.title.is_empty() {
            secret = secret.with_title(&*fields.title);
        }
        for key in fields.keys().filter(|key| keys.wants(key)) {
            match fields.find(key) {
                Some(Ok(Content::Value(value))) => secret.insert(key, Ok(value.clone())),
                // One that nobody has asked for by name was not read.
                Some(Ok(Content::File(id))) => match self.files.get(id) {
                    Some(Ok(file)) => secret.insert(key, Ok(file.0.clone())),
                    Some(Err(error)) => secret.insert(key, Err(error.clone())),
                    None => {}
                },
                Some(Err(error)) => secret.insert(key, Err(error)),
                None => {}
            }
        }
        secret
    }
}
