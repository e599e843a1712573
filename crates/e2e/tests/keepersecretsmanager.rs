//! The vendor's client and the backend find the same in the server that the backend is tested
//! against.
#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use manifill_e2e::{client, run, skip};
use manifill_vault::backend::keepersecretsmanager::connect;
use manifill_vault::suite::{self, Fault, Reply, Server};
use manifill_vault::{
    ConnectContext, Exposed, Keys, RunContext, SecretRequest, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};
use serde_json::{Value, json};

#[path = "../../vault/src/backend/keepersecretsmanager/test_server.rs"]
mod test_server;

use test_server::{Keeper, Share, Stored};

const DB: &str = "Db00000000000000000-_A";
const STORE: &str = "Store00000000000000000";
const SHARED: &str = "Shared0000000000000000";

fn records() -> Vec<Stored> {
    let database = Stored::new(DB, "My db")
        .with("login", json!(["svc_örders"]))
        .with("password", json!(["a\"b\\c\n d 密码"]))
        .with(
            "host",
            json!([{"hostName": "db.example.com", "port": "5432"}]),
        )
        .with("phone", json!([{"number": "1"}, {"number": "2"}]))
        .with("date", json!([1_700_000_000_123_u64]))
        .with_custom("text", "extra", json!(["one", "two"]))
        .with_custom("checkbox", "on", json!([true]))
        .with_notes("line 1\nline 2 ü");
    let store = Stored::new(STORE, "My store")
        .with("password", json!(["p2"]))
        .with_file(
            "File000000000000000001",
            "store.jks",
            "Store",
            &[0, 255, 10, 13],
        )
        .with_file(
            "File000000000000000002",
            "ca.pem",
            "CA",
            "text ü\n".as_bytes(),
        )
        .shared(Share::Folder);
    let alone = Stored::new("Alone00000000000000000", "Alone")
        .with("password", json!(["p3"]))
        .shared(Share::Alone);
    let shared = Stored::new(SHARED, "Shared")
        .with("password", json!(["p4"]))
        .shared(Share::Twice);
    let twin = |uid| Stored::new(uid, "Twins").with_notes("n");
    let twins = ["Twin000000000000000001", "Twin000000000000000002"].map(twin);
    [database, store, alone, shared]
        .into_iter()
        .chain(twins)
        .collect()
}

/// Paths and keys, which are a notation of the client with a slash between them.
const PLACES: &[(&str, &str)] = &[
    (DB, "field/login"),
    (DB, "field/password"),
    (DB, "field/host"),
    (DB, "field/phone"),
    (DB, "field/date"),
    (DB, "custom_field/extra"),
    (DB, "custom_field/on"),
    (DB, "custom_field/text"),
    (DB, "notes"),
    ("My db", "field/login"),
    (STORE, "field/password"),
    (STORE, "file/store.jks"),
    ("My store", "file/Store"),
    ("My store", "file/File000000000000000002"),
    ("Alone", "field/password"),
    (SHARED, "field/password"),
];

async fn read(backend: &dyn VaultBackend, path: &str, key: &str) -> Result<Vec<Value>, VaultError> {
    let path = backend.parse_path(path).unwrap();
    let request = SecretRequest::new(path, Keys::names([key]));
    let mut answers = backend.read(&[request], &RunContext::new()).await;
    let secret = answers.pop().unwrap()?;
    let value = secret.value(key).unwrap().unwrap();
    let is_file = key.starts_with("file/");
    Ok(match value.expose() {
        // In the words of the client.
        Exposed::Text(text) if is_file => vec![URL_SAFE_NO_PAD.encode(text).into()],
        Exposed::Bytes(bytes) => vec![URL_SAFE_NO_PAD.encode(bytes).into()],
        Exposed::List(_) => serde_json::from_str(&value.to_json()).unwrap(),
        _ => vec![serde_json::from_str(&value.to_json()).unwrap()],
    })
}

/// What the client found: text as it is, anything else as JSON.
fn same(ours: &[Value], theirs: &Value) -> bool {
    let theirs = theirs.as_array().unwrap();
    let is_same = |(ours, theirs): (&Value, &Value)| match ours {
        Value::String(_) => ours == theirs,
        ours => serde_json::from_str::<Value>(theirs.as_str().unwrap()).unwrap() == *ours,
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(is_same)
}

#[tokio::test]
async fn the_vendors_client_and_the_backend_read_the_same() {
    if skip("the official client of Keeper Secrets Manager") {
        return;
    }
    let mut keeper = Keeper::new("ZGV2aWNl", records());
    let config = keeper.config("HOST");
    // Both are told of another key.
    keeper.key_number = 12;
    let server = Server::start(move |seen| keeper.answer(seen)).await;
    let config = config.to_string().replace("HOST", &server.url());
    let throttle = || {
        let refusal = Reply::json(r#"{"error":"throttled","retry_after":0.01}"#);
        server.fail_next(1, Fault::Answer(refusal.with_status(403)));
    };

    let notations = PLACES.iter().map(|(path, key)| format!("{path}/{key}"));
    let mut judge = client("keepersecretsmanager").unwrap();
    judge.args(notations).env("KSM_CONFIG", &config);
    throttle();
    let told = tokio::task::spawn_blocking(move || run(&mut judge));
    let told: Value = serde_json::from_str(&told.await.unwrap().unwrap()).unwrap();
    assert_eq!(told["statuses"].as_array().unwrap()[..3], [403, 401, 200]);
    assert_eq!(told["key"], "12");
    assert_eq!(told["titles"].as_array().unwrap().len(), 6);

    server.forget();
    let settings = Settings::new().with("KSM_CONFIG", config);
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    throttle();
    for (path, key) in PLACES {
        let ours = read(backend.as_ref(), path, key).await.unwrap();
        let theirs = &told["found"][format!("{path}/{key}")];
        assert!(same(&ours, theirs), "{path} {key}: {ours:?}, {theirs}");
    }
    // The refusals, and then one for each record and each file.
    assert_eq!(server.seen().len(), 2 + PLACES.len() + 3);

    for (path, refused, words, kind) in [
        (
            "Nothing",
            "absent",
            "no records match",
            VaultErrorKind::NotFound,
        ),
        (
            "Twins",
            "twins",
            "multiple records match",
            VaultErrorKind::Ambiguous,
        ),
    ] {
        let error = read(backend.as_ref(), path, "notes").await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let theirs = told["refused"][refused].as_str().unwrap();
        assert!(theirs.contains(words), "{theirs}");
    }
    let theirs = told["refused"]["device"].as_str().unwrap();
    assert!(theirs.contains("access_denied"), "{theirs}");
}
