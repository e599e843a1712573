//! The backend and the suite that every backend runs, with a login and with a token.

use async_trait::async_trait;

use super::connect;
use super::samples::{
    Stored, by_token, database, json_of, read, request, serve, settings, targets,
};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup};
use crate::{ConnectContext, Exposed, Settings, VaultErrorKind};

struct ByLogin;
struct ByToken;

async fn setup(case: Case, make: fn(&Server) -> Settings) -> Setup {
    let value = case.value();
    let secret = Stored::new(7, "\\Team\\db");
    let secret = match (case, value.expose()) {
        (_, Exposed::Bytes(bytes)) => secret.with_file("Store", "keystore", bytes),
        (Case::SameName, _) => {
            secret
                .with("Password", "password", "one")
                .with("password", "password-1", "another")
        }
        (_, Exposed::Text(text)) => secret.with("Password", "password", text),
        _ => secret,
    };
    let server = serve([secret.with("User", "user", "u")]).await;
    let (path, key) = match case {
        Case::MissingPath => ("8", "password"),
        Case::MissingKey => ("7", "absent"),
        Case::Binary => ("7", "keystore"),
        Case::Found => ("Team/db", "Password"),
        _ => ("7", "password"),
    };
    let backend = connect(&make(&server), &ConnectContext::new()).unwrap();
    Setup::new(backend, path, key).with_server(server)
}

fn unsupported() -> Vec<(Case, &'static str)> {
    [Case::Version, Case::MissingVersion]
        .map(|case| (case, "secrets have no versions"))
        .to_vec()
}

