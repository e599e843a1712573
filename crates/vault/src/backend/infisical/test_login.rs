//! The logins: what they need, what they send, and when there is another one.

use serde_json::{Value, json};

use super::connect;
use super::samples::{
    CLIENT_SECRET, entry, listing, logged_in, no_route, read_one, refusal, request, serve, settings,
};
use crate::backend::test_logins::{Numbered, stays_on_this_machine, token_file};
use crate::suite::{Reply, Server, TOKEN};
use crate::{ConnectContext, RunContext, Settings, VaultErrorKind};

const ACCOUNT_TOKEN: &str = "eyJ.account-sentinel.sig";

fn by_account(address: &str, file: &tempfile::NamedTempFile) -> Settings {
    Settings::new()
        .with("INFISICAL_HOST_URL", address)
        .with("INFISICAL_MACHINE_IDENTITY_ID", "identity-1")
        .with(
            "INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH",
            file.path().to_str().unwrap(),
        )
}

#[tokio::test]
async fn each_method_sends_its_own() {
    let server = serve(|_| listing(&[entry("A", "1")])).await;
    let file = token_file(&format!("{ACCOUNT_TOKEN}\n"));
    let account = by_account(&server.url(), &file);
    let universal = json!({"clientId": "client-1", "clientSecret": CLIENT_SECRET});
    let kubernetes = json!({"identityId": "identity-1", "jwt": ACCOUNT_TOKEN});
    let alias = account
        .clone()
        .with("INFISICAL_MACHINE_IDENTITY_ID", "")
        .with("INFISICAL_KUBERNETES_IDENTITY_ID", "identity-1");
    let both = account
        .clone()
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "client-1")
        .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET);
    for (settings, part, body) in [
        (settings(&server), "universal-auth", &universal),
        (both.clone(), "universal-auth", &universal),
        (account, "kubernetes-auth", &kubernetes),
        (alias, "kubernetes-auth", &kubernetes),
        (
            both.with("INFISICAL_AUTH_METHOD", "kubernetes"),
            "kubernetes-auth",
            &kubernetes,
        ),
    ] {
        server.forget();
        read_one(&settings, "shop/prod").await.unwrap();
        let login = &server.seen()[0];
        assert_eq!(login.method, "POST");
        assert_eq!(login.target, format!("/api/v1/auth/{part}/login"));
        let sent: Value = serde_json::from_slice(&login.body).unwrap();
        assert_eq!(&sent, body);
        assert_eq!(login.header("authorization"), None);
    }
}

#[test]
fn what_a_login_needs_is_told_and_not_shown() {
    let complete = || {
        Settings::new()
            .with("INFISICAL_HOST_URL", "https://app.infisical.com")
            .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "SENTINEL")
            .with("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "SENTINEL")
    };
    let error = |settings: Settings| {
        let error = connect(&settings, &ConnectContext::new()).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
        error.to_string()
    };
    for (name, value, message) in [
        ("INFISICAL_HOST_URL", "", "INFISICAL_HOST_URL is not set"),
        (
            "INFISICAL_HOST_URL",
            "app.infisical.com/SENTINEL",
            "INFISICAL_HOST_URL is not the URL of a server",
        ),
        (
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID",
            "",
            "`INFISICAL_UNIVERSAL_AUTH_CLIENT_ID` is not set",
        ),
        (
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
            "",
            "`INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET` is not set",
        ),
        (
            "INFISICAL_AUTH_METHOD",
            "SENTINEL",
            "INFISICAL_AUTH_METHOD is not a way to log in",
        ),
        (
            "INFISICAL_AUTH_METHOD",
            "kubernetes",
            "`INFISICAL_MACHINE_IDENTITY_ID` is not set",
        ),
    ] {
        assert_eq!(error(complete().with(name, value)), message);
    }
    assert_eq!(
        error(Settings::new()),
        "INFISICAL_HOST_URL is not set; no login to Infisical is set"
    );
    let backend = connect(&complete(), &ConnectContext::new()).unwrap();
    assert_eq!(
        format!("{backend:?}"),
        "Infisical { server: \"https://app.infisical.com\", login: \"universal-auth\", .. }"
    );
}

#[tokio::test]
async fn a_file_without_a_token_is_named() {
    let server = serve(|_| listing(&[])).await;
    let file = token_file(" \n");
    let settings = by_account(&server.url(), &file);
    let name = file.path().display().to_string();
    let error = read_one(&settings, "shop/prod").await.unwrap_err();
    let message = format!("the file `{name}` for the login token is empty");
    assert_eq!(error.to_string(), message);
    drop(file);
    let error = read_one(&settings, "shop/prod").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot read the login token in `{name}`")
    );
    assert!(server.seen().is_empty());
}

