//! The calls of a backend.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::exchange::LogIn;
use super::rotated::Rotated;
use super::source::{self, Sourced};
use super::wire::Wire;
use crate::shared::{RunTokens, Tokens};
use crate::transport::http::{Answer, Method, Retry, Url, address};
use crate::{RunContext, Settings, VaultError};

/// A service of Google Cloud, as a backend declares it.
pub(crate) struct Service {
    /// What it is called in messages.
    pub(crate) title: &'static str,
    /// The setting with another address for it.
    pub(crate) endpoint: &'static str,
}

/// A service with a login. Nothing is asked before the first call.
pub(crate) struct Gcp {
    service: &'static Service,
    settings: Settings,
    /// Where `.config/gcloud` is.
    home: Option<PathBuf>,
    endpoint: Option<Url>,
    wire: Wire,
    tokens: Tokens,
    rotated: Rotated,
}

/// What one run finds out about its login.
#[derive(Default)]
pub(crate) struct OfRun {
    tokens: RunTokens,
    sourced: OnceLock<Result<Arc<Sourced>, VaultError>>,
}

/// A call that changes nothing.
pub(crate) struct Call {
    pub(crate) url: Url,
    /// JSON to post; without it, something is got.
    pub(crate) body: Option<String>,
    /// What to look at if the host is not known, unless it is that of the settings.
    pub(crate) unknown_host_hint: Option<&'static str>,
}

impl Gcp {
    /// Takes its settings in. Credentials are looked for when something is called.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if the address of the
    /// service is malformed.
    pub(crate) fn from_settings(
        settings: &Settings,
        service: &'static Service,
    ) -> Result<Self, VaultError> {
        // Where the home is, is no setting: nobody chooses it for one backend.
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Gcp::at_home(settings, service, home.as_deref())
    }

    /// The same with another home folder, or none.
    pub(crate) fn at_home(
        settings: &Settings,
        service: &'static Service,
        home: Option<&Path>,
    ) -> Result<Self, VaultError> {
        Ok(Gcp {
            service,
            settings: settings.clone(),
            home: home.filter(|home| home.is_absolute()).map(Path::to_owned),
            endpoint: endpoint(settings, service)?,
            wire: Wire::default(),
            tokens: Tokens::new(service.title),
            rotated: Rotated::default(),
        })
    }

    /// What is asked, for messages.
    pub(crate) fn title(&self) -> &'static str {
        self.service.title
    }

    /// The address of a service: that of the settings, else its host in the cloud that the login is
    /// for.
    ///
    /// # Errors
    /// If credentials cannot be read, or that is not the name of a host.
    pub(crate) fn address(&self, service: &str, of_run: &OfRun) -> Result<Url, VaultError> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let host = self.sourced(of_run)?.found.universe.host(service);
        address::parse(&format!("https://{host}")).ok_or_else(|| {
            VaultError::configuration("{} is not the name of a host").with_name(host)
        })
    }

    /// What a run logs in with.
    fn sourced(&self, of_run: &OfRun) -> Result<Arc<Sourced>, VaultError> {
        let find = || source::find(&self.settings, self.home.as_deref()).map(Arc::new);
        of_run.sourced.get_or_init(find).clone()
    }

    /// Calls the service and hands back its answer, whatever its status. A token of an earlier run
    /// that is refused is got anew once.
    ///
    /// # Errors
    /// If there is no login, or no answer.
    pub(crate) async fn call(
        &self,
        call: &Call,
        run: &RunContext,
        of_run: &OfRun,
    ) -> Result<Answer, VaultError> {
        let sourced = self.sourced(of_run)?;
        sourced.remember(run);
        let log_in = || {
            let log_in = LogIn {
                wire: &self.wire,
                sourced: &sourced,
                settings: &self.settings,
                home: self.home.as_deref(),
                rotated: &self.rotated,
                run,
            };
            async move { log_in.token().await }
        };
        let token = self.tokens.token(run, &of_run.tokens, log_in()).await?;
        let answer = self.send(call, token.expose(), &sourced, run).await?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        let renewed = self
            .tokens
            .renewed(run, &of_run.tokens, &token, log_in())
            .await;
        match renewed.transpose()? {
            // One that is set is the same again.
            Some(renewed) if renewed.expose() != token.expose() => {
                self.send(call, renewed.expose(), &sourced, run).await
            }
            _ => Ok(answer),
        }
    }

    async fn send(
        &self,
        call: &Call,
        token: &str,
        sourced: &Sourced,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let client = self.wire.far()?;
        let mut request = match &call.body {
            None => client.get(call.url.clone()),
            Some(body) => client
                .request(Method::POST, call.url.clone())
                .body("application/json", body.as_bytes()),
        };
        request = request.bearer(token);
        if let Some(hint) = call.unknown_host_hint.filter(|_| self.endpoint.is_none()) {
            request = request.with_unknown_host_hint(hint);
        }
        if let Some(project) = &sourced.found.quota_project {
            request = request.header("x-goog-user-project", project);
        }
        let retry = Retry::default().with_any_method();
        request.send(run, &retry).await
    }
}

/// Reads the address of a service, with `https` if nothing else is said.
fn endpoint(settings: &Settings, service: &Service) -> Result<Option<Url>, VaultError> {
    let Some(text) = settings.value(service.endpoint) else {
        return Ok(None);
    };
    let wrong = || {
        VaultError::configuration("{} is not an http or https address").with_name(service.endpoint)
    };
    let url = if text.contains("://") {
        address::parse(text)
    } else {
        address::parse(&format!("https://{text}"))
    };
    url.map(Some).ok_or_else(wrong)
}
