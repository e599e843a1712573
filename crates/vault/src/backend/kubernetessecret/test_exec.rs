//! Exec plugins: what they are told, what they may answer, and how long it is kept.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::samples::{TestHome, answer, failure, has, object, read, request, serve};
use crate::suite::{SENTINEL, Server, TOKEN};
use crate::{RunContext, VaultBackend as _, VaultErrorKind};

const V1: &str = "client.authentication.k8s.io/v1";

/// A plugin that runs a script of `sh`, which appends to `runs` each time.
fn plugin(place: &TestHome, version: &str, script: &str) -> String {
    let script = format!("echo run >> '{}'; {script}", place.path("runs").display());
    format!(
        "{{exec: {{apiVersion: {version}, command: sh, args: ['-c', {}]}}}}",
        json!(script)
    )
}

fn runs(place: &TestHome) -> usize {
    let text = std::fs::read_to_string(place.path("runs"));
    text.unwrap_or_default().lines().count()
}

/// A script that prints a credential with this status.
fn prints(version: &str, status: &Value) -> String {
    let credential = json!({"apiVersion": version, "kind": "ExecCredential", "status": status});
    format!("echo '{credential}'")
}

fn set(place: &TestHome, server: &Server, user: &str) {
    let cluster = format!("{{server: '{}'}}", server.url());
    place.file("config", &super::samples::kubeconfig(&cluster, user));
}

async fn server() -> Server {
    serve(vec![
        object("argocd", "db", &[("password", b"x")]),
        object("argocd", "other", &[("password", b"x")]),
    ])
    .await
}

#[tokio::test]
async fn a_login_is_kept_until_it_ends() {
    let server = server().await;
    for (expires, expected) in [
        (json!("2999-01-01T00:00:00Z"), 1),
        (Value::Null, 1),
        (json!("2020-01-01T00:00:00+02:00"), 3),
    ] {
        for version in [V1, "client.authentication.k8s.io/v1beta1"] {
            let place = TestHome::empty();
            let status = json!({"token": TOKEN, "expirationTimestamp": expires});
            set(
                &place,
                &server,
                &plugin(&place, version, &prints(version, &status)),
            );
            let backend = place.backend().unwrap();
            assert_eq!(runs(&place), 0);
            for _ in 0..3 {
                let answers = read(&backend, &["db", "other", "db"]).await;
                assert!(answers.iter().all(Result::is_ok));
            }
            assert_eq!(runs(&place), expected, "{expires}");
        }
    }
}

#[tokio::test]
async fn concurrent_runs_share_a_login() {
    let (server, place) = (server().await, TestHome::empty());
    let script = prints(V1, &json!({"token": TOKEN}));
    set(&place, &server, &plugin(&place, V1, &script));
    let backend = place.backend().unwrap();
    let (one, two) = tokio::join!(has(&backend, "db", "x"), has(&backend, "other", "x"));
    assert!(one && two);
    assert_eq!(runs(&place), 1);
}

#[tokio::test]
async fn a_kept_login_that_is_refused_is_renewed_once() {
    let objects = [object("argocd", "db", &[("password", b"x")])];
    let accepted = Arc::new(Mutex::new("first"));
    let known = Arc::clone(&accepted);
    let server = Server::start(move |seen| answer(&objects, *known.lock().unwrap(), seen)).await;
    let place = TestHome::empty();
    let credential = |token: &str| {
        let status = json!({"token": token, "expirationTimestamp": "2999-01-01T00:00:00Z"});
        json!({"apiVersion": V1, "kind": "ExecCredential", "status": status}).to_string()
    };
    let file = place.file("credential", &credential("first"));
    let script = format!("cat '{}'", file.display());
    set(&place, &server, &plugin(&place, V1, &script));
    let backend = place.backend().unwrap();
    assert!(has(&backend, "db", "x").await);
    *accepted.lock().unwrap() = "second";
    place.file("credential", &credential("second"));
    assert!(has(&backend, "db", "x").await);
    assert_eq!((runs(&place), server.seen().len()), (2, 3));

    // A login that was made just now is not made again.
    let (server, place) = (self::server().await, TestHome::empty());
    let script = prints(V1, &json!({"token": "wrong"}));
    set(&place, &server, &plugin(&place, V1, &script));
    let backend = place.backend().unwrap();
    let error = failure(&backend, "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!((runs(&place), server.seen().len()), (1, 1));
    // Nor is the same token sent again.
    failure(&backend, "db").await;
    assert_eq!((runs(&place), server.seen().len()), (2, 2));
}

#[tokio::test]
async fn a_plugin_is_told_what_it_may_know() {
    let place = TestHome::empty();
    let server = server().await;
    let script = format!(
        "pwd -P > '{}'; printf %s \"$KUBERNETES_EXEC_INFO\" > '{}'; printf '%s|%s' \"$GIVEN\" \"$1\" > '{}'; {}",
        place.path("folder").display(),
        place.path("info").display(),
        place.path("given").display(),
        prints(V1, &json!({"token": TOKEN})),
    );
    let args = json!(["-c", script, "sh", "$(exit 3); `false` && 'x' *"]);
    let user = |more: &str| {
        format!(
            "{{exec: {{apiVersion: {V1}, command: ./plugin, args: {args}, env: [{{name: GIVEN, value: 'a $HOME b'}}], installHint: x{more}}}}}"
        )
    };
    // A name with a slash starts from the folder of the kubeconfig.
    std::os::unix::fs::symlink("/bin/sh", place.path("plugin")).unwrap();
    set(&place, &server, &user(""));
    assert!(has(&place.backend().unwrap(), "db", "x").await);
    let read_file = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    let info: Value = serde_json::from_str(&read_file("info")).unwrap();
    let expected =
        json!({"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": false}});
    assert_eq!(info, expected);
    let folder = place.path("").canonicalize().unwrap();
    assert_eq!(read_file("folder").trim_end(), folder.to_str().unwrap());
    assert_eq!(read_file("given"), "a $HOME b|$(exit 3); `false` && 'x' *");

    let cluster = format!(
        "{{server: '{}', insecure-skip-tls-verify: true, extensions: [{{name: other, extension: 1}}, {{name: client.authentication.k8s.io/exec, extension: {{a: [1]}}}}]}}",
        server.url()
    );
    let config = super::samples::kubeconfig(&cluster, &user(", provideClusterInfo: true"));
    place.file("config", &config);
    assert!(has(&place.backend().unwrap(), "db", "x").await);
    let info: Value = serde_json::from_str(&read_file("info")).unwrap();
    let expected =
        json!({"server": server.url(), "insecure-skip-tls-verify": true, "config": {"a": [1]}});
    assert_eq!(info["spec"]["cluster"], expected);
}

