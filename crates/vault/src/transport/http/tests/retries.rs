//! When a request is sent again, and when not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_passing_trouble_is_overcome_and_counted() {
    let faults = [408, 425, 429, 500, 502, 503, 504].map(answer);
    for fault in faults.into_iter().chain([Fault::Drop, Fault::CutOff]) {
        let (server, run) = (server().await, RunContext::default());
        server.fail_next(1, fault.clone());
        let answer = get(&server, &run, &Retry::default()).await.unwrap();
        assert_eq!((answer.status(), answer.tries()), (200, 2), "{fault:?}");
        assert_eq!(
            (server.seen().len(), run.requests_sent()),
            (2, 2),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_lasting_trouble_ends_after_five_tries() {
    let (server, run) = (server().await, RunContext::default());
    server.fail_always(answer(503));
    let error = get(&server, &run, &Retry::default())
        .await
        .unwrap()
        .success()
        .unwrap_err();
    let message = format!("`{}` cannot serve now (HTTP 503, 5 tries)", server.url());
    assert_eq!(error.to_string(), message);
    assert_eq!((server.seen().len(), run.requests_sent()), (5, 5));

    let run = RunContext::default();
    server.fail_always(Fault::Drop);
    let error = get(&server, &run, &Retry::default().with_more(1))
        .await
        .unwrap_err();
    let message = format!("the connection to `{}` broke off (2 tries)", server.url());
    assert_eq!(error.to_string(), message);
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
    assert_eq!(run.requests_sent(), 2);
}

#[tokio::test]
async fn many_requests_to_a_server_in_trouble_are_no_storm() {
    for fault in [answer(503), Fault::Drop] {
        let (server, other, run) = (server().await, server().await, RunContext::default());
        server.fail_always(fault);
        for _ in 0..20 {
            let ended = get(&server, &run, &Retry::default().with_more(2)).await;
            assert!(ended.is_err() || ended.is_ok_and(|answer| answer.success().is_err()));
        }
        // Three tries of the first, and one of each later one.
        assert_eq!(server.seen().len(), 22);
        // Another server is another matter.
        other.fail_next(2, answer(503));
        let well = get(&other, &run, &Retry::default()).await.unwrap();
        assert_eq!((well.status(), well.tries()), (200, 3));
        // Once it answers, whatever the answer, a passing trouble is overcome again.
        for (status, tries) in [(404, 1), (429, 3), (429, 1), (404, 1), (502, 3)] {
            server.fail_always(answer(status));
            let retry = Retry::default().with_more(2);
            let last = get(&server, &run, &retry).await.unwrap();
            assert_eq!((last.status(), last.tries()), (status, tries));
        }
    }
}

#[tokio::test]
async fn what_will_not_change_is_not_asked_twice() {
    for status in [400, 401, 403, 404, 405, 409, 413, 422, 501] {
        let server = server().await;
        server.fail_always(answer(status));
        let answer = get(&server, &RunContext::default(), &Retry::default())
            .await
            .unwrap();
        assert_eq!((answer.status(), server.seen().len()), (status, 1));
    }
}

#[tokio::test]
async fn a_post_is_sent_once_unless_it_may_be_repeated() {
    let server = server().await;
    server.fail_always(answer(503));
    for (retry, tries) in [
        (Retry::default(), 1),
        (Retry::default().with_more(1).with_any_method(), 2),
    ] {
        let client = client();
        let request = client
            .request(Method::POST, url(&server, "/login"))
            .bearer(TOKEN);
        let answer = request.send(&RunContext::default(), &retry).await.unwrap();
        assert_eq!(answer.tries(), tries);
    }
}

#[tokio::test]
async fn what_is_sent_once_says_nothing_about_the_next_request() {
    let (server, run) = (server().await, RunContext::default());
    server.fail_next(2, answer(503));
    let once = get(&server, &run, &Retry::never()).await.unwrap();
    assert_eq!((once.status(), once.tries()), (503, 1));
    let next = get(&server, &run, &Retry::default()).await.unwrap();
    assert_eq!((next.status(), next.tries()), (200, 2));
}

#[tokio::test]
async fn retry_after_is_obeyed_and_never_outlasts_the_run() {
    let (server, run) = (
        server().await,
        RunContext::new()
            .with_timeout(Duration::from_secs(30))
            .with_concurrency(1),
    );
    for after in ["3600", "Fri, 31 Dec 2100 00:00:00 GMT"] {
        let reply = Reply::new(429).with_header("Retry-After", after);
        server.fail_next(1, Fault::Answer(reply));
        let answer = get(&server, &run, &Retry::default()).await.unwrap();
        assert_eq!((answer.status(), answer.tries()), (429, 1), "{after}");
    }
    let run = RunContext::default();
    let reply = Reply::new(503).with_header("Retry-After", "0");
    server.fail_next(1, Fault::Answer(reply));
    let answer = get(&server, &run, &Retry::default()).await.unwrap();
    assert_eq!((answer.status(), answer.tries()), (200, 2));
}

#[tokio::test]
async fn a_backend_adds_its_own_rule() {
    let server = server().await;
    let first = AtomicBool::new(true);
    let retry = Retry::default().with_rule(|answer| match answer.status() {
        401 if first.swap(false, Ordering::Relaxed) => Some(Duration::ZERO),
        403 if answer.body().starts_with(b"Authorization:") && answer.tries() <= 2 => {
            Some(Duration::from_millis(1))
        }
        _ => None,
    });
    let denied = |body: &str| Fault::Answer(Reply::new(403).with_body(body));
    for (fault, tries) in [
        (answer(401), 2),
        (answer(401), 1),
        (denied("Authorization: token"), 3),
        (denied("no"), 1),
        (answer(503), 5),
    ] {
        server.fail_always(fault);
        let answer = get(&server, &RunContext::default(), &retry).await.unwrap();
        assert_eq!(answer.tries(), tries, "{}", answer.status());
    }
}

#[tokio::test]
async fn a_rule_cannot_go_on_for_ever() {
    let server = server().await;
    server.fail_always(answer(401));
    let retry = Retry::default()
        .with_more(3)
        .with_rule(|_| Some(Duration::ZERO));
    assert_eq!(
        get(&server, &RunContext::default(), &retry)
            .await
            .unwrap()
            .tries(),
        4
    );
}

#[tokio::test]
async fn the_end_of_the_run_is_the_end_of_the_request() {
    let server = server().await;
    server.fail_always(Fault::Silence);
    let run = RunContext::new()
        .with_timeout(Duration::from_millis(1500))
        .with_concurrency(1);
    let error = get(&server, &run, &Retry::default()).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!(
            "no answer from `{}` in time, which was `1.5 s`",
            server.url()
        )
    );
    assert!(error.hint().unwrap().contains("MANIFILL_TIMEOUT"));

    // The run is over: nothing is sent any more.
    let error = get(&server, &run, &Retry::default()).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert_eq!((server.seen().len(), run.requests_sent()), (1, 1));
}

#[tokio::test]
async fn a_slow_try_is_not_the_end_of_the_run() {
    let server = server().await;
    server.fail_next(1, Fault::Silence);
    let settings = HttpSettings::new("Test Vault").with_try_timeout(Duration::from_millis(300));
    let client = Client::new(settings).unwrap();
    let run = RunContext::default();
    let answer = client
        .get(url(&server, "/"))
        .send(&run, &Retry::default())
        .await
        .unwrap();
    assert_eq!((answer.status(), answer.tries()), (200, 2));

    server.fail_always(Fault::Silence);
    let retry = Retry::default().with_more(1);
    let error = client
        .get(url(&server, "/"))
        .send(&run, &retry)
        .await
        .unwrap_err();
    let message = format!("cannot reach `{}`: timed out (2 tries)", server.url());
    assert_eq!(error.to_string(), message);
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
}

#[tokio::test]
async fn a_login_that_is_refused_is_not_sent_again_in_that_run() {
    let server = server().await;
    server.fail_always(answer(401));
    let (run, retry) = (RunContext::default(), Retry::default());
    for _ in 0..3 {
        let refused = get(&server, &run, &retry).await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(refused.text().unwrap().contains(SENTINEL));
    }
    assert_eq!((server.seen().len(), run.requests_sent()), (1, 1));
    // Another login, no login, another server and another run hear for themselves.
    let client = client();
    let other = client.get(url(&server, "/v1/items")).bearer("other");
    other.send(&run, &retry).await.unwrap();
    let none = || client.get(url(&server, "/v1/items"));
    none().send(&run, &retry).await.unwrap();
    none().send(&run, &retry).await.unwrap();
    get(&server, &RunContext::default(), &retry).await.unwrap();
    assert_eq!(server.seen().len(), 5);
    let elsewhere = self::server().await;
    assert_eq!(get(&elsewhere, &run, &retry).await.unwrap().status(), 200);
    // What refuses one thing says nothing of others.
    let (server, run) = (self::server().await, RunContext::default());
    for status in [403, 404, 400] {
        server.fail_next(1, answer(status));
        get(&server, &run, &retry).await.unwrap();
    }
    assert_eq!(get(&server, &run, &retry).await.unwrap().status(), 200);
    assert!(!format!("{run:?}").contains(TOKEN));
}
