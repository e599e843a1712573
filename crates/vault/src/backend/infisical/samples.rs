//! A server for tests, and what its answers look like.

use serde_json::{Value, json};

use super::connect;
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultError,
};

pub(super) const ID: &str = "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6";
pub(super) const SLUG: &str = "shop-x7k2";
pub(super) const CLIENT_SECRET: &str = "client-sentinel-4c1f9e";

/// Settings for a server and a login by universal auth.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("INFISICAL_HOST_URL", server.url())
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "client-1")
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET)
}

/// A refusal in the API's form.
pub(super) fn refusal(status: u16, error: &str) -> Reply {
    let body = json!({"reqId": "req-1", "statusCode": status, "message": "no", "error": error});
    Reply::json(body.to_string()).with_status(status)
}

/// What the web framework says of an address that does not exist.
pub(super) fn no_route() -> Reply {
    refusal(404, "Not Found")
}

/// The answer of a login.
pub(super) fn logged_in(token: &str, lasts: u64) -> Reply {
    let body = json!({"accessToken": token, "expiresIn": lasts,
        "accessTokenMaxTTL": 2_592_000, "tokenType": "Bearer"});
    Reply::json(body.to_string())
}

/// A secret as the API lists it.
pub(super) fn entry(key: &str, value: impl Into<Value>) -> Value {
    json!({"id": "1", "_id": "1", "workspace": ID, "environment": "prod", "version": 3,
        "type": "shared", "secretKey": key, "secretValue": value.into(), "secretComment": "",
        "secretValueHidden": false, "secretPath": "/", "tags": []})
}

/// A list of secrets without imports.
pub(super) fn listing(entries: &[Value]) -> Reply {
    Reply::json(json!({"secrets": entries, "imports": []}).to_string())
}

/// The value of a parameter in the address of a request.
pub(super) fn parameter<'s>(seen: &'s Seen, name: &str) -> Option<&'s str> {
    let (_, query) = seen.target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Whether a request is a list of version 4 of the API.
pub(super) fn is_v4(seen: &Seen) -> bool {
    seen.target.starts_with("/api/v4/secrets?")
}

/// A server that gives [`TOKEN`] for a login, takes it, and answers lists.
pub(super) async fn serve(lists: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |seen| {
        if seen.target.starts_with("/api/v1/auth/") {
            return logged_in(TOKEN, 3600);
        }
        if seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return refusal(401, "UnauthorizedError");
        }
        lists(seen)
    })
    .await
}

/// A request for keys of a path, or for all of them.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    SecretRequest::new(SecretPath::verbatim(path), keys)
}

/// Reads paths in one run with a new backend.
pub(super) async fn read(
    settings: &Settings,
    paths: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let requests: Vec<_> = paths.iter().map(|path| request(path, &[])).collect();
    let run = RunContext::default();
    (backend.read(&requests, &run).await, run)
}

/// Reads one path.
pub(super) async fn read_one(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let (mut answers, _) = read(settings, &[path]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON.
pub(super) fn json_of(secret: &Secret, key: &str) -> Option<String> {
    secret.value(key).map(|value| value.unwrap().to_json())
}