#[async_trait]
impl Fixture for ByLogin {
    async fn set_up(&self, case: Case) -> Setup {
        setup(case, settings).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for ByToken {
    async fn set_up(&self, case: Case) -> Setup {
        setup(case, by_token).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[tokio::test]
async fn it_runs_the_suite_with_a_login() {
    suite::run_all(&ByLogin).await;
}

#[tokio::test]
async fn it_runs_the_suite_with_a_token() {
    suite::run_all(&ByToken).await;
}

#[tokio::test]
async fn a_field_goes_by_its_name_and_by_its_slug() {
    let secret = Stored::new(7, "\\Team\\db")
        .with("Db Password", "db-password", "p1")
        .with("Notes", "notes", serde_json::Value::Null)
        .with("Port", "port", "05432");
    let server = serve([secret]).await;
    let (answers, _) = read(&settings(&server), &[request("7", &[])]).await;
    let secret = answers[0].as_ref().unwrap();
    assert_eq!(json_of(secret, "Db Password"), "\"p1\"");
    assert_eq!(json_of(secret, "db-password"), "\"p1\"");
    assert_eq!(json_of(secret, "port"), "\"05432\"");
    // Empty, not missing.
    assert_eq!(json_of(secret, "Notes"), "\"\"");
    assert!(secret.value("db password").is_none(), "letter case matters");
    let names: Vec<_> = secret.names().collect();
    let all = [
        "Db Password",
        "db-password",
        "Notes",
        "notes",
        "Port",
        "port",
    ];
    assert_eq!(names, all);
    assert_eq!((secret.id(), secret.title()), (Some("7"), Some("db")));
}

#[tokio::test]
async fn one_login_and_one_read_for_each_secret_and_file() {
    let store = Stored::new(8, "\\Team\\store")
        .with_file("Store", "store", b"one")
        .with_file("Other", "other", b"\xff\x00");
    let server = serve([database(), store]).await;
    let requests = [
        request("7", &["password"]),
        request("007", &["Username", "absent"]),
        request("Team/db", &["password"]),
        request("\\Team\\db\\", &["username"]),
        request("8", &["store"]),
        request("8", &["Store", "store"]),
        request("Team/store", &["Store"]),
        // What nobody asks for by name is not read.
        request("8", &[]),
        request("9", &["password"]),
    ];
    let (answers, run) = read(&settings(&server), &requests).await;
    let (last, all) = answers.split_last().unwrap();
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let error = last.as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(error.to_string(), "there is no secret `9` (HTTP 404)");
    for (answer, key) in all[4..7].iter().zip(["store", "Store", "Store"]) {
        assert_eq!(json_of(answer.as_ref().unwrap(), key), "\"one\"");
    }
    let unread = all[7].as_ref().unwrap();
    assert!(unread.value("other").is_none() && unread.names().any(|name| name == "other"));
    let mut seen = targets(&server);
    seen.sort();
    let api = "GET /SecretServer/api/v1/secrets";
    assert_eq!(
        seen,
        [
            format!("{api}/0?secretPath=%5CTeam%5Cdb"),
            format!("{api}/0?secretPath=%5CTeam%5Cstore"),
            format!("{api}/7"),
            format!("{api}/8"),
            format!("{api}/8/fields/store"),
            // Named by its id and by its path, a secret is two.
            format!("{api}/8/fields/store"),
            format!("{api}/9"),
            "POST /SecretServer/oauth2/token".to_owned(),
        ]
    );
    assert_eq!(run.requests_sent(), 8);
}

#[tokio::test]
async fn a_file_is_text_or_bytes_and_what_is_wrong_with_it_is_told_for_its_key() {
    let store = |slug: &str| {
        let mut secret = Stored::new(8, "\\store").with("User", "user", "u");
        secret = secret.with_file("Text", "text", "ü\n".as_bytes());
        secret.with_file("Store", slug, b"\xff\x00")
    };
    let mut broken = store("store");
    broken.files.remove("store");
    for (secret, bytes) in [(store("store"), true), (broken, false)] {
        let server = serve([secret]).await;
        let requests = [request("8", &["text", "store", "user"])];
        let (answers, _) = read(&settings(&server), &requests).await;
        let secret = answers[0].as_ref().unwrap();
        assert_eq!(json_of(secret, "text"), "\"ü\\n\"");
        assert_eq!(json_of(secret, "user"), "\"u\"");
        match secret.value("store").unwrap() {
            Ok(value) => assert!(bytes && value.expose() == Exposed::Bytes(&[255, 0])),
            Err(error) => assert!(!bytes && error.kind() == VaultErrorKind::NotFound),
        }
    }
}

#[tokio::test]
async fn troubles_of_the_server_are_told_apart() {
    use VaultErrorKind::{
        InvalidAnswer, InvalidRequest, NotFound, PermissionDenied, Unauthenticated,
    };
    let server = serve([database()]).await;
    for (path, kind, message) in [
        (
            "13",
            PermissionDenied,
            "the login may not read the secret `13` (HTTP 400)",
        ),
        (
            "14",
            PermissionDenied,
            "the secret `14` is shown only after a comment, a check-out or a second password (HTTP 400)",
        ),
        (
            "Team/no",
            NotFound,
            "there is no secret `Team/no` (HTTP 404)",
        ),
    ] {
        let (answers, _) = read(&settings(&server), &[request(path, &["a"])]).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
    for (reply, kind, message) in [
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "`URL` has no API of Secret Server (HTTP 404)",
        ),
        (
            Reply::json("{}").with_status(403),
            PermissionDenied,
            "the login may not read the secret `7` (HTTP 403)",
        ),
        (
            Reply::json(r#"{"message":"no","errorCode":"API_Odd"}"#).with_status(400),
            InvalidRequest,
            "`URL` refuses the request (HTTP 400)",
        ),
        (
            Reply::json("{}").with_status(401),
            Unauthenticated,
            "`URL` does not accept the token (HTTP 401)",
        ),
        (
            Reply::json(r#"{"id":8,"items":[]}"#),
            InvalidAnswer,
            "`URL` answers with another secret than was asked for",
        ),
        (
            Reply::json(r#"{"id":7,"items":[{"fieldName":1}]}"#),
            InvalidAnswer,
            "the answer of `URL` is not what a Secret Server gives",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let (answers, _) = read(&by_token(&server), &[request("7", &["a"])]).await;
        let error = answers[0].as_ref().unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
    }
}

#[tokio::test]
async fn a_page_in_the_place_of_a_file_is_an_error_and_an_attached_page_is_not() {
    for (header, is_file) in [("X-Other", false), ("Content-Disposition", true)] {
        let server = Server::start(move |seen| {
            if !seen.target.ends_with("/fields/page") {
                let item =
                    r#"{"fieldName":"Page","slug":"page","isFile":true,"fileAttachmentId":3}"#;
                return Reply::json(format!(r#"{{"id":7,"name":null,"items":[{item}]}}"#));
            }
            Reply::new(200)
                .with_header("Content-Type", "text/html; charset=utf-8")
                .with_header(header, "attachment")
                .with_body("<p>")
        })
        .await;
        let (answers, _) = read(&by_token(&server), &[request("7", &["page"])]).await;
        let secret = answers[0].as_ref().unwrap();
        match secret.value("page").unwrap() {
            Ok(value) => assert!(is_file && value.expose().as_text() == Some("<p>")),
            Err(error) => assert!(!is_file && error.kind() == VaultErrorKind::InvalidAnswer),
        }
    }
}
