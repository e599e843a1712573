//! A Secret Server with some secrets, and settings for it.

use super::{DelineaSecretServer, connect};
use crate::suite::{self, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
};

#[path = "test_server.rs"]
mod test_server;

pub(super) use test_server::{SecretServer, Stored, USER};

/// A password with what a form has to escape.
pub(super) const PASSWORD: &str = "pass & sentinel-4c1f9e=%+ ü";

/// A server with these secrets.
pub(super) async fn serve(secrets: impl IntoIterator<Item = Stored>) -> Server {
    serve_in(None, secrets).await
}

/// A server with these secrets, whose user is in a domain.
pub(super) async fn serve_in(
    domain: Option<&str>,
    secrets: impl IntoIterator<Item = Stored>,
) -> Server {
    let server = SecretServer {
        token: TOKEN.to_owned(),
        password: PASSWORD.to_owned(),
        domain: domain.map(str::to_owned),
        secrets: secrets.into_iter().collect(),
    };
    Server::start(move |seen| server.answer(seen)).await
}

/// A secret with a user and a password.
pub(super) fn database() -> Stored {
    Stored::new(7, "\\Team\\db")
        .with("Username", "username", "svc")
        .with("Password", "password", "p1")
        .with("Notes", "notes", serde_json::Value::Null)
}

pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AVP_DELINEA_URL", server.url() + "/SecretServer/")
        .with("AVP_DELINEA_USER", USER)
        .with("AVP_DELINEA_PASSWORD", PASSWORD)
}

pub(super) fn by_token(server: &Server) -> Settings {
    Settings::new()
        .with("AVP_DELINEA_URL", server.url() + "/SecretServer")
        .with("AVP_DELINEA_TOKEN", TOKEN)
}

/// A request for keys, or for all of them if none is named.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    let server = Settings::new()
        .with("AVP_DELINEA_URL", "http://localhost")
        .with("AVP_DELINEA_TOKEN", "none");
    let backend = DelineaSecretServer::from_settings(&server).unwrap();
    SecretRequest::new(backend.parse_path(path).unwrap(), keys)
}

/// Reads in one run with a new backend.
pub(super) async fn read(
    settings: &Settings,
    requests: &[SecretRequest],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let run = RunContext::new();
    (backend.read(requests, &run).await, run)
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}

/// The targets of the requests so far.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    seen.iter()
        .map(|seen| format!("{} {}", seen.method, seen.target))
        .collect()
}
