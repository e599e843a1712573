//! The backend and the suite that every backend runs: by UID, by title and with files.

use async_trait::async_trait;

use super::connect;
use super::samples::{
    ABSENT, DB, Keeper, OTHER, Share, Stored, database, json, json_of, read_one, request, run,
    serve, targets,
};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup, TOKEN};
use crate::{ConnectContext, Exposed, RunContext, Settings, VaultErrorKind};

struct ByUid;
struct ByTitle;
struct InFiles;

fn stored(case: Case) -> Stored {
    let value = case.value();
    let record = Stored::new(DB, "My db").with("login", json!(["u"]));
    match (case, value.expose()) {
        (Case::SameName, _) => record
            .with_custom("text", "password", json!(["one"]))
            .with_custom("text", "password", json!(["another"])),
        (_, Exposed::Bytes(bytes)) => record.with_file(OTHER, "password", "", bytes),
        (_, value) => record.with("password", json!([value.as_text().unwrap_or_default()])),
    }
}

async fn setup(case: Case, record: Stored, path: &str) -> Setup {
    let (server, settings) = serve(vec![record]).await;
    let path = match case {
        Case::MissingPath => ABSENT,
        _ => path,
    };
    let key = match case {
        Case::MissingKey => "absent",
        _ => "password",
    };
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    Setup::new(backend, path, key).with_server(server)
}

fn unsupported() -> Vec<(Case, &'static str)> {
    [Case::Version, Case::MissingVersion]
        .map(|case| (case, "records have no versions"))
        .to_vec()
}

