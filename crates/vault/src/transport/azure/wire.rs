//! What requests of all kinds go through: the clients and the addresses that settings say.

use std::net::IpAddr;
use std::sync::OnceLock;

use super::settings;
use crate::transport::http::{self, HttpSettings, Url, address};
use crate::{Settings, VaultError};

/// Where applications of the public cloud log in.
const AUTHORITY: &str = "https://login.microsoftonline.com";

/// The way to Azure, for whoever logs in and whoever has logged in.
pub(super) struct Wire {
    settings: Settings,
    /// Where applications log in.
    pub(super) authority: Url,
    http: OnceLock<http::Client>,
}

impl Wire {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let text = settings.value(settings::AUTHORITY.name);
        let text = text.unwrap_or(AUTHORITY);
        let url = if text.contains("://") {
            address::parse(text)
        } else {
            address::parse(&format!("https://{text}"))
        };
        let is_good = |url: &Url| url.path() == "/" && (url.scheme() == "https" || is_local(url));
        let wrong = || {
            VaultError::configuration("{} is not the host of a service to log in at")
                .with_name(settings::AUTHORITY.name)
                .with_hint("it is login.microsoftonline.us, for instance")
        };
        Ok(Wire {
            settings: settings.clone(),
            authority: url.filter(is_good).ok_or_else(wrong)?,
            http: OnceLock::new(),
        })
    }

    /// The client for the cloud.
    pub(super) fn http(&self) -> Result<&http::Client, VaultError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let mut http = HttpSettings::new("Azure");
        if let Some(path) = self.settings.path(settings::CA_FILE.name) {
            http = http.with_ca_file(path)?;
        }
        let client = http::Client::new(http)?;
        Ok(self.http.get_or_init(|| client))
    }
}

/// Whether an address is one of this machine.
pub(super) fn is_local(url: &Url) -> bool {
    host(url) == "localhost" || ip(url).is_some_and(|ip| ip.is_loopback())
}

/// Whether an address is one that no router passes on, where platforms have what serves one machine.
pub(super) fn is_link_local(url: &Url) -> bool {
    matches!(ip(url), Some(IpAddr::V4(ip)) if ip.is_link_local())
}

fn ip(url: &Url) -> Option<IpAddr> {
    host(url).parse().ok()
}

fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}
