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
        let shell = near_url(settings, settings::MSI_ENDPOINT.name)?;
        let header = secret(settings::HEADER.name);
        let has_arc = settings.value(settings::ARC_ENDPOINT.name).is_some();
        let arc_keys = || Kind::Arc {
            keys: ARC_KEYS.into(),
        };
        let (url, kind) = match (endpoint, header, shell) {
            (Some(_), Some(_), _) if settings.value(settings::THUMBPRINT.name).is_some() => {
                let message =
                    "{} is set: the managed identity of Service Fabric cannot be asked from here";
                return Err(VaultError::configuration(message)
                    .with_name(settings::THUMBPRINT.name)
                    .with_hint("log in as an application: with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"));
            }
            (Some(url), Some(header), _) => (url, Kind::App { header }),
            (_, _, Some(url)) => match secret(settings::MSI_SECRET.name) {
                Some(secret) => (url, Kind::Learning { secret }),
                None => (url, Kind::Shell),
            },
            (Some(url), None, None) if has_arc => (url, arc_keys()),
            (Some(_), None, None) => {
                return Err(VaultError::configuration("{} is set and {} is not")
                    .with_name(settings::ENDPOINT.name)
                    .with_name(settings::HEADER.name));
            }
            (None, _, None) if arc.exists() => match Url::parse(ARC_ADDRESS) {
                Ok(url) => (url, arc_keys()),
                Err(_) => return Ok(None),
            },
            (None, _, None) => return Ok(None),
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
