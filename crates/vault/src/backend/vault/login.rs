//! The ways to log in, and what each sends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::path::segments;
use crate::backend::is_showable;
use crate::backend::local_login::{self, POD_TOKEN};
use crate::format::json_texts;
use crate::settings::{ConnectContext, Origin};
use crate::{Settings, VaultError};

const LOCAL: &str = "MANIFILL_VAULT_LOCAL_LOGIN";

type Text = Zeroizing<String>;

/// A way to log in, with its credentials. It has no `Debug`.
pub(super) struct Login {
    pub(super) method: Method,
    /// Where the method is mounted, `auth/` included.
    pub(super) mount: String,
    /// Whether no method was set, and a token was.
    pub(super) implied: bool,
}

/// The method and what it needs.
pub(super) enum Method {
    Token { token: Text },
    AppRole { role: Text, secret: Text },
    GitHub { token: Text },
    Kubernetes { role: String, file: PathBuf },
    UserPass { user: String, password: Text },
    Jwt { role: Option<String>, jwt: Jwt },
}

/// Where a JWT comes from; a file is read anew for each login, since it is replaced now and then.
pub(super) enum Jwt {
    Given(Text),
    File(PathBuf),
}

impl Login {
    /// Reads `AVP_AUTH_TYPE` and the settings of that method.
    ///
    /// # Errors
    /// If the method is unknown or lacks a setting, in AVP's words (rules 58 and 59), or if it
    /// would send a credential of this machine to an address that the app's author chose.
    pub(super) fn from_settings(
        settings: &Settings,
        context: &ConnectContext,
    ) -> Result<Self, VaultError> {
        let secret = |name| {
            settings
                .value(name)
                .map(|value| Zeroizing::new(value.to_owned()))
        };
        let plain = |name| settings.value(name).map(str::to_owned);
        // Whoever follows the banner of a development server has an address and a token.
        let set = settings.value("AVP_AUTH_TYPE");
        let implied = set.is_none() && settings.value("VAULT_TOKEN").is_some();
        let named = if implied {
            "token"
        } else {
            set.unwrap_or_default()
        };
        let (method, mount) = match named {
            "token" => (
                secret("VAULT_TOKEN")
                    .map(|token| Method::Token { token })
                    .ok_or("VAULT_TOKEN for token authentication cannot be empty"),
                "auth/token",
            ),
            "approle" => (
                secret("AVP_ROLE_ID")
                    .zip(secret("AVP_SECRET_ID"))
                    .map(|(role, secret)| Method::AppRole { role, secret })
                    .ok_or(
                        "AVP_ROLE_ID and AVP_SECRET_ID for approle authentication cannot be empty",
                    ),
                "auth/approle",
            ),
            "github" => (
                secret("AVP_GITHUB_TOKEN")
                    .map(|token| Method::GitHub { token })
                    .ok_or("AVP_GITHUB_TOKEN for github authentication cannot be empty"),
                "auth/github",
            ),
            "k8s" | "kubernetes" => (
                plain("AVP_K8S_ROLE")
                    .map(|role| Method::Kubernetes {
                        role,
                        file: settings
                            .path("AVP_K8S_TOKEN_PATH")
                            .unwrap_or_else(|| POD_TOKEN.into()),
                    })
                    .ok_or("AVP_K8S_ROLE for k8s authentication cannot be empty"),
                "auth/kubernetes",
            ),
            "userpass" => (
                plain("AVP_USERNAME")
                    .zip(secret("AVP_PASSWORD"))
                    .map(|(user, password)| Method::UserPass { user, password })
                    .ok_or(
                        "AVP_USERNAME and AVP_PASSWORD for userpass authentication cannot be empty",
                    ),
                "auth/userpass",
            ),
            "jwt" => (
                secret("AVP_JWT")
                    .map(Jwt::Given)
                    .or_else(|| settings.path("AVP_JWT_PATH").map(Jwt::File))
                    .map(|jwt| Method::Jwt {
                        role: plain("AVP_JWT_ROLE"),
                        jwt,
                    })
                    .ok_or("AVP_JWT or AVP_JWT_PATH for jwt authentication cannot be empty"),
                "auth/jwt",
            ),
            unknown => {
                let error = if unknown.is_empty() {
                    let message = "Must provide a supported Authentication Type, received none: AVP_AUTH_TYPE is not set";
                    VaultError::configuration(message)
                } else if is_showable(unknown) {
                    let message = "Must provide a supported Authentication Type, received {}";
                    VaultError::configuration(message).with_name(unknown)
                } else {
                    VaultError::configuration("Must provide a supported Authentication Type")
                };
                let hint = "AVP_AUTH_TYPE is approle, github, jwt, k8s, token or userpass";
                return Err(error.with_hint(hint).about_setting("AVP_AUTH_TYPE"));
            }
        };
        let method = method.map_err(VaultError::configuration)?;
        if let Method::Token { token } = &method {
            refuse_odd(token)?;
        }
        refuse_local(&method, settings, context)?;
        let own = match method {
            Method::Kubernetes { .. } => plain("AVP_K8S_MOUNT_PATH"),
            _ => None,
        };
        let mount = own
            .or_else(|| plain("AVP_MOUNT_PATH"))
            .unwrap_or_else(|| mount.to_owned());
        if segments(&mount).next().is_none() || segments(&mount).any(|part| part == "..") {
            return Err(
                VaultError::configuration("the login cannot be mounted at {}")
                    .with_name(mount)
                    .with_hint(MOUNT_HINT),
            );
        }
        Ok(Login {
            method,
            mount,
            implied,
        })
    }

