//! Which hosts are key vaults, and what a login is asked for there.
//!
//! Vaults are named by paths and by encrypted files, which others write: the host must end as those
//! of a cloud do, or be one of the operator's, and the token is for the cloud of the host, whatever a
//! server asks for (rule R7).

use std::fmt;

use super::settings;
use super::wire::is_local;
use crate::transport::http::{Url, address, below};
use crate::{Settings, VaultError};

/// The version of the API, which the vaults of every cloud have.
const API: &str = "7.4";

/// A cloud.
#[derive(Debug)]
pub(super) struct Cloud {
    /// What hosts of its vaults end in.
    suffix: &'static str,
    /// What a token for them is for.
    pub(super) resource: &'static str,
    /// The hosts that applications log in at.
    authorities: &'static [&'static str],
}

pub(super) static CLOUDS: [Cloud; 5] = [
    Cloud {
        suffix: "vault.azure.net",
        resource: "https://vault.azure.net",
        authorities: &PUBLIC,
    },
    Cloud {
        suffix: "vault.azure.cn",
        resource: "https://vault.azure.cn",
        authorities: &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
    },
    Cloud {
        suffix: "vault.usgovcloudapi.net",
        resource: "https://vault.usgovcloudapi.net",
        authorities: &["login.microsoftonline.us"],
    },
    Cloud {
        suffix: "vault.microsoftazure.de",
        resource: "https://vault.microsoftazure.de",
        authorities: &["login.microsoftonline.de"],
    },
    Cloud {
        suffix: "managedhsm.azure.net",
        resource: "https://managedhsm.azure.net",
        authorities: &PUBLIC,
    },
];

const PUBLIC: [&str; 3] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
];

impl Cloud {
    /// The cloud whose applications log in at a host.
    fn of_authority(host: &str) -> Option<&'static Cloud> {
        CLOUDS
            .iter()
            .find(|cloud| cloud.authorities.contains(&host))
    }

    /// Whether a login at this host can be one for this cloud. A host that is not of any cloud is the
    /// operator's, who knows.
    pub(super) fn is_of(&self, authority: &Url) -> bool {
        let host = authority.host_str().unwrap_or_default();
        Cloud::of_authority(host).is_none() || self.authorities.contains(&host)
    }
}

/// A key vault that may be asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyVault {
    url: Url,
    /// What tells its cloud from others.
    resource: &'static str,
    plain: String,
}

impl KeyVault {
    /// The one spelling of it: its name in the usual cloud, else its host.
    pub(crate) fn plain(&self) -> &str {
        &self.plain
    }

    /// What a token for it is for.
    pub(super) fn resource(&self) -> &'static str {
        self.resource
    }

    /// The address of something in it.
    ///
    /// # Errors
    /// As [`below`].
    pub(crate) fn at<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Url, VaultError> {
        let mut url = below(&self.url, parts)?;
        url.set_query(Some(&format!("api-version={API}")));
        Ok(url)
    }

    /// Whether an address is one of this vault, so that its token may be sent there.
    pub(crate) fn has(&self, url: &Url) -> bool {
        let is_plain = url.username().is_empty() && url.password().is_none();
        is_plain && url.origin() == self.url.origin()
    }
}

impl fmt::Debug for KeyVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

/// Why a text is not that of a key vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoVault {
    /// It is neither a name nor a host nor the address of one.
    Malformed,
    /// It is a host of somebody else.
    Foreign,
}

/// The hosts that are key vaults.
pub(super) struct Vaults {
    /// The cloud of names.
    home: &'static Cloud,
    /// The operator's.
    others: Vec<Url>,
}

impl Vaults {
    /// Reads the settings. `authority` is where applications log in, which says the cloud of names.
    pub(super) fn from_settings(settings: &Settings, authority: &Url) -> Result<Self, VaultError> {
        let [public, ..] = &CLOUDS;
        let home = Cloud::of_authority(authority.host_str().unwrap_or_default());
        let listed = settings.value(settings::HOSTS.name).unwrap_or_default();
        let words = listed.split([',', ' ']).filter(|word| !word.is_empty());
        let wrong = || {
            VaultError::configuration("{} does not list hosts of key vaults")
                .with_name(settings::HOSTS.name)
                .with_hint("write hosts with commas between them; only this machine may be asked over http")
        };
        let others = words.map(|word| {
            let url = whole(word).filter(|url| url.scheme() == "https" || is_local(url));
            url.ok_or_else(wrong)
        });
        Ok(Vaults {
            home: home.unwrap_or(public),
            others: others.collect::<Result<_, _>>()?,
        })
    }

    /// The vault that a text names: by its name, its host or its address.
    pub(super) fn find(&self, text: &str) -> Result<KeyVault, NoVault> {
        let text = text.trim();
        if is_name(text) {
            let host = format!("https://{text}.{}", self.home.suffix);
            let url = address::parse(&host).ok_or(NoVault::Malformed)?;
            return self.judge(url);
        }
        if !text.contains(['.', ':']) {
            return Err(NoVault::Malformed);
        }
        self.judge(whole(text).ok_or(NoVault::Malformed)?)
    }

    /// The vault of an address, which is what requests go to: nothing is read from its text again.
    fn judge(&self, url: Url) -> Result<KeyVault, NoVault> {
        let host = url.host_str().unwrap_or_default().to_owned();
        if self.others.contains(&url) {
            let port = url.port().map(|port| format!(":{port}"));
            let plain = host + port.as_deref().unwrap_or_default();
            // Otherwise it would read as a name, or as one that is asked over TLS.
            let is_plain = url.scheme() == "https" && plain.contains(['.', ':']);
            return Ok(KeyVault {
                plain: if is_plain {
                    plain
                } else {
                    url.origin().ascii_serialization()
                },
                resource: self.home.resource,
                url,
            });
        }
        let is_usual = url.scheme() == "https" && url.port().is_none();
        let mut clouds = CLOUDS.iter().filter(|_| is_usual);
        let found = clouds.find_map(|cloud| {
            let name = host.strip_suffix(cloud.suffix)?.strip_suffix('.')?;
            is_name(name).then_some((cloud, name))
        });
        let (cloud, name) = found.ok_or(NoVault::Foreign)?;
        let is_home = cloud.suffix == self.home.suffix;
        Ok(KeyVault {
            plain: if is_home { name } else { &host }.to_owned(),
            resource: cloud.resource,
            url,
        })
    }
}

/// A host or the address of one as an address.
pub(super) fn whole(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        address::parse(text)
    } else {
        address::parse(&format!("https://{text}"))
    };
    url.filter(|url| url.path() == "/")
}

/// Whether a text can be a name in Key Vault: of a vault, a secret or a key.
pub(crate) fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=127).contains(&text.len()) && text.bytes().all(is_part)
}
