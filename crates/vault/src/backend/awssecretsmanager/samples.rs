//! A server with secrets, and settings for it; for the tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::AwsSecretsManager;
use crate::suite::{Reply, SENTINEL, Seen, Server, TOKEN};
use crate::{
    Keys, RunContext, Secret, SecretRequest, SecretValue, Settings, VaultBackend as _, VaultError,
};

pub(super) const REGION: &str = "eu-central-1";

/// Settings for a server and an access key, whose secret is the token of the suite.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url())
        .with("AWS_REGION", REGION)
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", TOKEN)
}

pub(super) fn backend(server: &Server) -> AwsSecretsManager {
    AwsSecretsManager::from_settings(&settings(server)).unwrap()
}

/// The ARN of a secret of this name.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:123456789012:secret:{name}-a1B2c3")
}

/// A secret as the service answers with it.
pub(super) fn found(name: &str, value: &SecretValue) -> Value {
    let mut answer = json!({"ARN": arn(name), "Name": name, "CreatedDate": 1_795_319_382.0,
        "VersionId": "cf5f5de8-d8be-4a0f-bb71-6a49d0d4a7a8", "VersionStages": ["AWSCURRENT"]});
    match value.expose() {
        crate::Exposed::Text(text) => answer["SecretString"] = json!(text),
        crate::Exposed::Bytes(bytes) => answer["SecretBinary"] = json!(STANDARD.encode(bytes)),
        _ => panic!("a secret is text or bytes"),
    }
    answer
}

pub(super) fn refusal(status: u16, reason: &str) -> Reply {
    let body = json!({"__type": reason, "Message": format!("{reason}: {SENTINEL}")});
    Reply::json(body.to_string()).with_status(status)
}

pub(super) fn missing() -> Reply {
    refusal(400, "ResourceNotFoundException")
}

/// The operation and the body of a request.
pub(super) fn asked(seen: &Seen) -> (String, Value) {
    let target = seen.header("x-amz-target").unwrap_or_default();
    let (_, operation) = target.split_once('.').unwrap_or_default();
    (
        operation.to_owned(),
        serde_json::from_slice(&seen.body).unwrap(),
    )
}

/// A server that answers for single secrets.
pub(super) async fn serve(
    answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        let authorization = seen.header("authorization").unwrap_or_default();
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
        let (operation, body) = asked(seen);
        answer(&operation, &body)
    })
    .await
}

/// Reads keys of a path.
pub(super) async fn read(
    backend: &AwsSecretsManager,
    path: &str,
    keys: &[&str],
) -> Result<Secret, VaultError> {
    let requests = [request(backend, path, keys)];
    backend
        .read(&requests, &RunContext::default())
        .await
        .remove(0)
}

pub(super) fn request(backend: &AwsSecretsManager, path: &str, keys: &[&str]) -> SecretRequest {
    let keys = Keys::names(keys.iter().copied());
    SecretRequest::new(backend.parse_path(path).unwrap(), keys)
}
