//! What is asked for, how often, what payloads bring, and what refusals mean.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::samples::{
    ENDPOINT, accessed, by_token, missing, read, refusal, request, run, serve, targets,
};
use super::{GcpSecretManager, connect};
use crate::suite::{Reply, SENTINEL, Server, TOKEN};
use crate::{
    ConnectContext, Exposed, Keys, RunContext, Secret, Settings, Sharing, Traffic, VaultErrorKind,
};

const DB: &str = "projects/shop/secrets/db";

/// The value of a key as JSON.
fn shown(secret: &Secret, key: &str) -> Option<String> {
    secret.value(key).map(|value| value.unwrap().to_json())
}

async fn with_payload(payload: &'static [u8]) -> (Server, Settings) {
    serve(move |_| accessed("db", "3", payload)).await
}

#[tokio::test]
async fn one_login_and_one_read_for_each_version() {
    let (server, settings) = serve(|name| {
        let parts: Vec<&str> = name.split('/').collect();
        let (secret, version) = (parts[parts.len() - 3], parts[parts.len() - 1]);
        match (secret, version) {
            ("absent", _) => missing(),
            (secret, "latest" | "prod") => accessed(secret, "3", b"new"),
            (secret, version) => accessed(secret, version, b"old"),
        }
    })
    .await;
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let paths = [
        DB,
        DB,
        "projects/shop/secrets/db#latest",
        "projects/shop/secrets/db/versions/latest",
        "projects/shop/secrets/db#2",
        "projects/shop/secrets/db/versions/2",
        "projects/shop/secrets/db/versions/2#2",
        "projects/shop/secrets/db#prod",
        "projects/shop/locations/europe-west3/secrets/db",
        "projects/shop/secrets/absent",
    ];
    let answers = run(&backend, &paths).await;
    let (last, found) = answers.split_last().unwrap();
    for (path, answer) in paths.iter().zip(found) {
        let secret = answer.as_ref().unwrap();
        let expected = if path.contains('2') {
            ("\"old\"", "2")
        } else {
            ("\"new\"", "3")
        };
        assert_eq!(shown(secret, "db").as_deref(), Some(expected.0), "{path}");
        assert_eq!(secret.version(), Some(expected.1), "{path}");
    }
    assert_eq!(
        last.as_ref().unwrap_err().to_string(),
        "there is no secret `projects/shop/secrets/absent`, or it has no version (HTTP 404)"
    );
    let expected = [
        "/token",
        "/v1/projects/shop/locations/europe-west3/secrets/db/versions/latest:access",
        "/v1/projects/shop/secrets/absent/versions/latest:access",
        "/v1/projects/shop/secrets/db/versions/2:access",
        "/v1/projects/shop/secrets/db/versions/latest:access",
        "/v1/projects/shop/secrets/db/versions/prod:access",
    ];
    assert_eq!(targets(&server), expected);
    server.forget();
    // The next run has a token.
    assert!(run(&backend, &[DB]).await[0].is_ok());
    assert_eq!(targets(&server), [expected[4]]);
}

#[tokio::test]
async fn the_whole_payload_has_the_secrets_name_and_an_object_its_keys() {
    let text = r#"{"user":"svc","port":12345678901234567890.10,"no":null,"db":"inner"}"#;
    let (_server, settings) = with_payload(text.as_bytes()).await;
    let secret = read(&settings, DB, &["db", "user", "port", "no", "absent"]).await;
    let secret = secret.unwrap();
    let whole = secret.value("db").unwrap().unwrap();
    assert_eq!(whole.expose().as_text(), Some(text));
    assert_eq!(shown(&secret, "user").as_deref(), Some("\"svc\""));
    assert_eq!(
        shown(&secret, "port").as_deref(),
        Some("12345678901234567890.10")
    );
    assert!(secret.is_null("no") && secret.value("absent").is_none());
    assert_eq!(
        secret.names().collect::<Vec<_>>(),
        ["db", "no", "port", "user"]
    );
    let name = "projects/123456789012/secrets/db/versions/3";
    assert_eq!((secret.id(), secret.version()), (Some(name), Some("3")));

    let (_server, settings) = with_payload(b"plain [1]").await;
    let secret = read(&settings, DB, &[]).await.unwrap();
    assert_eq!(shown(&secret, "db").as_deref(), Some("\"plain [1]\""));
    assert_eq!(secret.names().collect::<Vec<_>>(), ["db"]);

    let (_server, settings) = with_payload(&[0, 255, 10]).await;
    let secret = read(&settings, DB, &["db"]).await.unwrap();
    let store = secret.value("db").unwrap().unwrap();
    assert!(store.expose() == Exposed::Bytes(&[0, 255, 10]));
}

