//! The backend and the suite that every backend runs, and what folders hold.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::connect;
use super::samples::{
    ID, SLUG, entry, is_v4, json_of, listing, no_route, parameter, read, read_one, refusal,
    request, serve, settings,
};
use crate::suite::{self, Case, Fixture, Reply, Server, Setup};
use crate::{ConnectContext, RunContext, Sharing, Traffic, VaultErrorKind};

/// A project by its id or its slug.
struct Project(&'static str);

#[async_trait]
impl Fixture for Project {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let server = serve(move |seen| {
            let text = value.expose().as_text().unwrap_or_default();
            match parameter(seen, "secretPath") {
                Some("%2Fdb") => listing(&[entry("USER", "u"), entry("KEY", text)]),
                _ => refusal(404, "NotFound"),
            }
        })
        .await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let (folder, key) = match case {
            Case::MissingPath => ("absent", "KEY"),
            Case::MissingKey => ("db", "ABSENT"),
            _ => ("db", "KEY"),
        };
        Setup::new(backend, format!("{}/prod/{folder}", self.0), key).with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Binary, "secrets are text"),
            (Case::SameName, "a folder has each name once"),
            (Case::Version, "folders have no versions"),
            (Case::MissingVersion, "folders have no versions"),
        ]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Project(ID)).await;
}

#[tokio::test]
async fn it_runs_the_suite_with_a_slug() {
    suite::run_all(&Project(SLUG)).await;
}

