//! Logins: what they send, how often, and what is said if one fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::super::info::INFO;
use super::connect;
use super::samples::{
    SECRET, approle, auth, errors, read, read_one, request, serve, settings, targets, version,
};
use crate::suite::{Fault, Reply, SENTINEL, Server, TOKEN};
use crate::{ConnectContext, RunContext, Settings, VaultBackend, VaultErrorKind};

/// A server whose logins give `token-1`, `token-2`, …, of which it takes those that `is_good`
/// says.
async fn numbered(lease: u64, is_good: impl Fn(usize) -> bool + Send + Sync + 'static) -> Server {
    let logins = AtomicUsize::new(0);
    Server::start(move |seen| {
        if seen.method == "POST" {
            let number = logins.fetch_add(1, Ordering::Relaxed) + 1;
            return auth(&format!("token-{number}"), lease);
        }
        let token = seen.header("x-vault-token").unwrap_or_default();
        let number = token.trim_start_matches("token-").parse();
        if number.is_ok_and(&is_good) {
            version(1, json!({"token": token}))
        } else {
            errors(403, &["permission denied"])
        }
    })
    .await
}

fn logins(server: &Server) -> usize {
    let seen = server.seen();
    seen.iter().filter(|seen| seen.method == "POST").count()
}

async fn read_with(backend: &Arc<dyn VaultBackend>, path: &str) -> Result<(), VaultErrorKind> {
    let request = request(backend.as_ref(), path, None);
    let answers = backend.read(&[request], &RunContext::default()).await;
    match &answers[0] {
        Ok(_) => Ok(()),
        Err(error) => Err(error.kind()),
    }
}

type Values<'v> = &'v [(&'v str, &'v str)];

#[tokio::test]
async fn each_method_sends_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwt");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    let cases: [(Values<'_>, &str, Value); 9] = [
        (
            &[
                ("AVP_AUTH_TYPE", "approle"),
                ("AVP_ROLE_ID", "r"),
                ("AVP_SECRET_ID", SECRET),
            ],
            "auth/approle/login",
            json!({"role_id": "r", "secret_id": SECRET}),
        ),
        (
            &[("AVP_AUTH_TYPE", "github"), ("AVP_GITHUB_TOKEN", SECRET)],
            "auth/github/login",
            json!({"token": SECRET}),
        ),
        (
            &[
                ("AVP_AUTH_TYPE", "userpass"),
                ("AVP_USERNAME", "a/../b c"),
                ("AVP_PASSWORD", "p\"\\é"),
            ],
            "auth/userpass/login/a%2F..%2Fb%20c",
            json!({"password": "p\"\\é"}),
        ),
        (
            &[
                ("AVP_AUTH_TYPE", "k8s"),
                ("AVP_K8S_ROLE", "r"),
                ("AVP_K8S_TOKEN_PATH", file),
            ],
            "auth/kubernetes/login",
            json!({"role": "r", "jwt": SECRET}),
        ),
        (
            &[
                ("AVP_AUTH_TYPE", "kubernetes"),
                ("AVP_K8S_ROLE", "r"),
                ("AVP_K8S_TOKEN_PATH", file),
                ("AVP_K8S_MOUNT_PATH", "auth/k8s/prod"),
                ("AVP_MOUNT_PATH", "auth/other"),
            ],
            "auth/k8s/prod/login",
            json!({"role": "r", "jwt": SECRET}),
        ),
        (
            &[("AVP_AUTH_TYPE", "jwt"), ("AVP_JWT", SECRET)],
            "auth/jwt/login",
            json!({"jwt": SECRET}),
        ),
        (
            &[
                ("AVP_AUTH_TYPE", "jwt"),
                ("AVP_JWT_PATH", file),
                ("AVP_JWT_ROLE", "r"),
            ],
            "auth/jwt/login",
            json!({"role": "r", "jwt": SECRET}),
        ),
        (
            &[
                ("AVP_AUTH_TYPE", "approle"),
                ("AVP_ROLE_ID", "r"),
                ("AVP_SECRET_ID", "s"),
                ("AVP_MOUNT_PATH", "/auth/mine/"),
                ("AVP_K8S_MOUNT_PATH", "auth/k8s"),
            ],
            "auth/mine/login",
            json!({"role_id": "r", "secret_id": "s"}),
        ),
        (
            &[("AVP_AUTH_TYPE", "token"), ("VAULT_TOKEN", TOKEN)],
            "",
            Value::Null,
        ),
    ];
    for (values, target, body) in cases {
        let server = serve(|_, _| Some(version(1, json!({})))).await;
        let settings = values.iter().fold(
            Settings::new().with("VAULT_ADDR", server.url()),
            |settings, (name, value)| settings.with(name, *value),
        );
        read_one(&settings, "secret/data/a").await.unwrap();
        let seen = server.seen();
        let posts: Vec<_> = seen.iter().filter(|seen| seen.method == "POST").collect();
        match posts.as_slice() {
            [] => assert!(body.is_null()),
            [post] => {
                assert_eq!(post.target, format!("/v1/{target}"));
                assert_eq!(post.header("content-type"), Some("application/json"));
                let sent: Value = serde_json::from_slice(&post.body).unwrap();
                assert_eq!(sent, body);
            }
            _ => panic!("several logins"),
        }
    }
}

