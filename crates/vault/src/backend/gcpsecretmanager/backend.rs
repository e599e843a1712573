mod model;
mod path;
mod reader;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_reads;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::model::Payload;
use self::path::Name;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::transport::gcp::{Gcp, OfRun, Service};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

static SERVICE: Service = Service {
    title: "Google Secret Manager",
    endpoint: "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER",
};

/// Secrets of Google Secret Manager.
pub struct GcpSecretManager {
    gcp: Arc<Gcp>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Name, Payload, VaultError>>,
}

/// Makes the backend from its settings; nothing is asked yet.
///
/// # Errors
/// As [`GcpSecretManager::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = GcpSecretManager::from_settings(settings)?;
    let sharing = context.sharing();
    backend.shares = sharing.map(|sharing| SharedReads::new(sharing, SERVICE.title));
    Ok(Arc::new(backend))
}

impl GcpSecretManager {
    /// Makes the backend from its settings. Credentials are looked for when something is read.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::gcpsecretmanager::GcpSecretManager;
    ///
    /// let file = "/run/secrets/google.json";
    /// let settings = Settings::new().with("GOOGLE_APPLICATION_CREDENTIALS", file);
    /// let backend = GcpSecretManager::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(GcpSecretManager {
            gcp: Arc::new(Gcp::from_settings(settings, &SERVICE)?),
            shares: None,
        })
    }

    /// Reads a version of a secret, or takes it from another run if all that is wanted is in it.
    async fn find(
        &self,
        name: Name,
        keys: Vec<Keys>,
        run: &RunContext,
        of_run: &Arc<OfRun>,
    ) -> Result<Found<Payload>, VaultError> {
        let ask = |run: RunContext| {
            let (gcp, of_run) = (Arc::clone(&self.gcp), Arc::clone(of_run));
            let name = name.clone();
            async move { reader::read(&gcp, &name, &run, &of_run).await }
        };
        let is_enough = |payload: &Payload| keys.iter().all(|keys| payload.has_all(keys));
        match &self.shares {
            Some(shares) => shares.read_enough(&name, run, ask, is_enough).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

impl fmt::Debug for GcpSecretManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GcpSecretManager").finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for GcpSecretManager {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let of_run = &Arc::<OfRun>::default();
        let names = requests.iter().map(wanted).collect();
        let find = |name, keys| self.find(name, keys, run, of_run);
        let secret = |_: &Name, found: &Found<Payload>, keys: &Keys| found.secret(keys);
        distinct::answers(requests, names, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Name::parse(path).map(|name| name.plain())
    }
}

/// The secret and the version that a request wants. Paths come from [`VaultBackend::parse_path`], but
/// a program may have made one itself.
fn wanted(request: &SecretRequest) -> Result<Name, VaultError> {
    let path = request.path.as_str();
    let wrong = |message| VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path);
    let mut name = Name::parse(path)
        .map_err(|_| wrong("the path {} is not the name of a secret of Google"))?;
    let version = request.version.as_deref().map(str::trim);
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        if name.version.as_ref().is_some_and(|own| own != version) {
            return Err(wrong("the path {} names another version than {}").with_name(version));
        }
        if !path::is_version(version) {
            return Err(wrong("for {} there can be no version {}").with_name(version));
        }
        name.version = Some(version.to_owned());
    }
    // It is read as what has no version.
    name.version = name.version.filter(|version| version != reader::LATEST);
    Ok(name)
}
