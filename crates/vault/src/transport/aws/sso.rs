//! Roles of IAM Identity Center, with the token that `aws sso login` has left.

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::chain::Sso;
use super::credentials::{Credentials, seconds};
use super::refusal;
use super::wire::Wire;
use crate::transport::http::{Retry, below};
use crate::transport::text_file;
use crate::{RunContext, VaultError, VaultErrorKind, clock};

const TITLE: &str = "IAM Identity Center";
const LOG_IN: &str = "log in with `aws sso login`";

/// The file of a token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: Zeroizing<String>,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    role_credentials: RoleCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Zeroizing<String>,
    /// In milliseconds since 1970.
    expiration: u64,
}

/// The credentials of a role. The token is used as it is and never renewed: whoever renews it has
/// to write it back, and the file belongs to AWS's own tools.
pub(super) async fn credentials(
    wire: &Wire,
    place: &Sso,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let token = token(wire, place)?;
    let mut url = below(
        &wire.endpoints.sso(&place.region)?,
        ["federation", "credentials"],
    )?;
    url.query_pairs_mut()
        .append_pair("role_name", &place.role)
        .append_pair("account_id", &place.account);
    let request = wire.http()?.get(url);
    let answer = request
        .login("x-amz-sso_bearer_token", &token.access_token)
        .send(run, &Retry::default())
        .await?;
    match answer.status() {
        200..=299 => {}
        401 => return Err(ended()),
        403 | 404 => {
            return Err(VaultError::new(
                VaultErrorKind::Unauthenticated,
                "IAM Identity Center does not give this login the role {} of the account {}",
            )
            .with_name(&place.role)
            .with_name(&place.account)
            .with_status(answer.status()));
        }
        _ => return Err(refusal::read(&answer, TITLE).into_error()),
    }
    let Answered {
        role_credentials: given,
    } = answer.json()?;
    Ok(Credentials {
        key_id: given.access_key_id,
        secret: given.secret_access_key,
        token: Some(given.session_token),
        expires: Some(given.expiration / 1000),
    })
}

fn token(wire: &Wire, place: &Sso) -> Result<Token, VaultError> {
    let none = || {
        VaultError::new(
            VaultErrorKind::Unauthenticated,
            "there is no login to IAM Identity Center for the AWS profile {}",
        )
        .with_name(wire.profile())
        .with_hint(LOG_IN)
    };
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, place.token_of.as_bytes());
    let name = format!("{}.json", HEXLOWER.encode(hash.as_ref()));
    let path = wire
        .home
        .as_deref()
        .ok_or_else(none)?
        .join(".aws/sso/cache")
        .join(name);
    let text = text_file::read(&path).map_err(|_| none())?;
    let token: Token = serde_json::from_str(&text).map_err(|_| none())?;
    match seconds(&token.expires_at) {
        Some(end) if end > clock::now() => Ok(token),
        _ => Err(ended()),
    }
}

fn ended() -> VaultError {
    let message = "the login to IAM Identity Center has ended";
    VaultError::new(VaultErrorKind::Unauthenticated, message).with_hint(LOG_IN)
}
