//! The ways to log in, and what each sends.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::backend::local_login::{self, POD_TOKEN};
use crate::settings::{ConnectContext, Origin};
use crate::{RunContext, Settings, VaultError};

const URL: &str = "CONJUR_APPLIANCE_URL";
const TYPE: &str = "CONJUR_AUTHN_TYPE";
const LOGIN: &str = "CONJUR_AUTHN_LOGIN";
const API_KEY: &str = "CONJUR_AUTHN_API_KEY";
const SERVICE: &str = "CONJUR_SERVICE_ID";
const HOST: &str = "CONJUR_AUTHN_JWT_HOST_ID";
const TOKEN_FILE: &str = "JWT_TOKEN_PATH";

/// A way to log in, with its credentials. It has no `Debug`.
pub(super) enum Login {
    ApiKey {
        login: String,
        key: Zeroizing<String>,
    },
    Jwt {
        service: String,
        host: Option<String>,
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
        let implied = if is_set(SERVICE) && !is_set(API_KEY) {
            "jwt"
        } else {
            "authn"
        };
        match settings.value(TYPE).unwrap_or(implied) {
            "authn" => {
                let (login, key) =
                    VaultError::both(settings.needed(LOGIN), settings.needed(API_KEY))?;
                let key = Zeroizing::new(key);
                Ok(Login::ApiKey { login, key })
            }
            "jwt" | "authn-jwt" => {
                let service = settings.needed(SERVICE)?;
                let is_authors = settings.origin(URL) == Some(&Origin::AppEnvironment);
                if !context.local_login().unwrap_or(!is_authors) {
                    return Err(local_login::refused());
                }
                let file = settings.path(TOKEN_FILE);
                Ok(Login::Jwt {
                    service,
                    host: settings.value(HOST).map(str::to_owned),
                    file: file.unwrap_or_else(|| POD_TOKEN.into()),
                })
            }
            "k8s" | "authn-k8s" => Err(VaultError::configuration(
                "a login by authn-k8s is not supported",
            )
            .about_setting(TYPE)
            .with_hint("CONJUR_AUTHN_TYPE=jwt takes the token of the same service account")),
            // It may be a secret that was set in the wrong place.
            _ => Err(
                VaultError::configuration("CONJUR_AUTHN_TYPE is not a way to log in")
                    .with_hint("it is authn or jwt"),
            ),
        }
    }

    /// The name of the method, as in `CONJUR_AUTHN_TYPE`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Login::ApiKey { .. } => "authn",
            Login::Jwt { .. } => "jwt",
        }
    }

    /// The parts of the address to log in at.
    pub(super) fn address<'l>(&'l self, account: &'l str) -> Vec<&'l str> {
        let mut parts = match self {
            Login::ApiKey { login, .. } => vec!["authn", account, login],
            Login::Jwt { service, host, .. } => {
                let mut parts = vec!["authn-jwt", service, account];
                parts.extend(host.as_deref());
                parts
            }
        };
        parts.push("authenticate");
        parts
    }

    /// Remembers its secret as a login of the run, be it sent in this one or before.
    pub(super) fn remember(&self, run: &RunContext) {
        if let Login::ApiKey { key, .. } = self {
            run.remember_login(key);
        }
    }

    /// What to send and its type. The token of an account is remembered as a login of the run.
    ///
    /// # Errors
    /// If the file with the token cannot be read or holds no JWT; it is named.
    pub(super) fn body(
        &self,
        run: &RunContext,
    ) -> Result<(&'static str, Zeroizing<String>), VaultError> {
        match self {
            Login::ApiKey { key, .. } => Ok(("text/plain", key.clone())),
            Login::Jwt { file, .. } => {
                let token = local_login::read(file, TOKEN_FILE)?;
                let is_of_tokens =
                    |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                if !token.bytes().all(is_of_tokens) {
                    return Err(VaultError::configuration("the file {} does not hold a JWT")
                        .with_name(file.display().to_string())
                        .about_setting(TOKEN_FILE));
                }
                run.remember_login(&token);
                let form = Zeroizing::new(format!("jwt={}", *token));
                Ok(("application/x-www-form-urlencoded", form))
            }
        }
    }

    /// What to look at if the server does not accept it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Login::ApiKey { .. } => {
                "check CONJUR_AUTHN_LOGIN, which is host/NAME for a host, CONJUR_AUTHN_API_KEY and CONJUR_ACCOUNT"
            }
            Login::Jwt { .. } => {
                "check CONJUR_SERVICE_ID and CONJUR_ACCOUNT, and which tokens the service and its host allow"
            }
        }
    }
}
