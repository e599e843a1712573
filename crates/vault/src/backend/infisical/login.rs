//! The ways to log in, and what each sends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::backend::local_login::{self, POD_TOKEN};
use crate::format::json_texts;
use crate::settings::{ConnectContext, Origin};
use crate::{RunContext, Settings, VaultError};

const HOST: &str = "INFISICAL_HOST_URL";
const METHOD: &str = "INFISICAL_AUTH_METHOD";
const CLIENT: &str = "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID";
const SECRET: &str = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET";
const IDENTITY: &str = "INFISICAL_MACHINE_IDENTITY_ID";
const TOKEN_FILE: &str = "INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH";

/// A way to log in, with its credentials. It has no `Debug`.
pub(super) enum Login {
    Universal {
        client: String,
        secret: Zeroizing<String>,
    },
    Kubernetes {
        identity: String,
        file: PathBuf,
    },
}

impl Login {
    /// Reads the method and its settings.
    ///
    /// # Errors
    /// If the method is unknown or lacks a setting, or if it would send a token of this machine to
    /// an address that the app's author chose.
    pub(super) fn from_settings(
        settings: &Settings,
        context: &ConnectContext,
    ) -> Result<Self, VaultError> {
        let is_set = |name| settings.value(name).is_some();
        let implied = if is_set(CLIENT) || is_set(SECRET) {
            "universal-auth"
        } else if is_set(IDENTITY) {
            "kubernetes"
        } else {
            ""
        };
        match settings.value(METHOD).unwrap_or(implied) {
            "universal-auth" => {
                let (client, secret) = VaultError::both(settings.needed(CLIENT), settings.needed(SECRET))?;
                let secret = Zeroizing::new(secret);
                Ok(Login::Universal { client, secret })
            }
            "kubernetes" => {
                let identity = settings.needed(IDENTITY)?;
                let is_authors = settings.origin(HOST) == Some(&Origin::AppEnvironment);
                if !context.local_login().unwrap_or(!is_authors) {
                    return Err(local_login::refused());
                }
                let file = settings.path(TOKEN_FILE);
                Ok(Login::Kubernetes {
                    identity,
                    file: file.unwrap_or_else(|| POD_TOKEN.into()),
                })
            }
            "" => Err(VaultError::configuration("no login to Infisical is set").with_hint(
                "set INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET, or in a pod INFISICAL_MACHINE_IDENTITY_ID",
            )),
            // It may be a secret that was set in the wrong place.
            _ => Err(
                VaultError::configuration("INFISICAL_AUTH_METHOD is not a way to log in")
                    .with_hint("it is universal-auth or kubernetes"),
            ),
        }
    }

    /// The part of the address that is the method's own.
    pub(super) fn address(&self) -> &'static str {
        match self {
            Login::Universal { .. } => "universal-auth",
            Login::Kubernetes { .. } => "kubernetes-auth",
        }
    }

    /// The name of the method, as in `INFISICAL_AUTH_METHOD`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Login::Universal { .. } => "universal-auth",
            Login::Kubernetes { .. } => "kubernetes",
        }
    }

    /// Remembers its secret as a login of the run, be it sent in this one or before.
    pub(super) fn remember(&self, run: &RunContext) {
        if let Login::Universal { secret, .. } = self {
            run.remember_login(secret);
        }
    }

    /// What to send. The token of an account is remembered as a login of the run.
    ///
    /// # Errors
    /// If a file with a token cannot be read; it is named.
    pub(super) fn body(&self, run: &RunContext) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let file;
        let body = match self {
            Login::Universal { client, secret } => {
                [("clientId", client.as_str()), ("clientSecret", secret)]
            }
            Login::Kubernetes {
                identity,
                file: path,
            } => {
                file = local_login::read(path, TOKEN_FILE)?;
                run.remember_login(&file);
                [("identityId", identity.as_str()), ("jwt", file.as_str())]
            }
        };
        json_texts::write(&BTreeMap::from(body))
    }

    /// What to look at if the server does not accept it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Login::Universal { .. } => {
                "check INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"
            }
            Login::Kubernetes { .. } => {
                "check INFISICAL_MACHINE_IDENTITY_ID, and which service accounts the identity allows"
            }
        }
    }
}