#[test]
fn the_token_of_the_pod_does_not_go_where_the_author_says() {
    let file = token_file(ACCOUNT_TOKEN);
    let own = by_account("https://app.infisical.com", &file);
    stays_on_this_machine(&own, &["INFISICAL_HOST_URL"], connect);
}

#[tokio::test]
async fn a_login_that_fails_is_told_and_not_tried_again() {
    use VaultErrorKind::{InvalidAnswer, Unauthenticated};
    let refused = "the `universal-auth` login at `URL` is not accepted";
    for (reply, kind, message) in [
        (
            refusal(401, "UnauthorizedError"),
            Unauthenticated,
            format!("{refused} (HTTP 401)"),
        ),
        (
            refusal(403, "ForbiddenError"),
            Unauthenticated,
            format!("{refused} (HTTP 403)"),
        ),
        (
            refusal(422, "ValidationFailure"),
            Unauthenticated,
            format!("{refused} (HTTP 422)"),
        ),
        (
            no_route(),
            InvalidAnswer,
            "`URL` has no API of Infisical (HTTP 404)".to_owned(),
        ),
        (
            logged_in("", 60),
            InvalidAnswer,
            "the `universal-auth` login at `URL` brings no token".to_owned(),
        ),
        (
            Reply::json(r#"{"accessToken":7}"#),
            InvalidAnswer,
            "the `universal-auth` login at `URL` brings no token".to_owned(),
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let requests: Vec<_> = (0..40)
            .map(|index| request(&format!("shop/prod/{index}"), &["A"]))
            .collect();
        let run = RunContext::default();
        for answer in backend.read(&requests, &run).await {
            let error = answer.unwrap_err();
            let shown = error.to_string().replace(&server.url(), "URL");
            assert_eq!((error.kind(), shown.as_str()), (kind, message.as_str()));
        }
        assert_eq!(server.seen().len(), 1, "{message}");
    }
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_replaced_once() {
    for (status, word) in [(401, "UnauthorizedError"), (403, "TokenError")] {
        let numbered = Numbered::start(move |seen, newest| {
            let token = format!("{TOKEN}-{newest}");
            if seen.method == "POST" {
                logged_in(&token, 3600)
            } else if seen.header("authorization") == Some(&format!("Bearer {token}")) {
                listing(&[entry("A", "1")])
            } else {
                refusal(status, word)
            }
        })
        .await;
        let backend = connect(&settings(&numbered.server), &ConnectContext::new()).unwrap();
        let requests = [request("shop/prod", &["A"]), request("shop/dev", &["A"])];
        numbered
            .is_asked_for_one_token_at_a_time(&backend, &requests)
            .await;
    }
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_an_error() {
    for error in [(401, "UnauthorizedError"), (403, "TokenError")] {
        let server = Server::start(move |seen| match seen.method.as_str() {
            "POST" => logged_in(TOKEN, 3600),
            _ => refusal(error.0, error.1),
        })
        .await;
        let error = read_one(&settings(&server), "shop/prod").await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert!(
            error.to_string().contains("does not accept the token"),
            "{error}"
        );
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn what_logs_in_is_no_value_for_an_app_without_a_policy() {
    let server = serve(|_| listing(&[entry("A", CLIENT_SECRET), entry("B", "1")])).await;
    let context = ConnectContext::new().with_confinement(true);
    let info = super::super::INFO;
    let backend = info.connect(&settings(&server), &context).unwrap().unwrap();
    let requests = [request("shop/prod", &["A", "B"])];
    // The second run has the token of the first and sends no secret.
    for _ in 0..2 {
        let answers = backend.read(&requests, &RunContext::new()).await;
        let secret = answers[0].as_ref().unwrap();
        assert!(secret.value("A").unwrap().is_err());
        assert!(secret.value("B").unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_sent_for_each_folder() {
    for status in [401, 403] {
        let server = Server::start(move |seen| match seen.method.as_str() {
            "POST" => logged_in(TOKEN, 3600),
            _ => refusal(status, "TokenError"),
        })
        .await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let requests: Vec<_> = (0..40)
            .map(|number| request(&format!("shop/prod/team-{number}"), &["A"]))
            .collect();
        let run = RunContext::new().with_concurrency(3);
        let answers = backend.read(&requests, &run).await;
        assert!(answers.iter().all(Result::is_err));
        assert!(server.seen().len() <= 4, "{}", server.seen().len());
    }
}
