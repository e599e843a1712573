//! The backend against a server: the suite, and what is found or told.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::read_settings_by;
use super::samples::{
    TestHome, answer, backend, failure, has, object, read, request, serve, status,
};
use crate::suite::{self, Case, Fault, Fixture, Reply, SENTINEL, Server, Setup, TOKEN};
use crate::{Exposed, Keys, RunContext, SecretRequest, SecretValue, VaultBackend, VaultErrorKind};

struct Cluster;

#[async_trait]
impl Fixture for Cluster {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let bytes = match value.expose() {
            Exposed::Text(text) => text.as_bytes(),
            Exposed::Bytes(bytes) => bytes,
            _ => unreachable!("values are text or bytes"),
        };
        let server = serve(vec![object("argocd", "db", &[("password", bytes)])]).await;
        let (path, key) = match case {
            Case::MissingPath => ("argocd:absent", "password"),
            Case::MissingKey => ("argocd:db", "absent"),
            _ => ("db", "password"),
        };
        Setup::new(Arc::new(backend(&server)), path, key).with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Version, "there are no versions"),
            (Case::MissingVersion, "there are no versions"),
            (Case::SameName, "the data of a Secret is a map"),
        ]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Cluster).await;
}

#[tokio::test]
async fn a_value_is_text_or_bytes_and_stays_as_it_is() {
    let mut odd = object(
        "argocd",
        "db",
        &[("text", b" a\n"), ("bytes", &[0xff, 0]), ("empty", b"")],
    );
    odd["data"]["null"] = Value::Null;
    let server = serve(vec![odd]).await;
    let backend = backend(&server);
    let all = SecretRequest::new(backend.parse_path("db").unwrap(), Keys::All);
    let some = request("argocd:db", &["text", "absent"]);
    let answers = backend.read(&[all, some], &RunContext::default()).await;
    let secret = answers[0].as_ref().unwrap();
    for (key, value) in [
        ("text", SecretValue::text(" a\n")),
        ("bytes", SecretValue::bytes([0xff, 0])),
        ("empty", SecretValue::text("")),
        ("null", SecretValue::text("")),
    ] {
        assert_eq!(secret.value(key), Some(Ok(&value)), "{key}");
    }
    assert_eq!(
        secret.names().collect::<Vec<_>>(),
        ["bytes", "empty", "null", "text"]
    );
    assert_eq!(
        (secret.id(), secret.version()),
        (Some("argocd:db"), Some("41"))
    );

    let secret = answers[1].as_ref().unwrap();
    assert!(secret.value("text").is_some());
    assert!(secret.value("bytes").is_none() && secret.value("absent").is_none());
}

#[tokio::test]
async fn a_secret_without_data_has_no_keys() {
    let mut none = object("argocd", "none", &[]);
    none.as_object_mut().unwrap().remove("data");
    let mut null = object("argocd", "null", &[]);
    null["data"] = Value::Null;
    let server = serve(vec![none, null]).await;
    let backend = backend(&server);
    for answer in read(&backend, &["none", "null"]).await {
        let secret = answer.unwrap();
        assert!(secret.value("password").is_none() && secret.names().len() == 0);
    }
}

