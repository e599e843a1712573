//! Keys of AWS KMS: what is sent, and what is said about refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::suite::{Reply, SENTINEL, Server, TOKEN};

const ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/bbfd08fa-96a8-4b70-9a5d-2850a12da882";

fn written(arn: &str, more: &[(&str, &str)]) -> (tempfile::TempDir, Settings) {
    let mut key = json!({"arn": arn, "created_at": LAST_MODIFIED, "enc": "YWJj", "aws_profile": "evil",
        "context": {"app": "demo"}});
    for (name, value) in more {
        key[*name] = json!(value);
    }
    let file = file("k", b"v", json!({ "kms": [key] }));
    folder("s.json", Value::from(file).to_string())
}

fn with_login(settings: &Settings, server: &Server) -> Settings {
    let settings = settings.clone().with("AWS_ENDPOINT_URL_KMS", server.url());
    settings
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", TOKEN)
}

async fn refusing(status: u16, reason: &'static str) -> Server {
    let body = json!({"__type": reason, "message": SENTINEL}).to_string();
    Server::start(move |_| Reply::json(body.clone()).with_status(status)).await
}

#[tokio::test]
async fn the_request_is_for_the_key_of_the_file_in_its_region_by_the_login_of_the_settings() {
    let answer = json!({"KeyId": ARN, "Plaintext": STANDARD.encode(DATA_KEY)}).to_string();
    let server = Server::start(move |_| Reply::json(answer.clone())).await;
    let (_folder, settings) = written(ARN, &[("role", "arn:aws:iam::123456789012:role/evil")]);
    let settings = with_login(&settings, &server);
    assert_eq!(values(&settings, "s.json").await, r#"{"k":"v"}"#);
    let seen = server.seen();
    assert_eq!(seen.len(), 1, "no role was assumed");
    assert_eq!(seen[0].header("x-amz-target"), Some("TrentService.Decrypt"));
    let authorization = seen[0].header("authorization").unwrap();
    assert!(authorization.contains("AKIDEXAMPLE/"), "{authorization}");
    assert!(
        authorization.contains("/eu-west-1/kms/aws4_request"),
        "{authorization}"
    );
    let body: Value = serde_json::from_slice(&seen[0].body).unwrap();
    let expected =
        json!({"CiphertextBlob": "YWJj", "EncryptionContext": {"app": "demo"}, "KeyId": ARN});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind as Kind;
    let role = [("role", "arn:aws:iam::123456789012:role/a")];
    let denied = "the role or user needs kms:Decrypt on the key of the file";
    let not_taken =
        "a role that a file names is not taken on: a profile in AWS_PROFILE can have it";
    for (reason, kind, more, hint) in [
        (
            "AccessDeniedException",
            Kind::PermissionDenied,
            &[][..],
            Some(denied),
        ),
        (
            "AccessDeniedException",
            Kind::PermissionDenied,
            &role,
            Some(not_taken),
        ),
        ("InvalidCiphertextException", Kind::Configuration, &[], None),
        ("NotFoundException", Kind::Configuration, &[], None),
        ("KMSInternalException", Kind::Unavailable, &[], None),
    ] {
        let server = refusing(400, reason).await;
        let (_folder, settings) = written(ARN, more);
        let (found, text, said) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!(found, kind, "{reason}: {text}");
        assert_eq!(said, hint, "{reason}");
        assert!(!text.contains(SENTINEL) && !text.contains("evil"), "{text}");
    }
}

#[tokio::test]
async fn no_file_chooses_a_host_and_without_a_login_nothing_is_asked() {
    let server = refusing(400, "NotFoundException").await;
    let host = server.url().replace("http://", "");
    for arn in [
        format!("arn:aws:kms:{host}/:123456789012:key/a"),
        format!("arn:aws:kms:x@{host}#:1:key/a"),
    ] {
        let (_folder, settings) = written(&arn, &[]);
        let (kind, text, _) = refused(&with_login(&settings, &server), "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    }
    let (_folder, settings) = written(ARN, &[]);
    let none = settings
        .with("AWS_ENDPOINT_URL", server.url())
        .with("AWS_EC2_METADATA_DISABLED", "true");
    let (kind, text, _) = refused(&none, "s.json").await;
    assert_eq!(
        (kind, text.as_str()),
        (
            VaultErrorKind::Unauthenticated,
            "there are no AWS credentials"
        )
    );
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn settings_of_aws_that_are_wrong_matter_to_its_keys_only() {
    let (_folder, settings) = written(ARN, &[]);
    let wrong = |settings: Settings| settings.with("AWS_REGION", "nowhere");
    let (kind, text, _) = refused(&wrong(settings), "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{text}");
    let plain = Value::from(file("k", b"v", for_age(&DATA_KEY))).to_string();
    let (_folder, settings) = folder("s.json", plain);
    let settings = settings.with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    assert_eq!(values(&wrong(settings), "s.json").await, r#"{"k":"v"}"#);
}
