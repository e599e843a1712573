//! The backend and the suite that every backend runs.

use async_trait::async_trait;
use serde_json::json;

use super::connect;
use super::samples::{header, json_of, read, request, serve, settings};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup};
use crate::{ConnectContext, RunContext, Settings, VaultErrorKind};

struct Service;

#[async_trait]
impl Fixture for Service {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let server = serve(move |seen| match seen.target.as_str() {
            "/api/team/db" => {
                let text = value.expose().as_text()?;
                Some(Reply::json(
                    json!({"data": {"password": text, "user": "u"}}).to_string(),
                ))
            }
            _ => None,
        })
        .await;
        let settings = settings(&server, "/api/{path}").with("MANIFILL_HTTP_VALUES", "$.data");
        let path = match case {
            Case::MissingPath => "team/absent",
            _ => "team/db",
        };
        let key = match case {
            Case::MissingKey => "absent",
            Case::Unicode => "$.password",
            _ => "password",
        };
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        Setup::new(backend, path, key).with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Version, "no part of a request is for versions"),
            (Case::MissingVersion, "no part of a request is for versions"),
            (Case::Binary, "JSON has no bytes"),
            (Case::SameName, "a map has each key once"),
        ]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Service).await;
}

#[tokio::test]
async fn a_key_is_a_name_or_a_way_and_values_keep_their_types() {
    let text =
        r#"{"n":12345678901234567890.10,"m":{"a b":[true,{"x":"y"}]},"$":"dollar","null":null}"#;
    let server = serve(move |_| Some(Reply::json(text))).await;
    let keys = [
        "n",
        "$.m['a b'][1].x",
        "$",
        "$.no",
        "m",
        "null",
        "$.m.no",
        "$[",
    ];
    let all = read(
        &settings(&server, "/{1}"),
        &[request("a", &keys), request("a", &[])],
    )
    .await;
    let secret = all[0].as_ref().unwrap();
    assert_eq!(json_of(secret, "n"), "12345678901234567890.10");
    assert_eq!(json_of(secret, "$.m['a b'][1].x"), "\"y\"");
    assert_eq!(
        json_of(secret, "$"),
        "\"dollar\"",
        "a name comes before a way"
    );
    assert_eq!(json_of(secret, "m"), r#"{"a b":[true,{"x":"y"}]}"#);
    for missing in ["$.no", "null", "$.m.no"] {
        assert!(secret.value(missing).is_none(), "{missing}");
    }
    let error = secret.value("$[").unwrap().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
    let names: Vec<_> = all[1].as_ref().unwrap().names().collect();
    assert_eq!(names, ["n", "m", "$", "null"]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_map_is_a_value_as_a_whole() {
    for (text, first) in [("[1,\"b\"]", Some("1")), ("\"whole\"", None), ("17", None)] {
        let server = serve(move |_| Some(Reply::json(text))).await;
        let requests = [request("a", &["$", "$[0]", "b"]), request("a", &[])];
        let all = read(&settings(&server, "/{1}"), &requests).await;
        let secret = all[0].as_ref().unwrap();
        assert_eq!(json_of(secret, "$"), text);
        let found = secret.value("$[0]").map(|value| value.unwrap().to_json());
        assert_eq!(found.as_deref(), first);
        assert!(secret.value("b").is_none());
        let whole = all[1].as_ref().unwrap();
        assert_eq!(json_of(whole, "$"), text);
        assert_eq!(whole.names().collect::<Vec<_>>(), ["$"]);
    }
}

#[tokio::test]
async fn values_that_are_not_where_they_should_be_are_no_missing_secret() {
    for text in [r#"{"data":null}"#, r#"{"other":{}}"#, "[]"] {
        let server = serve(move |_| Some(Reply::json(text))).await;
        let settings = settings(&server, "/{1}").with("MANIFILL_HTTP_VALUES", "$.data");
        let all = read(&settings, &[request("a", &["k"])]).await;
        let error = all[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{text}");
    }
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind::{InvalidAnswer, NotFound, PermissionDenied, Unauthenticated};
    for (reply, kind, message) in [
        (
            Reply::json("{}").with_status(401),
            Unauthenticated,
            "`URL` does not accept the login (HTTP 401)",
        ),
        (
            Reply::json("{}").with_status(403),
            PermissionDenied,
            "the login may not read `a` (HTTP 403)",
        ),
        (
            Reply::json("{}").with_status(404),
            NotFound,
            "there is nothing at `a` (HTTP 404)",
        ),
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "`URL` has no JSON for this address (HTTP 404)",
        ),
        (
            Reply::new(204),
            InvalidAnswer,
            "the answer of `URL` is not JSON; is `JSON` really at this address?",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let all = read(&settings(&server, "/{path}"), &[request("a", &["k"])]).await;
        let error = all[0].as_ref().unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
    }
}

#[tokio::test]
async fn no_redirect_is_followed_not_even_on_the_same_host() {
    for status in [301, 302, 303, 307, 308] {
        let server = serve(move |seen| match seen.target.as_str() {
            "/a" => Some(Reply::new(status).with_header("Location", "/b")),
            _ => Some(Reply::json("{}")),
        })
        .await;
        let all = read(&settings(&server, "/{path}"), &[request("a", &["k"])]).await;
        let error = all[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert_eq!(server.seen().len(), 1);
    }
}

/// Whatever a path says, the request goes to the operator's host, and below the operator's address
/// (rule R7).
#[tokio::test]
async fn no_path_leads_to_another_host_or_out_of_the_address() {
    let foreign = Server::start(|_| Reply::json("{}")).await;
    let host = foreign.url().replace("http://", "");
    let own = serve(|_| Some(Reply::json("{}"))).await;
    let paths = [
        format!("/{host}/x"),
        format!("//{host}"),
        format!("@{host}"),
        format!("x@{host}"),
        format!("a/../../{host}"),
        format!(".\\{host}"),
        format!("http://{host}"),
        format!("http:{host}"),
        format!("{host}:80"),
        format!("a?x=http://{host}"),
        format!("a#@{host}"),
        format!("%2e%2e/{host}"),
        format!("a\r\nHost: {host}"),
    ];
    for rest in ["/api/{path}", "/{path}", "/api/{1}", "/api?x={path}"] {
        let settings = settings(&own, rest);
        for path in &paths {
            let _ = read(&settings, &[request(path, &[])]).await;
        }
    }
    assert!(foreign.seen().is_empty());
    for seen in own.seen() {
        let is_below = seen.target.starts_with("/api") || !seen.target.contains("..");
        assert!(is_below, "{}", seen.target);
        assert_eq!(
            seen.header("host"),
            Some(own.url().replace("http://", "").as_str())
        );
    }
}

#[tokio::test]
async fn one_read_for_each_path_and_none_is_kept_for_later_runs() {
    let server = serve(|_| Some(Reply::json(r#"{"k":"v"}"#))).await;
    let settings = settings(&server, "/{path}");
    let requests = [
        request("a", &["k"]),
        request(" a", &["k", "x"]),
        request("b", &[]),
    ];
    for runs in 1..=2 {
        let all = read(&settings, &requests).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        assert_eq!(server.seen().len(), 2 * runs);
    }
}

#[tokio::test]
async fn nothing_shows_what_the_settings_hold() {
    let server = serve(|_| Some(Reply::json("{}"))).await;
    let secret = format!("/{SENTINEL}/{{path}}?key={SENTINEL}");
    let settings: Settings = settings(&server, &secret)
        .with(
            "MANIFILL_HTTP_HEADERS",
            header(&format!(r#","X-Key":"{SENTINEL}""#)),
        )
        .with("MANIFILL_HTTP_BODY", format!(r#"{{"key":"{SENTINEL}"}}"#));
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let shown = format!("{backend:?}");
    assert!(
        shown.contains("HttpService") && !shown.contains(SENTINEL),
        "{shown}"
    );
    let all = read(
        &settings.with("MANIFILL_HTTP_VALUES", "$.x"),
        &[request("a", &[])],
    )
    .await;
    let shown = format!("{:?}", all[0]);
    assert!(all[0].is_err() && !shown.contains(SENTINEL), "{shown}");
}

#[tokio::test]
async fn a_login_that_is_refused_is_not_sent_for_each_path() {
    let server = Server::start(|_| Reply::json("{}").with_status(401)).await;
    let settings = settings(&server, "/api/{path}");
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let requests: Vec<_> = (0..40)
        .map(|number| request(&format!("team/{number}"), &["a"]))
        .collect();
    let run = RunContext::new().with_concurrency(3);
    let answers = backend.read(&requests, &run).await;
    assert!(answers.iter().all(Result::is_err));
    assert!(server.seen().len() <= 3, "{}", server.seen().len());
}
