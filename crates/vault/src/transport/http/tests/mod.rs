//! The client against a server that misbehaves.

mod leaks;
mod limits;
mod proxy;
mod retries;
mod tls;

use super::*;
use crate::suite::{Fault, Reply, SENTINEL, Server, TOKEN};
use crate::{RunContext, VaultError, VaultErrorKind};

async fn server() -> Server {
    Server::start(|_| Reply::json(r#"["a","b"]"#)).await
}

fn client() -> Client {
    Client::new(HttpSettings::new("Test Vault")).unwrap()
}

fn url(server: &Server, path: &str) -> Url {
    Url::parse(&format!("{}{path}", server.url())).unwrap()
}

async fn get(server: &Server, run: &RunContext, retry: &Retry<'_>) -> Result<Answer, VaultError> {
    client()
        .get(url(server, "/v1/items"))
        .bearer(TOKEN)
        .send(run, retry)
        .await
}

fn answer(status: u16) -> Fault {
    Fault::Answer(Reply::json(format!("{{\"message\":\"{SENTINEL}\"}}")).with_status(status))
}

#[tokio::test]
async fn a_request_carries_what_it_was_given() {
    let server = server().await;
    let run = RunContext::default();
    let answer = client()
        .get(url(&server, "/v1/items?filter=title%20eq%20%22db%22"))
        .bearer(TOKEN)
        .header("x-vault-request", "true")
        .send(&run, &Retry::never())
        .await
        .unwrap();

    assert_eq!(answer.status(), 200);
    assert_eq!(answer.tries(), 1);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text().unwrap(), r#"["a","b"]"#);
    assert_eq!(
        answer.success().unwrap().json::<Vec<&str>>().unwrap(),
        ["a", "b"]
    );

    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].target, "/v1/items?filter=title%20eq%20%22db%22");
    assert_eq!(
        seen[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(seen[0].header("x-vault-request"), Some("true"));
    let agent = concat!("manifill/", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent));
    assert_eq!(run.requests_sent(), 1);
}

#[tokio::test]
async fn a_body_is_sent_with_its_type() {
    let server = server().await;
    let sent = client()
        .request(Method::POST, url(&server, "/login"))
        .body("application/json", r#"{"role":"r"}"#)
        .send(&RunContext::default(), &Retry::default())
        .await;
    assert!(sent.is_ok());
    let seen = server.seen();
    assert_eq!(seen[0].body, br#"{"role":"r"}"#);
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_status_means_the_same_for_every_backend() {
    use VaultErrorKind::*;
    for (status, kind) in [
        (400, InvalidRequest),
        (401, Unauthenticated),
        (403, PermissionDenied),
        (404, NotFound),
        (407, Configuration),
        (408, Unavailable),
        (410, NotFound),
        (422, InvalidRequest),
        (425, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (501, Unavailable),
        (304, InvalidAnswer),
    ] {
        let server = server().await;
        server.fail_always(answer(status));
        let answer = get(&server, &RunContext::default(), &Retry::never())
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
        let error = answer.success().unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
        let end = format!(" (HTTP {status})");
        assert!(error.to_string().ends_with(&end), "{error}");
        assert!(error.to_string().contains(&server.url()), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_told_from_json_of_another_form() {
    let server = server().await;
    for (body, message) in [
        (
            "<html>hello</html>",
            "is not JSON; is `Test Vault` really at this address?",
        ),
        (
            r#"["a","#,
            "is not JSON; is `Test Vault` really at this address?",
        ),
        ("", "is not JSON; is `Test Vault` really at this address?"),
        (r#"{"a":1}"#, "is not what a `Test Vault` server gives"),
        (r#"[1]"#, "is not what a `Test Vault` server gives"),
    ] {
        server.fail_next(1, Fault::Answer(Reply::json(body)));
        let answer = get(&server, &RunContext::default(), &Retry::never())
            .await
            .unwrap();
        let error = answer.json::<Vec<String>>().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert_eq!(
            error.to_string(),
            format!("the answer of `{}` {message}", server.url())
        );
    }
}

#[tokio::test]
async fn text_must_be_utf_8() {
    let server = server().await;
    server.fail_next(1, Fault::Answer(Reply::json(vec![b'a', 0xff])));
    let answer = get(&server, &RunContext::default(), &Retry::never())
        .await
        .unwrap();
    assert_eq!(answer.body(), [b'a', 0xff]);
    assert_eq!(
        answer.text().unwrap_err().kind(),
        VaultErrorKind::InvalidAnswer
    );
}
