//! Transit keys of OpenBao and Vault.
//!
//! Which server to ask stands in the encrypted file, and the file is written by whoever may push
//! to the repository. The operator's token goes only where the operator allows it (rule R7): to
//! the server of `VAULT_ADDR`, and to the addresses of `SOPS_HC_VAULT_ALLOWLIST`. There it is used
//! with transit engines only: another engine could take what is sent for something to write.

use std::path::PathBuf;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use crate::backend::home::Home;
use crate::transport::http::{Client, HttpSettings, Method, Request, Url, address};
use crate::transport::vault_api;
use crate::{Settings, VaultError, VaultErrorKind};

/// The login and where it may be used.
pub(super) struct Transit {
    token: Option<Zeroizing<String>>,
    /// Where the token is if it is not in the settings.
    token_file: Option<PathBuf>,
    namespace: Option<String>,
    ca_file: Option<PathBuf>,
    allowed: Allowed,
    client: OnceLock<Client>,
}

enum Allowed {
    All,
    Only(Vec<Url>),
}

/// A transit key as an encrypted file names it.
pub(super) struct Key<'a> {
    pub(super) address: &'a str,
    pub(super) mount: &'a str,
    pub(super) name: &'a str,
}

/// Where to ask for a key.
pub(super) struct TransitKey<'k> {
    pub(super) server: Url,
    pub(super) mount: Vec<&'k str>,
    name: &'k str,
}

impl Transit {
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if an allowed address is no address.
    pub(super) fn from_settings(
        settings: &Settings,
        home: Option<&Home>,
    ) -> Result<Self, VaultError> {
        // One that is no URL, such as that of a socket, is not the address in any file.
        let mut only: Vec<Url> = settings
            .value("VAULT_ADDR")
            .and_then(address::parse)
            .into_iter()
            .collect();
        const LIST: &str = "SOPS_HC_VAULT_ALLOWLIST";
        let allowed = match settings.value(LIST) {
            Some("all") => Allowed::All,
            Some("none") => Allowed::Only(Vec::new()),
            list => {
                let entries = list.unwrap_or_default().split(',').map(str::trim);
                for entry in entries.filter(|entry| !entry.is_empty()) {
                    let url = address::parse(entry).ok_or_else(|| {
                        VaultError::new(
                            VaultErrorKind::Configuration,
                            "{} must hold URLs such as https://vault.example.com:8200",
                        )
                        .with_name(LIST)
                    })?;
                    only.push(url);
                }
                Allowed::Only(only)
            }
        };
        Ok(Transit {
            token: settings
                .value("VAULT_TOKEN")
                .map(|token| Zeroizing::new(token.to_owned())),
            token_file: home.map(|home| home.folder.join(".vault-token")),
            namespace: settings.value("VAULT_NAMESPACE").map(str::to_owned),
            ca_file: settings.path("VAULT_CACERT"),
            allowed,
            client: OnceLock::new(),
        })
    }

    /// Where to ask, if that is allowed.
    pub(super) fn place<'k>(&self, key: &Key<'k>) -> Result<TransitKey<'k>, VaultError> {
        let wrong = |message| VaultError::new(VaultErrorKind::Configuration, message);
        let server = address::parse(key.address)
            .ok_or_else(|| wrong("the address of the key server in the file is malformed"))?;
        let allowed = match &self.allowed {
            Allowed::All => true,
            Allowed::Only(list) => list.iter().any(|allowed| covers(allowed, &server)),
        };
        if !allowed {
            return Err(VaultError::new(
                VaultErrorKind::PermissionDenied,
                "the file names the key server {}, which the token may not be sent to",
            )
            .with_name(server.origin().ascii_serialization())
            .with_hint("set VAULT_ADDR to it, or add it to SOPS_HC_VAULT_ALLOWLIST"));
        }
        let parts = key.mount.split('/').filter(|part| !part.is_empty());
        let place = TransitKey {
            server,
            mount: parts.collect(),
            name: key.name,
        };
        if place.mount.is_empty() || place.key().is_err() {
            return Err(wrong(
                "the name of the transit key in the file is malformed",
            ));
        }
        Ok(place)
    }

    /// A request with the login.
    pub(super) fn request(
        &self,
        method: Method,
        url: Url,
        token: &str,
    ) -> Result<Request<'_>, VaultError> {
        let request = self
            .client()?
            .request(method, url)
            .login("x-vault-token", token)
            .with_refusal(vault_api::refuses_token)
            .header("x-vault-request", "true");
        Ok(match &self.namespace {
            Some(namespace) => request.header("x-vault-namespace", namespace),
            None => request,
        })
    }

    pub(super) fn token(&self) -> Result<Zeroizing<String>, VaultError> {
        let file = || {
            let text = std::fs::read_to_string(self.token_file.as_ref()?).ok()?;
            let text = Zeroizing::new(text);
            Some(Zeroizing::new(text.trim().to_owned())).filter(|token| !token.is_empty())
        };
        self.token.clone().or_else(file).ok_or_else(|| {
            VaultError::new(
                VaultErrorKind::Configuration,
                "the file needs a transit key, and {} is not set",
            )
            .with_name("VAULT_TOKEN")
        })
    }

    fn client(&self) -> Result<&Client, VaultError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut settings = HttpSettings::new("OpenBao or Vault");
        if let Some(file) = &self.ca_file {
            settings = settings.with_ca_file(file)?;
        }
        let client = Client::new(settings)?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl TransitKey<'_> {
    fn below(&self, front: &[&str], back: &[&str]) -> Result<Url, VaultError> {
        let parts = [front, &self.mount, back];
        address::below(&self.server, parts.into_iter().flatten().copied())
    }

    /// The address of the key.
    pub(super) fn key(&self) -> Result<Url, VaultError> {
        self.below(&["v1"], &["decrypt", self.name])
    }

    /// The address that tells what is mounted there.
    pub(super) fn engine(&self) -> Result<Url, VaultError> {
        self.below(&["v1", "sys", "internal", "ui", "mounts"], &[])
    }

    /// Whether this is the mount of the file: the whole of its path, or all behind a namespace.
    pub(super) fn is_at(&self, mount: &str) -> bool {
        let parts: Vec<&str> = mount.split('/').filter(|part| !part.is_empty()).collect();
        !parts.is_empty() && self.mount.ends_with(&parts)
    }
}

/// Whether an allowed address covers another one: the same server, and a path below its path.
fn covers(allowed: &Url, url: &Url) -> bool {
    let prefix = allowed.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(prefix);
    url.origin() == allowed.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
