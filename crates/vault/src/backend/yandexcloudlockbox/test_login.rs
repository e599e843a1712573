//! Logins, and what is wrong with settings.

use std::io::Write as _;

use serde_json::json;

use super::samples::{ACCOUNT, KEY_ID, database, json_of, read_one, serve, targets};
use super::{YandexCloudLockbox, connect};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{ConnectContext, Settings, VaultErrorKind};

const PARTS: [&str; 3] = [
    "AVP_YCL_SERVICE_ACCOUNT_ID",
    "AVP_YCL_KEY_ID",
    "AVP_YCL_PRIVATE_KEY",
];

#[tokio::test]
async fn a_key_is_taken_in_every_spelling_of_its_lines() {
    let (server, settings) = serve(vec![database()]).await;
    let key = settings.value("AVP_YCL_PRIVATE_KEY").unwrap().to_owned();
    let (_, bare) = key.split_once('\n').unwrap();
    for key in [
        key.replace('\n', "\\n"),
        key.replace('\n', "\r\n"),
        key.replace('\n', " "),
        bare.to_owned(),
    ] {
        let settings = settings.clone().with("AVP_YCL_PRIVATE_KEY", key);
        read_one(&settings, "e6q1").await.unwrap();
    }
    assert_eq!(server.seen().len(), 4 * 3);
}

#[tokio::test]
async fn a_key_file_a_token_and_the_machine_log_in_too() {
    let (server, settings) = serve(vec![database()]).await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let key = settings.value("AVP_YCL_PRIVATE_KEY").unwrap();
    let text = json!({"id": KEY_ID, "service_account_id": ACCOUNT, "private_key": key,
        "created_at": "2026-11-29T12:00:00Z", "key_algorithm": "RSA_2048"});
    file.write_all(text.to_string().as_bytes()).unwrap();
    let base = || Settings::new().with("YC_ENDPOINT", server.url());
    let by_file = base().with("YC_SERVICE_ACCOUNT_KEY_FILE", file.path().to_str().unwrap());
    let host = server.url().replace("http://", "");
    let of_machine = "GET /computeMetadata/v1/instance/service-accounts/default/token";
    for (settings, login) in [
        (by_file, Some("POST /iam/v1/tokens")),
        (base().with("YC_IAM_TOKEN", crate::suite::TOKEN), None),
        (base().with("YC_TOKEN", crate::suite::TOKEN), None),
        (base().with("YC_METADATA_ADDR", host), Some(of_machine)),
    ] {
        server.forget();
        let secret = read_one(&settings, "e6q1").await.unwrap();
        assert_eq!(json_of(&secret, "user"), "\"svc\"");
        let seen = targets(&server);
        let logins: Vec<_> = seen.iter().filter(|one| !one.contains("lockbox")).collect();
        let expected: Vec<_> = login.into_iter().chain(["GET /endpoints"]).collect();
        assert_eq!(logins.len(), expected.len(), "{seen:?}");
        assert!(
            expected
                .iter()
                .all(|one| seen.iter().any(|seen| seen == one)),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_sent_once_in_a_run() {
    let (server, settings) = serve(vec![database()]).await;
    let settings = settings.with("AVP_YCL_KEY_ID", "another");
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let (answers, _) = super::samples::run(&backend, &["e6q1", "e6q2", "e6q3"]).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(
            error.to_string(),
            format!("the login of the service account `{ACCOUNT}` is not accepted (HTTP 401)")
        );
        assert_eq!(
            error.hint(),
            Some(
                "check the ids of the service account and of its key; the clock of this machine must be right, too"
            )
        );
    }
    assert_eq!(targets(&server), ["GET /endpoints", "POST /iam/v1/tokens"]);
}

#[tokio::test]
async fn a_key_that_is_none_is_told_and_not_shown() {
    let (server, settings) = serve(vec![database()]).await;
    let begin = "-----BEGIN PRIVATE KEY-----";
    for key in [
        SENTINEL.to_owned(),
        format!("{begin}{SENTINEL}"),
        format!("{begin}\n{SENTINEL}\n-----END PRIVATE KEY-----"),
        format!("{begin}\nAAAA\n-----END PRIVATE KEY-----"),
    ] {
        let settings = settings.clone().with("AVP_YCL_PRIVATE_KEY", key);
        let error = read_one(&settings, "e6q1").await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("is not an RSA key") && !shown.contains(SENTINEL),
            "{shown}"
        );
        assert_eq!(
            error.hint(),
            Some("it is the text from BEGIN PRIVATE KEY to END PRIVATE KEY, these lines included")
        );
    }
    assert!(
        targets(&server)
            .iter()
            .all(|target| target == "GET /endpoints")
    );
}

#[tokio::test]
async fn an_answer_without_a_token_and_a_machine_without_an_account_are_told() {
    for (reply, message) in [
        (
            Reply::new(404),
            "the machine of `YC_METADATA_ADDR` has no service account (HTTP 404)",
        ),
        (
            Reply::json(r#"{"access_token":null}"#),
            "the login to Yandex Cloud brings no token",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        // Nobody gets as far as the cloud.
        let host = server.url().replace("http://", "");
        let settings = Settings::new().with("YC_METADATA_ADDR", host);
        let error = read_one(&settings, "e6q1").await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn what_is_missing_or_wrong_in_the_settings_is_told_at_once() {
    let message = |settings: &Settings| {
        let error = YandexCloudLockbox::from_settings(settings).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SENTINEL), "{shown}");
        error.to_string()
    };
    let missing = PARTS.map(|name| format!("`{name}` is not set"));
    assert_eq!(message(&Settings::new()), missing.join("; "));
    let settings = Settings::new()
        .with("AVP_YCL_KEY_ID", "k")
        .with("YC_IAM_TOKEN", "t")
        .with("YC_ENDPOINT", format!("https://{SENTINEL}@h"));
    assert_eq!(
        message(&settings),
        "`AVP_YCL_SERVICE_ACCOUNT_ID` is not set; `AVP_YCL_PRIVATE_KEY` is not set; YC_ENDPOINT is not the address of an API"
    );
    let host = Settings::new().with("YC_METADATA_ADDR", format!("h/{SENTINEL}"));
    assert_eq!(message(&host), "YC_METADATA_ADDR is not the name of a host");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let by_file = Settings::new().with("YC_SERVICE_ACCOUNT_KEY_FILE", path.clone());
    let none = format!("the file `{path}` holds no key of a service account");
    assert_eq!(message(&by_file), none);
    write!(file, r#"{{"id":"k","private_key":"{SENTINEL}"}}"#).unwrap();
    assert_eq!(message(&by_file), none);
    let absent = Settings::new().with("YC_SERVICE_ACCOUNT_KEY_FILE", "/no/such/file");
    assert_eq!(message(&absent), "cannot read the key file `/no/such/file`");
}

#[test]
fn an_endpoint_is_a_host_or_an_address() {
    for (text, name) in [
        ("api.yandexcloud.kz", "https://api.yandexcloud.kz"),
        ("api.yandexcloud.kz:443", "https://api.yandexcloud.kz"),
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
    ] {
        let settings = Settings::new()
            .with("YC_ENDPOINT", text)
            .with("YC_IAM_TOKEN", "t");
        let backend = YandexCloudLockbox::from_settings(&settings).unwrap();
        assert!(
            format!("{backend:?}").contains(&format!("{name:?}")),
            "{backend:?}"
        );
    }
}
