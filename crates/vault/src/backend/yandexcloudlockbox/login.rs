//! The ways to log in, and where the services are.

use zeroize::Zeroizing;

use super::key::Key;
use crate::transport::http::{Url, address};
use crate::{Settings, VaultError, files};

/// More than any file with a key.
const MAX_FILE: u64 = 1 << 20;

/// What to log in with. It has no `Debug`.
pub(super) enum Credentials {
    /// The key of a service account.
    Key(Key),
    /// A token that is there already.
    Token(Zeroizing<String>),
    /// The token of this machine, which this address gives.
    Machine(Url),
}

impl Credentials {
    /// Reads the key, the file with one, the token or the address of the machine's service: the
    /// first that is set.
    ///
    /// # Errors
    /// If none is, if a key lacks a part, or if a file cannot be read.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let parts = [
            "AVP_YCL_SERVICE_ACCOUNT_ID",
            "AVP_YCL_KEY_ID",
            "AVP_YCL_PRIVATE_KEY",
        ];
        let others = [
            "YC_SERVICE_ACCOUNT_KEY_FILE",
            "YC_IAM_TOKEN",
            "YC_METADATA_ADDR",
        ];
        let is_set = |name: &&str| settings.value(name).is_some();
        if parts.iter().any(is_set) || !others.iter().any(is_set) {
            let [account, id, private_key] = parts.map(|name| settings.needed(name));
            let key = VaultError::both(VaultError::both(account, id), private_key);
            let ((account, id), private_key) = key?;
            return Ok(Credentials::Key(Key {
                account,
                id,
                private_key: Zeroizing::new(private_key),
            }));
        }
        if settings.value("YC_SERVICE_ACCOUNT_KEY_FILE").is_some() {
            return key_file(settings).map(Credentials::Key);
        }
        if let Some(token) = settings.value("YC_IAM_TOKEN") {
            return Ok(Credentials::Token(Zeroizing::new(token.to_owned())));
        }
        let host = settings.value("YC_METADATA_ADDR").unwrap_or_default();
        let url = address::parse(&format!("http://{host}"));
        let url = url.filter(|url| url.path() == "/");
        let wrong = || VaultError::configuration("YC_METADATA_ADDR is not the name of a host");
        url.map(Credentials::Machine).ok_or_else(wrong)
    }
}

/// The file that `yc iam key create` writes.
fn key_file(settings: &Settings) -> Result<Key, VaultError> {
    const FILE: &str = "YC_SERVICE_ACCOUNT_KEY_FILE";
    let path = settings.path(FILE).unwrap_or_default();
    let wrong = |message| {
        VaultError::configuration(message)
            .with_name(path.display().to_string())
            .about_setting(FILE)
    };
    let deadline = std::time::Instant::now() + crate::RunContext::DEFAULT_TIMEOUT;
    let text = files::read(&path, MAX_FILE, deadline);
    let text = text.map_err(|_| wrong("cannot read the key file {}"))?;
    serde_json::from_slice(&text)
        .map_err(|_| wrong("the file {} holds no key of a service account"))
}

/// Where the services are.
#[derive(Clone, Debug)]
pub(super) struct Services {
    /// What gives tokens.
    pub(super) iam: Url,
    /// What gives secrets.
    pub(super) payload: Url,
}

impl Services {
    /// Those of the cloud itself.
    pub(super) fn of_the_cloud() -> Option<Self> {
        Some(Services {
            iam: address::parse("https://iam.api.cloud.yandex.net")?,
            payload: address::parse("https://payload.lockbox.api.cloud.yandex.net")?,
        })
    }
}

/// Reads the API of another installation, with `https` if nothing else is said; `None` for the cloud
/// itself.
///
/// # Errors
/// If it is no address.
pub(super) fn endpoint(settings: &Settings) -> Result<Option<Url>, VaultError> {
    let Some(text) = settings.value("YC_ENDPOINT") else {
        return Ok(None);
    };
    let wrong = || {
        VaultError::configuration("YC_ENDPOINT is not the address of an API")
            .with_hint("it must be a host, such as api.yandexcloud.kz:443")
    };
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    address::parse(&text).map(Some).ok_or_else(wrong)
}