#[tokio::test]
async fn what_is_missing_forbidden_or_away_is_told_apart() {
    let server = serve(vec![]).await;
    let backend = backend(&server);
    let gone = failure(&backend, "team:db").await;
    assert_eq!(gone.kind(), VaultErrorKind::NotFound);
    assert_eq!(
        gone.to_string(),
        "there is no Secret `db` in namespace `team` (HTTP 404)"
    );

    let url = server.url();
    let details = json!({"name": "db", "kind": "secrets"});
    for (reply, kind, message) in [
        (
            status(403, "Forbidden", details.clone()),
            VaultErrorKind::PermissionDenied,
            "the cluster does not allow this login to read the Secret `db` in namespace `team` (HTTP 403)".to_owned(),
        ),
        (
            status(401, "Unauthorized", details),
            VaultErrorKind::Unauthenticated,
            format!("`{url}` does not accept the login (HTTP 401)"),
        ),
        (
            Reply::new(404).with_body("404 page not found"),
            VaultErrorKind::InvalidAnswer,
            format!("`{url}` has no API of Kubernetes (HTTP 404)"),
        ),
        (
            status(404, "NotFound", json!({})),
            VaultErrorKind::InvalidAnswer,
            format!("`{url}` has no API of Kubernetes (HTTP 404)"),
        ),
    ] {
        server.fail_next(1, Fault::Answer(reply));
        let error = failure(&backend, "team:db").await;
        assert_eq!((error.kind(), error.to_string()), (kind, message));
    }
    drop(server);
    let error = failure(&backend, "team:db").await;
    assert_eq!(error.kind(), VaultErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[tokio::test]
async fn a_secret_is_read_once_however_it_is_called() {
    let objects = vec![
        object("argocd", "db", &[("password", b"x")]),
        object("team", "db", &[("password", b"y")]),
    ];
    let server = serve(objects).await;
    let backend = backend(&server);
    let paths = [
        "db",
        "argocd:db",
        "team:db",
        " db ",
        "absent",
        "argocd:absent",
    ];
    let answers = read(&backend, &paths).await;
    let found: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(found, [true, true, true, true, false, false]);
    let mut targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    assert_eq!(
        targets,
        [
            "/api/v1/namespaces/argocd/secrets/absent",
            "/api/v1/namespaces/argocd/secrets/db",
            "/api/v1/namespaces/team/secrets/db",
        ]
    );
    // Nothing is kept from one run to the next.
    read(&backend, &["db"]).await;
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn what_argo_cd_logs_in_with_is_never_read() {
    let labelled = |name: &str, label: &str| {
        let mut secret = object("argocd", name, &[("password", b"x")]);
        secret["metadata"]["labels"] = json!({label: "cluster", "app": "x"});
        secret
    };
    let server = serve(vec![
        labelled("cluster", "argocd.argoproj.io/secret-type"),
        object("argocd", "argocd-secret", &[("password", b"x")]),
        labelled("own", "argocd.argoproj.io/instance"),
    ])
    .await;
    let backend = backend(&server);
    for name in ["cluster", "argocd-secret"] {
        let error = failure(&backend, name).await;
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
        let message = format!("the Secret `{name}` in namespace `argocd` is Argo CD's own");
        assert_eq!(error.to_string(), message);
        let error = read_settings_by(&backend, name, &RunContext::default())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    assert!(has(&backend, "own", "x").await);
}

#[tokio::test]
async fn answers_about_something_else_are_refused() {
    let change = |path: &str, value: Value| {
        let mut secret = object("argocd", "db", &[("password", b"x")]);
        *secret.pointer_mut(path).unwrap() = value;
        secret
    };
    for other in [
        change("/kind", json!("ConfigMap")),
        change("/metadata/name", json!("other")),
        change("/metadata/namespace", json!("other")),
        change("/data/password", json!("%%")),
        change("/data/password", json!(7)),
        change("/data", json!(["x"])),
    ] {
        let server = Server::start(move |_| Reply::json(other.to_string())).await;
        let error = failure(&backend(&server), "db").await;
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{error}");
    }
}

#[tokio::test]
async fn the_path_of_the_server_is_kept() {
    let objects = vec![object("argocd", "db", &[("password", b"x")])];
    let server = Server::start(move |seen| {
        let mut seen = seen.clone();
        match seen.target.strip_prefix("/k8s/clusters/c-1") {
            Some(rest) => seen.target = rest.to_owned(),
            None => return Reply::new(404),
        }
        answer(&objects, TOKEN, &seen)
    })
    .await;
    for end in ["", "/"] {
        let cluster = format!("{{server: '{}/k8s/clusters/c-1{end}'}}", server.url());
        let place = TestHome::new(&cluster, &format!("{{token: {TOKEN}}}"));
        assert!(has(&place.backend().unwrap(), "db", "x").await);
    }
}

#[tokio::test]
async fn who_asks_stands_in_the_headers() {
    let server = serve(vec![object("argocd", "db", &[("password", b"x")])]).await;
    let cluster = format!("{{server: '{}'}}", server.url());
    let user = format!("{{token: ' {TOKEN} ', as: 'system:serviceaccount:a:b'}}");
    assert!(
        has(
            &TestHome::new(&cluster, &user).backend().unwrap(),
            "db",
            "x"
        )
        .await
    );
    let seen = &server.seen()[0];
    assert_eq!(
        seen.header("impersonate-user"),
        Some("system:serviceaccount:a:b")
    );
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.method, "GET");

    // A context needs no user, and then nobody is named.
    let place = TestHome::empty();
    let config = format!(
        "current-context: c\ncontexts: [{{name: c, context: {{cluster: h}}}}]\nclusters: [{{name: h, cluster: {cluster}}}]\n"
    );
    place.file("config", &config);
    let error = failure(&place.backend().unwrap(), "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!(server.seen()[1].header("authorization"), None);
}

#[tokio::test]
async fn versions_have_no_effect() {
    let server = serve(vec![object("argocd", "db", &[("password", b"x")])]).await;
    let backend = backend(&server);
    assert!(!backend.has_versions());
    let run = RunContext::default();
    let request = request("argocd:db", &["password"]);
    assert!(backend.read(std::slice::from_ref(&request), &run).await[0].is_ok());
    assert!(backend.read(&[request.with_version("2")], &run).await[0].is_ok());
}

#[tokio::test]
async fn nothing_is_asked_for_nothing_or_for_a_path_that_is_none() {
    let server = serve(vec![]).await;
    let backend = backend(&server);
    assert!(backend.read(&[], &RunContext::default()).await.is_empty());
    let answers = backend
        .read(&[request("a:b:c", &["x"])], &RunContext::default())
        .await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().kind(),
        VaultErrorKind::InvalidRequest
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn settings_are_read_from_one_secret() {
    let data: [(&str, &[u8]); 3] = [
        ("AVP_TYPE", b"vault\n"),
        ("keystore.jks", &[0xfe, 0xff]),
        ("EMPTY", b""),
    ];
    let objects = vec![object("argocd", "avp", &data), object("team", "avp", &[])];
    let server = serve(objects).await;
    let backend = backend(&server);
    let run = RunContext::default();
    let values = read_settings_by(&backend, "avp", &run).await.unwrap();
    let expected = [("AVP_TYPE", "vault\n"), ("EMPTY", "")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(values, BTreeMap::from(expected));
    assert_eq!(
        run.notes(),
        ["`keystore.jks` in the Secret `argocd:avp` is not text and no setting"]
    );
    assert!(
        read_settings_by(&backend, "team:avp", &run)
            .await
            .unwrap()
            .is_empty()
    );
    for (name, kind) in [
        ("absent", VaultErrorKind::NotFound),
        ("a:b:c", VaultErrorKind::InvalidRequest),
    ] {
        let error = read_settings_by(&backend, name, &run).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_token_with_a_line_break_is_not_shown() {
    let server = serve(vec![]).await;
    let cluster = format!("{{server: '{}'}}", server.url());
    let place = TestHome::new(&cluster, &format!("{{token: \"a\\n{SENTINEL}\"}}"));
    let backend = place.backend().unwrap();
    let error = failure(&backend, "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let shown = format!("{error} {error:?} {backend:?}");
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert!(
        shown.contains(&server.url()) && server.seen().is_empty(),
        "{shown}"
    );
}
