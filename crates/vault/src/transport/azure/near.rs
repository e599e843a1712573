//! Requests for managed identities, which go to this machine or its network.

use std::time::Duration;

use crate::transport::http::{self, Answer, HttpSettings, Request, Retry, Url};
use crate::{RunContext, VaultError, VaultErrorKind};

pub(super) const TITLE: &str = "the managed identity";

/// A client for what is near, which is never asked through a proxy.
pub(super) fn near() -> Result<http::Client, VaultError> {
    let near = Duration::from_secs(1);
    http::Client::new(
        HttpSettings::new("managed identity")
            .without_proxy()
            .with_connect_timeout(near)
            .with_try_timeout(5 * near),
    )
}

/// An address with what is asked there.
pub(super) fn asked(mut url: Url, api: &str, resource: &str, client: Option<&str>) -> Url {
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("api-version", api);
    pairs.append_pair("resource", resource);
    if let Some(client) = client {
        pairs.append_pair("client_id", client);
    }
    drop(pairs);
    url
}

pub(super) async fn send(request: Request<'_>, run: &RunContext) -> Result<Answer, VaultError> {
    // Pages in a browser cannot send it.
    let request = request.header("metadata", "true");
    let retry = Retry::default().with_more(1).with_any_method();
    request.send(run, &retry).await
}

pub(super) fn no_identity(client: Option<&str>, answer: &Answer) -> VaultError {
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
