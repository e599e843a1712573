//! Managed identities: the token that the machine, or the service an app runs in, is given by Azure.

use super::source::Machine;
use super::token::Granted;
use super::wire::near;
use crate::shared::LoginToken;
use crate::transport::http::{Answer, Request, Retry, Url, below};
use crate::{RunContext, VaultError, VaultErrorKind};

const TITLE: &str = "the managed identity";

/// Where a virtual machine asks.
const MACHINE: &str = "http://169.254.169.254";

/// The token of an app service, a function or a container app.
pub(super) async fn of_service(
    url: &Url,
    header: &str,
    client: Option<&str>,
    resource: &str,
    run: &RunContext,
) -> Result<LoginToken, VaultError> {
    let url = asked(url.clone(), "2019-08-01", resource, client);
    let near = near()?;
    let answer = send(near.get(url).login("x-identity-header", header), run).await?;
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(TITLE),
        400 => Err(no_identity(client, &answer)),
        404 => Err(VaultError::invalid_answer(
            "IDENTITY_ENDPOINT is not the address of a managed identity",
        )
        .with_status(404)),
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

fn asked(mut url: Url, api: &str, resource: &str, client: Option<&str>) -> Url {
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("api-version", api);
    pairs.append_pair("resource", resource);
    if let Some(client) = client {
        pairs.append_pair("client_id", client);
    }
    drop(pairs);
    url
}

async fn send(request: Request<'_>, run: &RunContext) -> Result<Answer, VaultError> {
    // Pages in a browser cannot send it.
    let request = request.header("metadata", "true");
    request.send(run, &Retry::default().with_more(1)).await
}

fn no_identity(client: Option<&str>, answer: &Answer) -> VaultError {
    let kind = VaultErrorKind::Unauthenticated;
    let error = match client {
        Some(client) => {
            VaultError::new(kind, "there is no managed identity with the client id {} here")
                .with_name(client)
                .with_hint("AZURE_CLIENT_ID must be that of an identity which is assigned to this machine or service")
        }
        None => VaultError::new(kind, "this service has no managed identity of its own")
            .with_hint("AZURE_CLIENT_ID chooses one that is assigned to it"),
    };
    error.with_status(answer.status())
}