#[tokio::test]
async fn one_login_and_one_read_for_each_folder() {
    let server = serve(|_| listing(&[entry("A", "1"), entry("B", "2")])).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let (root, inner) = (format!("{ID}/prod"), format!("{SLUG}/prod/a b/c&d"));
    let requests = [
        request(&root, &["A"]),
        request(&inner, &["A"]),
        request(&root, &["B", "C"]),
        request(&root, &[]),
        request("shop", &["A"]),
    ];
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    let mut targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    let rest =
        "viewSecretValue=true&expandSecretReferences=true&recursive=false&include_imports=true";
    assert_eq!(
        targets,
        [
            "/api/v1/auth/universal-auth/login".to_owned(),
            format!(
                "/api/v3/secrets/raw?workspaceSlug={SLUG}&environment=prod&secretPath=%2Fa+b%2Fc%26d&{rest}"
            ),
            format!(
                "/api/v4/secrets?projectId={ID}&includeImports=true&environment=prod&secretPath=%2F&{rest}"
            ),
        ]
    );
    assert_eq!(run.requests_sent(), 3);
    let secret = |index: usize| answers[index].as_ref().unwrap();
    assert_eq!(json_of(secret(0), "A").unwrap(), "\"1\"");
    assert_eq!(json_of(secret(2), "B").unwrap(), "\"2\"");
    assert_eq!(json_of(secret(2), "C"), None);
    assert_eq!(secret(1).id(), Some(inner.as_str()));
    let error = answers[4].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_server_without_version_4_is_asked_in_version_3() {
    let server = serve(|seen| {
        if is_v4(seen) {
            no_route()
        } else {
            listing(&[entry("A", "1")])
        }
    })
    .await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    for expected in [3, 1] {
        server.forget();
        let requests = [request(&format!("{ID}/prod"), &["A"])];
        let answers = backend.read(&requests, &RunContext::default()).await;
        assert!(answers[0].as_ref().unwrap().value("A").is_some());
        let seen = server.seen();
        assert_eq!(seen.len(), expected, "it is found out once");
        let last = &seen[expected - 1].target;
        assert!(last.starts_with(&format!("/api/v3/secrets/raw?workspaceId={ID}&")));
    }
}

/// While a server is started anew, what stands before it may answer 404 to everything.
#[tokio::test]
async fn a_server_that_is_away_is_asked_in_version_4_when_it_is_back() {
    let away = Arc::new(AtomicBool::new(true));
    let is_away = Arc::clone(&away);
    let server = serve(move |seen| {
        if is_v4(seen) && !is_away.load(Ordering::Relaxed) {
            listing(&[entry("A", "1")])
        } else {
            no_route()
        }
    })
    .await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let read = async || {
        let requests = [request(&format!("{ID}/prod"), &["A"])];
        backend
            .read(&requests, &RunContext::default())
            .await
            .remove(0)
    };
    let error = read().await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
    away.store(false, Ordering::Relaxed);
    assert!(read().await.unwrap().value("A").is_some());
}

#[tokio::test]
async fn imports_come_after_the_folder_and_the_last_before_the_others() {
    let server = serve(|_| {
        let mut own = entry("B", "personal");
        own["type"] = "personal".into();
        let import = |entries: Vec<_>| json!({"secretPath": "/x", "environment": "prod", "folderId": "1", "secrets": entries});
        Reply::json(
            json!({
                "secrets": [entry("A", "own"), own],
                "imports": [
                    import(vec![entry("A", "first"), entry("B", "first"), entry("C", "first")]),
                    import(vec![entry("A", "last"), entry("B", "last")]),
                ],
            })
            .to_string(),
        )
    })
    .await;
    let secret = read_one(&settings(&server), &format!("{ID}/prod"))
        .await
        .unwrap();
    for (key, value) in [("A", "\"own\""), ("B", "\"last\""), ("C", "\"first\"")] {
        assert_eq!(json_of(&secret, key).unwrap(), value, "{key}");
    }
    assert_eq!(secret.names().len(), 3);
}

#[tokio::test]
async fn a_hidden_value_is_an_error_and_not_its_stand_in() {
    let server = serve(|_| {
        let mut hidden = entry("HIDDEN", "<hidden-by-infisical>");
        hidden["secretValueHidden"] = true.into();
        listing(&[entry("A", "1"), hidden, entry("NULL", json!(null))])
    })
    .await;
    let path = format!("{ID}/prod");
    let secret = read_one(&settings(&server), &path).await.unwrap();
    let error = secret.value("HIDDEN").unwrap().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
    assert_eq!(
        error.to_string(),
        format!("the identity may not see all values of `{path}`")
    );
    assert_eq!(json_of(&secret, "A").unwrap(), "\"1\"");
    assert!(secret.value("NULL").is_none());
}

#[tokio::test]
async fn lists_of_other_versions_may_lack_what_is_not_needed() {
    for body in [
        r#"{"secrets":[{"secretKey":"A","secretValue":"1"}]}"#,
        r#"{"imports":null,"secrets":[{"secretKey":"A","secretValue":"1","type":null,"secretValueHidden":null}]}"#,
    ] {
        let server = serve(move |_| Reply::json(body)).await;
        let secret = read_one(&settings(&server), "shop/prod").await.unwrap();
        assert_eq!(json_of(&secret, "A").unwrap(), "\"1\"");
    }
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind::{InvalidAnswer, InvalidRequest, NotFound, PermissionDenied, Unavailable};
    for (reply, kind, message) in [
        (
            refusal(403, "PermissionDenied"),
            PermissionDenied,
            "the identity may not read the secrets of `shop/prod` (HTTP 403)",
        ),
        (
            refusal(404, "NotFound"),
            NotFound,
            "there is no project, environment or folder `shop/prod` (HTTP 404)",
        ),
        (
            no_route(),
            InvalidAnswer,
            "`URL` has no API of Infisical (HTTP 404)",
        ),
        (
            Reply::new(404).with_body("<html>"),
            InvalidAnswer,
            "`URL` has no API of Infisical (HTTP 404)",
        ),
        (
            refusal(422, "ValidationFailure"),
            InvalidRequest,
            "`URL` refuses the request (HTTP 422)",
        ),
        (
            refusal(429, "RateLimitError").with_header("Retry-After", "3600"),
            Unavailable,
            "`URL` is getting too many requests (HTTP 429)",
        ),
        (
            Reply::json(r#"{"secrets":[{"secretKey":"A"}]}"#),
            InvalidAnswer,
            "the answer of `URL` is not what a `Infisical` server gives",
        ),
    ] {
        let server = serve(move |_| reply.clone()).await;
        let error = read_one(&settings(&server), "shop/prod").await.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
        assert_eq!(server.seen().len(), 2, "{message}");
    }
}

#[tokio::test]
async fn the_api_is_no_part_of_the_address() {
    let server = serve(|_| listing(&[])).await;
    for (name, end) in [
        ("INFISICAL_HOST_URL", "/"),
        ("INFISICAL_HOST_URL", "/api/"),
        ("INFISICAL_API_URL", "/api"),
    ] {
        server.forget();
        let settings = settings(&server)
            .with("INFISICAL_HOST_URL", "")
            .with(name, server.url() + end);
        let (answers, _) = read(&settings, &["shop/prod"]).await;
        assert!(answers[0].as_ref().unwrap().is_empty());
        let seen = server.seen();
        assert_eq!(seen[0].target, "/api/v1/auth/universal-auth/login");
    }
}

#[tokio::test]
async fn runs_share_a_folder_until_something_is_missing_in_it() {
    let entries = Arc::new(Mutex::new(vec![entry("A", "1")]));
    let content = Arc::clone(&entries);
    let server: Server = serve(move |_| listing(&content.lock().unwrap())).await;
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&settings(&server), &context).unwrap();
    let run = async |keys: &[&str]| {
        let requests = [request("shop/prod", keys)];
        let mut answers = backend.read(&requests, &RunContext::new()).await;
        answers.pop().unwrap().unwrap()
    };
    for _ in 0..3 {
        run(&["A"]).await;
    }
    assert_eq!(server.seen().len(), 2, "a login and a list");
    assert!(run(&["B"]).await.value("B").is_none());
    assert_eq!(server.seen().len(), 3, "it may have come since");
    entries.lock().unwrap().push(entry("B", "2"));
    assert!(run(&["A", "B"]).await.value("B").is_some());
    run(&["B"]).await;
    assert_eq!(server.seen().len(), 4);
}
