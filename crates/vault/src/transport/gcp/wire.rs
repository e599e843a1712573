//! The clients that logins and requests share.

use std::sync::OnceLock;
use std::time::Duration;

use crate::transport::http::{Answer, Client, HttpSettings, Request, Retry, Url};
use crate::{RunContext, VaultError, VaultErrorKind};

/// The way to Google Cloud and to what knows the login of this machine.
#[derive(Default)]
pub(super) struct Wire {
    far: OnceLock<Client>,
    near: OnceLock<Client>,
}

impl Wire {
    /// The client for services. What is sent goes where it was meant to go.
    pub(super) fn far(&self) -> Result<&Client, VaultError> {
        client(&self.far, far)
    }

    /// The client for what is on this machine or beside it, never through a proxy.
    pub(super) fn near(&self) -> Result<&Client, VaultError> {
        let settings = || {
            let second = Duration::from_secs(1);
            HttpSettings::new("metadata")
                .without_redirects()
                .without_proxy()
                .with_connect_timeout(second)
                .with_try_timeout(5 * second)
        };
        client(&self.near, settings)
    }

    /// The client for an address. Without TLS it is something of this machine, and a proxy would
    /// read it.
    pub(super) fn near_or_far(&self, url: &Url) -> Result<&Client, VaultError> {
        match url.scheme() {
            "http" => self.near(),
            _ => self.far(),
        }
    }

    /// What an address gives that is asked for something that logs this workload in.
    pub(super) async fn send(
        &self,
        request: Request<'_>,
        url: &Url,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let answer = request.send(run, &Retry::default()).await?;
        let error = answer.error();
        match (answer.status(), error.kind()) {
            (200..300, _) => Ok(answer),
            (_, VaultErrorKind::Unavailable) => Err(error),
            (status, _) => Err(VaultError::new(
                VaultErrorKind::Unauthenticated,
                "{} gives this workload no token",
            )
            .with_name(url.origin().ascii_serialization())
            .with_status(status)),
        }
    }
}

fn far() -> HttpSettings {
    HttpSettings::new("Google Cloud").without_redirects()
}

/// A client for services that shows a certificate: PEM with its key.
pub(super) fn with_certificate(pem: &str) -> Result<Client, VaultError> {
    Client::new(far().with_identity_pem(pem)?)
}

fn client(
    place: &OnceLock<Client>,
    settings: impl FnOnce() -> HttpSettings,
) -> Result<&Client, VaultError> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = Client::new(settings())?;
    Ok(place.get_or_init(|| client))
}
