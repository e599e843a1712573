//! How many requests a run takes, and which of them are sent again (rule R6).

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::connect;
use super::samples::{
    Content, DOCUMENT, LAB, LOGIN, PROD, document, id, login, password, read, refusal, request,
    settings, simple, targets, twenty,
};
use crate::suite::{Fault, Reply, Server};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, SecretValue, VaultError,
    VaultErrorKind,
};

#[tokio::test]
async fn forty_keys_of_one_item_by_titles_take_three_requests() {
    let mut item = login();
    let names: Vec<String> = (0..40).map(|n| format!("key{n}")).collect();
    item["fields"] = names
        .iter()
        .map(|name| json!({"id": name, "label": name, "value": name}))
        .collect();
    let server = Content::new(vec![item]).serve().await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let requests: Vec<_> = names
        .chunks(7)
        .map(|keys| request(&backend, "vaults/Production/items/db main", keys))
        .collect();
    let answers = backend.read(&requests, &RunContext::default()).await;
    for (keys, secret) in names.chunks(7).zip(&answers) {
        for key in keys {
            assert_eq!(
                secret
                    .as_ref()
                    .unwrap()
                    .value(key)
                    .unwrap()
                    .unwrap()
                    .expose()
                    .as_text(),
                Some(*key)
            );
        }
    }
    assert_eq!(
        targets(&server),
        [
            "/v1/vaults".to_owned(),
            format!("/v1/vaults/{PROD}/items?filter=title%20eq%20%22db%20main%22"),
            format!("/v1/vaults/{PROD}/items/{LOGIN}"),
        ]
    );
}

#[tokio::test]
async fn twenty_items_in_two_vaults_by_titles_take_one_and_two_and_twenty() {
    let server = Content::new(twenty()).serve().await;
    let paths: Vec<String> = (0..20)
        .map(|n| format!("vaults/{}/items/title {n}", ["Production", "Lab"][n % 2]))
        .collect();
    let (answers, _) = read(
        &server,
        &paths.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(password(answer), format!("value {n}"));
    }
    let targets = targets(&server);
    assert_eq!(targets.len(), 23);
    assert_eq!(
        targets
            .iter()
            .filter(|target| target.ends_with("/items"))
            .count(),
        2
    );
}