    /// The parts of the address to log in at; `None` if the token is there already.
    pub(super) fn address(&self) -> Option<Vec<&str>> {
        let mut parts: Vec<&str> = segments(&self.mount).collect();
        parts.push("login");
        match &self.method {
            Method::Token { .. } => return None,
            Method::UserPass { user, .. } => parts.push(user),
            _ => {}
        }
        Some(parts)
    }

    /// What to send.
    ///
    /// # Errors
    /// If a file with a credential cannot be read; it is named.
    pub(super) fn body(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let file;
        let mut body: BTreeMap<&str, &str> = BTreeMap::new();
        match &self.method {
            Method::Token { .. } => {}
            Method::AppRole { role, secret } => {
                body.extend([("role_id", role.as_str()), ("secret_id", secret.as_str())]);
            }
            Method::GitHub { token } => body.extend([("token", token.as_str())]),
            Method::UserPass { password, .. } => body.extend([("password", password.as_str())]),
            Method::Kubernetes { role, file: path } => {
                file = local_login::read(path, "AVP_K8S_TOKEN_PATH")?;
                body.extend([("role", role.as_str()), ("jwt", file.as_str())]);
            }
            Method::Jwt { role, jwt } => {
                let jwt = match jwt {
                    Jwt::Given(jwt) => jwt.as_str(),
                    Jwt::File(path) => {
                        file = local_login::read(path, "AVP_JWT_PATH")?;
                        file.as_str()
                    }
                };
                body.extend([("jwt", jwt)]);
                // Without one, the server takes its default role.
                body.extend(role.as_deref().map(|role| ("role", role)));
            }
        }
        json_texts::write(&body)
    }

    /// The name of the method, as in `AVP_AUTH_TYPE`.
    pub(super) fn name(&self) -> &'static str {
        match self.method {
            Method::Token { .. } => "token",
            Method::AppRole { .. } => "approle",
            Method::GitHub { .. } => "github",
            Method::Kubernetes { .. } => "k8s",
            Method::UserPass { .. } => "userpass",
            Method::Jwt { .. } => "jwt",
        }
    }

    /// What to look at if the server does not accept it.
    pub(super) fn hint(&self) -> &'static str {
        match self.method {
            Method::Token { .. } => {
                "check VAULT_TOKEN: it may have expired, or belong to another server or namespace"
            }
            Method::AppRole { .. } => "check AVP_ROLE_ID and AVP_SECRET_ID",
            Method::GitHub { .. } => "check AVP_GITHUB_TOKEN",
            Method::Kubernetes { .. } => {
                "check AVP_K8S_ROLE, and which service accounts the server allows for it"
            }
            Method::UserPass { .. } => "check AVP_USERNAME and AVP_PASSWORD",
            Method::Jwt { .. } => "check AVP_JWT_ROLE and the JWT: it may have expired",
        }
    }
}

/// What to say about a login that is not there.
pub(super) const MOUNT_HINT: &str =
    "AVP_MOUNT_PATH is where the method is mounted, with auth/: auth/approle";

/// Refuses what no token has. Files of variables as Docker reads them keep the quotes that a shell
/// takes off.
fn refuse_odd(token: &str) -> Result<(), VaultError> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'');
    if token.contains(is_odd) {
        let message = "VAULT_TOKEN contains a character that no token has";
        return Err(VaultError::configuration(message)
            .with_hint("look for line breaks, spaces and quotes in it"));
    }
    Ok(())
}

/// Refuses to send a credential of this machine where the app's author says (rule R7). Settings
/// say who chose the address and who the role; where they cannot, the context does.
fn refuse_local(
    method: &Method,
    settings: &Settings,
    context: &ConnectContext,
) -> Result<(), VaultError> {
    let own = match method {
        Method::Kubernetes { .. } => "AVP_K8S_ROLE",
        Method::Jwt {
            jwt: Jwt::File(_), ..
        } => "AVP_JWT_PATH",
        _ => return Ok(()),
    };
    let is_authors = |name| settings.origin(name) == Some(&Origin::AppEnvironment);
    let allowed = settings
        .switch(LOCAL)?
        .or(context.local_login())
        .unwrap_or_else(|| !is_authors("VAULT_ADDR") || is_authors(own));
    if allowed {
        Ok(())
    } else {
        Err(local_login::refused()
            .with_hint("the operator can allow it with MANIFILL_VAULT_LOCAL_LOGIN=true"))
    }
}
