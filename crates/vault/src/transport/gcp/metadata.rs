//! The token of the machine or the pod, which the metadata server gives.

use super::granted::{Granted, SCOPE};
use super::settings;
use super::wire::Wire;
use crate::shared::LoginToken;
use crate::transport::http::{self, Retry, Url, below};
use crate::{RunContext, VaultError, VaultErrorKind};

/// `metadata.google.internal`, without asking a name server that could say another one.
const HOST: &str = "169.254.169.254";

/// What Google's metadata server answers with, and no other cloud's.
const FLAVOR: (&str, &str) = ("metadata-flavor", "Google");

/// The address of a metadata server by its host.
///
/// # Errors
/// If it is not the name of a host.
pub(super) fn address(host: Option<&str>) -> Result<Url, VaultError> {
    let url = http::address::parse(&format!("http://{}", host.unwrap_or(HOST)));
    url.filter(|url| url.path() == "/").ok_or_else(|| {
        VaultError::configuration("{} is not the name of a host")
            .with_name(settings::METADATA_HOST.name)
    })
}

/// The token of the machine's or the pod's service account.
pub(super) async fn token(
    wire: &Wire,
    host: &Url,
    is_set: bool,
    run: &RunContext,
) -> Result<LoginToken, VaultError> {
    let service = ["instance", "service-accounts", "default", "token"];
    let mut url = below(host, ["computeMetadata", "v1"].into_iter().chain(service))?;
    // Machines have theirs; what runs containers gives what is asked for.
    url.query_pairs_mut().append_pair("scopes", SCOPE);
    let (name, value) = FLAVOR;
    // Pages in a browser cannot send it.
    let request = wire.near()?.get(url).header(name, value);
    let sent = request.send(run, &Retry::default().with_more(1)).await;
    // Most machines have none, and nothing answers there.
    let answer = sent.map_err(|error| match error.kind() {
        VaultErrorKind::Unavailable if !is_set => nobody(),
        _ => error,
    })?;
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(),
        404 if is_set || answer.header(name) == Some(value) => Err(VaultError::new(
            VaultErrorKind::Unauthenticated,
            "this machine or pod has no service account of Google Cloud",
        )
        .with_status(404)
        .with_hint("give it one, or set GOOGLE_APPLICATION_CREDENTIALS")),
        _ if !is_set && answer.header(name) != Some(value) => Err(nobody()),
        _ => Err(answer.error()),
    }
}

fn nobody() -> VaultError {
    VaultError::new(
        VaultErrorKind::Unauthenticated,
        "there are no Google Cloud credentials",
    )
    .with_hint("set GOOGLE_APPLICATION_CREDENTIALS, or log in with `gcloud auth application-default login`, or give the pod or the machine a service account")
}
