//! Where a request may go, and how much may come back.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

fn moved(status: u16, location: &str) -> Fault {
    Fault::Answer(Reply::new(status).with_header("Location", location))
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed_with_the_token() {
    for status in [301, 302, 303, 307, 308] {
        let (server, run) = (server().await, RunContext::default());
        server.fail_next(1, moved(status, "/v2/items"));
        let answer = get(&server, &run, &Retry::never()).await.unwrap();
        assert_eq!((answer.status(), run.requests_sent()), (200, 2));
        let seen = server.seen();
        assert_eq!(seen[1].target, "/v2/items");
        assert_eq!(
            seen[1].header("authorization"),
            seen[0].header("authorization")
        );
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let elsewhere = server().await;
    let secure = |server: &Server| server.url().replace("http:", "https:");
    let server = server().await;
    for target in [
        elsewhere.url(),
        secure(&server),
        "//evil.invalid/".to_owned(),
    ] {
        let target = format!("{target}/{SENTINEL}");
        server.fail_next(1, moved(302, &target));
        let error = get(&server, &RunContext::default(), &Retry::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        let message = format!(
            "`{}` redirects to another host, which is not followed",
            server.url()
        );
        assert_eq!(error.to_string(), message, "{target}");
    }
    assert_eq!(elsewhere.seen().len(), 0);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn redirects_that_go_round_in_circles_end() {
    let server = server().await;
    server.fail_always(moved(307, "/again"));
    let error = get(&server, &RunContext::default(), &Retry::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`{}` redirects too often", server.url())
    );
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_post_is_not_redirected() {
    let server = server().await;
    server.fail_always(moved(307, "/other"));
    let client = client();
    let request = client.request(Method::POST, url(&server, "/login"));
    let answer = request
        .send(&RunContext::default(), &Retry::default())
        .await
        .unwrap();
    assert_eq!(
        answer.success().unwrap_err().kind(),
        VaultErrorKind::InvalidAnswer
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_the_limit() {
    let server = server().await;
    let settings = HttpSettings::new("Test Vault").with_answer_limit(1000);
    let client = Client::new(settings).unwrap();
    for (size, fits) in [(1000, true), (1001, false)] {
        server.fail_next(1, Fault::Answer(Reply::json(vec![b'1'; size])));
        let sent = client
            .get(url(&server, "/"))
            .send(&RunContext::default(), &Retry::default())
            .await;
        match sent {
            Ok(answer) => assert!(fits && answer.body().len() == size),
            Err(error) => {
                assert!(!fits);
                let message = format!("the answer of `{}` is too large", server.url());
                assert_eq!(error.to_string(), message);
                assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
            }
        }
    }
}

/// An answer without a length, which ends with the connection.
async fn endless(size: usize) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let _ = stream.write_all(&vec![b'x'; size]).await;
    });
    Url::parse(&url).unwrap()
}

#[tokio::test]
async fn the_limit_holds_without_a_length() {
    let settings = HttpSettings::new("Test Vault").with_answer_limit(200_000);
    let client = Client::new(settings).unwrap();
    let run = RunContext::default();
    let answer = client
        .get(endless(200_000).await)
        .send(&run, &Retry::never())
        .await
        .unwrap();
    assert!(answer.body().len() == 200_000 && answer.body().iter().all(|byte| *byte == b'x'));

    let error = client
        .get(endless(200_001).await)
        .send(&run, &Retry::never())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_so() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for (base, problem) in [
        (closed.as_str(), "connection refused"),
        ("http://no-such-host.invalid", "the host name is not known"),
    ] {
        let url = Url::parse(&format!("{base}/v1/{SENTINEL}")).unwrap();
        let retry = Retry::default().with_more(1);
        let error = client()
            .get(url)
            .bearer(TOKEN)
            .send(&RunContext::default(), &retry)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unavailable);
        let message = format!("cannot reach `{base}`: {problem} (2 tries)");
        assert_eq!(error.to_string(), message);
    }
    // Whoever has made the address knows better where its host comes from.
    for (base, is_told) in [
        (closed.as_str(), false),
        ("http://no-such-host.invalid", true),
    ] {
        let client = client();
        let request = client.get(Url::parse(base).unwrap());
        let request = request.with_unknown_host_hint("look at the path");
        let sent = request.send(&RunContext::default(), &Retry::never()).await;
        let hint = sent.unwrap_err().hint();
        assert_eq!(hint == Some("look at the path"), is_told);
    }
}
