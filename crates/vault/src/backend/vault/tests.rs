//! The backend and the suite that every backend runs, with a token and with a login.

use async_trait::async_trait;
use serde_json::json;

use super::samples::{approle, auth, errors, plain, request, serve, settings, targets, version};
use super::{Vault, connect};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup, TOKEN};
use crate::{
    ConnectContext, RunContext, SecretPath, SecretRequest, Settings, VaultBackend, VaultErrorKind,
};

struct ByToken;
struct ByLogin;
struct KvOne;

/// A server with one secret of two versions.
async fn server(case: Case) -> Server {
    let value = case.value();
    serve(move |path, _| {
        let text = value.expose().as_text().unwrap_or_default();
        match path {
            "secret/data/db?version=1" => Some(version(1, json!({ "password": text }))),
            "secret/data/db" if case == Case::Version => {
                Some(version(2, json!({ "password": SENTINEL })))
            }
            "secret/data/db" => Some(version(2, json!({ "password": text, "user": "u" }))),
            "kv/db" => Some(plain(&json!({ "password": text }).to_string())),
            _ => None,
        }
    })
    .await
}

fn setup(case: Case, settings: &Settings, server: Server) -> Setup {
    let (path, key) = match case {
        Case::MissingPath => ("secret/data/absent", "password"),
        Case::MissingKey => ("secret/data/db", "absent"),
        _ => ("secret/data/db", "password"),
    };
    let setup = Setup::new(
        connect(settings, &ConnectContext::new()).unwrap(),
        path,
        key,
    )
    .with_server(server);
    match case {
        Case::Version => setup.with_version("1"),
        Case::MissingVersion => setup.with_version("9"),
        _ => setup,
    }
}

fn unsupported() -> Vec<(Case, &'static str)> {
    vec![
        (Case::Binary, "the API has JSON values only"),
        (Case::SameName, "a secret has each key once"),
    ]
}

