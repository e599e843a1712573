//! The token that `aws sso login` has left, renewed and kept as AWS's own tools do it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::chain::Sso;
use super::credentials::{seconds, time};
use super::refusal;
use super::wire::Wire;
use crate::format::json_texts;
use crate::transport::http::{Method, Retry, below};
use crate::transport::{kept_file, text_file};
use crate::{RunContext, VaultError, VaultErrorKind, clock};

pub(super) const TITLE: &str = "IAM Identity Center";
const LOG_IN: &str = "log in with `aws sso login`";

/// A token that ends within this many seconds is renewed, as by AWS's tools.
const MARGIN: u64 = 5 * 60;

/// The file of a token. What else is in it stays.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: Zeroizing<String>,
    expires_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration_expires_at: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// What a token is renewed with.
struct Renewal<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renewed {
    access_token: Zeroizing<String>,
    /// In seconds.
    expires_in: u64,
    refresh_token: Option<Zeroizing<String>>,
}

/// The token of a login, renewed if it ends soon and can be.
pub(super) async fn read(
    wire: &Wire,
    place: &Sso,
    run: &RunContext,
) -> Result<Zeroizing<String>, VaultError> {
    let none = || {
        VaultError::new(
            VaultErrorKind::Unauthenticated,
            "there is no login to IAM Identity Center for the AWS profile {}",
        )
        .with_name(wire.profile())
        .with_hint(LOG_IN)
    };
    let path = wire.home.as_deref().map(|home| file(home, place));
    let path = path.ok_or_else(none)?;
    let token = Token::read(&path).ok_or_else(none)?;
    let left = token.left();
    let Some(renewal) = token.renewal().filter(|_| left <= MARGIN) else {
        return (left > 0).then_some(token.access_token).ok_or_else(ended);
    };
    match renew(wire, place, &renewal, run).await {
        Ok(renewed) => Ok(token.keep(renewed, &path, run)),
        Err(_) if left > 0 => Ok(token.access_token),
        // Who renews a login ends what others have read of it.
        Err(error) => match Token::read(&path).filter(|now| now.left() > 0) {
            Some(now) => Ok(now.access_token),
            None => Err(error),
        },
    }
}

/// Where the token of a login is.
fn file(home: &Path, place: &Sso) -> PathBuf {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, place.token_of.as_bytes());
    let name = format!("{}.json", HEXLOWER.encode(hash.as_ref()));
    home.join(".aws/sso/cache").join(name)
}

async fn renew(
    wire: &Wire,
    place: &Sso,
    renewal: &Renewal<'_>,
    run: &RunContext,
) -> Result<Renewed, VaultError> {
    run.remember_login(renewal.refresh_token);
    let url = below(&wire.endpoints.sso_oidc(&place.region)?, ["token"])?;
    let body = json_texts::write(&BTreeMap::from([
        ("clientId", renewal.client_id),
        ("clientSecret", renewal.client_secret),
        ("grantType", "refresh_token"),
        ("refreshToken", renewal.refresh_token),
    ]))?;
    let request = wire.http()?.request(Method::POST, url);
    let request = request.body("application/json", body.as_slice());
    // Not twice: each renewal may end the token that it was made with.
    let answer = request.send(run, &Retry::default()).await?;
    match answer.status() {
        200..=299 => answer.json(),
        400 | 401 => Err(ended()),
        _ => Err(refusal::read(&answer, TITLE).into_error()),
    }
}

impl Token {
    fn read(path: &Path) -> Option<Self> {
        serde_json::from_str(&text_file::read(path).ok()?).ok()
    }

    /// For how many seconds it is good.
    fn left(&self) -> u64 {
        let end = seconds(&self.expires_at);
        end.unwrap_or_default().saturating_sub(clock::now())
    }

    /// `None` if the login cannot be renewed, or no longer.
    fn renewal(&self) -> Option<Renewal<'_>> {
        let registered_until = seconds(self.registration_expires_at.as_deref()?)?;
        (registered_until > clock::now()).then_some(())?;
        Some(Renewal {
            client_id: self.client_id.as_deref()?,
            client_secret: self.client_secret.as_deref()?,
            refresh_token: self.refresh_token.as_deref()?,
        })
    }

    /// Writes what is renewed to the file, where AWS's tools look for it. The run goes on without.
    fn keep(mut self, renewed: Renewed, path: &Path, run: &RunContext) -> Zeroizing<String> {
        self.expires_at = time(clock::now().saturating_add(renewed.expires_in));
        self.access_token = renewed.access_token;
        self.refresh_token = renewed.refresh_token.or(self.refresh_token);
        if kept_file::write_json(path, &self).is_err() {
            run.note(
                "the renewed login to IAM Identity Center could not be kept in ~/.aws/sso/cache",
            );
        }
        self.access_token
    }
}

pub(super) fn ended() -> VaultError {
    let message = "the login to IAM Identity Center has ended";
    VaultError::new(VaultErrorKind::Unauthenticated, message).with_hint(LOG_IN)
}
