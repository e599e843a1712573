//! The requests to key vaults.

use super::login::{Login, RunLogins};
use super::vaults::{KeyVault, NoVault, Vaults};
use super::wire::Wire;
use crate::transport::http::{Answer, Method, Retry, Url};
use crate::{RunContext, Settings, VaultError};

/// A vault is named by a path, which can name one that there is not.
const UNKNOWN_HOST_HINT: &str = "check the name of the vault: one that does not exist has no host, and one behind a private link may have it inside of its network only";

/// Azure with a login. Nothing is asked before the first request.
pub(crate) struct Azure {
    wire: Wire,
    login: Login,
    vaults: Vaults,
}

impl Azure {
    /// Takes its settings in.
    ///
    /// # Errors
    /// [`Configuration`](crate::VaultErrorKind::Configuration) if one is missing or wrong. Files are
    /// read when they are needed.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let (wire, login) = VaultError::both(
            Wire::from_settings(settings),
            Login::from_settings(settings),
        )?;
        let vaults = Vaults::from_settings(settings, &wire.authority)?;
        Ok(Azure {
            wire,
            login,
            vaults,
        })
    }

    /// The vault that a text names: by its name, its host or its address.
    ///
    /// # Errors
    /// If it is not one that may be asked.
    pub(crate) fn vault(&self, text: &str) -> Result<KeyVault, NoVault> {
        self.vaults.find(text)
    }

    /// Gets something from a vault, and hands back the answer whatever its status.
    ///
    /// # Errors
    /// If there is no login or no answer, or the address is not one of the vault: see
    /// [`KeyVault::has`].
    pub(crate) async fn get(
        &self,
        vault: &KeyVault,
        url: &Url,
        run: &RunContext,
        of_run: &RunLogins,
    ) -> Result<Answer, VaultError> {
        self.ask(vault, url, None, run, of_run).await
    }

    /// Posts something that changes nothing, so that it may be sent again.
    ///
    /// # Errors
    /// As [`get`](Azure::get).
    pub(crate) async fn post(
        &self,
        vault: &KeyVault,
        url: &Url,
        body: &str,
        run: &RunContext,
        of_run: &RunLogins,
    ) -> Result<Answer, VaultError> {
        self.ask(vault, url, Some(body), run, of_run).await
    }

    async fn ask(
        &self,
        vault: &KeyVault,
        url: &Url,
        body: Option<&str>,
        run: &RunContext,
        of_run: &RunLogins,
    ) -> Result<Answer, VaultError> {
        if !vault.has(url) {
            let message = "the vault {} sends to another host, which is not followed";
            return Err(VaultError::invalid_answer(message).with_name(vault.plain()));
        }
        let (wire, login) = (&self.wire, &self.login);
        let http = wire.http()?;
        let send = |token: &str| {
            let request = match body {
                Some(body) => http
                    .request(Method::POST, url.clone())
                    .body("application/json", body),
                None => http.get(url.clone()),
            };
            let request = request.bearer(token);
            let request = request.with_unknown_host_hint(UNKNOWN_HOST_HINT);
            async move { request.send(run, &Retry::default().with_any_method()).await }
        };
        let token = login.token(wire, vault, run, of_run).await?;
        let answer = send(token.expose()).await?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        match login.renewed(wire, vault, run, of_run, &token).await {
            Some(renewed) => send(renewed?.expose()).await,
            None => Ok(answer),
        }
    }
}
