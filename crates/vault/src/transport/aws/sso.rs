//! Roles of IAM Identity Center, with the token that `aws sso login` has left.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::chain::Sso;
use super::credentials::Credentials;
use super::refusal;
use super::sso_token::{self, TITLE, ended};
use super::wire::Wire;
use crate::transport::http::{Retry, below};
use crate::{RunContext, VaultError, VaultErrorKind};

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

/// The credentials of a role.
pub(super) async fn credentials(
    wire: &Wire,
    place: &Sso,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let token = sso_token::read(wire, place, run).await?;
    let mut url = below(
        &wire.endpoints.sso(&place.region)?,
        ["federation", "credentials"],
    )?;
    url.query_pairs_mut()
        .append_pair("role_name", &place.role)
        .append_pair("account_id", &place.account);
    let request = wire.http()?.get(url);
    let answer = request
        .login("x-amz-sso_bearer_token", &token)
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
