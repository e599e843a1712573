//! Transit keys: what is sent, where it may be sent, and what is said about refusals.

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

fn puts(server: &Server) -> usize {
    let seen = server.seen();
    seen.iter().filter(|seen| seen.method == "PUT").count()
}

#[tokio::test]
async fn the_request_is_that_of_sops() {
    let server = transit_server().await;
    let (_folder, settings) = written(&server.url(), "team/transit/", "my key");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN)
        .with("VAULT_NAMESPACE", "team-a");
    assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].target, format!("{ASKED}team/transit"));
    assert_eq!(seen[1].method, "PUT");
    assert_eq!(seen[1].target, "/v1/team/transit/decrypt/my%20key");
    for seen in &seen {
        assert_eq!(seen.header("x-vault-token"), Some(TOKEN));
        assert_eq!(seen.header("x-vault-namespace"), Some("team-a"));
        assert_eq!(seen.header("x-vault-request"), Some("true"));
    }
    let body: Value = serde_json::from_slice(&seen[1].body).unwrap();
    assert_eq!(body, json!({"ciphertext": "vault:v1:abc"}));
}

#[tokio::test]
async fn the_token_goes_only_where_the_operator_allows_it() {
    let server = transit_server().await;
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
    assert_eq!(puts(&server), 4);
}

#[tokio::test]
async fn an_allowed_path_covers_what_is_below_it() {
    let server = transit_server().await;
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
    let server = transit_server().await;
    for (mount, key) in [
        ("", "k"),
        ("/", "k"),
        ("..", "k"),
        ("transit/../sys", "k"),
        ("transit", ""),
        ("transit", ".."),
        (".\t./sys", "seal"),
        ("\t../sys", "seal"),
        ("transit", ".\n."),
        ("transit", "..\r"),
        ("tra\0nsit", "k"),
    ] {
        let (_folder, settings) = written(&server.url(), mount, key);
        let settings = settings
            .with("VAULT_ADDR", server.url())
            .with("VAULT_TOKEN", TOKEN);
        let (kind, text, _) = refused(&settings, "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration);
        assert_eq!(text, "the name of the transit key in the file is malformed");
    }
    for address in [
        "",
        "vault:8200",
        "ftp://h",
        "http://user:pw@h",
        "http://h?x",
        "http:h",
        "unix:///s",
    ] {
        let (_folder, settings) = written(address, "transit", "k");
        let settings = settings
            .with("SOPS_HC_VAULT_ALLOWLIST", "all")
            .with("VAULT_TOKEN", TOKEN);
        let (_, text, _) = refused(&settings, "s.json").await;
        assert_eq!(
            text,
            "the address of the key server in the file is malformed"
        );
    }
    assert!(server.seen().is_empty());
}

/// A KV engine would write what it is sent.
#[tokio::test]
async fn nothing_is_sent_to_an_engine_that_is_not_transit() {
    let denied = || Reply::json(r#"{"errors":["preflight capability check returned 403"]}"#);
    for (mount, reply) in [
        ("kv1/tenant", mounted("kv1", "kv")),
        ("kv1", mounted("kv1", "kv")),
        ("transit/keys", mounted("transit", "transit")),
        ("auth/transit", mounted("transit", "approle")),
        ("transit", mounted("", "transit")),
        ("transit", denied().with_status(403)),
        ("transit", denied().with_status(404)),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let (_folder, settings) = written(&server.url(), mount, "k");
        let settings = settings
            .with("VAULT_ADDR", server.url())
            .with("VAULT_TOKEN", TOKEN);
        let (kind, text, hint) = refused(&settings, "s.json").await;
        assert_eq!(kind, VaultErrorKind::PermissionDenied);
        assert!(
            text.contains(&format!("no transit engine at `{mount}`")),
            "{text}"
        );
        assert!(hint.unwrap().contains("policies"));
        assert_eq!((puts(&server), server.seen().len()), (0, 1), "{mount}");
    }
}

#[tokio::test]
async fn an_engine_in_a_namespace_goes_by_its_own_name() {
    let server = Server::start(|seen| {
        if seen.target.contains(ASKED) {
            mounted("transit", "transit")
        } else {
            opened()
        }
    })
    .await;
    let (_folder, settings) = written(&server.url(), "team-a/transit", "k");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
}

#[tokio::test]
async fn what_is_mounted_is_asked_once_for_all_files_of_a_run() {
    let server = transit_server().await;
    let (folder, settings) = written(&server.url(), "transit", "k0");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    let mut requests = Vec::new();
    for number in 0..9 {
        let mount = ["transit", "other"][number % 2];
        let recipients = recipients(&server.url(), mount, &format!("k{number}"));
        let text = Value::from(file("k", b"v", recipients)).to_string();
        let name = format!("{number}.json");
        std::fs::write(folder.path().join(&name), text).unwrap();
        requests.push(SecretRequest::new(SecretPath::verbatim(name), Keys::All));
    }
    let backend = Sops::at_home(&settings, None).unwrap();
    let answers = backend.read(&requests, &RunContext::default()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((puts(&server), server.seen().len()), (9, 9 + 2));
}

#[tokio::test]
async fn a_token_is_needed_and_may_be_in_the_home_folder() {
    let server = transit_server().await;
    let (_folder, settings) = written(&server.url(), "transit", "k");
    let settings = settings.with("VAULT_ADDR", server.url());
    let place = tempfile::tempdir().unwrap();
    let home = Home::at(place.path());
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

#[tokio::test]
async fn a_token_that_is_none_is_sent_once_for_all_files() {
    let refusal = json!({"errors": ["permission denied"]}).to_string();
    let server = answering(Reply::json(refusal).with_status(403)).await;
    let (folder, settings) = written(&server.url(), "transit", "k");
    let text = std::fs::read_to_string(folder.path().join("s.json")).unwrap();
    // Each file has another key.
    let names: Vec<_> = (0..5).map(|number| format!("s{number}.json")).collect();
    for name in &names {
        let text = text.replace("\"k\"", &format!("\"{name}\""));
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    let (kind, text, _) = refused(&settings, "s.json").await;
    assert_eq!(kind, VaultErrorKind::Unauthenticated);
    assert_eq!(
        text.replace(&server.url(), "ORIGIN"),
        "`ORIGIN` does not accept the token (HTTP 403)"
    );
    server.forget();
    let backend = Sops::at_home(&settings, None).unwrap();
    let run = RunContext::new();
    for name in &names {
        let request = SecretRequest::new(SecretPath::verbatim(name), Keys::All);
        let read = backend.read(&[request], &run).await.remove(0);
        assert_eq!(read.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    }
    assert_eq!(puts(&server), 1);
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
        let refusal = Reply::json(json!({"errors": [SENTINEL]}).to_string());
        let server = answering(refusal.with_status(status)).await;
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
        assert_eq!(puts(&server), 1);
    }
    let nonsense = json!({"data": {"plaintext": SENTINEL}}).to_string();
    let server = answering(Reply::json(nonsense)).await;
    let (_folder, settings) = written(&server.url(), "transit", "k");
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    let (kind, ..) = refused(&settings, "s.json").await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer);
}