#[async_trait]
impl Fixture for ByToken {
    async fn set_up(&self, case: Case) -> Setup {
        let server = server(case).await;
        setup(case, &settings(&server), server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for ByLogin {
    async fn set_up(&self, case: Case) -> Setup {
        let server = server(case).await;
        setup(case, &approle(&server), server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for KvOne {
    async fn set_up(&self, case: Case) -> Setup {
        let server = server(case).await;
        let settings = settings(&server).with("AVP_KV_VERSION", "1");
        let path = match case {
            Case::MissingPath => "kv/absent",
            _ => "kv/db",
        };
        let key = match case {
            Case::MissingKey => "absent",
            _ => "password",
        };
        Setup::new(
            connect(&settings, &ConnectContext::new()).unwrap(),
            path,
            key,
        )
        .with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let mut cases = unsupported();
        cases.extend(
            [Case::Version, Case::MissingVersion].map(|case| (case, "KV version 1 has none")),
        );
        cases
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&ByToken).await;
}

#[tokio::test]
async fn it_runs_the_suite_with_a_login() {
    suite::run_all(&ByLogin).await;
}

#[tokio::test]
async fn it_runs_the_suite_of_kv_version_1() {
    suite::run_all(&KvOne).await;
}

#[tokio::test]
async fn one_login_and_one_read_for_each_path_and_version() {
    let server = serve(|path, _| match path {
        "database/creds/app" => Some(plain(r#"{"username":"u","password":"p"}"#)),
        path if path.starts_with("secret/data/") => Some(version(1, json!({"a": "b"}))),
        _ => None,
    })
    .await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    let requests: Vec<SecretRequest> = [
        ("secret/data/a", None),
        ("secret/data/a", Some("2")),
        ("secret/data/a#0", None),
        ("secret/data/a#3", None),
        ("secret/data/a#03", None),
        ("secret/data/b", None),
        ("database/creds/app", Some("1")),
        ("database/creds/app", Some(" 1 ")),
        // Other engines have no versions, so this is the same lease.
        ("database/creds/app#7", Some("1")),
        ("/database//creds/app/", Some("1")),
    ]
    .iter()
    .map(|(path, kv)| request(backend.as_ref(), path, *kv))
    .collect();
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let mut seen = targets(&server);
    seen.sort();
    assert_eq!(
        seen,
        [
            "GET /v1/database/creds/app",
            "GET /v1/secret/data/a",
            "GET /v1/secret/data/a?version=3",
            "GET /v1/secret/data/b",
            "POST /v1/auth/approle/login",
        ]
    );
    assert_eq!(run.requests_sent(), 5);
    assert!(run.notes()[0].contains("only KV version 2 has versions"));
}

/// However much is to be read, the login and the first reads find out, and nothing is asked on and on.
#[tokio::test]
async fn a_sealed_server_is_not_asked_on_and_on() {
    let sealed = |_: &crate::suite::Seen| errors(503, &["Vault is sealed"]);
    for (with_login, most) in [(true, 3), (false, 4 * 3 + 36)] {
        let server = Server::start(sealed).await;
        let settings = if with_login {
            approle(&server)
        } else {
            settings(&server)
        };
        let backend = connect(
            &settings.with("VAULT_MAX_RETRIES", "2"),
            &ConnectContext::new(),
        )
        .unwrap();
        let paths: Vec<String> = (0..40)
            .map(|index| format!("secret/data/{index}"))
            .collect();
        let requests: Vec<SecretRequest> = paths
            .iter()
            .map(|path| request(backend.as_ref(), path, None))
            .collect();
        let run = RunContext::new()
            .with_timeout(RunContext::DEFAULT_TIMEOUT)
            .with_concurrency(4);
        for answer in backend.read(&requests, &run).await {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::Unavailable);
            assert!(error.to_string().contains("is sealed"), "{error}");
        }
        let seen = server.seen().len();
        assert!((3..=most).contains(&seen), "{seen}");
    }
}

#[tokio::test]
async fn nothing_is_asked_for_nothing_or_for_what_cannot_be() {
    let server = Server::start(|_| auth(TOKEN, 1)).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    let run = RunContext::default();
    assert!(backend.read(&[], &run).await.is_empty());
    let by_hand = SecretRequest::new(SecretPath::verbatim("a/../b"), crate::Keys::All);
    let requests = [
        by_hand,
        request(backend.as_ref(), "secret/data/a#newest", None),
        request(backend.as_ref(), "secret/data/a#-1", None),
        request(backend.as_ref(), "secret/data/a#+1", None),
        request(backend.as_ref(), "secret/data/a#99999999999999999999", None),
        request(backend.as_ref(), "secret/data/a", Some("3")),
        request(backend.as_ref(), "secret/data/a", Some("")),
    ];
    for answer in backend.read(&requests, &run).await {
        assert_eq!(answer.unwrap_err().kind(), VaultErrorKind::InvalidRequest);
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn requests_carry_what_vaults_own_client_sends() {
    let server = serve(|_, _| Some(version(1, json!({})))).await;
    let settings = approle(&server)
        .with("VAULT_NAMESPACE", "team-a/x")
        .with("VAULT_ADDR", server.url() + "/proxy/");
    let backend = Vault::from_settings(&settings).unwrap();
    let wanted = request(&backend, "secret/data/a b", None);
    let _ = backend.read(&[wanted], &RunContext::default()).await;
    let seen = server.seen();
    assert_eq!(
        targets(&server),
        [
            "POST /proxy/v1/auth/approle/login",
            "GET /proxy/v1/secret/data/a%20b"
        ]
    );
    for (index, seen) in seen.iter().enumerate() {
        assert_eq!(seen.header("x-vault-request"), Some("true"));
        assert_eq!(seen.header("x-vault-namespace"), Some("team-a/x"));
        // A login brings a token and needs none.
        assert_eq!(seen.header("x-vault-token").is_some(), index == 1);
    }
}

#[tokio::test]
async fn troubles_of_the_server_are_told_apart() {
    use VaultErrorKind::{
        InvalidAnswer, InvalidRequest, PermissionDenied, Unauthenticated, Unavailable,
    };
    let denied = ["1 error occurred:\n\t* permission denied\n\n"];
    let new_words = ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"];
    for (reply, kind, message) in [
        (
            errors(503, &["Vault is sealed"]),
            Unavailable,
            "the vault at `URL` is sealed (HTTP 503, 2 tries)",
        ),
        (
            errors(503, &["local node not active"]),
            Unavailable,
            "`URL` cannot serve now (HTTP 503, 2 tries)",
        ),
        (
            errors(412, &["required index state not present"]),
            InvalidRequest,
            "`URL` refuses the request (HTTP 412, 2 tries)",
        ),
        (
            errors(403, &denied),
            PermissionDenied,
            "the login may not read the path `secret/data/db` (HTTP 403)",
        ),
        (
            errors(403, &["permission denied"]),
            Unauthenticated,
            "`URL` does not accept the token (HTTP 403)",
        ),
        (
            errors(403, &new_words),
            Unauthenticated,
            "`URL` does not accept the token (HTTP 403)",
        ),
        (
            errors(405, &["1 error occurred:\n\t* unsupported operation\n\n"]),
            InvalidRequest,
            "the path `secret/data/db` is not one that can be read (HTTP 405)",
        ),
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "`URL` has no API of Vault (HTTP 404)",
        ),
        (
            Reply::json(r#"{"message":"no route"}"#).with_status(404),
            InvalidAnswer,
            "`URL` has no API of Vault (HTTP 404)",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let settings = settings(&server).with("VAULT_MAX_RETRIES", "1");
        let error = super::samples::read_one(&settings, "secret/data/db")
            .await
            .unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
    }
}
