//! The backend against a server: conformance, what is found, how many requests that takes.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::connect;
use super::samples::{
    Content, DOCUMENT, LAB, LOGIN, PROD, document, id, login, refusal, settings, simple,
};
use crate::conformance::{self, Case, Fault, Fixture, Reply, SENTINEL, Server, Setup, TOKEN};
use crate::{
    Keys, Run, Secret, SecretPath, SecretRequest, SecretValue, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};

fn request(backend: &Arc<dyn VaultBackend>, path: &str, keys: &[&str]) -> SecretRequest {
    SecretRequest::new(
        backend.parse_path(path).unwrap(),
        Keys::names(keys.iter().copied()),
    )
}

/// Reads `password` at each path; the requests that arrived are in the server.
async fn read(server: &Server, paths: &[&str]) -> (Vec<Result<Secret, VaultError>>, Run) {
    let backend = connect(&settings(server)).unwrap();
    let requests: Vec<_> = paths
        .iter()
        .map(|path| request(&backend, path, &["password"]))
        .collect();
    let run = Run::default();
    let answers = backend.read(&requests, &run).await;
    assert_eq!(answers.len(), paths.len());
    assert_eq!(run.requests_sent(), server.seen().len() as u64);
    (answers, run)
}

fn targets(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.target).collect()
}

fn password(answer: &Result<Secret, VaultError>) -> String {
    let secret = answer.as_ref().unwrap();
    secret
        .value("password")
        .unwrap()
        .unwrap()
        .expose()
        .as_text()
        .unwrap()
        .to_owned()
}

struct Connect;

#[async_trait]
impl Fixture for Connect {
    async fn set_up(&self, case: Case) -> Setup {
        let value = case.value();
        let field = |id: &str, value: &SecretValue| json!({"id": id, "label": "password", "type": "CONCEALED", "value": value.expose().as_text()});
        let mut fields = vec![field("f1", &value)];
        if case == Case::SameName {
            fields.push(field("f2", &SecretValue::text(SENTINEL)));
        }
        let mut secret =
            json!({"id": LOGIN, "title": "db main", "vault": {"id": PROD}, "fields": fields});
        if case == Case::Binary {
            secret["files"] = json!([{"id": "file1", "name": "keystore"}]);
        }
        let content = Content::new(vec![secret]);
        let server = Server::start(move |seen| match value.expose() {
            crate::Exposed::Bytes(bytes) if seen.target.ends_with("/content") => {
                Reply::new(200).with_body(bytes)
            }
            _ => content.answer(seen),
        });
        let server = server.await;
        let (path, key) = match case {
            Case::MissingPath => ("vaults/Production/items/absent", "password"),
            Case::MissingKey => ("vaults/Production/items/db main", "absent"),
            Case::Binary => ("vaults/Production/items/db main", "keystore"),
            _ => ("vaults/Production/items/db main", "password"),
        };
        Setup::new(connect(&settings(&server)).unwrap(), path, key).with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Version, "there are no versions"),
            (Case::MissingVersion, "there are no versions"),
        ]
    }
}

#[tokio::test]
async fn conformance() {
    conformance::run_all(&Connect).await;
}

