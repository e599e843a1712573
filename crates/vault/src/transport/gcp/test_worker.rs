//! Users whom another company knows.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::test_login::{Home, acting, asked, call, settings};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, Settings, VaultErrorKind};

fn worker(server: &Server) -> Value {
    json!({"type": "external_account_authorized_user",
        "audience": "//iam.googleapis.com/locations/global/workforcePools/p/providers/x",
        "client_id": "ci", "client_secret": "cs", "refresh_token": "rt-0", "quota_project_id": "q",
        "token_url": format!("{}/v1/oauthtoken", server.url()),
        "token_info_url": format!("{}/v1/introspect", server.url()),
        "revoke_url": format!("{}/v1/revoke", server.url())})
}

fn with(server: &Server, credentials: &Value) -> Settings {
    settings(server).with("GOOGLE_CREDENTIALS", credentials.to_string())
}

/// A token endpoint that gives tokens of a second, each with the refresh token for the next.
async fn rotating() -> Server {
    let given = AtomicUsize::new(0);
    Server::start(move |seen: &Seen| match seen.target.as_str() {
        "/v1/oauthtoken" => {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let body = String::from_utf8_lossy(&seen.body).into_owned();
            let expected = format!("grant_type=refresh_token&refresh_token=rt-{number}");
            if body != expected || seen.header("authorization") != Some("Basic Y2k6Y3M=") {
                return Reply::json(r#"{"error":"invalid_grant"}"#).with_status(400);
            }
            let next = format!("rt-{}", number + 1);
            let granted = json!({"access_token": format!("{SENTINEL}-{number}"), "expires_in": 1,
                "refresh_token": next});
            Reply::json(granted.to_string())
        }
        "/v1/thing" => Reply::json("{}"),
        _ => Reply::new(404),
    })
    .await
}

#[tokio::test]
async fn the_refresh_token_that_came_last_is_sent_the_next_time() {
    let server = rotating().await;
    let gcp = Home::new().gcp(&with(&server, &worker(&server)));
    for number in 0..3 {
        let run = RunContext::new();
        assert_eq!(call(&gcp, &run).await.unwrap(), 200);
        let last = server.seen().pop().unwrap();
        let login = format!("Bearer {SENTINEL}-{number}");
        assert_eq!(last.header("authorization"), Some(login.as_str()));
        assert_eq!(last.header("x-goog-user-project"), Some("q"));
        for secret in ["cs", "rt-0", &format!("rt-{}", number + 1)] {
            assert!(run.is_login(&crate::SecretValue::text(secret)));
        }
    }
}

#[tokio::test]
async fn a_login_that_is_over_is_told() {
    let server = rotating().await;
    let mut over = worker(&server);
    over["refresh_token"] = json!(SENTINEL);
    let gcp = Home::new().gcp(&with(&server, &over));
    let error = call(&gcp, &RunContext::new()).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!(
        error.to_string(),
        "Google does not accept the login of this user any more (HTTP 400)"
    );
    assert_eq!(asked(&server), ["POST /v1/oauthtoken"]);
}

#[tokio::test]
async fn such_a_user_may_act_as_an_account() {
    let server = Server::start(|seen| match seen.target.as_str() {
        "/v1/oauthtoken" => Reply::json(r#"{"access_token":"of-the-user","expires_in":3599}"#),
        "/v1/thing" => Reply::json("{}"),
        _ if seen.header("authorization") == Some("Bearer of-the-user") => {
            Reply::json(r#"{"accessToken":"of-the-account"}"#)
        }
        _ => Reply::new(401),
    })
    .await;
    let credentials = acting(&server, &worker(&server));
    let gcp = Home::new().gcp(&with(&server, &credentials));
    assert_eq!(call(&gcp, &RunContext::new()).await.unwrap(), 200);
    let last = server.seen().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer of-the-account"));
    // The project is that of what acts, not that of the user.
    assert_eq!(last.header("x-goog-user-project"), None);
}