#[tokio::test]
async fn a_token_is_kept_for_the_next_run() {
    let server = numbered(3600, |_| true).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    for _ in 0..3 {
        read_with(&backend, "secret/data/a").await.unwrap();
    }
    assert_eq!(logins(&server), 1);
    // One without an end as well.
    let server = numbered(0, |_| true).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    read_with(&backend, "secret/data/a").await.unwrap();
    read_with(&backend, "secret/data/a").await.unwrap();
    assert_eq!(logins(&server), 1);
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_not_kept() {
    let server = numbered(5, |_| true).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    for run in 1..=3 {
        read_with(&backend, "secret/data/a").await.unwrap();
        assert_eq!(logins(&server), run);
    }
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_replaced_once() {
    let revoked = Arc::new(AtomicUsize::new(0));
    let good = Arc::clone(&revoked);
    let server = numbered(3600, move |number| number > good.load(Ordering::Relaxed)).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    read_with(&backend, "secret/data/a").await.unwrap();

    revoked.store(1, Ordering::Relaxed);
    let requests: Vec<_> = (0..20)
        .map(|n| request(backend.as_ref(), &format!("secret/data/{n}"), None))
        .collect();
    let answers = backend.read(&requests, &RunContext::default()).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(logins(&server), 2);

    // With every token refused, there is one more login and no other.
    revoked.store(99, Ordering::Relaxed);
    let answers = backend.read(&requests, &RunContext::default()).await;
    for answer in answers {
        assert_eq!(answer.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    }
    assert_eq!(logins(&server), 3);
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_not_replaced() {
    let server = numbered(3600, |_| false).await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    let error = read_with(&backend, "secret/data/a").await.unwrap_err();
    assert_eq!(error, VaultErrorKind::Unauthenticated);
    assert_eq!(logins(&server), 1);
}

#[tokio::test]
async fn what_a_login_may_not_read_is_no_reason_for_another_login() {
    let server = serve(|_, _| {
        Some(errors(
            403,
            &["1 error occurred:\n\t* permission denied\n\n"],
        ))
    })
    .await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    for _ in 0..2 {
        let error = read_with(&backend, "secret/data/a").await.unwrap_err();
        assert_eq!(error, VaultErrorKind::PermissionDenied);
    }
    assert_eq!(logins(&server), 1);
}

#[tokio::test]
async fn a_token_for_few_uses_is_replaced_once_and_not_kept() {
    let (uses, number) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Server::start(move |seen| {
        if seen.method == "POST" {
            uses.store(2, Ordering::Relaxed);
            let token = format!("t{}", number.fetch_add(1, Ordering::Relaxed));
            let auth = json!({"client_token": token, "lease_duration": 60, "num_uses": 2});
            return Reply::json(json!({ "auth": auth }).to_string());
        }
        let left = uses.load(Ordering::Relaxed);
        uses.store(left.saturating_sub(1), Ordering::Relaxed);
        match left {
            0 => errors(403, &["permission denied"]),
            _ => version(1, json!({})),
        }
    })
    .await;
    let backend = connect(&approle(&server), &ConnectContext::new()).unwrap();
    let requests: Vec<_> = (0..5)
        .map(|n| request(backend.as_ref(), &format!("secret/data/{n}"), None))
        .collect();
    let answers = backend
        .read(
            &requests,
            &RunContext::new()
                .with_timeout(RunContext::DEFAULT_TIMEOUT)
                .with_concurrency(1),
        )
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    assert_eq!(logins(&server), 2);
    let _ = read_with(&backend, "secret/data/x").await;
    assert_eq!(logins(&server), 3);
}

#[tokio::test]
async fn a_login_that_fails_is_told_and_not_tried_again() {
    use VaultErrorKind::{Configuration, InvalidAnswer, Unauthenticated, Unavailable};
    let mfa =
        json!({"auth": {"client_token": "", "mfa_requirement": {"mfa_request_id": SENTINEL}}});
    for (reply, kind, message) in [
        (
            errors(400, &["invalid role or secret ID"]),
            Unauthenticated,
            "the approle login at `auth/approle` is not accepted (HTTP 400)",
        ),
        (
            errors(403, &["service account name not authorized"]),
            Unauthenticated,
            "the approle login at `auth/approle` is not accepted (HTTP 403)",
        ),
        (
            errors(403, &["permission denied"]),
            Unauthenticated,
            "there is no approle login at `auth/approle`, or it is not accepted (HTTP 403)",
        ),
        (
            errors(404, &["no handler for route \"auth/approle/login\"."]),
            Configuration,
            "there is no approle login at `auth/approle` (HTTP 404)",
        ),
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "`URL` has no API of Vault (HTTP 404)",
        ),
        (
            errors(503, &["Vault is sealed"]),
            Unavailable,
            "the vault at `URL` is sealed (HTTP 503, 2 tries)",
        ),
        (
            Reply::json(mfa.to_string()),
            Unauthenticated,
            "the approle login at `auth/approle` wants a second factor, which nobody can give here",
        ),
        (
            Reply::json(r#"{"auth":null,"data":{}}"#),
            InvalidAnswer,
            "the approle login at `auth/approle` brings no token",
        ),
        (
            Reply::json(r#"{"auth":{"client_token":null}}"#),
            InvalidAnswer,
            "the approle login at `auth/approle` brings no token",
        ),
        (
            Reply::new(204),
            InvalidAnswer,
            "the approle login at `auth/approle` brings no token",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let settings = approle(&server).with("VAULT_MAX_RETRIES", "1");
        let (answers, run) = read(&settings, &["a/b", "c/d", "e/f"]).await;
        for answer in answers {
            let error = answer.unwrap_err();
            let shown = error.to_string().replace(&server.url(), "URL");
            assert_eq!(
                (error.kind(), shown.replace("`approle`", "approle").as_str()),
                (kind, message)
            );
        }
        let tries = if kind == Unavailable { 2 } else { 1 };
        assert_eq!(
            (server.seen().len(), run.requests_sent()),
            (tries, tries as u64)
        );
    }
}

#[tokio::test]
async fn a_login_is_tried_again_while_the_server_is_busy() {
    let server = serve(|_, _| Some(version(1, json!({})))).await;
    server.fail_next(2, Fault::Answer(Reply::new(503)));
    read_one(&approle(&server), "secret/data/a").await.unwrap();
    assert_eq!(
        targets(&server),
        [
            "POST /v1/auth/approle/login",
            "POST /v1/auth/approle/login",
            "POST /v1/auth/approle/login",
            "GET /v1/secret/data/a",
        ]
    );
}

#[tokio::test]
async fn a_file_that_is_no_token_is_named_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, " \n").unwrap();
    let absent = folder.path().join("absent");
    for (path, message) in [
        (&absent, "cannot read the login token in"),
        (&empty, "the file"),
    ] {
        let server = serve(|_, _| None).await;
        let path = path.to_str().unwrap();
        let settings = settings(&server)
            .with("AVP_AUTH_TYPE", "k8s")
            .with("AVP_K8S_ROLE", "r")
            .with("AVP_K8S_TOKEN_PATH", path);
        let error = read_one(&settings, "secret/data/a").await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let shown = error.to_string();
        assert!(
            shown.starts_with(message) && shown.contains(path),
            "{shown}"
        );
        assert!(server.seen().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_not_shown() {
    let server = Server::start(|_| auth(&format!("a\n{SENTINEL}"), 60)).await;
    let error = read_one(&approle(&server), "secret/data/a")
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SENTINEL));
    assert_eq!((server.seen().len(), logins(&server)), (1, 1));
}

/// The server of these tests gives back the token that it is sent.
#[tokio::test]
async fn the_token_of_a_login_is_no_value_for_an_app_without_a_policy() {
    let server = numbered(3600, |_| true).await;
    for settings in [
        approle(&server),
        settings(&server).with("VAULT_TOKEN", "token-7"),
    ] {
        for confined in [true, false] {
            let context = ConnectContext::new().with_confinement(confined);
            let backend = INFO.connect(&settings, &context).unwrap().unwrap();
            // The second run has the token of the first.
            for _ in 0..2 {
                let request = request(backend.as_ref(), "secret/data/a", None);
                let answers = backend.read(&[request], &RunContext::default()).await;
                let secret = answers[0].as_ref().unwrap();
                let value = secret.value("token").unwrap();
                assert_eq!(value.is_err(), confined);
                if let Err(error) = value {
                    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
                    let text =
                        "`token` at `secret/data/a` is the login that manifill itself reads with";
                    assert_eq!(error.to_string(), text);
                    assert!(error.hint().unwrap().contains("policy"));
                }
            }
        }
    }
}
