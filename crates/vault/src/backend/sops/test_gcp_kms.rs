//! Keys of Google Cloud KMS: what is sent, and what is said about refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::suite::{Reply, SENTINEL, Server, TOKEN};
use crate::transport::gcp::crc32c;
use crate::transport::gcp::samples::{grant, key_for};

const KEY: &str = "projects/shop/locations/global/keyRings/sops/cryptoKeys/key";
const TARGET: &str = "/v1/projects/shop/locations/global/keyRings/sops/cryptoKeys/key:decrypt";

fn written(key: &str) -> (tempfile::TempDir, Settings) {
    let key = json!({"resource_id": key, "created_at": LAST_MODIFIED, "enc": "YWJj"});
    let file = file("k", b"v", json!({ "gcp_kms": [key] }));
    folder("s.json", Value::from(file).to_string())
}

fn at(settings: &Settings, server: &Server) -> Settings {
    settings.clone().with("SOPS_GCP_KMS_ENDPOINT", server.url())
}

fn with_login(settings: &Settings, server: &Server) -> Settings {
    at(settings, server).with("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
}

async fn answering(reply: Reply) -> Server {
    Server::start(move |_| reply.clone()).await
}

fn decrypted(sum: u32) -> Reply {
    let answer = json!({"plaintext": STANDARD.encode(DATA_KEY), "plaintextCrc32c": sum.to_string(),
        "usedPrimary": true, "protectionLevel": "SOFTWARE"});
    Reply::json(answer.to_string())
}

fn refusal(status: u16, code: &str) -> Reply {
    let body = json!({"error": {"code": status, "message": SENTINEL, "status": code}});
    Reply::json(body.to_string()).with_status(status)
}

#[tokio::test]
async fn the_key_of_the_file_is_asked_by_the_login_of_the_settings() {
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/token" => grant(seen, TOKEN),
        _ => decrypted(crc32c(&DATA_KEY)),
    })
    .await;
    let (_folder, settings) = written(KEY);
    let settings = at(&settings, &server).with("GOOGLE_CREDENTIALS", key_for(&server));
    assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
    let seen = server.seen();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/token", TARGET]);
    let login = format!("Bearer {TOKEN}");
    assert_eq!(seen[1].header("authorization"), Some(login.as_str()));
    let body: Value = serde_json::from_slice(&seen[1].body).unwrap();
    assert_eq!(body, json!({"ciphertext": "YWJj"}));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind as Kind;
    let denied = "it needs the role cloudkms.cryptoKeyDecrypter on the key of the file";
    for (reply, kind, hint) in [
        (
            refusal(403, "PERMISSION_DENIED"),
            Kind::PermissionDenied,
            Some(denied),
        ),
        (refusal(404, "NOT_FOUND"), Kind::Configuration, None),
        (refusal(400, "INVALID_ARGUMENT"), Kind::Configuration, None),
        (
            refusal(400, "FAILED_PRECONDITION"),
            Kind::Configuration,
            None,
        ),
        (refusal(500, "INTERNAL"), Kind::Unavailable, None),
        (
            Reply::new(404).with_body(SENTINEL),
            Kind::InvalidAnswer,
            None,
        ),
        (decrypted(crc32c(&DATA_KEY) ^ 1), Kind::InvalidAnswer, None),
        (
            Reply::json(r#"{"plaintext":"%"}"#),
            Kind::InvalidAnswer,
            None,
        ),
    ] {
        let server = answering(reply).await;
        let (_folder, settings) = written(KEY);
        let (found, text, said) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!((found, said), (kind, hint), "{text}");
        assert!(!text.contains(SENTINEL), "{text}");
    }
}

#[tokio::test]
async fn no_file_chooses_a_host_and_without_a_login_nothing_is_asked() {
    let server = answering(refusal(404, "NOT_FOUND")).await;
    let host = server.url().replace("http://", "");
    for key in [
        format!("x@{host}/{KEY}"),
        KEY.replace("shop", &format!("x@{host}#")),
    ] {
        let (_folder, settings) = written(&key);
        let (kind, text, _) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    }
    let (_folder, settings) = written(KEY);
    let none = at(&settings, &server).with("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file");
    let (kind, text, _) = refused(&none, "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    assert!(text.contains("/no/such/file"), "{text}");
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn settings_of_google_that_are_wrong_matter_to_its_keys_only() {
    let wrong = |settings: Settings| settings.with("SOPS_GCP_KMS_ENDPOINT", "http://");
    let (_folder, settings) = written(KEY);
    let (kind, text, _) = refused(&wrong(settings), "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    let plain = Value::from(file("k", b"v", for_age(&DATA_KEY))).to_string();
    let (_folder, settings) = folder("s.json", plain);
    let settings = settings.with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    assert_eq!(values(&wrong(settings), "s.json").await, r#"{"k":"v"}"#);
}
