//! The backend and the suite that every backend runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::connect;
use crate::suite::{self, Case, Fixture, Reply, Seen, Server, Setup, TOKEN};
use crate::{
    ConnectContext, Exposed, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings,
    Sharing, Traffic, VaultError, VaultErrorKind,
};

const QUERY: &str = "format=json&include_dynamic_secrets=false";

fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("DOPPLER_TOKEN", TOKEN)
        .with("DOPPLER_API_HOST", server.url())
}

/// A refusal in the API's form.
fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(json!({ "messages": [message], "success": false }).to_string()).with_status(status)
}

/// A server with the config `shop/prd`.
async fn serve(config: impl Fn() -> String + Send + Sync + 'static) -> Server {
    Server::start(move |seen: &Seen| {
        if seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return refusal(401, "Invalid Auth token");
        }
        let found = format!("/v3/configs/config/secrets/download?project=shop&config=prd&{QUERY}");
        if seen.target == found {
            Reply::json(config())
        } else {
            refusal(404, "Could not find requested config")
        }
    })
    .await
}

fn request(path: &str, keys: &[&str]) -> SecretRequest {
    SecretRequest::new(
        SecretPath::verbatim(path),
        Keys::names(keys.iter().copied()),
    )
}

async fn read_one(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let requests = [request(path, &["KEY"])];
    let mut answers = backend.read(&requests, &RunContext::default()).await;
    answers.pop().unwrap()
}

struct Suite;

#[async_trait]
impl Fixture for Suite {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let server = serve(move || {
            let text = value.expose().as_text().unwrap_or_default();
            json!({ "KEY": text, "DOPPLER_CONFIG": "prd" }).to_string()
        })
        .await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let (path, key) = match case {
            Case::MissingPath => ("shop/absent", "KEY"),
            Case::MissingKey => ("shop/prd", "ABSENT"),
            _ => ("shop/prd", "KEY"),
        };
        Setup::new(backend, path, key).with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Binary, "secrets are text"),
            (Case::SameName, "a config has each name once"),
            (Case::Version, "configs have no versions"),
            (Case::MissingVersion, "configs have no versions"),
        ]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Suite).await;
}