#[async_trait]
impl Fixture for ByUid {
    async fn set_up(&self, case: Case) -> Setup {
        setup(case, stored(case), DB).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for ByTitle {
    async fn set_up(&self, case: Case) -> Setup {
        setup(case, stored(case).shared(Share::Folder), "My db").await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for InFiles {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let content = match value.expose() {
            Exposed::Bytes(bytes) => bytes.to_vec(),
            value => value.as_text().unwrap_or_default().as_bytes().to_vec(),
        };
        let record = Stored::new(DB, "My db").with_file("F1", "password", "", &content);
        let record = match case {
            Case::SameName => record.with_file("F2", "other", "password", b"another"),
            _ => record,
        };
        setup(case, record, DB).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let mut unsupported = unsupported();
        unsupported.push((
            Case::Several,
            "a request for all keys does not read the files",
        ));
        unsupported
    }
}

#[tokio::test]
async fn it_runs_the_suite_by_uid() {
    suite::run_all(&ByUid).await;
}

#[tokio::test]
async fn it_runs_the_suite_by_title() {
    suite::run_all(&ByTitle).await;
}

#[tokio::test]
async fn it_runs_the_suite_with_files() {
    suite::run_all(&InFiles).await;
}

#[tokio::test]
async fn one_request_for_all_records_and_one_for_each_file() {
    let other = Stored::new(OTHER, "Other").with("password", json!(["p2"]));
    let other = other
        .with_file("F1", "a.pem", "A", b"pem")
        .with_file("F2", "b.pem", "B", b"pem");
    let (server, settings) = serve(vec![database(), other.shared(Share::Folder)]).await;
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let by_uid = [
        request(DB, &["password"]),
        request(DB, &["login", "absent"]),
        request(OTHER, &["password"]),
        request(OTHER, &["a.pem"]),
        request(OTHER, &["A", "F1", "file/a.pem"]),
        // What nobody asks for by name is not read.
        request(OTHER, &[]),
    ];
    let (answers, context) = run(&backend, &by_uid).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(json_of(answers[0].as_ref().unwrap(), "password"), "\"p1\"");
    assert_eq!(json_of(answers[2].as_ref().unwrap(), "password"), "\"p2\"");
    for key in ["A", "F1", "file/a.pem"] {
        assert_eq!(json_of(answers[4].as_ref().unwrap(), key), "\"pem\"");
    }
    let unread = answers[5].as_ref().unwrap();
    assert!(unread.value("b.pem").is_none() && unread.names().any(|name| name == "b.pem"));
    assert_eq!(targets(&server), ["get_secret", "/files/F1"]);
    assert_eq!(context.requests_sent(), 2);

    server.forget();
    let by_title = [request("My db", &["login"]), request(OTHER, &["password"])];
    let (answers, _) = run(&backend, &by_title).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(targets(&server), ["get_secret"]);

    server.forget();
    let with_a_wrong_one = [request(DB, &["login"]), request(ABSENT, &["login"])];
    let (answers, _) = run(&backend, &with_a_wrong_one).await;
    assert!(answers[0].is_ok());
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(error.to_string(), format!("there is no record `{ABSENT}`"));
    assert_eq!(targets(&server), ["get_secret", "get_secret"]);
}

#[tokio::test]
async fn a_request_names_the_records_that_are_wanted_and_is_sealed_anew() {
    let keeper = std::sync::Arc::new(Keeper::new(TOKEN, vec![database()]));
    let own = std::sync::Arc::clone(&keeper);
    let server = Server::start(move |seen| own.answer(seen)).await;
    let config = keeper.config(&server.url()).to_string();
    let settings = Settings::new().with("KSM_CONFIG", config);
    read_one(&settings, DB, &["login"]).await.unwrap();
    read_one(&settings, "My db", &["login"]).await.unwrap();
    let opened: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| keeper.open(seen).unwrap())
        .collect();
    assert_eq!(opened[0].1["requestedRecords"], json!([DB]));
    assert!(opened[1].1["requestedRecords"].is_null());
    assert_ne!(
        opened[0].0, opened[1].0,
        "each request has a key of its own"
    );
    for (_, payload) in opened {
        assert_eq!(payload["clientVersion"], "mr17.3.0");
        assert_eq!(payload["clientId"], TOKEN);
    }
}

#[tokio::test]
async fn another_key_of_the_server_is_taken_once_and_remembered() {
    let mut keeper = Keeper::new(TOKEN, vec![database()]);
    let config = keeper.config("HOST");
    keeper.key_number = 12;
    let server = Server::start(move |seen| keeper.answer(seen)).await;
    let config = config.to_string().replace("HOST", &server.url());
    let backend = connect(
        &Settings::new().with("KSM_CONFIG", config),
        &ConnectContext::new(),
    )
    .unwrap();
    for sent in [2, 1] {
        server.forget();
        let (answers, _) = run(&backend, &[request(DB, &["login"])]).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        assert_eq!(server.seen().len(), sent);
    }
}

#[tokio::test]
async fn a_server_that_wants_a_key_without_end_is_asked_twice() {
    for (body, sent) in [
        (r#"{"error":"key","key_id":99}"#, 1),
        (r#"{"error":"key","key_id":7}"#, 2),
        (r#"{"error":"key"}"#, 1),
        (r#"{"result_code":"key","key_id":null}"#, 1),
    ] {
        let (server, settings) = serve(vec![]).await;
        server.fail_always(suite::Fault::Answer(Reply::json(body).with_status(401)));
        let error = read_one(&settings, DB, &["a"]).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        let shown = error.to_string().replace(&server.url(), "URL");
        assert!(
            shown.starts_with("`URL` wants a key that is not known here"),
            "{shown}"
        );
        assert_eq!(server.seen().len(), sent, "{body}");
        assert_eq!(
            error.hint(),
            Some(
                "a server that is not one of Keeper's own needs `serverPublicKey` in the configuration"
            )
        );
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind::{InvalidAnswer, InvalidRequest, PermissionDenied, Unauthenticated};
    let refusal = |code: &str| {
        let body = json!({"error": code, "message": SENTINEL, "additional_info": SENTINEL});
        Reply::json(body.to_string()).with_status(403)
    };
    for (reply, kind, message, hint) in [
        (
            refusal("access_denied"),
            Unauthenticated,
            "`URL` does not accept the device of the configuration (HTTP 403)",
            Some("it may have been removed, have expired, or be locked to another IP address"),
        ),
        (
            refusal("invalid_client_version"),
            InvalidRequest,
            "`URL` does not answer this version of manifill any more (HTTP 403)",
            Some("a newer version may help"),
        ),
        (
            refusal("odd"),
            PermissionDenied,
            "`URL` does not allow this (HTTP 403)",
            None,
        ),
        (
            Reply::json(r#"{"error":"odd"}"#).with_status(404),
            InvalidAnswer,
            "`URL` has no API of Keeper Secrets Manager (HTTP 404)",
            Some("check `hostname` in the configuration"),
        ),
        (
            Reply::new(200).with_body("{}"),
            InvalidAnswer,
            "the answer of `URL` cannot be opened; is this really Keeper?",
            None,
        ),
    ] {
        let (server, settings) = serve(vec![database()]).await;
        server.fail_always(suite::Fault::Answer(reply));
        let error = read_one(&settings, DB, &["a"]).await.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
        assert_eq!(error.hint(), hint);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_out_within_the_time_of_the_run() {
    let throttled = |retry_after| {
        let body = json!({"error": "throttled", "retry_after": retry_after});
        suite::Fault::Answer(Reply::json(body.to_string()).with_status(403))
    };
    let (server, settings) = serve(vec![database()]).await;
    server.fail_next(2, throttled(json!(0.01)));
    read_one(&settings, DB, &["login"]).await.unwrap();
    assert_eq!(server.seen().len(), 3);

    // The wait that the vendor asks for would outlast the run, so there is no other try.
    for retry_after in [json!(null), json!(0), json!(100_000), json!(1e300)] {
        let (server, settings) = serve(vec![database()]).await;
        server.fail_always(throttled(retry_after));
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let context = RunContext::new().with_timeout(std::time::Duration::from_secs(10));
        let answers = backend.read(&[request(DB, &["login"])], &context).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unavailable);
        assert!(
            error.to_string().contains("is getting too many requests"),
            "{error}"
        );
        assert_eq!(
            error.hint(),
            Some("Keeper answers 100 requests of a device in 10 seconds")
        );
        assert_eq!(server.seen().len(), 1);
    }
}
