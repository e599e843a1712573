//! A Secret Manager with some secrets, and settings for it; for the tests.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::connect;
use crate::suite::{Reply, SENTINEL, Seen, Server, TOKEN};
use crate::transport::gcp::crc32c;
use crate::transport::gcp::samples::{grant, key_for};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError,
};

pub(super) const ENDPOINT: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER";

/// A server that gives a token to the account of the samples, and answers for secrets by the name of
/// a version: `projects/shop/secrets/db/versions/latest`.
pub(super) async fn serve(
    answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (Server, Settings) {
    let server = Server::start(move |seen| {
        if seen.target == "/token" {
            return grant(seen, TOKEN);
        }
        match (is_logged_in(seen), name(seen)) {
            (true, Some(name)) => answer(name),
            (true, None) => Reply::new(404).with_body("<html>nothing</html>"),
            (false, _) => refusal(401, "UNAUTHENTICATED", None),
        }
    })
    .await;
    let settings = Settings::new()
        .with(ENDPOINT, server.url())
        .with("GOOGLE_CREDENTIALS", key_for(&server));
    (server, settings)
}

/// Settings for a server that takes [`TOKEN`].
pub(super) fn by_token(server: &Server) -> Settings {
    Settings::new()
        .with(ENDPOINT, server.url())
        .with("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
}

fn is_logged_in(seen: &Seen) -> bool {
    seen.header("authorization") == Some(format!("Bearer {TOKEN}").as_str())
}

fn name(seen: &Seen) -> Option<&str> {
    seen.target.strip_prefix("/v1/")?.strip_suffix(":access")
}

/// A version as the service answers with it; its project is told by its number.
pub(super) fn accessed(secret: &str, version: &str, payload: &[u8]) -> Reply {
    let name = format!("projects/123456789012/secrets/{secret}/versions/{version}");
    let sum = crc32c(payload).to_string();
    let payload = match payload {
        b"" => json!({ "dataCrc32c": sum }),
        bytes => json!({"data": STANDARD.encode(bytes), "dataCrc32c": sum}),
    };
    Reply::json(json!({"name": name, "payload": payload}).to_string())
}

/// A refusal in the form of Google's services.
pub(super) fn refusal(status: u16, code: &str, reason: Option<&str>) -> Reply {
    let details = reason.map(|reason| {
        json!([
            {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"},
        ])
    });
    let mut error = json!({"code": status, "message": SENTINEL, "status": code});
    if let Some(details) = details {
        error["details"] = details;
    }
    Reply::json(json!({ "error": error }).to_string()).with_status(status)
}

pub(super) fn missing() -> Reply {
    refusal(404, "NOT_FOUND", None)
}

/// A request for some keys, `path#version`; all of them, if none is named.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    let mut request = SecretRequest::new(SecretPath::verbatim(path), keys);
    request.version = version.map(str::to_owned);
    request
}

/// Reads paths in one run.
pub(super) async fn run(
    backend: &Arc<dyn VaultBackend>,
    paths: &[&str],
) -> Vec<Result<Secret, VaultError>> {
    let requests: Vec<_> = paths.iter().map(|path| request(path, &[])).collect();
    backend.read(&requests, &RunContext::new()).await
}

/// Reads one path with a new backend.
pub(super) async fn read(
    settings: &Settings,
    path: &str,
    keys: &[&str],
) -> Result<Secret, VaultError> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let requests = [request(path, keys)];
    backend.read(&requests, &RunContext::new()).await.remove(0)
}

/// The targets of the requests so far, sorted.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    let mut targets: Vec<String> = seen.iter().map(|seen| seen.target.clone()).collect();
    targets.sort();
    targets
}
