//! Transit keys of OpenBao and Vault.
//!
//! Which server to ask stands in the encrypted file, and the file is written by whoever may push
//! to the repository. The operator's token goes only where the operator allows it (rule R7): to
//! the server of `VAULT_ADDR`, and to the addresses of `SOPS_HC_VAULT_ALLOWLIST`.

use std::path::PathBuf;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::age::Home;
use crate::transport::http::{Client, HttpSettings, Method, Retry, Url};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

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

/// Why the key server does not decrypt a text.
pub(super) enum Unopened {
    /// It may not be asked, or there is no token for it.
    NotAsked(VaultError),
    /// It was asked, and refused or failed.
    Failed(VaultError),
}

#[derive(Deserialize)]
struct Decrypted {
    data: Plain,
}

#[derive(Deserialize)]
struct Plain {
    plaintext: String,
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
            .and_then(parse)
            .into_iter()
            .collect();
        const LIST: &str = "SOPS_HC_VAULT_ALLOWLIST";
        let allowed = match settings.value(LIST) {
            Some("all") => Allowed::All,
            Some("none") => Allowed::Only(Vec::new()),
            list => {
                let entries = list.unwrap_or_default().split(',').map(str::trim);
                for entry in entries.filter(|entry| !entry.is_empty()) {
                    let url = parse(entry).ok_or_else(|| {
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

    /// Lets the server decrypt a text.
    pub(super) async fn open(
        &self,
        key: &Key<'_>,
        enc: &str,
        run: &RunContext,
    ) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let url = self.url(key).map_err(Unopened::NotAsked)?;
        let token = self.token().map_err(Unopened::NotAsked)?;
        let answer = self.ask(url, &token, enc, run).await;
        answer.map_err(Unopened::Failed)
    }

    async fn ask(
        &self,
        url: Url,
        token: &str,
        enc: &str,
        run: &RunContext,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let origin = url.origin().ascii_serialization();
        let mut request = self
            .client()?
            .request(Method::PUT, url)
            .header("x-vault-token", token)
            .header("x-vault-request", "true");
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let body = serde_json::json!({ "ciphertext": enc }).to_string();
        // Decrypting changes nothing.
        let retry = Retry::default().with_any_method();
        let answer = request
            .body("application/json", body)
            .send(run, &retry)
            .await?;
        let refused = |kind, message| {
            VaultError::new(kind, message)
                .with_name(origin.as_str())
                .with_status(answer.status())
                .with_tries(answer.tries())
        };
        match answer.status() {
            200..=299 => {}
            403 => {
                return Err(refused(
                    VaultErrorKind::PermissionDenied,
                    "{} does not let this token decrypt with the key of the file",
                )
                .with_hint("check VAULT_TOKEN and its policies"));
            }
            // Neither is a secret that does not exist, which `default` could replace.
            400 | 404 => {
                return Err(refused(
                    VaultErrorKind::Configuration,
                    "{} has no such transit key, or it is not the one that the file was encrypted with",
                ));
            }
            _ => return Err(answer.error()),
        }
        let Decrypted { data } = answer.json()?;
        let text = Zeroizing::new(data.plaintext);
        let plain = STANDARD.decode(text.as_bytes());
        plain.map(Zeroizing::new).map_err(|_| {
            refused(
                VaultErrorKind::InvalidAnswer,
                "the answer of {} is not base64",
            )
        })
    }

    /// Where to ask, if that is allowed.
    fn url(&self, key: &Key<'_>) -> Result<Url, VaultError> {
        let wrong = |message| VaultError::new(VaultErrorKind::Configuration, message);
        let mut url = parse(key.address)
            .ok_or_else(|| wrong("the address of the key server in the file is no address"))?;
        let allowed = match &self.allowed {
            Allowed::All => true,
            Allowed::Only(list) => list.iter().any(|allowed| covers(allowed, &url)),
        };
        if !allowed {
            return Err(VaultError::new(
                VaultErrorKind::PermissionDenied,
                "the file names the key server {}, which the token may not be sent to",
            )
            .with_name(url.origin().ascii_serialization())
            .with_hint("set VAULT_ADDR to it, or add it to SOPS_HC_VAULT_ALLOWLIST"));
        }
        let plain = |segment: &&str| !matches!(*segment, "" | "." | "..");
        let mount: Vec<&str> = key
            .mount
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        if mount.is_empty() || !mount.iter().all(plain) || !plain(&key.name) {
            return Err(wrong("the name of the transit key in the file is none"));
        }
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .push("v1")
                .extend(mount)
                .push("decrypt")
                .push(key.name);
        }
        Ok(url)
    }

    fn token(&self) -> Result<Zeroizing<String>, VaultError> {
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

/// Whether an allowed address covers another one: the same server, and a path below its path.
fn covers(allowed: &Url, url: &Url) -> bool {
    let prefix = allowed.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(prefix);
    url.origin() == allowed.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}
