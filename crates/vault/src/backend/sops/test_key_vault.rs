//! Keys of Azure Key Vault: what is sent, and what is said about refusals.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::suite::{Reply, SENTINEL, Server, TOKEN};

const VERSION: &str = "e84a2b3c4d5e6f708192a3b4c5d6e7f8";

fn written(vault: &str, name: &str, version: &str) -> (tempfile::TempDir, Settings) {
    let key = json!({"vault_url": vault, "name": name, "version": version,
        "created_at": LAST_MODIFIED, "enc": "YWJj_-"});
    let file = file("k", b"v", json!({ "azure_kv": [key] }));
    folder("s.json", Value::from(file).to_string())
}

/// A cloud that answers what is asked of a vault.
async fn cloud(reply: Reply) -> Server {
    Server::start(move |seen| match seen.target.as_str() {
        "/tenant/oauth2/v2.0/token" => {
            let granted = json!({"access_token": TOKEN, "expires_in": 3599});
            Reply::json(granted.to_string())
        }
        _ => reply.clone(),
    })
    .await
}

fn refusing(status: u16, code: &str) -> Reply {
    let body = json!({"error": {"code": code, "message": SENTINEL}});
    Reply::json(body.to_string()).with_status(status)
}

fn with_login(settings: &Settings, server: &Server) -> Settings {
    let settings = settings.clone().with("AZURE_AUTHORITY_HOST", server.url());
    settings
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_TENANT_ID", "tenant")
        .with("AZURE_CLIENT_ID", "client")
        .with("AZURE_CLIENT_SECRET", "s")
}

#[tokio::test]
async fn the_vault_of_the_file_is_asked_by_the_login_of_the_settings() {
    let plain = json!({"kid": "k", "value": URL_SAFE_NO_PAD.encode(DATA_KEY)});
    for (version, path) in [
        (VERSION, format!("/keys/sops-key/{VERSION}/decrypt")),
        ("", "/keys/sops-key/decrypt".to_owned()),
    ] {
        let server = cloud(Reply::json(plain.to_string())).await;
        let (_folder, settings) = written(&server.url(), "sops-key", version);
        let settings = with_login(&settings, &server);
        assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1].target, format!("{path}?api-version=7.4"));
        let token = format!("Bearer {TOKEN}");
        assert_eq!(seen[1].header("authorization"), Some(&*token));
        let body: Value = serde_json::from_slice(&seen[1].body).unwrap();
        assert_eq!(body, json!({"alg": "RSA-OAEP-256", "value": "YWJj_-"}));
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind as Kind;
    let denied = "it needs the role Key Vault Crypto User, or the permission `decrypt` of keys in an access policy";
    for (reply, kind, hint) in [
        (
            refusing(403, "Forbidden"),
            Kind::PermissionDenied,
            Some(denied),
        ),
        (refusing(404, "KeyNotFound"), Kind::Configuration, None),
        (refusing(400, "BadParameter"), Kind::Configuration, None),
        (Reply::new(404), Kind::InvalidAnswer, None),
        (Reply::json(r#"{"value":"%"}"#), Kind::InvalidAnswer, None),
        (Reply::json("{}"), Kind::InvalidAnswer, None),
    ] {
        let server = cloud(reply).await;
        let (_folder, settings) = written(&server.url(), "sops-key", VERSION);
        let (found, text, said) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!((found, said), (kind, hint), "{text}");
        assert!(!text.contains(SENTINEL), "{text}");
    }
}

#[tokio::test]
async fn no_file_chooses_a_host_and_without_a_login_nothing_is_asked() {
    let (server, foreign) = (cloud(Reply::new(500)).await, cloud(Reply::new(500)).await);
    let host = foreign.url().replace("http://", "");
    for (vault, name) in [
        (foreign.url(), "k"),
        (format!("https://a.vault.azure.net@{host}"), "k"),
        (format!("http://{host}/.vault.azure.net"), "k"),
        (server.url(), "../secrets/x"),
        (server.url(), "k?x"),
        (server.url(), ""),
    ] {
        let (_folder, settings) = written(&vault, name, VERSION);
        let (kind, text, _) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    }
    let (_folder, settings) = written(&server.url(), "k", "../x");
    let (kind, text, _) = refused(&with_login(&settings, &server), "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    let (_folder, settings) = written(&server.url(), "k", VERSION);
    let none = settings
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")
        .with("AZURE_TOKEN_CREDENTIALS", "prod");
    let (kind, text, _) = refused(&none, "s.json").await;
    let told = (
        VaultErrorKind::Unauthenticated,
        "there is no login to Azure",
    );
    assert_eq!((kind, text.as_str()), told);
    assert_eq!((server.seen().len(), foreign.seen().len()), (0, 0));
}

#[tokio::test]
async fn settings_of_azure_that_are_wrong_matter_to_its_keys_only() {
    let wrong = |settings: Settings| settings.with("AZURE_TOKEN_CREDENTIALS", "nobody");
    let (_folder, settings) = written("https://a.vault.azure.net", "k", VERSION);
    let (kind, text, _) = refused(&wrong(settings), "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    let plain = Value::from(file("k", b"v", for_age(&DATA_KEY))).to_string();
    let (_folder, settings) = folder("s.json", plain);
    let settings = settings.with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    assert_eq!(values(&wrong(settings), "s.json").await, r#"{"k":"v"}"#);
}
