mod client;
mod form;
mod path;
#[cfg(test)]
mod samples;
mod select;
mod template;
#[cfg(test)]
mod test_form;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::{Client, Found};
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of any service that answers with JSON.
///
/// What it reads is never shared between runs: nobody knows whether an answer was made for the one
/// who asked.
pub struct HttpService {
    client: Client,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    _: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    Ok(Arc::new(HttpService::from_settings(settings)?))
}

impl HttpService {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::backend::httpservice::HttpService;
    /// use manifill_vault::{Settings, VaultBackend};
    /// let settings = Settings::new()
    ///     .with("MANIFILL_HTTP_URL", "https://vault.example.com/api/{1}/items?name={2}")
    ///     .with("MANIFILL_HTTP_VALUES", "$.items[0]");
    /// let backend = HttpService::from_settings(&settings)?;
    /// assert!(backend.parse_path("team/db").is_ok());
    /// assert!(backend.parse_path("db").is_err());
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let client = Client::from_settings(settings)?;
        Ok(HttpService { client })
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("server", &self.client.form.origin())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for HttpService {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let paths = requests.iter().map(|request| self.path(request)).collect();
        let find = |path: SecretPath, _| async move { self.client.read(path.as_str(), run).await };
        let secret = |_: &SecretPath, found: &Found, keys: &Keys| found.secret(keys);
        distinct::answers(requests, paths, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        path::parse(path, &self.client.form.places)
    }

    fn has_versions(&self) -> bool {
        false
    }
}

impl HttpService {
    /// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
    fn path(&self, request: &SecretRequest) -> Result<SecretPath, VaultError> {
        let path = request.path.as_str();
        self.parse_path(path).map_err(|_| {
            let message = "the path {} cannot be sent";
            VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
        })
    }
}
