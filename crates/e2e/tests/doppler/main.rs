//! The official client of Doppler and manifill read the same from a fake server.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use manifill_e2e::{client, run, skip};
use manifill_vault::backend::doppler::Doppler;
use manifill_vault::suite::{Reply, Seen, Server};
use manifill_vault::{
    Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError, VaultErrorKind,
};
use serde_json::{Value, json};

const TOKEN: &str = "dp.st.prd.0123456789";
const ENDPOINT: &str = "/v3/configs/config/secrets/download";

/// What is in the config `shop/prd`.
fn config() -> Value {
    json!({
        "USER": "svc_orders",
        "DATABASE": "postgres://svc_orders:s3cr3t ü@db/orders?a=1&b=2",
        "STRIPE": "line one\nline two\n",
        "DOPPLER_PROJECT": "shop",
    })
}

fn answer(seen: &Seen) -> Reply {
    let refusal = |status, message: &str| {
        let body = json!({ "messages": [message], "success": false });
        Reply::json(body.to_string()).with_status(status)
    };
    if seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return refusal(401, "Invalid Auth token");
    }
    let (path, query) = seen.target.split_once('?').unwrap_or_default();
    let asks_for = |pair: &str| query.split('&').any(|one| one == pair);
    if seen.method != "GET" || path != ENDPOINT || !asks_for("format=json") {
        return refusal(400, "Invalid request");
    }
    match (asks_for("project=shop"), asks_for("config=prd")) {
        (true, true) => Reply::json(config().to_string()),
        (true, _) if asks_for("config=dev") => {
            refusal(403, "This token does not have access to requested config")
        }
        _ => refusal(404, "Could not find requested config"),
    }
}

fn blocking(mut client: Command, server: &Server) -> impl Future<Output = ()> + use<> {
    client
        .env("DOPPLER_API_HOST", server.url())
        .env("DOPPLER_TOKEN", TOKEN);
    let running = tokio::task::spawn_blocking(move || run(&mut client).map(drop));
    async { running.await.unwrap().unwrap() }
}

async fn read(server: &Server, token: &str, path: &str) -> Result<Secret, VaultError> {
    let settings = Settings::new()
        .with("DOPPLER_API_HOST", server.url())
        .with("DOPPLER_TOKEN", token);
    let backend = Doppler::from_settings(&settings).unwrap();
    let path = backend.parse_path(path).unwrap();
    let requests = [SecretRequest::new(path, Keys::All)];
    let mut answers = backend.read(&requests, &RunContext::new()).await;
    answers.pop().unwrap()
}

#[tokio::test]
async fn the_client_and_manifill_read_the_same() {
    if skip("the official client of Doppler") {
        return;
    }
    let server = Server::start(answer).await;
    blocking(client("doppler").unwrap(), &server).await;
    let asked = server.seen();
    assert!(asked.iter().all(|seen| {
        seen.header("user-agent")
            .unwrap()
            .starts_with("DopplerSDK/")
    }));
    assert_eq!(asked.len(), 4);
    server.forget();

    let secret = read(&server, TOKEN, "shop/prd").await.unwrap();
    for (key, value) in config().as_object().unwrap() {
        let found = secret.value(key).unwrap().unwrap();
        assert_eq!(found.to_json(), value.to_string(), "{key}");
    }
    assert_eq!(secret.names().len(), 4);
    for (path, token, kind) in [
        ("shop/absent", TOKEN, VaultErrorKind::NotFound),
        ("shop/dev", TOKEN, VaultErrorKind::PermissionDenied),
        ("shop/prd", "wrong", VaultErrorKind::Unauthenticated),
    ] {
        let error = read(&server, token, path).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    // The same address and the same parameters as the client's, and no lease.
    let ours = server.seen().remove(0).target;
    let theirs = &asked[0].target;
    for pair in ["project=shop", "config=prd", "format=json"] {
        assert!(
            ours.contains(pair) && theirs.contains(pair),
            "{ours} {theirs}"
        );
    }
    assert!(ours.contains("include_dynamic_secrets=false"), "{ours}");
}
