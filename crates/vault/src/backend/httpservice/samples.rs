//! A service, and settings for it.

use super::connect;
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultError,
};

/// A service that takes [`TOKEN`] and answers by the target of a request.
pub(super) async fn serve(
    answers: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        if seen.header("authorization") != Some(format!("Bearer {TOKEN}").as_str()) {
            return Reply::json(r#"{"error":"no login"}"#).with_status(401);
        }
        let nothing = || Reply::json(r#"{"error":"nothing"}"#).with_status(404);
        answers(seen).unwrap_or_else(nothing)
    })
    .await
}

/// Settings for what follows the host in an address.
pub(super) fn settings(server: &Server, rest: &str) -> Settings {
    Settings::new()
        .with("MANIFILL_HTTP_URL", server.url() + rest)
        .with("MANIFILL_HTTP_HEADERS", header(""))
}

/// The login, and perhaps more headers.
pub(super) fn header(more: &str) -> String {
    format!(r#"{{"Authorization":"Bearer {TOKEN}"{more}}}"#)
}

pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    SecretRequest::new(SecretPath::verbatim(path), keys)
}

/// Reads in one run with a new backend.
pub(super) async fn read(
    settings: &Settings,
    requests: &[SecretRequest],
) -> Vec<Result<Secret, VaultError>> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    backend.read(requests, &RunContext::new()).await
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}
