//! How many requests there are, and what runs share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::connect;
use super::samples::{Variables, json_of, read, request, serve, settings, targets, with};
use crate::{ConnectContext, RunContext, Sharing, Traffic};

#[tokio::test]
async fn one_login_and_one_request_for_all_variables() {
    let server = with(
        Variables::default()
            .with("prod/db/password", &[b"old", b"1"])
            .with("prod/db/user", &[b"2"])
            .with("dev/a b/key&", &[b"3"]),
    )
    .await;
    let requests = [
        request("prod/db", &["password"]),
        request("prod/db", &["user", "password"]),
        request("dev/a b", &["key&"]),
    ];
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    assert_eq!(json_of(&answers[0], "password"), "\"1\"");
    assert_eq!(json_of(&answers[1], "user"), "\"2\"");
    assert_eq!(json_of(&answers[2], "key&"), "\"3\"");
    let ids = "acme%3Avariable%3Adev%2Fa+b%2Fkey%26%2Cacme%3Avariable%3Aprod%2Fdb%2Fpassword%2Cacme%3Avariable%3Aprod%2Fdb%2Fuser";
    assert_eq!(targets(&server), [format!("/secrets?variable_ids={ids}")]);
    assert_eq!(run.requests_sent(), 2);
}

#[tokio::test]
async fn versions_and_odd_ids_are_asked_for_alone() {
    let server = with(
        Variables::default()
            .with("prod/a", &[b"old", b"new"])
            .with("prod/b,c", &[b"3"]),
    )
    .await;
    let requests = [
        request("prod#1", &["a"]),
        request("prod#2", &["a"]),
        request("prod#01", &["a"]),
        request("prod", &["b,c"]),
        request("prod#3", &["a"]),
    ];
    let answers = read(&settings(&server), &requests).await;
    assert_eq!(json_of(&answers[0], "a"), "\"old\"");
    assert_eq!(answers[0].as_ref().unwrap().version(), Some("1"));
    assert_eq!(json_of(&answers[1], "a"), "\"new\"");
    assert_eq!(json_of(&answers[2], "a"), "\"old\"");
    assert_eq!(json_of(&answers[3], "b,c"), "\"3\"");
    let error = answers[4].as_ref().unwrap_err().to_string();
    assert_eq!(error, "there is no version `3` of what is wanted of `prod`");
    let mut seen = targets(&server);
    seen.sort();
    assert_eq!(
        seen,
        [
            "/resources/acme?kind=variable",
            "/secrets/acme/variable/prod%2Fa?version=1",
            "/secrets/acme/variable/prod%2Fa?version=2",
            "/secrets/acme/variable/prod%2Fa?version=3",
            "/secrets/acme/variable/prod%2Fb,c",
        ]
    );
}

#[tokio::test]
async fn a_long_list_is_asked_for_in_parts_and_one_part_alone_if_it_fails() {
    let mut variables = Variables::default();
    let keys: Vec<String> = (0..200).map(|index| format!("key-{index:03}")).collect();
    for key in &keys {
        variables = variables.with(&format!("prod/{key}"), &[key.as_bytes()]);
    }
    let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
    let server = with(variables.clone()).await;
    let answers = read(&settings(&server), &[request("prod", &wanted)]).await;
    for key in &keys {
        assert_eq!(json_of(&answers[0], key), format!("\"{key}\""));
    }
    let parts = targets(&server);
    assert!((2..=3).contains(&parts.len()), "{}", parts.len());
    assert!(parts.iter().all(|target| target.len() < 6100));

    let last = variables.with_forbidden("prod/key-199");
    let server = with(last).await;
    let answers = read(&settings(&server), &[request("prod", &wanted)]).await;
    let secret = answers[0].as_ref().unwrap();
    assert!(secret.value("key-199").unwrap().is_err());
    assert_eq!(json_of(&answers[0], "key-198"), "\"key-198\"");
    let alone = targets(&server).len() - parts.len();
    assert!(0 < alone && alone < 150, "{alone}");
}

#[tokio::test]
async fn all_keys_are_those_below_the_path() {
    let server = with(
        Variables::default()
            .with("prod/a", &[b"1"])
            .with("prod/b", &[b"2"])
            .with("prod/db/c", &[b"3"])
            .with("production/d", &[b"4"]),
    )
    .await;
    let answers = read(&settings(&server), &[request("prod", &[])]).await;
    let secret = answers[0].as_ref().unwrap();
    assert_eq!(secret.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(json_of(&answers[0], "b"), "\"2\"");
    assert_eq!(targets(&server).len(), 2);
}

#[tokio::test]
async fn runs_that_want_the_same_share_it() {
    let variables = Arc::new(Mutex::new(
        Variables::default()
            .with("prod/a", &[b"1"])
            .with("data/dynamic/x", &[b"2"]),
    ));
    let content = Arc::clone(&variables);
    let server = serve(move |seen| content.lock().unwrap().answer(seen)).await;
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&settings(&server), &context).unwrap();
    let run = async |path: &str, keys: &[&str]| {
        server.forget();
        let requests = [request(path, keys)];
        let mut answers = backend.read(&requests, &RunContext::new()).await;
        let answer = answers.pop().unwrap();
        (json_of(&answer, keys[0]), server.seen().len())
    };
    assert_eq!(run("prod", &["a"]).await, ("\"1\"".to_owned(), 2));
    assert_eq!(run("prod", &["a"]).await, ("\"1\"".to_owned(), 0));
    // What is missing is read by each run, and so is what is made for each.
    for _ in 0..2 {
        assert_eq!(run("prod", &["b", "a"]).await, (String::new(), 4));
        let dynamic = run("data/dynamic", &["x"]).await;
        assert_eq!(dynamic, ("\"2\"".to_owned(), 1));
    }
    let more = variables.lock().unwrap().clone().with("prod/b", &[b"3"]);
    *variables.lock().unwrap() = more;
    assert_eq!(run("prod", &["b", "a"]).await, ("\"3\"".to_owned(), 1));
    assert_eq!(run("prod", &["b", "a"]).await, ("\"3\"".to_owned(), 0));
}
