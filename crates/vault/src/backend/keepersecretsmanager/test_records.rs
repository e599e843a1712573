//! Records: how they are found, and what their keys stand for.

use std::sync::Arc;
use std::time::Duration;

use super::connect;
use super::samples::{
    ABSENT, DB, Keeper, OTHER, Share, Stored, database, json, json_of, read_one, request, run,
    serve, targets,
};
use crate::suite::{SENTINEL, Server, TOKEN};
use crate::{ConnectContext, Settings, Sharing, Traffic, VaultErrorKind};

#[tokio::test]
async fn a_field_goes_by_its_label_or_else_by_its_type() {
    let record = database()
        .with("url", json!([]))
        .with("url", json!(null))
        .with_field("fields", json!({"type": "oneTimeCode"}))
        .with_field(
            "fields",
            json!({"type": "secret", "label": "API key", "value": ["k"]}),
        )
        .with("host", json!([{"hostName": "h", "port": "5432"}]))
        .with("phone", json!([{"number": "1"}, {"number": "2"}]))
        .with("date", json!([1_700_000_000_123_u64]))
        .with("pin", json!([""]))
        .with("odd", json!("alone"))
        .with_custom("text", "extra", json!(["x"]))
        .with_custom("text", "", json!(["plain"]))
        .with_custom("text", "password", json!(["not this"]))
        .with_custom("text", "url", json!(["https://h"]))
        .with_custom("checkbox", "on", json!([true]))
        .with_custom("text", "none", json!([null]));
    let (_server, settings) = serve(vec![record]).await;
    let secret = read_one(&settings, DB, &[]).await.unwrap();
    for (key, value) in [
        ("login", "\"svc\""),
        // The standard field comes first.
        ("password", "\"p1\""),
        // A field without a value hides no other one.
        ("url", "\"https://h\""),
        ("API key", "\"k\""),
        ("host", r#"{"hostName":"h","port":"5432"}"#),
        ("phone", r#"[{"number":"1"},{"number":"2"}]"#),
        ("date", "1700000000123"),
        ("pin", "\"\""),
        ("odd", "\"alone\""),
        ("extra", "\"x\""),
        ("text", "\"plain\""),
        ("on", "true"),
    ] {
        assert_eq!(json_of(&secret, key), value, "{key}");
    }
    for key in [
        "oneTimeCode",
        "secret",
        "none",
        "Login",
        "title",
        "notes",
        "absent",
    ] {
        assert!(secret.value(key).is_none(), "{key}");
    }
    let names: Vec<_> = secret.names().collect();
    assert!(
        !names.contains(&"oneTimeCode") && names.contains(&"API key"),
        "{names:?}"
    );
    assert_eq!(names.iter().filter(|name| **name == "password").count(), 1);
    assert_eq!((secret.id(), secret.title()), (Some(DB), Some("My db")));
    assert_eq!(secret.version(), Some("7"));
}

#[tokio::test]
async fn keys_in_keepers_notation_name_one_of_several() {
    let record = database()
        .with_field(
            "fields",
            json!({"type": "secret", "label": "API key", "value": ["k"]}),
        )
        .with_custom("text", "password", json!(["custom"]))
        .with_custom("text", "field/odd", json!(["a label"]))
        .with_notes("line 1\nline 2")
        .with_file("F1", "a/b.pem", "Key", b"pem");
    let (_server, settings) = serve(vec![record]).await;
    let keys = [
        "field/password",
        "custom_field/password",
        "field/secret",
        "field/API key",
        "field/odd",
        "notes",
        "file/a/b.pem",
        "a/b.pem",
        "file/Key",
        "file/F1",
        "file/no",
        "field/no",
        "custom_field/login",
        "other/password",
        "field",
    ];
    let secret = read_one(&settings, DB, &keys).await.unwrap();
    for (key, value) in keys.iter().zip([
        "\"p1\"",
        "\"custom\"",
        "\"k\"",
        "\"k\"",
        "\"a label\"",
        "\"line 1\\nline 2\"",
        "\"pem\"",
        "\"pem\"",
        "\"pem\"",
        "\"pem\"",
    ]) {
        assert_eq!(json_of(&secret, key), value, "{key}");
    }
    for key in &keys[10..] {
        assert!(secret.value(key).is_none(), "{key}");
    }
}

#[tokio::test]
async fn what_goes_by_one_key_and_differs_is_an_error_of_this_key() {
    let record = database()
        .with_custom("text", "twice", json!(["1"]))
        .with_custom("text", "twice", json!(["2"]))
        .with_custom("text", "same", json!(["1"]))
        .with_custom("text", "same", json!(["1"]))
        .with_file("F1", "a.pem", "", b"1")
        .with_file("F2", "b.pem", "a.pem", b"2");
    let (_server, settings) = serve(vec![record]).await;
    let secret = read_one(&settings, DB, &["twice", "same", "a.pem", "login"])
        .await
        .unwrap();
    assert_eq!(json_of(&secret, "same"), "\"1\"");
    assert_eq!(json_of(&secret, "login"), "\"svc\"");
    for (key, message) in [
        ("twice", "several fields of the record are called `twice`"),
        ("a.pem", "several files of the record are called `a.pem`"),
    ] {
        let error = secret.value(key).unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let error = secret.value("a.pem").unwrap().unwrap_err();
    assert_eq!(error.hint(), Some("name it by its UID: file/UID"));
}

#[tokio::test]
async fn a_record_is_opened_however_it_is_shared() {
    for share in [Share::Keyed, Share::Alone, Share::Folder, Share::Twice] {
        let (_server, settings) = serve(vec![database().shared(share)]).await;
        for path in [DB, "My db"] {
            let secret = read_one(&settings, path, &["password"]).await.unwrap();
            assert_eq!(json_of(&secret, "password"), "\"p1\"");
        }
    }
}

#[tokio::test]
async fn a_title_of_several_records_and_one_of_none_are_told() {
    let records = || {
        vec![
            database(),
            Stored::new(OTHER, "My db"),
            Stored::new("T000000000000000000000", "Other db"),
            // It has the shape of a UID.
            Stored::new("U000000000000000000000", ABSENT).with("login", json!(["titled"])),
        ]
    };
    let (server, settings) = serve(records()).await;
    let error = read_one(&settings, "My db", &["login"]).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
    assert!(
        error
            .to_string()
            .starts_with("several records have the title `My db`"),
        "{error}"
    );
    assert_eq!(error.hint(), Some("name the record by its UID"));
    assert_eq!(error.candidates(), [DB, OTHER]);
    let error = read_one(&settings, "other  DB", &["login"])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .starts_with("there is no record `other  DB`"),
        "{error}"
    );
    assert_eq!(error.candidates(), ["Other db"]);
    assert_eq!(
        error.hint(),
        Some(
            "it must be shared with the application of the configuration, alone or with its folder"
        )
    );

    let secret = read_one(&settings, ABSENT, &["login"]).await.unwrap();
    assert_eq!(json_of(&secret, "login"), "\"titled\"");
    // Where rules judge paths, what has the shape of a UID is one.
    server.forget();
    let restricted = ConnectContext::new().with_restriction(true);
    let backend = connect(&settings, &restricted).unwrap();
    let requests = [request(ABSENT, &["login"]), request(DB, &["login"])];
    let (answers, _) = run(&backend, &requests).await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().kind(),
        VaultErrorKind::NotFound
    );
    assert!(answers[1].is_ok());
    assert_eq!(targets(&server), ["get_secret"]);
    let requests = [request(ABSENT, &["login"]), request("Other db", &[])];
    let (answers, _) = run(&backend, &requests).await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().kind(),
        VaultErrorKind::NotFound
    );
    assert!(answers[1].is_ok());
}

