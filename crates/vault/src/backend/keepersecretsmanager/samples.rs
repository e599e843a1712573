//! A Keeper with some records, and settings for it.

use std::sync::Arc;

use super::connect;
use crate::suite::{self, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError,
};

#[path = "test_server.rs"]
mod test_server;

pub(super) use serde_json::json;
pub(super) use test_server::{Keeper, Share, Stored, seal};

pub(super) const DB: &str = "Db00000000000000000-_A";
pub(super) const OTHER: &str = "Other00000000000000000";
pub(super) const ABSENT: &str = "Absent0000000000000000";

/// A server with these records, and settings for its device.
pub(super) async fn serve(records: Vec<Stored>) -> (Server, Settings) {
    let keeper = Arc::new(Keeper::new(TOKEN, records));
    let own = Arc::clone(&keeper);
    let server = Server::start(move |seen| own.answer(seen)).await;
    let config = keeper.config(&server.url()).to_string();
    (server, Settings::new().with("KSM_CONFIG", config))
}

/// A record with a user and a password.
pub(super) fn database() -> Stored {
    Stored::new(DB, "My db")
        .with("login", json!(["svc"]))
        .with("password", json!(["p1"]))
}

/// A request for keys, or for all of them if none is named.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    SecretRequest::new(SecretPath::verbatim(path), keys)
}

/// Reads in one run.
pub(super) async fn run(
    backend: &Arc<dyn VaultBackend>,
    requests: &[SecretRequest],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let run = RunContext::new();
    (backend.read(requests, &run).await, run)
}

/// Reads one path with a new backend.
pub(super) async fn read_one(
    settings: &Settings,
    path: &str,
    keys: &[&str],
) -> Result<Secret, VaultError> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let (mut answers, _) = run(&backend, &[request(path, keys)]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}

/// The targets of the requests so far, without what all of them begin with.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    seen.iter()
        .map(|seen| seen.target.replace("/api/rest/sm/v1/", ""))
        .collect()
}
