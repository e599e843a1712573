//! A server like Vault, and settings for it.

use serde_json::{Value, json};

use super::{KV_VERSION, connect};
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
};

/// The credentials of every login.
pub(super) const SECRET: &str = "secret-sentinel-4c1f9e";

/// Settings for a server and the token that it takes.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("VAULT_ADDR", server.url())
        .with("AVP_AUTH_TYPE", "token")
        .with("VAULT_TOKEN", TOKEN)
}

/// Settings for a server and a login.
pub(super) fn approle(server: &Server) -> Settings {
    settings(server)
        .with("AVP_AUTH_TYPE", "approle")
        .with("AVP_ROLE_ID", "role-1")
        .with("AVP_SECRET_ID", SECRET)
}

/// The answer of a login.
pub(super) fn auth(token: &str, lease: u64) -> Reply {
    Reply::json(
        json!({"auth": {
            "client_token": token, "accessor": "a", "policies": ["default"],
            "lease_duration": lease, "renewable": true, "mfa_requirement": null, "num_uses": 0,
        }, "data": null, "warnings": null, "lease_id": ""})
        .to_string(),
    )
}

/// A refusal in the API's form.
pub(super) fn errors(status: u16, errors: &[&str]) -> Reply {
    Reply::json(json!({ "errors": errors }).to_string()).with_status(status)
}

/// What KV version 2 answers.
pub(super) fn version(number: u64, data: Value) -> Reply {
    let metadata = json!({"version": number, "destroyed": false, "deletion_time": "",
        "custom_metadata": null, "created_time": "2026-11-23T12:30:06Z"});
    Reply::json(
        json!({"data": {"data": data, "metadata": metadata}, "warnings": null, "auth": null})
            .to_string(),
    )
}

/// What any other engine answers, from the text of its data.
pub(super) fn plain(data: &str) -> Reply {
    Reply::json(format!(
        r#"{{"lease_id":"","lease_duration":1800,"data":{data},"warnings":null,"auth":null}}"#
    ))
}

/// What KV version 2 answers to a path without `/data/`.
pub(super) fn no_data() -> Reply {
    let warnings = ["Invalid path for a versioned K/V secrets engine."];
    Reply::json(json!({"data": null, "warnings": warnings, "auth": null}).to_string())
        .with_status(404)
}

/// A server that takes [`TOKEN`], gives it for a login, and answers for the paths after `/v1/`.
pub(super) async fn serve(
    answers: impl Fn(&str, &Seen) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        let path = seen.target.split_once("/v1/").map_or("", |(_, path)| path);
        if path.ends_with("/login") || path.contains("/login/") {
            return auth(TOKEN, 3600);
        }
        if seen.header("x-vault-token") != Some(TOKEN) {
            return errors(403, &["permission denied"]);
        }
        answers(path, seen).unwrap_or_else(|| errors(404, &[]))
    })
    .await
}

/// A request as the plan makes it, `path#version`.
pub(super) fn request(backend: &dyn VaultBackend, path: &str, kv: Option<&str>) -> SecretRequest {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let mut request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
    request.version = version.map(str::to_owned);
    if let Some(kv) = kv {
        request.options.insert(KV_VERSION.to_owned(), kv.to_owned());
    }
    request
}

/// Reads paths in one run with a new backend.
pub(super) async fn read(
    settings: &Settings,
    paths: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let requests: Vec<_> = paths
        .iter()
        .map(|path| request(backend.as_ref(), path, None))
        .collect();
    let run = RunContext::default();
    (backend.read(&requests, &run).await, run)
}

/// Reads one path.
pub(super) async fn read_one(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let (mut answers, _) = read(settings, &[path]).await;
    answers.pop().unwrap()
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