#[tokio::test]
async fn one_read_for_each_config() {
    let server = serve(|| r#"{"A":"1","B":"2"}"#.to_owned()).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [
        request("shop/prd", &["A"]),
        request("shop/dev", &["A"]),
        request("shop/prd", &["B", "C"]),
        request("a b/c&d", &["A"]),
        SecretRequest::new(SecretPath::verbatim("shop/prd"), Keys::All),
        request("shop", &["A"]),
    ];
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    let mut targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    let target = |names: &str| format!("/v3/configs/config/secrets/download?{names}&{QUERY}");
    assert_eq!(
        targets,
        [
            target("project=a+b&config=c%26d"),
            target("project=shop&config=dev"),
            target("project=shop&config=prd"),
        ]
    );
    assert_eq!(run.requests_sent(), 3);
    let text = |answer: &Result<Secret, VaultError>, key: &str| {
        let secret = answer.as_ref().unwrap();
        secret.value(key).map(|value| value.unwrap().to_json())
    };
    assert_eq!(text(&answers[0], "A").unwrap(), "\"1\"");
    assert_eq!(text(&answers[2], "B").unwrap(), "\"2\"");
    assert_eq!(text(&answers[2], "C"), None);
    assert_eq!(answers[4].as_ref().unwrap().id(), Some("shop/prd"));
    for (answer, kind) in [
        (&answers[1], VaultErrorKind::NotFound),
        (&answers[3], VaultErrorKind::NotFound),
        (&answers[5], VaultErrorKind::InvalidRequest),
    ] {
        assert_eq!(answer.as_ref().unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn values_stay_as_they_are() {
    let server = serve(|| {
        r#"{"KEY":"0012","N":12345678901234567890.10,"L":[1,null],"NULL":null}"#.to_owned()
    })
    .await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [SecretRequest::new(
        SecretPath::verbatim("shop/prd"),
        Keys::All,
    )];
    let answers = backend.read(&requests, &RunContext::default()).await;
    let secret = answers[0].as_ref().unwrap();
    let value = |key: &str| secret.value(key).unwrap().unwrap();
    assert!(value("KEY").expose() == Exposed::Text("0012"));
    assert!(value("N").expose() == Exposed::Number("12345678901234567890.10"));
    assert_eq!(value("L").to_json(), "[1,null]");
    assert!(secret.value("NULL").is_none());
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind::{InvalidAnswer, NotFound, PermissionDenied, Unauthenticated, Unavailable};
    for (reply, kind, message) in [
        (
            refusal(401, "Invalid Auth token"),
            Unauthenticated,
            "`URL` does not accept the token (HTTP 401)",
        ),
        (
            refusal(403, "This token does not have access to requested config"),
            PermissionDenied,
            "the token may not read the config `shop/prd` (HTTP 403)",
        ),
        (
            refusal(404, "Could not find requested config"),
            NotFound,
            "there is no config `shop/prd`, or the token may not see it (HTTP 404)",
        ),
        (
            Reply::json(r#"{"success":true}"#).with_status(404),
            InvalidAnswer,
            "`URL` has no API of Doppler (HTTP 404)",
        ),
        (
            Reply::new(404).with_body("no such page"),
            InvalidAnswer,
            "`URL` has no API of Doppler (HTTP 404)",
        ),
        (
            refusal(429, "Rate limit exceeded").with_header("Retry-After", "3600"),
            Unavailable,
            "`URL` is getting too many requests (HTTP 429)",
        ),
        (
            Reply::json(r#"{"KEY":}"#),
            InvalidAnswer,
            "the answer of `URL` is not JSON; is `Doppler` really at this address?",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let error = read_one(&settings(&server), "shop/prd").await.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_wrong_setting_is_told_and_not_shown() {
    for (token, host, message) in [
        ("", "", "DOPPLER_TOKEN is not set"),
        (
            "dp.st.\"SENTINEL\"",
            "",
            "DOPPLER_TOKEN contains a character that no token has",
        ),
        (
            "dp.st.x",
            "api.doppler.com/SENTINEL",
            "DOPPLER_API_HOST is not the URL of a server",
        ),
        (
            "",
            "https://SENTINEL@api.doppler.com",
            "DOPPLER_API_HOST is not the URL of a server; DOPPLER_TOKEN is not set",
        ),
    ] {
        let settings = Settings::new()
            .with("DOPPLER_TOKEN", token)
            .with("DOPPLER_API_HOST", host);
        let error = connect(&settings, &ConnectContext::new()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
    }
    let own = Settings::new().with("DOPPLER_TOKEN", "dp.st.x");
    let backend = connect(&own, &ConnectContext::new()).unwrap();
    assert_eq!(
        format!("{backend:?}"),
        "Doppler { server: \"https://api.doppler.com\", .. }"
    );
}

#[tokio::test]
async fn runs_share_a_config_until_something_is_missing_in_it() {
    let config = Arc::new(Mutex::new(json!({ "A": "1" })));
    let content = Arc::clone(&config);
    let server = serve(move || content.lock().unwrap().to_string()).await;
    let traffic = Traffic::new();
    let sharing = Sharing::new(Duration::from_secs(3600), &traffic);
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&settings(&server), &context).unwrap();
    let run = async |keys: &[&str]| {
        let requests = [request("shop/prd", keys)];
        let mut answers = backend.read(&requests, &RunContext::new()).await;
        answers.pop().unwrap().unwrap()
    };
    for _ in 0..3 {
        run(&["A"]).await;
    }
    assert_eq!(server.seen().len(), 1);
    assert!(run(&["B"]).await.value("B").is_none());
    assert_eq!(server.seen().len(), 2, "it may have come since");
    config.lock().unwrap()["B"] = "2".into();
    assert!(run(&["A", "B"]).await.value("B").is_some());
    assert_eq!(server.seen().len(), 3);
    run(&["B"]).await;
    assert_eq!(server.seen().len(), 3);
}