#[tokio::test]
async fn forty_keys_of_one_item_by_titles_take_three_requests() {
    let mut item = login();
    let names: Vec<String> = (0..40).map(|n| format!("key{n}")).collect();
    item["fields"] = names
        .iter()
        .map(|name| json!({"id": name, "label": name, "value": name}))
        .collect();
    let server = Content::new(vec![item]).serve().await;
    let backend = connect(&settings(&server)).unwrap();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let requests: Vec<_> = names
        .chunks(7)
        .map(|keys| request(&backend, "vaults/Production/items/db main", keys))
        .collect();
    let answers = backend.read(&requests, &Run::default()).await;
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

fn twenty() -> Vec<Value> {
    (0..20)
        .map(|n| {
            simple(
                [PROD, LAB][n % 2],
                &id("item", n),
                &format!("title {n}"),
                &format!("value {n}"),
            )
        })
        .collect()
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
async fn letter_case_matters_in_paths_whatever_the_server_thinks() {
    let items = vec![
        simple(PROD, &id("a", 1), "Db", "Db"),
        simple(PROD, &id("b", 1), "db", "db"),
    ];
    let server = Content::new(items).serve().await;
    let (answers, _) = read(&server, &["vaults/Production/items/Db"]).await;
    assert_eq!(password(&answers[0]), "Db");
    let (answers, _) = read(
        &Content::new(twenty()).serve().await,
        &[
            "vaults/Production/items/TITLE 0",
            "vaults/production/items/x",
        ],
    )
    .await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().to_string(),
        "no item `TITLE 0` in vault `Production`"
    );
    let vault = answers[1].as_ref().unwrap_err();
    assert_eq!(
        (vault.kind(), vault.candidates()),
        (
            VaultErrorKind::PermissionDenied,
            &["Production".to_owned()][..]
        )
    );
}

#[tokio::test]
async fn what_is_missing_is_told_apart() {
    let mut archived = simple(PROD, &id("old", 1), "old", "x");
    archived["state"] = json!("ARCHIVED");
    let twins = [
        simple(PROD, &id("twin", 1), "twin", "x"),
        simple(PROD, &id("twin", 2), "twin", "x"),
    ];
    let mut content = Content::new([&[archived, login()], &twins[..]].concat());
    content.vaults.extend([
        ("dup10000000000000000000000", "Dup"),
        ("dup20000000000000000000000", "Dup"),
    ]);
    let server = content.serve().await;
    let archived_id = format!("vaults/{PROD}/items/{}", id("old", 1));
    let paths = [
        "vaults/Production/items/db mian",
        "vaults/Produktion/items/x",
        "vaults/hiddenvault0000000000000aa/items/x",
        "vaults/hiddenvault0000000000000aa/items/loginitem0000000000000aaaa",
        "vaults/Production/items/twin",
        "vaults/Dup/items/x",
        "vaults/Production/items/old",
        &archived_id,
    ];
    let (answers, _) = read(&server, &paths).await;
    let hidden = "no such vault `hiddenvault0000000000000aa`, or this token may not see it";
    let archived = format!(
        "the item `{}` in vault `{PROD}` is archived or deleted",
        id("old", 1)
    );
    for (answer, (kind, message, candidates)) in answers.iter().zip([
        (
            VaultErrorKind::NotFound,
            "no item `db mian` in vault `Production`",
            vec!["db main".to_owned()],
        ),
        (
            VaultErrorKind::PermissionDenied,
            "no such vault `Produktion`, or this token may not see it",
            vec!["Production".into()],
        ),
        (VaultErrorKind::PermissionDenied, hidden, vec![]),
        (VaultErrorKind::PermissionDenied, hidden, vec![]),
        (
            VaultErrorKind::Ambiguous,
            "several items are called `twin` in vault `Production`",
            vec![id("twin", 1), id("twin", 2)],
        ),
        (
            VaultErrorKind::Ambiguous,
            "several vaults are called `Dup`",
            vec![
                "dup10000000000000000000000".into(),
                "dup20000000000000000000000".into(),
            ],
        ),
        (
            VaultErrorKind::NotFound,
            "no item `old` in vault `Production`",
            vec![],
        ),
        (VaultErrorKind::NotFound, &archived, vec![]),
    ]) {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str(), error.candidates()),
            (kind, message, candidates.as_slice())
        );
    }
}

