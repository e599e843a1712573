//! The backend and the suite that every backend runs: by a key, in a first and in a later run, and by
//! a token.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::connect;
use super::samples::{
    Content, Stored, by_token, database, json_of, read_one, request, run, serve, targets, text,
};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup};
use crate::{
    ConnectContext, Exposed, Keys, RunContext, Settings, Sharing, Traffic, VaultErrorKind,
};

struct FirstRun;
struct LaterRun;
struct ByToken;

async fn server(case: Case) -> (Server, Settings) {
    let value = case.value();
    let value = match value.expose() {
        Exposed::Bytes(bytes) => Content::Bytes(bytes.to_vec()),
        other => text(other.as_text().unwrap_or_default()),
    };
    let secret = Stored::new("e6q1", "b1g1", "db");
    let secret = match case {
        Case::Version => secret
            .with("v1", [("password", value)])
            .with("v2", [("password", text(SENTINEL))]),
        _ => secret.with("v1", [("password", value)]),
    };
    serve(vec![secret]).await
}

fn setup(case: Case, settings: &Settings, server: Server) -> Setup {
    let path = match case {
        Case::MissingPath => "e6q9",
        Case::Unicode | Case::Large => "b1g1/db",
        _ => "e6q1",
    };
    let key = match case {
        Case::MissingKey => "absent",
        _ => "password",
    };
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let setup = Setup::new(backend, path, key).with_server(server);
    match case {
        Case::Version => setup.with_version("v1"),
        Case::MissingVersion => setup.with_version("v9"),
        _ => setup,
    }
}

fn unsupported() -> Vec<(Case, &'static str)> {
    vec![(Case::SameName, "a version has each key once")]
}

