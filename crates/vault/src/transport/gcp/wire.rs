//! The clients that logins and requests share.

use std::sync::OnceLock;
use std::time::Duration;

use crate::VaultError;
use crate::transport::http::{Client, HttpSettings};

/// The way to Google Cloud and to what knows the login of this machine.
#[derive(Default)]
pub(super) struct Wire {
    far: OnceLock<Client>,
    near: OnceLock<Client>,
}

impl Wire {
    /// The client for services. What is sent goes where it was meant to go.
    pub(super) fn far(&self) -> Result<&Client, VaultError> {
        let settings = || HttpSettings::new("Google Cloud").without_redirects();
        client(&self.far, settings)
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