#[tokio::test]
async fn a_file_is_read_once_and_only_if_it_is_wanted() {
    let server = Content::new(vec![document()]).serve().await;
    let backend = connect(&settings(&server)).unwrap();
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
    let answers = backend.read(&requests, &Run::default()).await;
    let secret = |n: usize| answers[n].as_ref().unwrap();
    let bytes = |file: &str| SecretValue::bytes([&[0, 255], file.as_bytes()].concat());
    assert_eq!(secret(0).value("key.pem"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(0).value("file2"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(1).value("tls/key.pem"), Some(Ok(&bytes("file2"))));
    assert_eq!(secret(1).value("file1"), Some(Ok(&bytes("file1"))));
    assert!(
        secret(2).value("key.pem").is_none() && secret(2).names().contains(&"key.pem".to_owned())
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

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_not_missing() {
    let content = Content::new(vec![document()]);
    let server = Server::start(move |seen| match seen.target.ends_with("/content") {
        true => refusal(404, "file not found"),
        false => content.answer(seen),
    });
    let server = server.await;
    let backend = connect(&settings(&server)).unwrap();
    let request = request(
        &backend,
        &format!("vaults/{PROD}/items/{DOCUMENT}"),
        &["key.pem", "notesPlain"],
    );
    let answers = backend.read(&[request], &Run::default()).await;
    let secret = answers[0].as_ref().unwrap();
    assert_eq!(
        secret.value("key.pem").unwrap().unwrap_err().kind(),
        VaultErrorKind::Unavailable
    );
    assert_eq!(
        secret.value("notesPlain"),
        Some(Ok(&SecretValue::text("n")))
    );
}

/// Answers to item requests once two of them are waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_depend_on_each_other_is_asked_at_the_same_time() {
    let content = Content::new(twenty());
    let waiting = Arc::new((Mutex::new(0), Condvar::new()));
    let met = Arc::clone(&waiting);
    let server = Server::start(move |seen| {
        let (count, bell) = &*waiting;
        *count.lock().unwrap() += 1;
        bell.notify_all();
        let guard = count.lock().unwrap();
        drop(
            bell.wait_timeout_while(guard, Duration::from_secs(20), |count| *count < 2)
                .unwrap(),
        );
        content.answer(seen)
    });
    let server = server.await;
    let path = |n: usize| format!("vaults/{}/items/{}", [PROD, LAB][n % 2], id("item", n));
    let backend = connect(&settings(&server)).unwrap();
    let requests = [
        request(&backend, &path(0), &["password"]),
        request(&backend, &path(1), &["password"]),
    ];
    // Were one asked after the other, the deadline would pass before the server lets the first go.
    let answers = backend
        .read(&requests, &Run::new(Duration::from_secs(10), 2))
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
    let server = Server::start(move |seen| match seen.target.ends_with("/v1/vaults") {
        true => content.answer(seen),
        false => refusal(401, "Invalid bearer token"),
    });
    let server = server.await;
    let (answers, _) = read(&server, &["vaults/Production/items/db main"]).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.advice()),
        (
            VaultErrorKind::Unauthenticated,
            Some("check OP_CONNECT_TOKEN")
        )
    );
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn answers_about_something_else_are_refused() {
    let elsewhere =
        |vault: &str, item: &str| json!({"id": item, "title": "db main", "vault": {"id": vault}});
    for (name, item, list) in [
        (
            "another item",
            elsewhere(PROD, &id("x", 1)),
            json!([elsewhere(PROD, LOGIN)]),
        ),
        (
            "an item of another vault",
            elsewhere(LAB, LOGIN),
            json!([elsewhere(PROD, LOGIN)]),
        ),
        (
            "a list of another vault",
            login(),
            json!([elsewhere(LAB, LOGIN)]),
        ),
        (
            "an id that leads elsewhere",
            login(),
            json!([elsewhere(PROD, "../x")]),
        ),
    ] {
        let server = Server::start(move |seen| {
            let answer = if seen.target.contains('?') {
                &list
            } else {
                &item
            };
            Reply::json(answer.to_string())
        });
        let (answers, _) = read(&server.await, &[&format!("vaults/{PROD}/items/db main")]).await;
        assert_eq!(
            answers[0].as_ref().unwrap_err().kind(),
            VaultErrorKind::InvalidAnswer,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_path_in_the_host_is_kept_and_a_wrong_one_is_told() {
    let content = Content::new(vec![login()]);
    let server = Server::start(move |seen| {
        let mut seen = seen.clone();
        match seen.target.strip_prefix("/connect") {
            Some(rest) => seen.target = rest.to_owned(),
            None => return Reply::new(404).with_body("404 page not found"),
        }
        content.answer(&seen)
    });
    let server = server.await;
    for (path, expected) in [
        ("/connect/", None),
        ("/nowhere", Some("check the path in OP_CONNECT_HOST")),
    ] {
        for item in [
            "vaults/Production/items/db main".to_owned(),
            format!("vaults/{PROD}/items/{LOGIN}"),
        ] {
            let backend =
                connect(&settings(&server).with("OP_CONNECT_HOST", server.url() + path)).unwrap();
            let answers = backend
                .read(&[request(&backend, &item, &["password"])], &Run::default())
                .await;
            assert_eq!(
                answers[0].as_ref().err().and_then(VaultError::advice),
                expected
            );
        }
    }
}

#[tokio::test]
async fn notes_about_versions_and_codes() {
    let server = Content::new(vec![login()]).serve().await;
    let backend = connect(&settings(&server)).unwrap();
    let path = format!("vaults/{PROD}/items/{LOGIN}");
    let run = Run::default();
    let plain = request(&backend, &path, &["one-time password"]);
    backend.read(std::slice::from_ref(&plain), &run).await;
    assert!(run.notes().is_empty());
    let code = request(&backend, &path, &["one-time password?attribute=otp"]).with_version("7");
    let answers = backend.read(&[code], &run).await;
    let value = answers[0]
        .as_ref()
        .unwrap()
        .value("one-time password?attribute=otp");
    assert_eq!(value, Some(Ok(&SecretValue::text("620460"))));
    assert!(run.notes().iter().any(|note| note.contains("every 30 s")));
    assert!(run.notes().iter().any(|note| note.contains("versions")));
}

#[tokio::test]
async fn nothing_is_asked_for_nothing_or_for_a_path_that_is_none() {
    let server = Content::new(vec![]).serve().await;
    let backend = connect(&settings(&server)).unwrap();
    let run = Run::default();
    assert!(backend.read(&[], &run).await.is_empty());
    let wrong = SecretRequest::new(SecretPath::verbatim("vaults/V"), Keys::names(["x"]));
    let answers = backend.read(&[wrong], &run).await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().kind(),
        VaultErrorKind::InvalidRequest
    );
    assert!(server.seen().is_empty());
}

#[test]
fn the_backend_shows_its_server_and_no_token() {
    let settings = Settings::new()
        .with("OP_CONNECT_HOST", "http://h:8080/p")
        .with("OP_CONNECT_TOKEN", TOKEN);
    let shown = format!("{:?}", connect(&settings).unwrap());
    assert!(
        shown.contains("http://h:8080") && !shown.contains(TOKEN),
        "{shown}"
    );
    let settings = Settings::new().with("OP_CONNECT_TOKEN", TOKEN);
    assert_eq!(
        connect(&settings).unwrap_err().kind(),
        VaultErrorKind::Configuration
    );
}
