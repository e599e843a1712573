//! Managed identities: the token that the machine, or the service an app runs in, is given by Azure.

use super::near::{TITLE, asked, near, no_identity, send};
use super::service::{Kind, Service};
use super::source::Machine;
use super::token::Granted;
use super::{arc, settings};
use crate::format::form;
use crate::shared::LoginToken;
use crate::transport::http::{Method, Url, below};
use crate::{RunContext, VaultError, VaultErrorKind};

/// Where a virtual machine asks.
const MACHINE: &str = "http://169.254.169.254";

/// The token that a service gives.
pub(super) async fn of_service(
    service: &Service,
    resource: &str,
    run: &RunContext,
) -> Result<LoginToken, VaultError> {
    let (url, client) = (service.url.clone(), service.client.as_deref());
    let near = near()?;
    let (setting, request) = match &service.kind {
        Kind::Arc { keys } => return arc::log_in(service, keys, resource, run).await,
        Kind::App { header } => {
            let url = asked(url, "2019-08-01", resource, client);
            let request = near.get(url).login("x-identity-header", header);
            (settings::ENDPOINT.name, request)
        }
        Kind::Learning { secret } => {
            let mut url = asked(url, "2017-09-01", resource, None);
            if let Some(client) = client {
                // Without the line that it has elsewhere.
                url.query_pairs_mut().append_pair("clientid", client);
            }
            let request = near.get(url).login("secret", secret);
            (settings::MSI_ENDPOINT.name, request)
        }
        Kind::Shell => {
            let form = form::write(&[("resource", resource)]);
            let request = near.request(Method::POST, url);
            let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
            (settings::MSI_ENDPOINT.name, request)
        }
    };
    let answer = send(request, run).await?;
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(TITLE),
        400 => Err(no_identity(client, &answer)),
        404 => Err(
            VaultError::invalid_answer("{} is not the address of a managed identity")
                .with_name(setting)
                .with_status(404),
        ),
        _ => Err(answer.error()),
    }
}

/// The token of a virtual machine or a node; `None` if it is not one of Azure's, or has no identity.
///
/// # Errors
/// If it does not have the identity that is asked for, or nothing else than a token comes.
pub(super) async fn of_machine(
    machine: &Machine,
    resource: &str,
    run: &RunContext,
) -> Result<Option<LoginToken>, VaultError> {
    let address = match &machine.url {
        Some(url) => Some(url.clone()),
        None => Url::parse(MACHINE).ok(),
    };
    let Some(address) = address else {
        return Ok(None);
    };
    let url = below(&address, ["metadata", "identity", "oauth2", "token"])?;
    let client = machine.client.as_deref();
    let url = asked(url, "2018-02-01", resource, client);
    let near = near()?;
    let answer = match send(near.get(url), run).await {
        Ok(answer) => answer,
        // Most machines have none, and nothing answers there.
        Err(error) if error.kind() == VaultErrorKind::Unavailable => return Ok(None),
        Err(error) => return Err(error),
    };
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(TITLE).map(Some),
        400 if client.is_some() => Err(no_identity(client, &answer)),
        // Other clouds have their metadata there, too.
        429 | 500.. => Err(answer.error()),
        _ => Ok(None),
    }
}