#[tokio::test]
async fn a_record_that_cannot_be_opened_is_no_missing_one() {
    let keeper = Keeper::new(
        TOKEN,
        vec![database(), Stored::new(OTHER, "x").shared(Share::Folder)],
    );
    let another = Keeper::new(TOKEN, vec![]).config("");
    let mut config = keeper.config("HOST");
    config["appKey"] = another["appKey"].clone();
    let server = Server::start(move |seen| keeper.answer(seen)).await;
    let config = config.to_string().replace("HOST", &server.url());
    let settings = Settings::new().with("KSM_CONFIG", config);
    for (path, message) in [
        (DB, "cannot be opened with the key of the application"),
        (OTHER, "cannot be opened with the key of the application"),
        (
            "My db",
            "is not among the records that can be opened, but others cannot be",
        ),
    ] {
        let error = read_one(&settings, path, &["login"]).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(
            error.hint(),
            Some("check `appKey` in the configuration: it must be that of this device")
        );
    }
}

#[tokio::test]
async fn a_record_of_an_odd_form_is_told_and_its_neighbours_are_read() {
    for content in [
        json!(SENTINEL),
        json!({"title": 1}),
        json!({"title": "t", "fields": [{"type": "login", "value": ["a"], "label": []}]}),
        json!({"title": "t", "fields": {}}),
    ] {
        let mut odd = Stored::new(OTHER, "");
        odd.content = content;
        let (_server, settings) = serve(vec![odd, database()]).await;
        let error = read_one(&settings, OTHER, &["login"]).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert!(!format!("{error} {error:?}").contains(SENTINEL));
        read_one(&settings, DB, &["login"]).await.unwrap();
        read_one(&settings, "My db", &["login"]).await.unwrap();
    }
    for content in [
        json!({}),
        json!({"title": null, "fields": null, "custom": null, "notes": null}),
    ] {
        let mut bare = Stored::new(OTHER, "");
        bare.content = content;
        let (_server, settings) = serve(vec![bare]).await;
        let secret = read_one(&settings, OTHER, &[]).await.unwrap();
        assert_eq!(secret.names().len(), 0);
    }
}