#[tokio::test]
async fn twenty_items_by_ids_take_twenty() {
    let server = Content::new(twenty()).serve().await;
    let paths: Vec<String> = (0..20)
        .map(|n| format!("vaults/{}/items/{}", [PROD, LAB][n % 2], id("item", n)))
        .collect();
    let (answers, _) = read(
        &server,
        &paths.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    assert!(
        answers
            .iter()
            .enumerate()
            .all(|(n, answer)| password(answer) == format!("value {n}"))
    );
    assert_eq!(targets(&server).len(), 20);
}

#[tokio::test]
async fn one_item_by_title_id_link_and_reference_is_read_once() {
    let server = Content::new(vec![login()]).serve().await;
    let link = format!("https://start.1password.com/open/i?a=A&v={PROD}&i={LOGIN}&h=x");
    let by_id = format!("vaults/{PROD}/items/{LOGIN}");
    let mixed = format!("vaults/Production/items/{LOGIN}");
    let paths = [
        "vaults/Production/items/db main",
        &by_id,
        &mixed,
        &link,
        "op://production/DB main",
    ];
    let (answers, _) = read(&server, &paths).await;
    for answer in &answers {
        assert_eq!(password(answer), "p@ss: #1");
        assert_eq!(answer.as_ref().unwrap().id(), Some(by_id.as_str()));
        assert_eq!(answer.as_ref().unwrap().version(), Some("3"));
    }
    let targets = targets(&server);
    assert_eq!(
        targets
            .iter()
            .filter(|target| target.ends_with(LOGIN))
            .count(),
        1
    );
    assert_eq!(targets.len(), 3);
}

#[tokio::test]
async fn a_title_that_looks_like_an_id_takes_one_request_more() {
    let looks = "abcdefghijklmnopqrstuvwxyz";
    let items = vec![
        simple(PROD, &id("lookalike", 1), looks, "found"),
        simple(PROD, &id("other", 1), "x", "other"),
    ];
    let server = Content::new(items).serve().await;
    let path = format!("vaults/{PROD}/items/{looks}");
    let (answers, _) = read(
        &server,
        &[
            &path,
            &path,
            &format!("vaults/{PROD}/items/{}", id("other", 1)),
        ],
    )
    .await;
    assert_eq!(
        (password(&answers[0]), password(&answers[2])),
        ("found".to_owned(), "other".to_owned())
    );
    let targets = targets(&server);
    assert_eq!(targets.len(), 4);
    assert!(
        targets.contains(&format!(
            "/v1/vaults/{PROD}/items?filter=title%20eq%20%22{looks}%22"
        )),
        "{targets:?}"
    );
}

#[tokio::test]
async fn a_filter_is_sent_only_where_it_can_be_trusted() {
    let titles = [
        "R&D + Ops",
        "team/db",
        "Büro #1",
        "say \"hi\"",
        "back\\slash",
        "Bob's",
        "db",
    ];
    let items: Vec<Value> = titles
        .iter()
        .enumerate()
        .map(|(n, title)| simple(PROD, &id("item", n), title, title))
        .collect();
    for (path, filter) in [
        (
            "vaults/Production/items/R&D + Ops",
            Some("title%20eq%20%22R%26D%20%2B%20Ops%22"),
        ),
        (
            "vaults/Production/items/team/db",
            Some("title%20eq%20%22team%2Fdb%22"),
        ),
        (
            "vaults/Production/items/Büro #1",
            Some("title%20eq%20%22B%C3%BCro%20%231%22"),
        ),
        ("vaults/Production/items/say \"hi\"", None),
        ("vaults/Production/items/back\\slash", None),
        ("vaults/Production/items/Bob's", None),
        ("op://Production/db", None),
    ] {
        let server = Content::new(items.clone()).serve().await;
        let (answers, _) = read(&server, &[path]).await;
        assert_eq!(
            password(&answers[0]),
            path.splitn(4, '/').last().unwrap(),
            "{path}"
        );
        let query = filter.map_or(String::new(), |filter| format!("?filter={filter}"));
        assert_eq!(
            targets(&server)[1],
            format!("/v1/vaults/{PROD}/items{query}")
        );
    }
}

#[tokio::test]
async fn a_file_is_read_once_and_only_if_it_is_wanted() {
    let server = Content::new(vec![document()]).serve().await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let by_id = format!("vaults/{PROD}/items/{DOCUMENT}");
    let everything = SecretRequest::new(backend.parse_path(&by_id).unwrap(), Keys::All);
    let requests = [
        request(&backend, &by_id, &["key.pem", "file2", "notesPlain"]),
        request(
            &backend,
            "op://Production/document",
            &["tls/key.pem", "file1"],
        ),
        everything,
    ];
    let answers = backend.read(&requests, &RunContext::default()).await;
    let secret = |n: usize| answers[n].as_ref().unwrap();
    let bytes = |file: &str| SecretValue::bytes([&[0, 255], file.as_bytes()].concat());
    assert_eq!(secret(0).value("key.pem"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(0).value("file2"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(1).value("tls/key.pem"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(1).value("file1"), Some(Ok(&bytes("file1"))));
    assert!(
        secret(2).value("key.pem").is_none() && secret(2).names().any(|name| name == "key.pem")
    );
    assert_eq!(
        targets(&server)
            .iter()
            .filter(|target| target.ends_with("/content"))
            .count(),
        2
    );
    assert_eq!(targets(&server).len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_depend_on_each_other_is_asked_at_the_same_time() {
    let content = Content::new(twenty());
    let waiting = Arc::new((Mutex::new(0), Condvar::new()));
    let met = Arc::clone(&waiting);
    let server = Server::start(move |seen| {
        // Waiting must not hold up the tasks that this thread would run next.
        tokio::task::block_in_place(|| {
            let (count, bell) = &*waiting;
            let mut guard = count.lock().unwrap();
            *guard += 1;
            bell.notify_all();
            let wait = Duration::from_secs(20);
            drop(
                bell.wait_timeout_while(guard, wait, |count| *count < 2)
                    .unwrap(),
            );
        });
        content.answer(seen)
    });
    let server = server.await;
    let path = |n: usize| format!("vaults/{}/items/{}", [PROD, LAB][n % 2], id("item", n));
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [
        request(&backend, &path(0), &["password"]),
        request(&backend, &path(1), &["password"]),
    ];
    // Were one asked after the other, the deadline would pass before the server lets the first go.
    let answers = backend
        .read(
            &requests,
            &RunContext::new()
                .with_timeout(Duration::from_secs(10))
                .with_concurrency(2),
        )
        .await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(*met.0.lock().unwrap(), 2);
}

#[tokio::test]
async fn retries() {
    let passing = || {
        Fault::Answer(refusal(
            403,
            "Authorization: token does not have access to vault x",
        ))
    };
    let status = |status| Fault::Answer(refusal(status, "SENTINEL"));
    let page = Fault::Answer(Reply::new(404).with_body("<html>SENTINEL</html>"));
    use VaultErrorKind as Kind;
    for (name, faults, sent, expected) in [
        ("403 that passes", vec![passing(), passing()], 3, None),
        (
            "403 that stays",
            vec![passing(), passing(), passing()],
            3,
            Some(Kind::PermissionDenied),
        ),
        (
            "403 of another kind",
            vec![status(403)],
            1,
            Some(Kind::PermissionDenied),
        ),
        ("401 on the first request", vec![status(401)], 2, None),
        (
            "401 twice",
            vec![status(401), status(401)],
            2,
            Some(Kind::Unauthenticated),
        ),
        ("400", vec![status(400)], 1, Some(Kind::InvalidRequest)),
        ("404 of a proxy", vec![page], 1, Some(Kind::InvalidAnswer)),
        ("sync not ready", vec![status(408)], 2, None),
        ("too many", vec![status(429)], 2, None),
        ("500 and 503", vec![status(500), status(503)], 3, None),
        ("501", vec![status(501)], 1, Some(Kind::Unavailable)),
        ("no answer", vec![Fault::Drop], 2, None),
    ] {
        let server = Content::new(vec![login()]).serve().await;
        for fault in faults {
            server.fail_next(1, fault);
        }
        let (answers, _) = read(&server, &[&format!("vaults/{PROD}/items/{LOGIN}")]).await;
        assert_eq!(server.seen().len(), sent, "{name}");
        assert_eq!(
            answers[0].as_ref().err().map(VaultError::kind),
            expected,
            "{name}"
        );
        assert!(!format!("{answers:?}").contains("SENTINEL"), "{name}");
    }
}

#[tokio::test]
async fn a_401_on_a_later_request_is_final() {
    let content = Content::new(vec![login()]);
    let server = Server::start(move |seen| {
        if seen.target.ends_with("/v1/vaults") {
            content.answer(seen)
        } else {
            refusal(401, "Invalid bearer token")
        }
    });
    let server = server.await;
    let (answers, _) = read(&server, &["vaults/Production/items/db main"]).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.hint()),
        (
            VaultErrorKind::Unauthenticated,
            Some("check OP_CONNECT_TOKEN")
        )
    );
    assert_eq!(server.seen().len(), 2);
}

const LOOKS_LIKE_AN_ID: &str = "zyxwvutsrqponmlkjihgfedcba";

/// A server with a vault that is called as others are numbered.
async fn server_with_an_odd_name() -> Server {
    let mut content = Content::new(vec![simple("odd", &id("item", 1), "db", "found"), login()]);
    content.vaults.push(("odd", LOOKS_LIKE_AN_ID));
    Server::start(move |seen| {
        if seen.target.contains(LOOKS_LIKE_AN_ID) {
            refusal(404, "vault not found")
        } else {
            content.answer(seen)
        }
    })
    .await
}

#[tokio::test]
async fn a_vault_name_that_looks_like_an_id_is_tried_as_an_id_first() {
    let server = server_with_an_odd_name().await;
    let path = format!("vaults/{LOOKS_LIKE_AN_ID}/items/db");
    let (answers, _) = read(&server, &[&path]).await;
    assert_eq!(password(&answers[0]), "found");
    assert_eq!(server.seen().len(), 4);
    // Where the vaults are listed anyway, the list tells.
    let (answers, run) = read(&server, &[&path, "vaults/Production/items/db main"]).await;
    assert_eq!(password(&answers[0]), "found");
    assert_eq!(run.requests_sent(), 5);
}

/// Reads paths while rules say which may be read, and counts the requests.
async fn restricted(server: &Server, paths: &[&str]) -> (Vec<Result<Secret, VaultError>>, usize) {
    let context = ConnectContext::new().with_restriction(true);
    let backend = connect(&settings(server), &context).unwrap();
    let requests: Vec<_> = paths
        .iter()
        .map(|path| request(&backend, path, &["password"]))
        .collect();
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    (answers, usize::try_from(run.requests_sent()).unwrap())
}

const NO_NAME: &str = "while rules say which paths may be read, 26 lower-case letters and digits are an id and never a name";

#[tokio::test]
async fn under_rules_an_item_that_looks_like_an_id_is_an_id_and_no_title() {
    let looks = "abcdefghijklmnopqrstuvwxyz";
    let items = vec![simple(PROD, &id("lookalike", 1), looks, "found"), login()];
    let server = Content::new(items).serve().await;
    for (path, requests) in [
        (format!("vaults/{PROD}/items/{looks}"), 1),
        (format!("vaults/Production/items/{looks}"), 2),
        (format!("op://{PROD}/{looks}"), 1),
        (format!("op://production/{looks}"), 2),
        (
            format!("https://start.1password.com/open/i?a=A&v={PROD}&i={looks}&h=x"),
            1,
        ),
    ] {
        let (answers, sent) = restricted(&server, &[&path]).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound, "{path}");
        assert_eq!(error.hint(), Some(NO_NAME));
        assert_eq!(sent, requests, "{path}");
        assert!(read(&server, &[&path]).await.0[0].is_ok(), "{path}");
    }
    let by_id = format!("vaults/{PROD}/items/{LOGIN}");
    let paths = [
        by_id.as_str(),
        "vaults/Production/items/db main",
        "op://production/DB main",
    ];
    let (answers, _) = restricted(&server, &paths).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn under_rules_a_vault_that_looks_like_an_id_is_an_id_and_no_name() {
    let (looks, item) = (LOOKS_LIKE_AN_ID, id("item", 1));
    let server = server_with_an_odd_name().await;
    let link = format!("https://start.1password.com/open/i?a=A&v={looks}&i={item}&h=x");
    let (no_vault, no_item) = (VaultErrorKind::PermissionDenied, VaultErrorKind::NotFound);
    for (path, kind) in [
        (format!("vaults/{looks}/items/db"), no_vault),
        (format!("vaults/{looks}/items/{item}"), no_item),
        (format!("op://{looks}/db"), no_vault),
        (format!("op://{looks}/{item}"), no_item),
        (link, no_item),
    ] {
        assert!(read(&server, &[&path]).await.0[0].is_ok(), "{path}");
        let (answers, sent) = restricted(&server, &[&path]).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!((error.kind(), sent), (kind, 1), "{path}");
        assert_eq!(error.hint(), Some(NO_NAME), "{path}");
        // Nor does a list that others of the run need make a name of it.
        let (answers, sent) =
            restricted(&server, &[&path, "vaults/Production/items/db main"]).await;
        assert!(answers[0].is_err() && answers[1].is_ok(), "{answers:?}");
        assert_eq!(sent, 4, "{path}");
    }
}
