//! A server with parameters, and settings for it; for the tests.

use serde_json::{Value, json};

use super::AwsSsmParameterStore;
use crate::suite::{Reply, SENTINEL, Seen, Server, TOKEN};
use crate::{Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend as _, VaultError};

/// Settings for a server and an access key, whose secret is the token of the suite.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AWS_ENDPOINT_URL_SSM", server.url())
        .with("AWS_REGION", "eu-central-1")
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", TOKEN)
}

pub(super) fn backend(server: &Server) -> AwsSsmParameterStore {
    AwsSsmParameterStore::from_settings(&settings(server)).unwrap()
}

/// A parameter as the service answers with it.
pub(super) fn parameter(asked: &str, value: &str) -> Value {
    let name = asked.rsplit(":parameter").next().unwrap_or_default();
    let (name, selector) = match name.split_once(':') {
        Some((name, selector)) => (name, format!(":{selector}")),
        None => (name, String::new()),
    };
    let mut answer = json!({"Name": name, "Type": "SecureString", "Value": value, "Version": 3,
        "DataType": "text", "LastModifiedDate": 1_795_319_382.0,
        "ARN": format!("arn:aws:ssm:eu-central-1:123456789012:parameter{name}")});
    if !selector.is_empty() {
        answer["Selector"] = json!(selector);
    }
    answer
}

pub(super) fn refusal(reason: &str) -> Reply {
    let body = json!({"__type": reason, "message": format!("{reason}: {SENTINEL}")});
    Reply::json(body.to_string()).with_status(400)
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

/// A server that has the parameters that a function gives values for, and no folders.
pub(super) async fn serve(
    value: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        let (operation, body) = asked(seen);
        if operation != "GetParameters" {
            return Reply::json(r#"{"Parameters":[]}"#);
        }
        let names = body["Names"].as_array().unwrap();
        let mut found = Vec::new();
        let mut invalid = Vec::new();
        for name in names.iter().filter_map(|name| name.as_str()) {
            match value(name) {
                Some(value) => found.push(parameter(name, &value)),
                None => invalid.push(name),
            }
        }
        Reply::json(json!({"Parameters": found, "InvalidParameters": invalid}).to_string())
    })
    .await
}

pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let path = super::Place::parse(path).unwrap().plain();
    SecretRequest::new(path, Keys::names(keys.iter().copied()))
}

/// Reads keys of a path.
pub(super) async fn read(
    backend: &AwsSsmParameterStore,
    path: &str,
    keys: &[&str],
) -> Result<Secret, VaultError> {
    let requests = [request(path, keys)];
    backend
        .read(&requests, &RunContext::default())
        .await
        .remove(0)
}

pub(super) fn text(secret: &Secret, key: &str) -> Option<String> {
    let value = secret.value(key)?.unwrap().expose().as_text();
    value.map(str::to_owned)
}
