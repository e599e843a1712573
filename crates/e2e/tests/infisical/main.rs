//! The official client of Infisical and manifill read the same from a fake server.
#![allow(clippy::unwrap_used)]

use manifill_e2e::{client, run, skip};
use manifill_vault::backend::infisical::Infisical;
use manifill_vault::suite::{Reply, Seen, Server};
use manifill_vault::{
    Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError, VaultErrorKind,
};
use serde_json::{Value, json};

const PROJECT: &str = "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6";
const SLUG: &str = "shop-x7k2";
const CLIENT: &str = "3d1c8a52-client";
const SECRET: &str = "0123456789abcdef";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.e30.signature";

/// A secret with everything that the API tells of one.
fn secret(key: &str, value: &str, hidden: bool) -> Value {
    json!({
        "id": "7f0f6a3c-0000-4000-8000-000000000001", "_id": "7f0f6a3c-0000-4000-8000-000000000001",
        "workspace": PROJECT, "environment": "prod", "version": 2, "type": "shared",
        "secretKey": key, "secretValue": value, "secretComment": "", "secretValueHidden": hidden,
        "secretReminderNote": null, "secretReminderRepeatDays": null,
        "skipMultilineEncoding": false, "secretMetadata": [], "tags": [],
        "createdAt": "2026-11-07T05:31:56Z", "updatedAt": "2026-11-07T05:31:56Z",
    })
}

fn listing() -> Value {
    json!({
        "secrets": [
            secret("USER", "svc_orders", false),
            secret("PASSWORD", "s3cr3t ü\n", false),
            secret("HIDDEN", "<hidden-by-infisical>", true),
        ],
        "imports": [{
            "secretPath": "/common", "environment": "prod", "folderId": "1",
            "secrets": [secret("USER", "imported", false), secret("HOST", "db.example.com", false)],
        }],
    })
}

/// A server that has version 3 of the API, and 4 if it is not old.
fn answer(seen: &Seen, is_old: bool) -> Reply {
    let refusal = |status, error: &str| {
        let body =
            json!({"reqId": "req-1", "statusCode": status, "message": "refused", "error": error});
        Reply::json(body.to_string()).with_status(status)
    };
    if seen.target == "/api/v1/auth/universal-auth/login" {
        let sent: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        if seen.method != "POST" || sent != json!({"clientId": CLIENT, "clientSecret": SECRET}) {
            return refusal(401, "UnauthorizedError");
        }
        let body = json!({"accessToken": TOKEN, "expiresIn": 7200, "accessTokenMaxTTL": 7200,
            "tokenType": "Bearer"});
        return Reply::json(body.to_string());
    }
    let (path, query) = seen.target.split_once('?').unwrap_or_default();
    let has = |pair: &str| query.split('&').any(|one| one == pair);
    let project = match path {
        "/api/v3/secrets/raw" => {
            has(&format!("workspaceId={PROJECT}")) || has(&format!("workspaceSlug={SLUG}"))
        }
        "/api/v4/secrets" if !is_old => has(&format!("projectId={PROJECT}")),
        // In the words of the web framework.
        _ => return refusal(404, "Not Found"),
    };
    if seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return refusal(401, "UnauthorizedError");
    }
    if has("environment=dev") {
        return refusal(403, "PermissionDenied");
    }
    let wanted = [
        "environment=prod",
        "secretPath=%2Fpayments%2Fdb",
        "include_imports=true",
        "viewSecretValue=true",
        "expandSecretReferences=true",
        "recursive=false",
    ];
    if project && wanted.into_iter().all(has) {
        Reply::json(listing().to_string())
    } else {
        refusal(404, "NotFound")
    }
}

async fn read(server: &Server, secret: &str, path: &str) -> Result<Secret, VaultError> {
    let settings = Settings::new()
        .with("INFISICAL_HOST_URL", server.url())
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT)
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", secret);
    let backend = Infisical::from_settings(&settings).unwrap();
    let path = backend.parse_path(path).unwrap();
    let requests = [SecretRequest::new(path, Keys::All)];
    let mut answers = backend.read(&requests, &RunContext::new()).await;
    answers.pop().unwrap()
}

#[tokio::test]
async fn the_client_and_manifill_read_the_same() {
    if skip("the official client of Infisical") {
        return;
    }
    let server = Server::start(|seen| answer(seen, false)).await;
    let mut official = client("infisical").unwrap();
    official
        .env("INFISICAL_HOST_URL", server.url())
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT)
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", SECRET);
    let reading = tokio::task::spawn_blocking(move || run(&mut official).map(drop));
    reading.await.unwrap().unwrap();
    let asked = server.seen();
    let is_v3 = |seen: &&Seen| seen.target.starts_with("/api/v3/secrets/raw?");
    assert_eq!(asked.iter().filter(is_v3).count(), 4);
    assert!(asked.iter().all(|seen| {
        seen.header("user-agent")
            .unwrap()
            .starts_with("python-requests/")
    }));

    let old = Server::start(|seen| answer(seen, true)).await;
    for (server, project, path) in [
        (&server, SLUG, "/api/v3/"),
        (&server, PROJECT, "/api/v4/"),
        (&old, PROJECT, "/api/v3/"),
    ] {
        server.forget();
        let folder = format!("{project}/prod/payments/db");
        let secret = read(server, SECRET, &folder).await.unwrap();
        for (key, value) in [
            ("USER", "svc_orders"),
            ("PASSWORD", "s3cr3t ü\n"),
            ("HOST", "db.example.com"),
        ] {
            let found = secret.value(key).unwrap().unwrap();
            assert_eq!(found.expose().as_text(), Some(value), "{key}");
        }
        let hidden = secret.value("HIDDEN").unwrap().unwrap_err();
        assert_eq!(hidden.kind(), VaultErrorKind::PermissionDenied);
        let last = server.seen().pop().unwrap().target;
        assert!(last.starts_with(path), "{last}");
    }
    for (path, secret, kind) in [
        ("prod/absent", SECRET, VaultErrorKind::NotFound),
        ("dev", SECRET, VaultErrorKind::PermissionDenied),
        ("prod/payments/db", "wrong", VaultErrorKind::Unauthenticated),
    ] {
        for project in [PROJECT, SLUG] {
            let path = format!("{project}/{path}");
            let error = read(&server, secret, &path).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{path}");
        }
    }
}
