//! A cloud with some secrets, and settings for it.

use std::sync::Arc;

use super::connect;
use crate::suite::{self, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError,
};

#[path = "test_server.rs"]
mod test_server;

pub(super) use test_server::{ACCOUNT, Content, KEY_ID, Stored, key_and_cloud};

/// The cloud, and settings with a key that it knows.
pub(super) async fn serve(secrets: Vec<Stored>) -> (Server, Settings) {
    let (key, cloud) = key_and_cloud(TOKEN, secrets);
    let server = Server::start(move |seen| cloud.answer(seen)).await;
    let settings = Settings::new()
        .with("YC_ENDPOINT", server.url())
        .with("AVP_YCL_SERVICE_ACCOUNT_ID", ACCOUNT)
        .with("AVP_YCL_KEY_ID", KEY_ID)
        .with("AVP_YCL_PRIVATE_KEY", key);
    (server, settings)
}

/// Settings for a server that takes [`TOKEN`].
pub(super) fn by_token(server: &Server) -> Settings {
    Settings::new()
        .with("YC_ENDPOINT", server.url())
        .with("YC_IAM_TOKEN", TOKEN)
}

pub(super) fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

/// A secret with two versions.
pub(super) fn database() -> Stored {
    Stored::new("e6q1", "b1g1", "my db")
        .with("v1", [("user", text("svc")), ("password", text("old"))])
        .with(
            "v2",
            [
                ("user", text("svc")),
                ("password", text("new")),
                ("empty", text("")),
                ("store", Content::Bytes(vec![0, 255])),
            ],
        )
}

/// A request for all keys, `path#version`.
pub(super) fn request(path: &str) -> SecretRequest {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let mut request = SecretRequest::new(SecretPath::verbatim(path), Keys::All);
    request.version = version.map(str::to_owned);
    request
}

/// Reads in one run.
pub(super) async fn run(
    backend: &Arc<dyn VaultBackend>,
    paths: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let requests: Vec<_> = paths.iter().map(|path| request(path)).collect();
    let run = RunContext::new();
    (backend.read(&requests, &run).await, run)
}

/// Reads one path with a new backend.
pub(super) async fn read_one(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let (mut answers, _) = run(&backend, &[path]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}

/// The targets of the requests so far, sorted.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    let mut targets: Vec<String> = seen
        .iter()
        .map(|seen| format!("{} {}", seen.method, seen.target))
        .collect();
    targets.sort();
    targets
}
