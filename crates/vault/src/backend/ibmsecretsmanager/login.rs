//! The ways to log in, and what each sends.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::backend::local_login;
use crate::format::form;
use crate::settings::{ConnectContext, Origin};
use crate::transport::http::{Url, address};
use crate::{RunContext, Settings, VaultError};

const INSTANCE: &str = "AVP_IBM_INSTANCE_URL";
/// What counts where the other is not set, as in AVP.
const OTHER_INSTANCE: &str = "VAULT_ADDR";
const API_KEY: &str = "AVP_IBM_API_KEY";
const PROFILE_ID: &str = "SECRETS_MANAGER_IAM_PROFILE_ID";
const PROFILE_NAME: &str = "SECRETS_MANAGER_IAM_PROFILE_NAME";
const TOKEN_FILE: &str = "SECRETS_MANAGER_CR_TOKEN_FILENAME";
const IAM: &str = "SECRETS_MANAGER_AUTH_URL";

/// Where the vendor's client looks for the token of an account.
const TOKEN_FILES: [&str; 3] = [
    "/var/run/secrets/tokens/vault-token",
    "/var/run/secrets/tokens/sa-token",
    "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token",
];

/// A way to log in, with its credentials. It has no `Debug`.
pub(super) enum Login {
    ApiKey(Zeroizing<String>),
    /// A trusted profile, which the token of an account stands for.
    Profile {
        id: Option<String>,
        name: Option<String>,
        /// The first of them that there is holds the token.
        files: Vec<PathBuf>,
    },
}

impl Login {
    /// Reads the API key, or else the trusted profile, as the vendor's client does.
    ///
    /// # Errors
    /// If there is neither, or if the token of this machine would go to an address that the app's
    /// author chose.
    pub(super) fn from_settings(
        settings: &Settings,
        context: &ConnectContext,
    ) -> Result<Self, VaultError> {
        if let Some(key) = settings.value(API_KEY) {
            return Ok(Login::ApiKey(Zeroizing::new(key.to_owned())));
        }
        let value = |name| settings.value(name).map(str::to_owned);
        let (id, name) = (value(PROFILE_ID), value(PROFILE_NAME));
        if id.is_none() && name.is_none() {
            return Err(VaultError::configuration("AVP_IBM_API_KEY is not set"));
        }
        let is_authors = |name| settings.origin(name) == Some(&Origin::AppEnvironment);
        let is_free = ![INSTANCE, OTHER_INSTANCE, IAM].into_iter().any(is_authors);
        if !context.local_login().unwrap_or(is_free) {
            return Err(local_login::refused());
        }
        let files = match settings.path(TOKEN_FILE) {
            Some(file) => vec![file],
            None => TOKEN_FILES.map(PathBuf::from).into(),
        };
        Ok(Login::Profile { id, name, files })
    }

    /// The name of the way, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Login::ApiKey(_) => "API key",
            Login::Profile { .. } => "trusted profile",
        }
    }

    /// Remembers its secret as a login of the run, be it sent in this one or before.
    pub(super) fn remember(&self, run: &RunContext) {
        if let Login::ApiKey(key) = self {
            run.remember_login(key);
        }
    }

    /// What to send for a token: a form. The token of an account is remembered as a login of the
    /// run.
    ///
    /// # Errors
    /// If no file with a token can be read; the first is named.
    pub(super) fn form(&self, run: &RunContext) -> Result<Zeroizing<String>, VaultError> {
        let (id, name, files) = match self {
            Login::ApiKey(key) => {
                return Ok(form::write(&[
                    ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
                    ("apikey", key.as_str()),
                    ("response_type", "cloud_iam"),
                ]));
            }
            Login::Profile { id, name, files } => (id, name, files),
        };
        let file = files.iter().find(|file| file.exists()).or(files.first());
        let token = match file {
            Some(file) => local_login::read(file, TOKEN_FILE)?,
            None => Zeroizing::default(),
        };
        run.remember_login(&token);
        let mut fields = vec![
            ("grant_type", "urn:ibm:params:oauth:grant-type:cr-token"),
            ("cr_token", token.as_str()),
        ];
        fields.extend(id.as_deref().map(|id| ("profile_id", id)));
        fields.extend(name.as_deref().map(|name| ("profile_name", name)));
        Ok(form::write(&fields))
    }

    /// What to look at if it is not accepted.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Login::ApiKey(_) => "check AVP_IBM_API_KEY: it may have been deleted or locked",
            Login::Profile { .. } => {
                "check the trusted profile: it must be one of this account, and trust this service account"
            }
        }
    }
}

/// Reads the address of the instance. Nothing of a wrong one is shown.
///
/// # Errors
/// If it is not set or is no address.
pub(super) fn instance(settings: &Settings) -> Result<Url, VaultError> {
    let wrong = |message| {
        VaultError::configuration(message).with_hint(
            "it must be a URL such as https://INSTANCE.us-south.secrets-manager.appdomain.cloud",
        )
    };
    let text = settings
        .value(INSTANCE)
        .or_else(|| settings.value(OTHER_INSTANCE))
        .ok_or_else(|| wrong("AVP_IBM_INSTANCE_URL is not set"))?;
    // The page of the instance shows the address of its API, too.
    server(text, &["/api/v2", "/api"])
        .ok_or_else(|| wrong("AVP_IBM_INSTANCE_URL is not the URL of an instance"))
}

/// Reads the address of what gives tokens.
///
/// # Errors
/// If it is no address.
pub(super) fn iam(settings: &Settings) -> Result<Url, VaultError> {
    let text = settings.value(IAM).unwrap_or("https://iam.cloud.ibm.com");
    server(text, &["/identity/token"]).ok_or_else(|| {
        VaultError::configuration("SECRETS_MANAGER_AUTH_URL is not the URL of a server")
            .with_hint("it must be a URL such as https://private.iam.cloud.ibm.com")
    })
}

/// An address without the path that people copy with it.
fn server(text: &str, ends: &[&str]) -> Option<Url> {
    let mut url = address::parse(text)?;
    let end = address::server_path(&url, ends, &[]);
    if let Some(path) = end.and_then(|end| url.path().get(..end)) {
        let path = path.to_owned();
        url.set_path(&path);
    }
    Some(url)
}
