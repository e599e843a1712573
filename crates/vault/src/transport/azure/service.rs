//! What services of Azure set for the managed identity of what runs in them: which service it is, and
//! where it is asked.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::settings;
use super::wire::{is_link_local, is_local};
use crate::transport::http::Url;
use crate::{Settings, VaultError};

/// The program of Azure Arc, which shows that a machine has it where nothing is set.
const ARC: &str = "/opt/azcmagent/bin/himds";

/// Where that is asked then.
const ARC_ADDRESS: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

/// The folder of its keys, which only whoever may have the identity can read.
const ARC_KEYS: &str = "/var/opt/azcmagent/tokens";

/// A managed identity that is asked for at an address of its own.
pub(super) struct Service {
    pub(super) url: Url,
    pub(super) kind: Kind,
    /// Which identity, of several.
    pub(super) client: Option<String>,
}

/// How a service is asked.
pub(super) enum Kind {
    /// An app service, a function or a container app.
    App { header: Zeroizing<String> },
    /// Azure Arc, on a machine elsewhere: it wants a key from this folder.
    Arc { keys: PathBuf },
    /// Azure Machine Learning.
    Learning { secret: Zeroizing<String> },
    /// The cloud shell, where the identity is that of the user: there are no others to choose from.
    Shell,
}

impl Service {
    /// `None` if nothing is set.
    ///
    /// # Errors
    /// If a service is set up in part, or is one that cannot be asked from here.
    pub(super) fn from_settings(settings: &Settings) -> Result<Option<Self>, VaultError> {
        Self::with_arc(settings, Path::new(ARC))
    }

    /// The same, with the program of Azure Arc somewhere.
    pub(super) fn with_arc(settings: &Settings, arc: &Path) -> Result<Option<Self>, VaultError> {
        let secret = |name| {
            settings
                .value(name)
                .map(|text| Zeroizing::new(text.to_owned()))
        };
        let client = settings.value(settings::CLIENT.name).map(str::to_owned);
        let endpoint = near_url(settings, settings::ENDPOINT.name)?;
        let (url, kind) = match (endpoint, secret(settings::HEADER.name)) {
            (Some(_), Some(_)) if settings.value(settings::THUMBPRINT.name).is_some() => {
                let message =
                    "{} is set: the managed identity of Service Fabric cannot be asked from here";
                return Err(VaultError::configuration(message)
                    .with_name(settings::THUMBPRINT.name)
                    .with_hint("log in as an application: with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"));
            }
            (Some(url), Some(header)) => (url, Kind::App { header }),
            (endpoint, _) => match near_url(settings, settings::MSI_ENDPOINT.name)? {
                Some(url) => match secret(settings::MSI_SECRET.name) {
                    Some(secret) => (url, Kind::Learning { secret }),
                    None => (url, Kind::Shell),
                },
                None => match arc_address(settings, endpoint, arc)? {
                    Some(url) => (
                        url,
                        Kind::Arc {
                            keys: ARC_KEYS.into(),
                        },
                    ),
                    None => return Ok(None),
                },
            },
        };
        let client = match kind {
            Kind::Learning { .. } => client.or_else(|| {
                let own = settings.value(settings::LEARNING_CLIENT.name);
                own.map(str::to_owned)
            }),
            _ => client,
        };
        Ok(Some(Service { url, kind, client }))
    }
}

/// Where Azure Arc is asked, if it is there.
fn arc_address(
    settings: &Settings,
    endpoint: Option<Url>,
    arc: &Path,
) -> Result<Option<Url>, VaultError> {
    match endpoint {
        None if arc.exists() => Ok(Url::parse(ARC_ADDRESS).ok()),
        Some(_) if settings.value(settings::ARC_ENDPOINT.name).is_none() => {
            Err(VaultError::configuration("{} is set and {} is not")
                .with_name(settings::ENDPOINT.name)
                .with_name(settings::HEADER.name))
        }
        endpoint => Ok(endpoint),
    }
}

/// An address of what gives the identity of this machine: what is sent there is sent in clear text,
/// and so is what comes back.
pub(super) fn near_url(settings: &Settings, name: &'static str) -> Result<Option<Url>, VaultError> {
    let Some(text) = settings.value(name) else {
        return Ok(None);
    };
    let url = Url::parse(text).ok().filter(|url| {
        let is_near = url.scheme() == "http" && (is_local(url) || is_link_local(url));
        url.has_host() && (is_near || url.scheme() == "https")
    });
    let wrong = || {
        let message = "{} must be an https address, or one of this machine or its network";
        VaultError::configuration(message).with_name(name)
    };
    url.map(Some).ok_or_else(wrong)
}
