//! An instance with some secrets, and settings for it.

use serde_json::json;

use super::connect;
use crate::suite::{self, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultError,
};

#[path = "test_server.rs"]
mod test_server;

pub(super) use test_server::{EMPTY_ID, PROFILE, SecretsManager, Stored, TEAM_ID};

/// An API key with what a form has to escape.
pub(super) const API_KEY: &str = "key & sentinel-4c1f9e=%+ ü";

/// The token of an account of this machine.
pub(super) const ACCOUNT_TOKEN: &str = "eyJ.account-sentinel-4c1f9e.sig";

/// An instance with these secrets.
pub(super) fn with(secrets: impl IntoIterator<Item = Stored>) -> SecretsManager {
    SecretsManager {
        token: TOKEN.to_owned(),
        api_key: API_KEY.to_owned(),
        account_token: ACCOUNT_TOKEN.to_owned(),
        secrets: secrets.into_iter().collect(),
        ..SecretsManager::default()
    }
}

pub(super) async fn serve(instance: SecretsManager) -> Server {
    Server::start(move |seen| instance.answer(seen)).await
}

/// A text as a secret.
pub(super) fn text(name: &str, text: &str) -> Stored {
    Stored::new("arbitrary", name, format!("\"payload\":{}", json!(text)))
}

/// A map as a secret.
pub(super) fn map(name: &str, data: &str) -> Stored {
    Stored::new("kv", name, format!("\"data\":{data}"))
}

pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AVP_IBM_INSTANCE_URL", server.url() + "/")
        .with("AVP_IBM_API_KEY", API_KEY)
        .with("SECRETS_MANAGER_AUTH_URL", server.url())
}

/// The path of a group, or of a secret in it.
pub(super) fn path(of_type: &str, rest: &str) -> String {
    format!("ibmcloud/{of_type}/secrets/groups/{rest}")
}

/// A request for keys of a path, or for all of them if none is named. A `#` in the path is before a
/// version.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let mut request = SecretRequest::new(SecretPath::verbatim(path), keys);
    request.version = version.map(str::to_owned);
    request
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

/// Reads keys of a path in a run of their own.
pub(super) async fn read_one(
    server: &Server,
    path: &str,
    keys: &[&str],
) -> Result<Secret, VaultError> {
    let (mut answers, _) = read(&settings(server), &[request(path, keys)]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> Option<String> {
    secret.value(key).map(|value| value.unwrap().to_json())
}

/// What was asked for so far, without what it is below.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    let mut targets: Vec<String> = seen
        .iter()
        .map(|seen| seen.target.trim_start_matches("/api/v2/").to_owned())
        .collect();
    targets.sort();
    targets
}
