//! The backend and the suite that every backend runs, and what is told of what is wrong.

use async_trait::async_trait;

use super::connect;
use super::samples::{
    Variables, access_token, json_of, not_found, read, read_one, request, serve, settings, targets,
    with,
};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup};
use crate::{
    ConnectContext, Exposed, RunContext, SecretPath, SecretRequest, SecretValue, Settings,
    VaultErrorKind,
};

struct Suite;

fn bytes_of(value: &SecretValue) -> Vec<u8> {
    match value.expose() {
        Exposed::Text(text) => text.as_bytes().to_vec(),
        Exposed::Bytes(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    }
}

#[async_trait]
impl Fixture for Suite {
    async fn set_up(&self, case: Case) -> Setup {
        let value = bytes_of(&case.value());
        let versions: &[&[u8]] = match case {
            Case::Version => &[&value, SENTINEL.as_bytes()],
            _ => &[&value],
        };
        let server = with(
            Variables::default()
                .with("prod/db/password", versions)
                .with("prod/db/user", &[b"u"]),
        )
        .await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let (path, key) = match case {
            Case::MissingPath => ("prod/absent", "password"),
            Case::MissingKey => ("prod/db", "absent"),
            _ => ("prod/db", "password"),
        };
        let setup = Setup::new(backend, path, key).with_server(server);
        match case {
            Case::Version => setup.with_version("1"),
            Case::MissingVersion => setup.with_version("9"),
            _ => setup,
        }
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![(Case::SameName, "an id is that of one variable")]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Suite).await;
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind::{InvalidAnswer, Unauthenticated, Unavailable};
    for (reply, kind, message) in [
        (
            Reply::new(401),
            Unauthenticated,
            "`URL` does not accept the login (HTTP 401)",
        ),
        (
            Reply::new(404).with_body("<html>"),
            InvalidAnswer,
            "`URL` has no API of Conjur (HTTP 404)",
        ),
        (
            Reply::new(429).with_header("Retry-After", "3600"),
            Unavailable,
            "`URL` is getting too many requests (HTTP 429)",
        ),
        (
            Reply::json("{}"),
            InvalidAnswer,
            "the answer of `URL` lacks the value of a variable",
        ),
        (
            Reply::json(r#"{"acme:variable:prod/db/password":7}"#),
            InvalidAnswer,
            "the answer of `URL` lacks the value of a variable",
        ),
        (
            Reply::json(r#"{"acme:variable:prod/db/password":"%"}"#)
                .with_header("Content-Encoding", "base64"),
            InvalidAnswer,
            "the answer of `URL` lacks the value of a variable",
        ),
    ] {
        let server = serve(move |_| reply.clone()).await;
        let error = read_one(&settings(&server), "prod/db", "password").await;
        let error = error.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
        assert_eq!(targets(&server).len(), 1, "{message}");
    }
}

#[tokio::test]
async fn what_is_missing_is_told_apart_from_what_is_forbidden() {
    let variables = Variables::default()
        .with("prod/db/password", &[b"1"])
        .with_forbidden("prod/db/root");
    let requests = [
        request("prod/db", &["password", "absent", "root"]),
        request("prod/none", &["password"]),
        request("prod", &["password"]),
    ];
    let server = with(variables.clone()).await;
    let answers = read(&settings(&server), &requests).await;
    assert_eq!(json_of(&answers[0], "password"), "\"1\"");
    assert_eq!(json_of(&answers[0], "absent"), "");
    let secret = answers[0].as_ref().unwrap();
    assert_eq!(secret.names().collect::<Vec<_>>(), ["password", "root"]);
    let error = secret.value("root").unwrap().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
    assert_eq!(
        error.to_string(),
        "the login may not read the variable `prod/db/root` (HTTP 403)"
    );
    for answer in &answers[1..] {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound);
        assert!(
            error.to_string().contains("there are no variables of"),
            "{error}"
        );
    }
    // Without a list nobody knows whether there is something else.
    let unlisted = Variables {
        unlisted: true,
        ..variables
    };
    let server = with(unlisted).await;
    let answers = read(&settings(&server), &requests).await;
    assert_eq!(json_of(&answers[1], "password"), "");
}

#[tokio::test]
async fn values_are_text_or_bytes() {
    let long = [0xff; 100];
    for is_old in [false, true] {
        let variables = Variables {
            is_old,
            ..Variables::default()
        };
        let server = with(
            variables
                .with("prod/text", &["pässwörd\n".as_bytes()])
                .with("prod/number", &[b"0012"])
                .with("prod/bytes", &[&long]),
        )
        .await;
        let keys = ["text", "number", "bytes"];
        let answers = read(&settings(&server), &[request("prod", &keys)]).await;
        let secret = answers[0].as_ref().unwrap();
        let value = |key| secret.value(key).unwrap().unwrap();
        assert!(value("text").expose() == Exposed::Text("pässwörd\n"));
        assert!(value("number").expose() == Exposed::Text("0012"));
        assert!(value("bytes").expose() == Exposed::Bytes(&long));
        // An old server cannot put bytes into one answer.
        assert_eq!(targets(&server).len(), if is_old { 4 } else { 1 });
    }
}

#[tokio::test]
async fn nothing_is_asked_for_nothing_or_for_what_cannot_be() {
    let server = with(Variables::default()).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let run = RunContext::default();
    assert!(backend.read(&[], &run).await.is_empty());
    let by_hand = SecretRequest::new(SecretPath::verbatim("a/../b"), crate::Keys::All);
    let mut requests = vec![by_hand];
    for version in ["newest", "-1", "+1", "0", "", "99999999999"] {
        requests.push(request(&format!("prod/db#{version}"), &["password"]));
    }
    for answer in backend.read(&requests, &run).await {
        assert_eq!(answer.unwrap_err().kind(), VaultErrorKind::InvalidRequest);
    }
    let answers = backend
        .read(&[request("prod", &["db/password", ".."])], &run)
        .await;
    let secret = answers[0].as_ref().unwrap();
    for key in ["db/password", ".."] {
        let error = secret.value(key).unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn what_logs_in_is_no_value_for_an_app_without_a_policy() {
    use base64::Engine as _;
    let token = base64::engine::general_purpose::STANDARD.encode(access_token(1));
    let server = with(
        Variables::default()
            .with("prod/key", &[suite::TOKEN.as_bytes()])
            .with("prod/token", &[token.as_bytes()])
            .with("prod/other", &[b"1"]),
    )
    .await;
    let context = ConnectContext::new().with_confinement(true);
    let backend = super::super::INFO.connect(&settings(&server), &context);
    let backend = backend.unwrap().unwrap();
    let requests = [request("prod", &["key", "token", "other"])];
    // The second run has the token of the first and sends no key.
    for _ in 0..2 {
        let answers = backend.read(&requests, &RunContext::new()).await;
        let secret = answers[0].as_ref().unwrap();
        assert!(secret.value("key").unwrap().is_err());
        assert!(secret.value("token").unwrap().is_err());
        assert!(secret.value("other").unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_server_behind_a_path_is_asked_there() {
    let server = Server::start(|seen| match seen.target.strip_prefix("/api") {
        Some(rest) if rest.starts_with("/authn/") => Reply::new(200).with_body(access_token(1)),
        Some(_) => not_found(),
        None => Reply::new(500),
    })
    .await;
    let settings: Settings = settings(&server).with("CONJUR_APPLIANCE_URL", server.url() + "/api/");
    let answer = read_one(&settings, "prod/db", "password").await;
    assert_eq!(json_of(&answer, "password"), "");
    assert_eq!(
        targets(&server),
        [
            "/api/secrets?variable_ids=acme%3Avariable%3Aprod%2Fdb%2Fpassword",
            "/api/secrets/acme/variable/prod%2Fdb%2Fpassword",
            "/api/resources/acme?kind=variable",
        ]
    );
}
