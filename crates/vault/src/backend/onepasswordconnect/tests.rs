//! The backend against a server: the suite, and what is found or told.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::connect;
use super::samples::{
    Content, DOCUMENT, LAB, LOGIN, PROD, document, id, login, password, read, refusal, request,
    settings, simple, twenty,
};
use crate::suite::{self, Case, Fixture, Reply, SENTINEL, Server, Setup, TOKEN};
use crate::{
    ConnectContext, Exposed, Keys, RunContext, SecretPath, SecretRequest, SecretValue, Settings,
    VaultError, VaultErrorKind,
};

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
            Exposed::Bytes(bytes) if seen.target.ends_with("/content") => {
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
        Setup::new(
            connect(&settings(&server), &ConnectContext::new()).unwrap(),
            path,
            key,
        )
        .with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![
            (Case::Version, "there are no versions"),
            (Case::MissingVersion, "there are no versions"),
        ]
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&Connect).await;
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
async fn a_file_that_is_not_there_yet_is_not_missing() {
    let content = Content::new(vec![document()]);
    let server = Server::start(move |seen| {
        if seen.target.ends_with("/content") {
            refusal(404, "file not found")
        } else {
            content.answer(seen)
        }
    });
    let server = server.await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let request = request(
        &backend,
        &format!("vaults/{PROD}/items/{DOCUMENT}"),
        &["key.pem", "notesPlain"],
    );
    let answers = backend.read(&[request], &RunContext::default()).await;
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
            let backend = connect(
                &settings(&server).with("OP_CONNECT_HOST", server.url() + path),
                &ConnectContext::new(),
            )
            .unwrap();
            let answers = backend
                .read(
                    &[request(&backend, &item, &["password"])],
                    &RunContext::default(),
                )
                .await;
            assert_eq!(
                answers[0].as_ref().err().and_then(VaultError::hint),
                expected
            );
        }
    }
}

#[tokio::test]
async fn a_note_says_that_codes_change() {
    let server = Content::new(vec![login()]).serve().await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let path = format!("vaults/{PROD}/items/{LOGIN}");
    let run = RunContext::default();
    let plain = request(&backend, &path, &["one-time password"]);
    backend.read(std::slice::from_ref(&plain), &run).await;
    assert!(run.notes().is_empty());
    let code = request(&backend, &path, &["one-time password?attribute=otp"]);
    let answers = backend.read(&[code], &run).await;
    let value = answers[0]
        .as_ref()
        .unwrap()
        .value("one-time password?attribute=otp");
    assert_eq!(value, Some(Ok(&SecretValue::text("620460"))));
    assert!(run.notes().iter().any(|note| note.contains("every 30 s")));
    assert!(!backend.has_versions());
}

#[tokio::test]
async fn an_id_that_no_item_has_is_to_be_checked_as_an_id() {
    let server = Content::new(vec![login()]).serve().await;
    let wrong = format!("vaults/{PROD}/items/{}", id("nothing", 1));
    let (answers, _) = read(&server, &[&wrong]).await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().hint(),
        Some("check the id of the item; archived items do not count")
    );
}

#[tokio::test]
async fn the_api_is_no_part_of_the_address() {
    for (end, noted) in [
        ("", false),
        ("/", false),
        ("/v1", true),
        ("/v1/", true),
        ("/v1/vaults", true),
    ] {
        let server = Content::new(vec![login()]).serve().await;
        let settings = settings(&server).with("OP_CONNECT_HOST", format!("{}{end}", server.url()));
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let run = RunContext::default();
        let wanted = request(&backend, "vaults/Production/items/db main", &["password"]);
        let answers = backend.read(&[wanted], &run).await;
        assert!(answers[0].is_ok(), "{end}");
        let told = run
            .notes()
            .iter()
            .any(|note| note.contains("ends with /v1"));
        assert_eq!(told, noted, "{end}");
    }
}

#[tokio::test]
async fn a_title_that_a_version_was_cut_from_gets_a_hint() {
    let server = Content::new(vec![login()]).serve().await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let plain = request(&backend, "vaults/Production/items/C", &[" x"]);
    let cut = plain.clone().with_version("password");
    let answers = backend.read(&[plain, cut], &RunContext::default()).await;
    let advice = answers.iter().map(|answer| {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(error.to_string(), "no item `C` in vault `Production`");
        error.hint()
    });
    let hint = "if its title holds a #, use the item's id or its link";
    let plain = "check the title: `manifill keys` with this path names those that are close; archived items do not count";
    assert_eq!(advice.collect::<Vec<_>>(), [Some(plain), Some(hint)]);
}

#[tokio::test]
async fn nothing_is_asked_for_nothing_or_for_a_path_that_is_none() {
    let server = Content::new(vec![]).serve().await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let run = RunContext::default();
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
    let shown = format!("{:?}", connect(&settings, &ConnectContext::new()).unwrap());
    assert!(
        shown.contains("http://h:8080") && !shown.contains(TOKEN),
        "{shown}"
    );
    let settings = Settings::new().with("OP_CONNECT_TOKEN", TOKEN);
    assert_eq!(
        connect(&settings, &ConnectContext::new())
            .unwrap_err()
            .kind(),
        VaultErrorKind::Configuration
    );
}

#[tokio::test]
async fn what_the_token_says_about_itself_makes_hints() {
    let claims = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
    let covers = claims(&format!(
        r#"{{"1password.com/vts":[{{"u":"{}","a":1}}]}}"#,
        PROD.to_uppercase()
    ));
    for (token, status, vault, hint) in [
        (
            claims(r#"{"exp":1}"#),
            401,
            PROD,
            Some("the token in OP_CONNECT_TOKEN has expired"),
        ),
        (
            claims(r#"{"exp":99999999999}"#),
            401,
            PROD,
            Some("check OP_CONNECT_TOKEN"),
        ),
        (
            covers.clone(),
            403,
            LAB,
            Some(
                "the token says that it is for other vaults; `op connect vault grant` gives its server one more, and then it takes a new token",
            ),
        ),
        (
            covers,
            403,
            PROD,
            Some(
                "check the vault's name or id; `op connect vault grant` lets the server read a vault, and the token must be for it, too",
            ),
        ),
    ] {
        let server = Server::start(move |_| refusal(status, "no")).await;
        let settings = settings(&server).with("OP_CONNECT_TOKEN", token);
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let request = request(
            &backend,
            &format!("vaults/{vault}/items/{LOGIN}"),
            &["password"],
        );
        let answers = backend.read(&[request], &RunContext::default()).await;
        assert_eq!(
            answers[0].as_ref().unwrap_err().hint(),
            hint,
            "{status} {vault}"
        );
    }
}
