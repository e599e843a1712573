//! Who asks: tokens, client certificates, and programs that give either.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::cluster::{Cluster, Pem};
use super::credentials::{Credentials, joined};
use super::exec::Plugin;
use super::kubeconfig::UserEntry;
use crate::{RunContext, VaultError};

/// Where the credentials come from.
#[derive(Default)]
pub(super) struct Login {
    token: Option<Token>,
    /// The client certificate and its key.
    identity: Option<(Pem, Pem)>,
    plugin: Option<Plugin>,
    /// The user whose rights are used instead of the login's own.
    pub(super) acts_as: Option<String>,
}

enum Token {
    Text(Zeroizing<String>),
    /// Read anew for each run: such tokens are replaced long before they end.
    File(PathBuf),
}

impl Login {
    /// The account of a pod.
    pub(super) fn of_pod(account: &Path) -> Self {
        Login {
            token: Some(Token::File(account.join("token"))),
            ..Login::default()
        }
    }

    /// The user of a kubeconfig; file names in it start from `folder`.
    pub(super) fn from_entry(
        entry: UserEntry,
        folder: &Path,
        cluster: &Cluster,
    ) -> Result<Self, VaultError> {
        refuse_unsupported(&entry)?;
        // As in `kubectl`, a file counts more than the text beside it.
        let token = match (entry.token_file, entry.token) {
            (Some(file), _) if !file.is_empty() => Some(Token::File(folder.join(file))),
            (_, Some(token)) if !token.trim().is_empty() => Some(Token::Text(token)),
            _ => None,
        };
        let certificate = Pem::new(
            entry.client_certificate_data.as_deref(),
            entry.client_certificate.as_deref(),
            folder,
            "client-certificate-data in the kubeconfig is not base64",
        )?;
        let key = Pem::new(
            entry.client_key_data.as_ref().map(|key| key.as_str()),
            entry.client_key.as_deref(),
            folder,
            "client-key-data in the kubeconfig is not base64",
        )?;
        let identity = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => {
                return Err(VaultError::configuration(
                    "the user in the kubeconfig has a client certificate and no key",
                ));
            }
            (None, Some(_)) => {
                return Err(VaultError::configuration(
                    "the user in the kubeconfig has a client key and no certificate",
                ));
            }
        };
        let plugin = match entry.exec {
            Some(_) if token.is_some() || identity.is_some() => {
                return Err(VaultError::configuration(
                    "the user in the kubeconfig has an exec plugin and another login",
                ));
            }
            Some(exec) => Some(Plugin::from_entry(exec, folder, cluster)?),
            None => None,
        };
        Ok(Login {
            token,
            identity,
            plugin,
            acts_as: entry.acts_as.filter(|user| !user.is_empty()),
        })
    }

    /// Whether the credentials may be kept from one run to the next: those of a program, which
    /// takes its time and may log in somewhere.
    pub(super) fn is_kept(&self) -> bool {
        self.plugin.is_some()
    }

    /// Gets the credentials.
    pub(super) async fn credentials(&self, run: &RunContext) -> Result<Credentials, VaultError> {
        if let Some(plugin) = &self.plugin {
            return plugin.credentials(run).await;
        }
        let token = match &self.token {
            None => None,
            Some(Token::Text(token)) => Some(token.clone()),
            Some(Token::File(file)) => {
                let text = std::fs::read_to_string(file).map(Zeroizing::new);
                let text = text.map_err(|_| {
                    VaultError::configuration("cannot read the token file {}")
                        .with_name(file.display().to_string())
                })?;
                Some(text)
            }
        };
        let identity = match &self.identity {
            None => None,
            Some((certificate, key)) => {
                let certificate = certificate.read("cannot read the client certificate {}")?;
                let key = key.read("cannot read the client key {}")?;
                Some(joined(&certificate, &key))
            }
        };
        Ok(Credentials {
            token: token.map(|token| Zeroizing::new(token.trim().to_owned())),
            identity,
            expires: None,
        })
    }
}

/// What would silently make another login of this one.
fn refuse_unsupported(entry: &UserEntry) -> Result<(), VaultError> {
    if entry.username.is_some() {
        return Err(VaultError::configuration(
            "the user in the kubeconfig logs in with a password, which clusters no longer accept",
        ));
    }
    if entry.auth_provider.is_some() {
        return Err(VaultError::configuration(
            "the user in the kubeconfig logs in with an auth-provider, which is not supported",
        )
        .with_hint("use the exec plugin that has replaced it"));
    }
    if entry.as_uid.is_some() || entry.as_groups.is_some() || entry.as_user_extra.is_some() {
        return Err(VaultError::configuration(
            "the user in the kubeconfig acts for groups, a uid or with extra fields, which is not supported",
        ));
    }
    Ok(())
}