#[tokio::test]
async fn a_plugin_that_gives_no_login_is_told() {
    let server = server().await;
    let no = |status: Value| prints(V1, &status);
    let nonsense = format!(
        "the answer of the exec plugin `sh` is not an ExecCredential of `{V1}` with a login"
    );
    let answer_of = |kind: &str, version: &str| {
        let credential = json!({"apiVersion": version, "kind": kind, "status": {"token": TOKEN}});
        format!("echo '{credential}'")
    };
    for (script, kind, message) in [
        (
            format!("echo {SENTINEL}; echo {SENTINEL} >&2; exit 3"),
            VaultErrorKind::Unauthenticated,
            "the exec plugin `sh` gives no login: it ended with `exit status: 3`",
        ),
        (
            format!("echo {SENTINEL}"),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        ("true".to_owned(), VaultErrorKind::InvalidAnswer, &nonsense),
        (no(Value::Null), VaultErrorKind::InvalidAnswer, &nonsense),
        (no(json!({})), VaultErrorKind::InvalidAnswer, &nonsense),
        (
            no(json!({"token": ""})),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        (
            no(json!({"clientCertificateData": "x"})),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        (
            no(json!({"token": TOKEN, "expirationTimestamp": "soon"})),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        (
            answer_of("Other", V1),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        (
            answer_of("ExecCredential", "client.authentication.k8s.io/v1beta1"),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
        (
            "head -c 2000000 /dev/zero".to_owned(),
            VaultErrorKind::InvalidAnswer,
            &nonsense,
        ),
    ] {
        let place = TestHome::empty();
        set(&place, &server, &plugin(&place, V1, &script));
        let error = failure(&place.backend().unwrap(), "db").await;
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (kind, message),
            "{script}"
        );
        assert!(!format!("{error:?}").contains(SENTINEL));
        let speaks = error
            .hint()
            .is_some_and(|hint| hint.contains("standard error"));
        assert_eq!(speaks, script.contains(">&2"), "{script}");
        assert_eq!(runs(&place), 1);
    }
    let place = TestHome::empty();
    let user = format!("{{exec: {{apiVersion: {V1}, command: no-such-plugin}}}}");
    set(&place, &server, &user);
    let error = failure(&place.backend().unwrap(), "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "there is no program `no-such-plugin` for the exec plugin of the kubeconfig"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_plugin_that_hangs_ends_with_the_run() {
    let (server, place) = (server().await, TestHome::empty());
    let script = "exec sleep 600";
    set(&place, &server, &plugin(&place, V1, script));
    let backend = place.backend().unwrap();
    let run = RunContext::new()
        .with_timeout(Duration::from_millis(300))
        .with_concurrency(1);
    let answers = backend
        .read(&[request("argocd:db", &["password"])], &run)
        .await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        "the exec plugin `sh` gave no login in time"
    );
}

#[tokio::test]
async fn who_waits_for_the_login_of_another_run_waits_no_longer_than_allowed() {
    let (server, place) = (server().await, TestHome::empty());
    set(&place, &server, &plugin(&place, V1, "exec sleep 600"));
    let backend = place.backend().unwrap();
    let (long, short) = (
        RunContext::new()
            .with_timeout(Duration::from_secs(2))
            .with_concurrency(1),
        RunContext::new()
            .with_timeout(Duration::from_millis(200))
            .with_concurrency(1),
    );
    let requests = [request("argocd:db", &["password"])];
    let (_, answers) = tokio::join!(
        backend.read(&requests, &long),
        backend.read(&requests, &short)
    );
    let error = answers[0].as_ref().unwrap_err();
    let message = format!("no login to `{}` in time", server.url());
    assert_eq!(
        (error.kind(), error.to_string()),
        (VaultErrorKind::Timeout, message)
    );
    assert_eq!(runs(&place), 1);
}
