//! The suite that every backend runs, for fields of a secret and for secrets of a group, and what
//! secrets of each type hold.

use async_trait::async_trait;

use super::connect;
use super::samples::{
    SecretsManager, Stored, TEAM_ID, json_of, map, path, read_one, serve, settings, text, with,
};
use crate::suite::{self, Case, Fixture, Setup};
use crate::{ConnectContext, Exposed, VaultErrorKind};

/// Fields of a secret of a named group, by a login within the run.
struct Fields;
/// Secrets of a group by its id, after a login.
struct Secrets;

fn value(case: Case) -> String {
    match case.value().expose() {
        Exposed::Text(text) => text.to_owned(),
        _ => String::new(),
    }
}

fn unsupported() -> Vec<(Case, &'static str)> {
    vec![(Case::Binary, "values are text")]
}

#[async_trait]
impl Fixture for Fields {
    async fn set_up(&self, case: Case) -> Setup {
        let value = serde_json::json!(value(case)).to_string();
        let now = format!("{{\"password\":{value},\"user\":\"u\"}}");
        let secret = match case {
            Case::Version => map("db", "{\"password\":\"new\"}").with_version(
                "v-1",
                "previous",
                Some(&format!("\"data\":{now}")),
            ),
            Case::SameName => map("db", "{\"password\":\"one\",\"password\":\"another\"}"),
            _ => map("db", &now),
        };
        let server = serve(with([secret])).await;
        let (name, key) = match case {
            Case::MissingPath => ("team/other", "password"),
            Case::MissingKey => ("team/db", "absent"),
            _ => ("team/db", "password"),
        };
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let setup = Setup::new(backend, path("kv", name), key).with_server(server);
        match case {
            Case::Version => setup.with_version("v-1"),
            Case::MissingVersion => setup.with_version("v-9"),
            _ => setup,
        }
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for Secrets {
    async fn set_up(&self, case: Case) -> Setup {
        let value = value(case);
        let secret = match case {
            Case::Version => {
                let old = format!("\"payload\":{}", serde_json::json!(value));
                text("db", "new").with_version("v-1", "previous", Some(&old))
            }
            _ => text("db", &value),
        };
        let mut secrets = vec![secret, text("other", "o")];
        if case == Case::SameName {
            let id = "another".to_owned();
            secrets.push(Stored {
                id,
                ..text("db", "another")
            });
        }
        let server = serve(with(secrets)).await;
        let group = match case {
            Case::MissingPath => "11111111-3a4d-4c5e-9f60-718293a4b5c6",
            _ => TEAM_ID,
        };
        let key = if case == Case::MissingKey {
            "absent"
        } else {
            "db"
        };
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let setup = Setup::new(backend, path("arbitrary", group), key).with_server(server);
        let setup = match case {
            Case::Version => setup.with_version("previous"),
            Case::MissingVersion => setup.with_version("v-9"),
            _ => setup,
        };
        setup.read_before(&path("arbitrary", "default")).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[tokio::test]
async fn it_runs_the_suite_with_fields_of_a_secret() {
    suite::run_all(&Fields).await;
}

#[tokio::test]
async fn it_runs_the_suite_with_secrets_of_a_group() {
    suite::run_all(&Secrets).await;
}

#[tokio::test]
async fn each_type_has_its_fields_and_nothing_of_what_is_told_about_it() {
    const CERTIFICATE: &str = r#""certificate":"C","private_key":"K","intermediate":"I""#;
    for (of_type, data, fields) in [
        ("arbitrary", r#""payload":"p""#, &[("payload", "\"p\"")][..]),
        (
            "username_password",
            r#""username":"u","password":"p""#,
            &[("username", "\"u\""), ("password", "\"p\"")],
        ),
        (
            "kv",
            r#""data":{"port":12345678901234567890.10,"on":true,"list":[1.50,{"a":null}]}"#,
            &[
                ("port", "12345678901234567890.10"),
                ("on", "true"),
                ("list", "[1.50,{\"a\":null}]"),
            ],
        ),
        (
            "imported_cert",
            CERTIFICATE,
            &[
                ("certificate", "\"C\""),
                ("private_key", "\"K\""),
                ("intermediate", "\"I\""),
            ],
        ),
        (
            "public_cert",
            r#""certificate":"C","private_key":null"#,
            &[("certificate", "\"C\"")],
        ),
        (
            "private_cert",
            r#""certificate":"C","private_key":"K","issuing_ca":"A","ca_chain":["A","R"]"#,
            &[
                ("certificate", "\"C\""),
                ("private_key", "\"K\""),
                ("issuing_ca", "\"A\""),
                ("ca_chain", "[\"A\",\"R\"]"),
            ],
        ),
        (
            "iam_credentials",
            r#""api_key":"k","api_key_id":"ApiKey-1""#,
            &[("api_key", "\"k\"")],
        ),
        (
            "service_credentials",
            r#""credentials":{"apikey":"k","port":1.0}"#,
            &[("apikey", "\"k\""), ("port", "1.0")],
        ),
        (
            "custom_credentials",
            r#""credentials_content":{"user":"u"}"#,
            &[("user", "\"u\"")],
        ),
    ] {
        let server = serve(with([Stored::new(of_type, "one", data)])).await;
        let one = read_one(&server, &path(of_type, "team/one"), &[]).await;
        let one = one.unwrap();
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(one.names().collect::<Vec<_>>(), names, "{of_type}");
        for (name, value) in fields {
            assert_eq!(
                json_of(&one, name).as_deref(),
                Some(*value),
                "{of_type} {name}"
            );
        }
        for group in ["team", TEAM_ID] {
            let all = read_one(&server, &path(of_type, group), &["one"]).await;
            let whole = json_of(&all.unwrap(), "one").unwrap();
            let pairs = fields
                .iter()
                .map(|(name, value)| format!("\"{name}\":{value}"));
            let map = format!("{{{}}}", pairs.collect::<Vec<_>>().join(","));
            let is_text = of_type == "arbitrary";
            assert_eq!(
                whole,
                if is_text { "\"p\"".to_owned() } else { map },
                "{group}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_secret_does_not_hold_is_missing() {
    let empty = [
        Stored::new("public_cert", "ordered", ""),
        map("nothing", "{}"),
        map("null", "{\"a\":null}"),
        Stored::new("kv", "lost", ""),
    ];
    let server = serve(with(empty)).await;
    let ordered = path("public_cert", "team/ordered");
    let secret = read_one(&server, &ordered, &["certificate"]).await.unwrap();
    assert!(secret.value("certificate").is_none() && secret.is_empty());
    let names = ["nothing", "lost"];
    let secret = read_one(&server, &path("kv", "team"), &names).await;
    let secret = secret.unwrap();
    assert!(names.iter().all(|name| secret.value(name).is_none()));
    let null = read_one(&server, &path("kv", "team/null"), &["a"]).await;
    assert!(null.unwrap().is_null("a"));
}

#[tokio::test]
async fn versions_are_by_id_or_alias_and_one_without_data_is_missing() {
    let secret = text("db", "now")
        .with_version("v-1", "previous", Some("\"payload\":\"before\""))
        .with_version("v-0", "", None);
    let api_key = Stored::new("iam_credentials", "robot", "\"api_key\":\"new\"").with_version(
        "v-1",
        "previous",
        Some("\"api_key\":\"old\""),
    );
    let server = serve(with([secret, api_key])).await;
    for (version, value) in [
        ("", "\"now\""),
        ("#", "\"now\""),
        ("#current", "\"now\""),
        ("#previous", "\"before\""),
        ("#v-1", "\"before\""),
    ] {
        for group in ["team", TEAM_ID] {
            let at = path("arbitrary", group) + version;
            let all = read_one(&server, &at, &["db"]).await.unwrap();
            assert_eq!(json_of(&all, "db").as_deref(), Some(value), "{at}");
        }
    }
    let robot = path("iam_credentials", "team/robot#previous");
    let robot = read_one(&server, &robot, &["api_key"]).await.unwrap();
    assert_eq!(json_of(&robot, "api_key").as_deref(), Some("\"old\""));
    assert_eq!(robot.version(), Some("previous"));

    use VaultErrorKind::{InvalidRequest, NotFound};
    for (version, kind, message) in [
        (
            "v-0",
            NotFound,
            "the `arbitrary` secret `db` in the group `team` has no data in its version `v-0` any more",
        ),
        (
            "v-9",
            NotFound,
            "the `arbitrary` secret `db` in the group `team` has no version `v-9` (HTTP 404)",
        ),
        (
            "odd",
            InvalidRequest,
            "`odd` is not a version of the `arbitrary` secret `db` in the group `team` (HTTP 400)",
        ),
    ] {
        let at = format!("{}#{version}", path("arbitrary", "team/db"));
        let error = read_one(&server, &at, &["payload"]).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
    // Of several, those that have the version are there.
    let at = path("arbitrary", "team#v-0");
    let error = read_one(&server, &at, &["db", "absent"]).await.unwrap_err();
    assert_eq!(error.kind(), NotFound);
    let at = path("arbitrary", "team#v-1");
    let some = read_one(&server, &at, &["db", "absent"]).await.unwrap();
    assert!(some.value("db").is_some() && some.value("absent").is_none());
}

#[tokio::test]
async fn a_name_that_no_secret_can_have_is_a_missing_one() {
    let server = serve(with([text("db", "x")])).await;
    let secret = read_one(&server, &path("arbitrary", "team"), &["db", "d b", "d:b"]).await;
    let secret = secret.unwrap();
    assert!(secret.value("d b").is_none() && secret.value("d:b").is_none());
    assert_eq!(json_of(&secret, "db").as_deref(), Some("\"x\""));
    for (at, message) in [
        (
            "team/d b",
            "there is no `arbitrary` secret `d b` in the group `team`",
        ),
        ("absent/d b", "there is no secret group `absent`"),
    ] {
        let error = read_one(&server, &path("arbitrary", at), &["payload"]).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound);
        assert_eq!(error.to_string(), message);
        // A missing key, as with a path that ends with the group. A missing group is not.
        assert_eq!(error.means_missing_keys(), at.starts_with("team"));
    }
    // Who may not list is told that it was refused.
    let unlisted = SecretsManager {
        unlisted: true,
        ..with([])
    };
    let server = serve(unlisted).await;
    let error = read_one(&server, &path("arbitrary", "team/d b"), &["payload"]).await;
    assert_eq!(error.unwrap_err().kind(), VaultErrorKind::InvalidRequest);
}
