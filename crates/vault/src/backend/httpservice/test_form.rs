//! What requests look like, and what is wrong with settings.

use super::HttpService;
use super::samples::{header, read, request, serve, settings};
use crate::suite::{Reply, SENTINEL};
use crate::{Settings, VaultErrorKind};

#[tokio::test]
async fn parts_of_a_path_arrive_as_they_are_written() {
    for (rest, path, target) in [
        ("/api/{path}", "a/b c/ü", "/api/a/b%20c/%C3%BC"),
        ("/{path}", "a@b:c;d", "/a@b:c;d"),
        ("/v1/{1}/x-{2}.json", "a/b", "/v1/a/x-b.json"),
        ("/v1/{2}/{1}/", "a/b", "/v1/b/a/"),
        ("/{1}/y{path}", "a/b", "/a/ya%2Fb"),
        (
            "/s?p={1}&e={2}&fixed=a%20b",
            "a&b=c/d+e",
            "/s?p=a%26b%3Dc&e=d%2Be&fixed=a%20b",
        ),
        ("?p={path}", "a/b", "/?p=a%2Fb"),
        // Without a place, the path comes last.
        ("", "a/b", "/a/b"),
        ("/api", "a/b", "/api/a/b"),
        ("/api/?x=1", "a/b", "/api/a/b?x=1"),
    ] {
        let server = serve(|_| Some(Reply::json("{}"))).await;
        let all = read(&settings(&server, rest), &[request(path, &[])]).await;
        assert!(all[0].is_ok(), "{rest} {path}: {:?}", all[0]);
        let seen = server.seen();
        assert_eq!((seen.len(), seen[0].target.as_str()), (1, target), "{rest}");
        assert_eq!(seen[0].method, "GET");
        assert_eq!(seen[0].header("accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_body_is_json_whatever_a_path_holds() {
    let server = serve(|_| Some(Reply::json("{}"))).await;
    let settings = settings(&server, "/query").with(
        "MANIFILL_HTTP_BODY",
        r#"{"query": "q{1}", "variables": {"path": "{path}", "n": [1]}}"#,
    );
    let all = read(&settings, &[request("a\"},{\"x\":1/b 🔑", &[])]).await;
    assert!(all[0].is_ok(), "{:?}", all[0]);
    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("POST", "/query")
    );
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(body["query"], "qa\"},{\"x\":1");
    assert_eq!(body["variables"]["path"], "a\"},{\"x\":1/b 🔑");
    assert_eq!(body.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn a_header_holds_a_part_of_plain_letters_only() {
    let server = serve(|_| Some(Reply::json("{}"))).await;
    let headers = header(r#","X-Path":"p={path}","X-Fixed":"a, b; c""#);
    let settings = settings(&server, "/x").with("MANIFILL_HTTP_HEADERS", headers);
    let all = read(&settings, &[request("a-1/b_2.c", &[])]).await;
    assert!(all[0].is_ok(), "{:?}", all[0]);
    let seen = server.seen();
    assert_eq!(seen[0].header("x-path"), Some("p=a-1/b_2.c"));
    assert_eq!(seen[0].header("x-fixed"), Some("a, b; c"));
    for path in ["a b", "a;b", "a,b", "ü", "a=b"] {
        let all = read(&settings, &[request(path, &[])]).await;
        let error = all[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest, "{path}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_post_without_a_body_is_one_and_is_sent_once() {
    let server = serve(|_| Some(Reply::json("{}").with_status(503))).await;
    let settings = settings(&server, "/{path}").with("MANIFILL_HTTP_METHOD", "POST");
    let all = read(&settings, &[request("a", &[])]).await;
    assert_eq!(
        all[0].as_ref().unwrap_err().kind(),
        VaultErrorKind::Unavailable
    );
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].method.as_str()), (1, "POST"));
}

#[test]
fn what_is_wrong_in_the_settings_is_told_and_not_shown() {
    let url = "https://h/{path}";
    let no_url = "MANIFILL_HTTP_URL is not the URL of a service";
    let no_headers = "MANIFILL_HTTP_HEADERS is not a JSON map of headers";
    let no_body = "MANIFILL_HTTP_BODY is not JSON with texts for the path";
    let no_method = "MANIFILL_HTTP_METHOD is neither GET nor POST, or GET with a body";
    for (settings, message) in [
        (vec![], "MANIFILL_HTTP_URL is not set"),
        (vec![("URL", "h/{path}")], no_url),
        (vec![("URL", "ftp://h/{path}")], no_url),
        (vec![("URL", "https://{1}/x")], no_url),
        (vec![("URL", "https://h{1}.com/x")], no_url),
        (vec![("URL", "https://u:sentinel-4c1f9e@h/{path}")], no_url),
        (vec![("URL", "https://h/{path}#x")], no_url),
        (vec![("URL", "https://h/a%20b/{path}")], no_url),
        (vec![("URL", "https://h/../{path}")], no_url),
        (vec![("URL", "https://h//{path}")], no_url),
        (
            vec![("URL", "https://h/{2}")],
            "MANIFILL_HTTP_URL leaves out a part of the path",
        ),
        (
            vec![("URL", url), ("HEADERS", "sentinel-4c1f9e")],
            no_headers,
        ),
        (vec![("URL", url), ("HEADERS", r#"{"A":1}"#)], no_headers),
        (
            vec![("URL", url), ("HEADERS", r#"{"Host":"sentinel-4c1f9e"}"#)],
            no_headers,
        ),
        (
            vec![("URL", url), ("HEADERS", r#"{"A b":"x"}"#)],
            no_headers,
        ),
        (
            vec![("URL", url), ("HEADERS", r#"{"A":"x\r\nB: y"}"#)],
            no_headers,
        ),
        (vec![("URL", url), ("BODY", "sentinel-4c1f9e")], no_body),
        (vec![("URL", url), ("BODY", r#"{"a":{1}}"#)], no_body),
        (vec![("URL", url), ("BODY", r#"{"a":"\u00{1}"}"#)], no_body),
        (vec![("URL", url), ("METHOD", "DELETE")], no_method),
        (
            vec![("URL", url), ("METHOD", "GET"), ("BODY", "{}")],
            no_method,
        ),
        (
            vec![("URL", url), ("VALUES", "data")],
            "MANIFILL_HTTP_VALUES does not say where values are",
        ),
        (
            vec![("URL", url), ("CACERT", "/no/such/ca.pem")],
            "cannot read the CA file `/no/such/ca.pem`",
        ),
        (
            vec![("URL", "h"), ("VALUES", "data")],
            "MANIFILL_HTTP_URL is not the URL of a service; MANIFILL_HTTP_VALUES does not say where values are",
        ),
    ] {
        let mut all = Settings::new();
        for (name, value) in &settings {
            all = all.with(&format!("MANIFILL_HTTP_{name}"), *value);
        }
        let error = HttpService::from_settings(&all).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), message, "{settings:?}");
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
}