#[async_trait]
impl Fixture for FirstRun {
    async fn set_up(&self, case: Case) -> Setup {
        let (server, settings) = server(case).await;
        setup(case, &settings, server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for LaterRun {
    async fn set_up(&self, case: Case) -> Setup {
        let (server, settings) = server(case).await;
        let setup = setup(case, &settings, server);
        setup.read_before("e6q1").await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for ByToken {
    async fn set_up(&self, case: Case) -> Setup {
        let (server, _) = server(case).await;
        setup(case, &by_token(&server), server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[tokio::test]
async fn it_runs_the_suite_by_a_key() {
    suite::run_all(&FirstRun).await;
}

#[tokio::test]
async fn it_runs_the_suite_in_a_later_run() {
    suite::run_all(&LaterRun).await;
}

#[tokio::test]
async fn it_runs_the_suite_by_a_token() {
    suite::run_all(&ByToken).await;
}

#[tokio::test]
async fn entries_are_text_or_bytes_by_id_and_by_name() {
    let (_server, settings) = serve(vec![database()]).await;
    for path in ["e6q1", "b1g1/my db"] {
        let secret = read_one(&settings, path).await.unwrap();
        assert_eq!(json_of(&secret, "password"), "\"new\"", "{path}");
        assert_eq!(json_of(&secret, "empty"), "\"\"");
        let store = secret.value("store").unwrap().unwrap();
        assert!(store.expose() == Exposed::Bytes(&[0, 255]), "{path}");
        assert_eq!(secret.names().len(), 4);
        assert_eq!((secret.id(), secret.version()), (Some("e6q1"), Some("v2")));
        let old = read_one(&settings, &format!("{path}#v1")).await.unwrap();
        assert_eq!(json_of(&old, "password"), "\"old\"", "{path}");
    }
}

#[tokio::test]
async fn one_login_and_one_read_for_each_secret_and_version() {
    let (server, settings) = serve(vec![database()]).await;
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let paths = [
        "e6q1",
        "e6q1",
        "e6q1#",
        "e6q1#v1",
        "b1g1/my db",
        "b1g1/my db#v1",
        "e6q9",
    ];
    let (answers, context) = run(&backend, &paths).await;
    let (last, all) = answers.split_last().unwrap();
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(
        last.as_ref().unwrap_err().to_string(),
        "there is no secret `e6q9` (HTTP 404)"
    );
    let named = "GET /lockbox/v1/secrets:getEx?folderAndName.folderId=b1g1&folderAndName.secretName=my%20db";
    assert_eq!(
        targets(&server),
        [
            "GET /endpoints",
            "GET /lockbox/v1/secrets/e6q1/payload",
            "GET /lockbox/v1/secrets/e6q1/payload?versionId=v1",
            "GET /lockbox/v1/secrets/e6q9/payload",
            named,
            &format!("{named}&versionId=v1"),
            "POST /iam/v1/tokens",
        ]
    );
    assert_eq!(context.requests_sent(), 7);
    server.forget();
    // The next run knows where the services are and has a token.
    let (answers, _) = run(&backend, &["e6q1"]).await;
    assert!(answers[0].is_ok());
    assert_eq!(targets(&server), ["GET /lockbox/v1/secrets/e6q1/payload"]);
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind::{
        InvalidAnswer, InvalidRequest, NotFound, PermissionDenied, Unauthenticated,
    };
    let (_server, settings) = serve(vec![database()]).await;
    for (path, kind, message) in [
        (
            "denied",
            PermissionDenied,
            "the login may not read the secret `denied` (HTTP 403)",
        ),
        (
            "inactive",
            InvalidRequest,
            "`inactive` is not a secret that can be read (HTTP 400)",
        ),
        (
            "b1g1/no",
            NotFound,
            "there is no secret `b1g1/no` (HTTP 404)",
        ),
        (
            "e6q1#v9",
            NotFound,
            "there is no secret `e6q1` with the version `v9` (HTTP 404)",
        ),
        (
            "a b",
            InvalidRequest,
            "the path `a b` cannot be one of Lockbox",
        ),
    ] {
        let error = read_one(&settings, path).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
    for (reply, kind, message) in [
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "there is no API of Yandex Cloud where it should be (HTTP 404)",
        ),
        (
            Reply::json("{}").with_status(401),
            Unauthenticated,
            "Yandex Cloud does not accept the token (HTTP 401)",
        ),
    ] {
        let server = Server::start(move |seen| match seen.target.as_str() {
            "/endpoints" => {
                let host = seen.header("host").unwrap();
                let service = |id| format!(r#"{{"id":"{id}","address":"{host}"}}"#);
                let all = [service("iam"), service("lockbox-payload")].join(",");
                Reply::json(format!(r#"{{"endpoints":[{all}]}}"#))
            }
            _ => reply.clone(),
        })
        .await;
        let error = read_one(&by_token(&server), "e6q1").await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
}

#[tokio::test]
async fn an_installation_that_does_not_say_where_lockbox_is_is_asked_once() {
    for body in [
        r#"{"endpoints":[]}"#,
        r#"{"endpoints":[{"id":"iam","address":"h"}]}"#,
    ] {
        let server = Server::start(move |_| Reply::json(body)).await;
        let backend = connect(&by_token(&server), &ConnectContext::new()).unwrap();
        let (answers, _) = run(&backend, &["a", "b", "c"]).await;
        for answer in answers {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
            assert!(
                error.to_string().ends_with("does not say where Lockbox is"),
                "{error}"
            );
        }
        assert_eq!(targets(&server), ["GET /endpoints"]);
    }
}

#[tokio::test]
async fn runs_share_what_they_read_and_look_again_for_a_key_that_is_missing() {
    let number = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        if seen.target == "/endpoints" {
            let host = seen.header("host").unwrap();
            let service = |id| format!(r#"{{"id":"{id}","address":"{host}"}}"#);
            let all = [service("iam"), service("lockbox-payload")].join(",");
            return Reply::json(format!(r#"{{"endpoints":[{all}]}}"#));
        }
        let number = number.fetch_add(1, Ordering::SeqCst);
        let entry = |n| format!(r#"{{"key":"k{n}","textValue":"v"}}"#);
        let entries: Vec<String> = (0..=number).map(entry).collect();
        Reply::json(format!(
            r#"{{"versionId":"v","entries":[{}]}}"#,
            entries.join(",")
        ))
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
                let mut wanted = request("e6q1");
                wanted.keys = Keys::names([*key]);
                let answers = backend.read(&[wanted], &RunContext::new()).await;
                assert!(answers[0].as_ref().unwrap().value(key).is_some(), "{key}");
            }
        }
    };
    read(false, &["k0", "k0", "k0"]).await;
    assert_eq!(server.seen().len(), 2);
    // The first read of this backend is the second of all: `k2` comes with the next.
    read(false, &["k1", "k2", "k2"]).await;
    assert_eq!(server.seen().len(), 2 + 3);
    read(true, &["k0", "k0", "k0"]).await;
    assert_eq!(server.seen().len(), 2 + 3 + 4);
}
