//! Credentials of a login to the console that `aws login` has left, renewed and kept as AWS's own
//! tools do it.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::credentials::{Credentials, seconds, time};
use super::wire::Wire;
use super::{dpop, refusal, settings};
use crate::format::json_texts;
use crate::transport::http::{Answer, Method, Retry, below};
use crate::transport::{kept_file, text_file};
use crate::{RunContext, VaultError, VaultErrorKind, clock};

const TITLE: &str = "AWS Sign-In";
const LOG_IN: &str = "log in with `aws login`";

/// Credentials that end within this many seconds are renewed, as by AWS's tools.
const MARGIN: u64 = 5 * 60;

/// The file of a login. What else is in it stays.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    access_token: Key,
    refresh_token: Zeroizing<String>,
    client_id: String,
    /// With which the holder of the login signs, in PEM.
    dpop_key: Zeroizing<String>,
    /// Where the login was begun. Older logins do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in_region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<Zeroizing<String>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Zeroizing<String>,
    expires_at: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renewed {
    access_token: RenewedKey,
    /// In seconds.
    expires_in: u64,
    refresh_token: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RenewedKey {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// The credentials of a login, renewed if they end soon.
pub(super) async fn credentials(
    wire: &Wire,
    session: &str,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let none = || {
        VaultError::new(
            VaultErrorKind::Unauthenticated,
            "there is no login to the console for the AWS profile {}",
        )
        .with_name(wire.profile())
        .with_hint(LOG_IN)
    };
    let path = file(wire, session).ok_or_else(none)?;
    let login = read(&path).ok_or_else(none)?;
    if login.left() > MARGIN {
        return Ok(login.into_credentials());
    }
    match renew(wire, &login, run).await {
        Ok(renewed) => Ok(login.keep(renewed, &path, run)),
        Err(_) if login.left() > 0 => Ok(login.into_credentials()),
        // Who renews a login ends what others have read of it.
        Err(error) => match read(&path).filter(|now| now.left() > 0) {
            Some(now) => Ok(now.into_credentials()),
            None => Err(error),
        },
    }
}

/// Where a login is.
fn file(wire: &Wire, session: &str) -> Option<PathBuf> {
    let set = wire.settings.absolute_path(settings::LOGIN_CACHE.name);
    let folder = match set {
        Some(folder) => folder,
        None => wire.home.as_deref()?.join(".aws/login/cache"),
    };
    let hash = digest::digest(&digest::SHA256, session.trim().as_bytes());
    Some(folder.join(format!("{}.json", HEXLOWER.encode(hash.as_ref()))))
}

fn read(path: &Path) -> Option<Login> {
    serde_json::from_str(&text_file::read(path).ok()?).ok()
}

async fn renew(wire: &Wire, login: &Login, run: &RunContext) -> Result<Renewed, VaultError> {
    run.remember_login(&login.refresh_token);
    let region = match &login.sign_in_region {
        Some(region) => region.clone(),
        None => wire.region(run)?,
    };
    let url = below(&wire.endpoints.sign_in(&region)?, ["v1", "token"])?;
    let proof = dpop::proof(&login.dpop_key, &url).ok_or_else(ended)?;
    let body = json_texts::write(&BTreeMap::from([
        ("clientId", login.client_id.as_str()),
        ("grantType", "refresh_token"),
        ("refreshToken", login.refresh_token.as_str()),
    ]))?;
    let request = wire.http()?.request(Method::POST, url);
    let request = request.header("dpop", &proof);
    let request = request.body("application/json", body.as_slice());
    // Not twice: each renewal may end the token that it was made with.
    let answer = request.send(run, &Retry::default()).await?;
    match answer.status() {
        200..=299 => answer.json(),
        400..=403 => Err(refused(&answer)),
        _ => Err(refusal::read(&answer, TITLE).into_error()),
    }
}

/// Why a login is not renewed, by the code of the answer.
fn refused(answer: &Answer) -> VaultError {
    let code = answer.json::<Refused>().map(|refused| refused.error);
    let (message, hint) = match code.as_deref() {
        Ok("INSUFFICIENT_PERMISSIONS") => (
            "AWS does not let the user of this login renew it",
            /* hint */ "give the user the permission signin:CreateOAuth2Token",
        ),
        Ok("USER_CREDENTIALS_CHANGED") => (
            "the password of the user has changed since the login to the console",
            /* hint */ LOG_IN,
        ),
        _ => return ended(),
    };
    VaultError::new(VaultErrorKind::Unauthenticated, message)
        .with_status(answer.status())
        .with_hint(hint)
}

fn ended() -> VaultError {
    let message = "the login to the console of AWS has ended";
    VaultError::new(VaultErrorKind::Unauthenticated, message).with_hint(LOG_IN)
}

impl Login {
    /// For how many seconds its credentials are good.
    fn left(&self) -> u64 {
        let end = seconds(&self.access_token.expires_at);
        end.unwrap_or_default().saturating_sub(clock::now())
    }

    fn into_credentials(self) -> Credentials {
        let key = self.access_token;
        Credentials {
            expires: seconds(&key.expires_at),
            key_id: key.access_key_id,
            secret: key.secret_access_key,
            token: Some(key.session_token),
        }
    }

    /// Writes what is renewed to the file, where AWS's tools look for it. The run goes on without.
    fn keep(mut self, renewed: Renewed, path: &Path, run: &RunContext) -> Credentials {
        let key = renewed.access_token;
        self.refresh_token = renewed.refresh_token;
        self.access_token = Key {
            access_key_id: key.access_key_id,
            secret_access_key: key.secret_access_key,
            session_token: key.session_token,
            expires_at: time(clock::now().saturating_add(renewed.expires_in)),
            rest: self.access_token.rest,
        };
        if kept_file::write_json(path, &self).is_err() {
            run.note("the renewed login to the console of AWS could not be kept");
        }
        self.into_credentials()
    }
}
