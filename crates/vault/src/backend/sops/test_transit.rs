//! Transit keys: what is sent, where it may be sent, and what is said about refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::suite::{Reply, SENTINEL, Server, TOKEN};

fn recipients(address: &str, mount: &str, key: &str) -> Value {
    json!({"hc_vault": [{
        "vault_address": address, "engine_path": mount, "key_name": key, "enc": "vault:v1:abc",
    }]})
}

fn written(address: &str, mount: &str, key: &str) -> (tempfile::TempDir, Settings) {
    let file = file("k", b"v", recipients(address, mount, key));
    folder("s.json", Value::from(file).to_string())
}

async fn server() -> Server {
    Server::start(|_| {
        Reply::json(json!({"data": {"plaintext": STANDARD.encode(DATA_KEY)}}).to_string())
    })
    .await
}

#[tokio::test]
async fn the_request_is_that_of_sops() {
    let server = server().await;
    let (_folder, settings) = written(&server.url(), "team/transit/", "my key");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN)
        .with("VAULT_NAMESPACE", "team-a");
    assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "PUT");
    assert_eq!(seen[0].target, "/v1/team/transit/decrypt/my%20key");
    assert_eq!(seen[0].header("x-vault-token"), Some(TOKEN));
    assert_eq!(seen[0].header("x-vault-namespace"), Some("team-a"));
    assert_eq!(seen[0].header("x-vault-request"), Some("true"));
    let body: Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(body, json!({"ciphertext": "vault:v1:abc"}));
}

#[tokio::test]
async fn the_token_goes_only_where_the_operator_allows_it() {
    let server = server().await;
    let url = server.url();
    let port = url.rsplit_once(':').unwrap().1;
    let (_folder, settings) = written(&url, "transit", "k");
    let settings = settings.with("VAULT_TOKEN", TOKEN);
    let list = |list: &str| settings.clone().with("SOPS_HC_VAULT_ALLOWLIST", list);
    for refusing in [
        settings.clone(),
        settings.clone().with("VAULT_ADDR", "http://127.0.0.1:1"),
        settings
            .clone()
            .with("VAULT_ADDR", format!("http://localhost:{port}")),
        settings
            .clone()
            .with("VAULT_ADDR", format!("https://127.0.0.1:{port}")),
        list("none").with("VAULT_ADDR", &url),
        list("http://127.0.0.1"),
        list(&format!("{url}/team-a")),
        list("https://vault.example.com, https://other.example.com"),
    ] {
        let (kind, text, hint) = refused(&refusing, "s.json").await;
        assert_eq!(kind, VaultErrorKind::PermissionDenied, "{text}");
        let expected =
            format!("the file names the key server `{url}`, which the token may not be sent to");
        assert_eq!(text, expected);
        assert!(hint.unwrap().contains("SOPS_HC_VAULT_ALLOWLIST"));
    }
    assert!(server.seen().is_empty());
    for allowing in [
        settings.clone().with("VAULT_ADDR", format!("{url}/")),
        list("all"),
        list(&format!("https://vault.example.com , {url}")),
        list("https://vault.example.com").with("VAULT_ADDR", &url),
    ] {
        assert!(read(&allowing, "s.json").await.is_ok());
    }
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn an_allowed_path_covers_what_is_below_it() {
    let server = server().await;
    let url = server.url();
    for (path, allowed, sent) in [
        ("/team-a", "/team-a", true),
        ("/team-a/x", "/team-a/", true),
        ("/team-ab", "/team-a", false),
        ("/team-b", "/team-a", false),
        ("/team-a/../team-b", "/team-a", false),
        ("/team-a/%2e%2e/team-b", "/team-a", false),
    ] {
        let (_folder, settings) = written(&format!("{url}{path}"), "transit", "k");
        let settings = settings
            .with("VAULT_TOKEN", TOKEN)
            .with("SOPS_HC_VAULT_ALLOWLIST", format!("{url}{allowed}"));
        assert_eq!(read(&settings, "s.json").await.is_ok(), sent, "{path}");
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    let server = server().await;
    for (mount, key) in [
        ("", "k"),
        ("/", "k"),
        ("..", "k"),
        ("transit/../sys", "k"),
        ("transit", ""),
        ("transit", ".."),
    ] {
        let (_folder, settings) = written(&server.url(), mount, key);
        let settings = settings
            .with("VAULT_ADDR", server.url())
            .with("VAULT_TOKEN", TOKEN);
        let (kind, text, _) = refused(&settings, "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration);
        assert_eq!(text, "the name of the transit key in the file is none");
    }
    for address in [
        "",
        "vault:8200",
        "ftp://h",
        "http://user:pw@h",
        "http://h?x",
        "unix:///s",
    ] {
        let (_folder, settings) = written(address, "transit", "k");
        let settings = settings
            .with("SOPS_HC_VAULT_ALLOWLIST", "all")
            .with("VAULT_TOKEN", TOKEN);
        let (_, text, _) = refused(&settings, "s.json").await;
        assert_eq!(
            text,
            "the address of the key server in the file is no address"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_token_is_needed_and_may_be_in_the_home_folder() {
    let server = server().await;
    let (_folder, settings) = written(&server.url(), "transit", "k");
    let settings = settings.with("VAULT_ADDR", server.url());
    let place = tempfile::tempdir().unwrap();
    let home = Home {
        folder: place.path().to_owned(),
        config: place.path().to_owned(),
    };
    let read = async || {
        let backend = Sops::at_home(&settings, Some(&home)).unwrap();
        let request = SecretRequest::new(SecretPath::verbatim("s.json"), Keys::All);
        backend
            .read(&[request], &RunContext::default())
            .await
            .remove(0)
    };
    let error = read().await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "the file needs a transit key, and `VAULT_TOKEN` is not set"
    );
    std::fs::write(place.path().join(".vault-token"), format!("{TOKEN}\n")).unwrap();
    assert!(read().await.is_ok());
    assert_eq!(server.seen()[0].header("x-vault-token"), Some(TOKEN));
}

/// None of them is `NotFound`, which `default` would act on: the secret is there.
#[tokio::test]
async fn refusals_are_told_and_not_taken_for_a_missing_secret() {
    for (status, kind, begin) in [
        (
            400,
            VaultErrorKind::Configuration,
            "`ORIGIN` has no such transit key",
        ),
        (
            403,
            VaultErrorKind::PermissionDenied,
            "`ORIGIN` does not let this token decrypt",
        ),
        (
            404,
            VaultErrorKind::Configuration,
            "`ORIGIN` has no such transit key",
        ),
    ] {
        let server = Server::start(move |_| {
            Reply::json(json!({"errors": [SENTINEL]}).to_string()).with_status(status)
        })
        .await;
        let (_folder, settings) = written(&server.url(), "transit", "k");
        let settings = settings
            .with("VAULT_ADDR", server.url())
            .with("VAULT_TOKEN", TOKEN);
        let (found, text, _) = refused(&settings, "s.json").await;
        assert_eq!(found, kind, "{text}");
        assert!(
            text.replace(&server.url(), "ORIGIN").starts_with(begin),
            "{text}"
        );
        assert!(text.contains(&status.to_string()) && !text.contains(SENTINEL));
        assert_eq!(server.seen().len(), 1);
    }
    let server =
        Server::start(|_| Reply::json(json!({"data": {"plaintext": SENTINEL}}).to_string())).await;
    let (_folder, settings) = written(&server.url(), "transit", "k");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    let (kind, ..) = refused(&settings, "s.json").await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer);
}