#[tokio::test]
async fn no_key_of_the_device_is_given_out_as_a_value() {
    let keeper = Arc::new(Keeper::new(TOKEN, vec![]));
    let config = keeper.config("keeper.example.com");
    let whole = config.to_string();
    let text = |name: &str| config[name].as_str().unwrap();
    let mut record = Stored::new(DB, "t").with_custom("text", "other", json!(["x"]));
    for (key, value) in [
        ("client", TOKEN),
        ("private", text("privateKey")),
        ("app", text("appKey")),
        ("whole", &whole),
    ] {
        record = record.with_custom("text", key, json!([format!(" {value}\n")]));
    }
    let (server, _) = serve(vec![]).await;
    drop(server);
    // The same device at another server, which has these records.
    let mut served = Arc::try_unwrap(keeper).ok().unwrap();
    served.records = vec![record];
    let server = Server::start(move |seen| served.answer(seen)).await;
    let whole = whole.replace("keeper.example.com", &server.url());
    let settings = Settings::new().with("KSM_CONFIG", whole);
    let context = ConnectContext::new().with_confinement(true);
    let info = crate::backend::by_name("keepersecretsmanager").unwrap();
    let backend = info.connect(&settings, &context).unwrap().unwrap();
    let keys = ["client", "private", "app", "other"];
    let (answers, _) = run(&backend, &[request(DB, &keys)]).await;
    let secret = answers[0].as_ref().unwrap();
    for key in &keys[..3] {
        let error = secret.value(key).unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied, "{key}");
    }
    assert!(secret.value("other").unwrap().is_ok());
}

fn sharing(settings: &Settings, is_by_author: bool) -> Arc<dyn crate::VaultBackend> {
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new()
        .with_sharing(sharing)
        .with_author(is_by_author);
    connect(settings, &context).unwrap()
}

#[tokio::test]
async fn runs_share_what_they_read_and_look_again_for_what_is_missing() {
    let record = database().with_file("F1", "a.pem", "", b"pem");
    let (server, settings) = serve(vec![record]).await;
    let backend = sharing(&settings, false);
    let sent = |path: &'static str, key: &'static str| {
        let (backend, server) = (Arc::clone(&backend), &server);
        async move {
            server.forget();
            let _ = run(&backend, &[request(path, &[key])]).await;
            targets(server).len()
        }
    };
    assert_eq!(sent(DB, "login").await, 1);
    assert_eq!(sent(DB, "password").await, 0);
    assert_eq!(
        sent(DB, "absent").await,
        1,
        "a missing key is looked for again"
    );
    assert_eq!(sent("My db", "login").await, 1);
    assert_eq!(sent("My db", "login").await, 0);
    // A file is kept, its address is not.
    assert_eq!(sent(DB, "a.pem").await, 2);
    assert_eq!(sent(DB, "a.pem").await, 1);
    assert_eq!(sent(ABSENT, "login").await, 2);
    assert_eq!(sent(ABSENT, "login").await, 2, "a miss is not shared");

    let backend = sharing(&settings, true);
    for _ in 0..2 {
        server.forget();
        run(&backend, &[request(DB, &["login"])]).await;
        assert_eq!(targets(&server).len(), 1);
    }
}