#[tokio::test]
async fn a_payload_that_changed_on_its_way_is_read_once_more() {
    for (damaged, is_good, reads) in [(0, true, 1), (1, true, 2), (9, false, 2)] {
        let number = AtomicUsize::new(0);
        let (server, settings) = serve(move |_| {
            let reply = json!({"name": "projects/1/secrets/db/versions/3",
                "payload": {"data": "aHVudGVyMg==", "dataCrc32c": "1736498282"}});
            if number.fetch_add(1, Ordering::SeqCst) < damaged {
                Reply::json(reply.to_string())
            } else {
                accessed("db", "3", b"hunter2")
            }
        })
        .await;
        let answer = read(&settings, DB, &["db"]).await;
        assert_eq!(server.seen().len(), 1 + reads, "{damaged}");
        match answer {
            Ok(secret) => {
                assert!(is_good);
                assert_eq!(shown(&secret, "db").as_deref(), Some("\"hunter2\""));
            }
            Err(error) => {
                assert!(!is_good && error.kind() == VaultErrorKind::InvalidAnswer);
                assert_eq!(
                    error.to_string(),
                    "what `Google Secret Manager` answers with for `projects/shop/secrets/db` is not what its checksum is for"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_checksum_is_taken_and_one_for_another_secret_is_not() {
    for (body, outcome) in [
        (
            json!({"name": "projects/1/secrets/db/versions/3", "payload": {"data": "YQ=="}}),
            Ok("\"a\""),
        ),
        (
            json!({"name": "projects/1/secrets/db/versions/3", "payload": {}}),
            Ok("\"\""),
        ),
        (
            json!({"name": "projects/1/secrets/other/versions/3", "payload": {"data": "YQ=="}}),
            Err("Google Secret Manager answers with another secret"),
        ),
        (
            json!({"name": "projects/1/secrets/db/versions/3", "payload": {"data": "%"}}),
            Err("the payload of the secret is not base64"),
        ),
    ] {
        let (_server, settings) = serve(move |_| Reply::json(body.to_string())).await;
        let answer = read(&settings, DB, &["db"]).await;
        match (answer, outcome) {
            (Ok(secret), Ok(expected)) => {
                assert_eq!(shown(&secret, "db").as_deref(), Some(expected));
            }
            (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected),
            (answer, _) => panic!("{answer:?}"),
        }
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind as Kind;
    let disabled = Some("SERVICE_DISABLED");
    let narrow = Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    let not_counted = Some("USER_PROJECT_DENIED");
    let outside = Some("SECURITY_POLICY_VIOLATED");
    for (reply, kind, message) in [
        (
            missing(),
            Kind::NotFound,
            "there is no secret `projects/shop/secrets/db`, or it has no version (HTTP 404)",
        ),
        (
            refusal(403, "PERMISSION_DENIED", Some("IAM_PERMISSION_DENIED")),
            Kind::PermissionDenied,
            "the login may not read the secret `projects/shop/secrets/db` (HTTP 403)",
        ),
        (
            refusal(403, "PERMISSION_DENIED", disabled),
            Kind::PermissionDenied,
            "`Google Secret Manager` is not enabled in the project (HTTP 403)",
        ),
        (
            refusal(403, "PERMISSION_DENIED", narrow),
            Kind::PermissionDenied,
            "the token of this machine is not for `Google Secret Manager` (HTTP 403)",
        ),
        (
            refusal(403, "PERMISSION_DENIED", not_counted),
            Kind::PermissionDenied,
            "the login may not have requests to `Google Secret Manager` counted for its quota project (HTTP 403)",
        ),
        (
            refusal(403, "PERMISSION_DENIED", outside),
            Kind::PermissionDenied,
            "`Google Secret Manager` takes no requests from this network or this login (HTTP 403)",
        ),
        (
            refusal(400, "FAILED_PRECONDITION", None),
            Kind::InvalidRequest,
            "the version of the secret `projects/shop/secrets/db` is disabled or destroyed (HTTP 400)",
        ),
        (
            refusal(400, "INVALID_ARGUMENT", None),
            Kind::InvalidRequest,
            "Google Secret Manager does not take `projects/shop/secrets/db` for the name of a secret (HTTP 400)",
        ),
        (
            refusal(401, "UNAUTHENTICATED", None),
            Kind::Unauthenticated,
            "`Google Secret Manager` does not accept the token of the login (HTTP 401)",
        ),
        (
            Reply::new(404).with_body(SENTINEL),
            Kind::InvalidAnswer,
            "`Google Secret Manager` is not what answers at its address (HTTP 404)",
        ),
    ] {
        let (_server, settings) = serve(move |_| reply.clone()).await;
        let error = read(&settings, DB, &["db"]).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
    let (_server, settings) = serve(|_| missing()).await;
    for (path, message) in [
        (
            "projects/shop/secrets/db#9",
            "there is no secret, or no such version: `projects/shop/secrets/db/versions/9` (HTTP 404)",
        ),
        (
            "projects/shop/secrets/db/versions/2#3",
            "the path `projects/shop/secrets/db/versions/2` names another version than `3`",
        ),
        (
            "projects/shop/secrets/db#a/b",
            "for `projects/shop/secrets/db` there can be no version `a/b`",
        ),
        (
            "a b",
            "the path `a b` is not the name of a secret of Google",
        ),
    ] {
        let error = read(&settings, path, &["db"]).await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn no_path_chooses_a_host() {
    let (server, settings) = serve(|_| missing()).await;
    let host = server.url().replace("http://", "");
    // Without another address, the host is made of the location.
    let settings = settings.with(ENDPOINT, "");
    for location in [
        format!("x@{host}"),
        format!("{host}#"),
        "a.example".to_owned(),
    ] {
        let path = format!("projects/shop/locations/{location}/secrets/db");
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        assert!(backend.parse_path(&path).is_err(), "{path}");
        let error = read(&settings, &path, &["db"]).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest, "{error}");
    }
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn what_is_wrong_in_the_settings_is_told_and_not_shown() {
    let settings = Settings::new().with(ENDPOINT, format!("https://{SENTINEL}@h"));
    let error = GcpSecretManager::from_settings(&settings).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        format!("`{ENDPOINT}` is not an http or https address")
    );
    let settings = by_host("secretmanager.example.com");
    let backend = GcpSecretManager::from_settings(&settings).unwrap();
    assert_eq!(format!("{backend:?}"), "GcpSecretManager { .. }");
}

fn by_host(host: &str) -> Settings {
    Settings::new()
        .with(ENDPOINT, host)
        .with("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
}

#[tokio::test]
async fn runs_share_what_they_read_and_look_again_for_a_key_that_is_missing() {
    let number = AtomicUsize::new(0);
    let (server, _) = serve(move |_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        let object: serde_json::Map<String, serde_json::Value> = (0..=number)
            .map(|n| (format!("k{n}"), json!("v")))
            .collect();
        accessed("db", "3", json!(object).to_string().as_bytes())
    })
    .await;
    let read = |by_author: bool, keys: &'static [&'static str]| {
        let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
        let context = ConnectContext::new()
            .with_sharing(sharing)
            .with_author(by_author);
        let backend = connect(&by_token(&server), &context).unwrap();
        async move {
            for key in keys {
                let mut wanted = request(DB, &[]);
                wanted.keys = Keys::names([*key]);
                let answers = backend.read(&[wanted], &RunContext::new()).await;
                assert!(answers[0].as_ref().unwrap().value(key).is_some(), "{key}");
            }
        }
    };
    read(false, &["k0", "k0", "db"]).await;
    assert_eq!(server.seen().len(), 1);
    // The first read of this backend is the second of all: `k2` comes with the next.
    read(false, &["k1", "k2", "k2"]).await;
    assert_eq!(server.seen().len(), 1 + 2);
    read(true, &["k0", "k0", "k0"]).await;
    assert_eq!(server.seen().len(), 1 + 2 + 3);
}
