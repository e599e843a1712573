//! The vendor's message classes and the backend find the same in the server that the backend is
//! tested against, and the vendor's classes read what the backend sends.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_e2e::{client, skip};
use manifill_vault::backend::yandexcloudlockbox::connect;
use manifill_vault::suite::{self, Server};
use manifill_vault::{
    ConnectContext, Exposed, Keys, RunContext, SecretRequest, Settings, VaultBackend,
};
use serde_json::{Value, json};

#[path = "../../vault/src/backend/yandexcloudlockbox/test_server.rs"]
mod test_server;

use test_server::{ACCOUNT, Content, KEY_ID, Stored, key_and_cloud};

fn secrets() -> Vec<Stored> {
    let text = |text: &str| Content::Text(text.to_owned());
    let secret = Stored::new("e6q1", "b1g1", "my db & co")
        .with("v1", [("password", text("old"))])
        .with(
            "v2",
            [
                ("password", text("a\"b\\c\n ü 密码")),
                ("empty", text("")),
                ("store", Content::Bytes(vec![0, 255, 10])),
            ],
        );
    vec![secret]
}

/// What the backend reads, in the words of the judge.
async fn read(backend: &dyn VaultBackend, path: &str) -> Value {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let mut request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
    request.version = version.map(str::to_owned);
    let answers = backend.read(&[request], &RunContext::new()).await;
    let secret = answers[0].as_ref().unwrap();
    let entry = |key: &str| {
        let bytes = match secret.value(key).unwrap().unwrap().expose() {
            Exposed::Text(text) => text.as_bytes().to_vec(),
            Exposed::Bytes(bytes) => bytes.to_vec(),
            other => panic!("{} at {key}", other.type_name()),
        };
        (key.to_owned(), STANDARD.encode(bytes).into())
    };
    let entries: serde_json::Map<String, Value> = secret.names().map(entry).collect();
    json!({"version": secret.version(), "entries": entries})
}

#[tokio::test]
async fn the_vendors_messages_and_the_backend_read_the_same() {
    if skip("the official message classes of Yandex Cloud") {
        return;
    }
    let (key, cloud) = key_and_cloud("token-of-the-cloud", secrets());
    let server = Server::start(move |seen| cloud.answer(seen)).await;
    let variables = [
        ("YC_ENDPOINT", server.url()),
        ("AVP_YCL_SERVICE_ACCOUNT_ID", ACCOUNT.to_owned()),
        ("AVP_YCL_KEY_ID", KEY_ID.to_owned()),
        ("AVP_YCL_PRIVATE_KEY", key),
    ];
    let mut settings = Settings::new();
    for (name, value) in &variables {
        settings = settings.with(name, value);
    }
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let paths = ["e6q1", "e6q1#v1", "b1g1/my db & co", "b1g1/my db & co#v1"];
    let mut found = serde_json::Map::new();
    for path in paths {
        found.insert(path.to_owned(), read(backend.as_ref(), path).await);
    }
    let seen = server.seen();
    let login = seen.into_iter().find(|seen| seen.method == "POST").unwrap();

    let mut judge = client("yandexcloudlockbox").unwrap();
    judge
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let told = tokio::task::spawn_blocking(move || {
        let mut judge = judge.spawn().unwrap();
        judge.stdin.take().unwrap().write_all(&login.body).unwrap();
        judge.wait_with_output().unwrap()
    });
    let told = told.await.unwrap();
    assert!(told.status.success());
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(Value::Object(found), told);
}
