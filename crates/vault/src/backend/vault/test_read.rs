//! What is read at a path, and what is said if nothing is.

use serde_json::json;

use super::connect;
use super::samples::{
    errors, json_of, no_data, plain, read, read_one, request, serve, settings, targets, version,
};
use crate::suite::{Reply, Seen, Server};
use crate::{ConnectContext, Keys, RunContext, SecretPath, SecretRequest, VaultErrorKind};

#[tokio::test]
async fn values_keep_their_digits_and_shapes() {
    const DATA: &str = r#"{"big":12345678901234567890.10,"exp":1e400,"zero":-0.0,"none":null,
        "list":[1,{"a":"b"}],"flag":true,"empty":"","data":"text"}"#;
    let server = serve(|path, _| match path {
        "kv/a" => Some(plain(DATA)),
        "secret/data/a" => Some(Reply::json(format!(
            r#"{{"data":{{"data":{DATA},"metadata":{{"version":7}}}}}}"#
        ))),
        _ => None,
    })
    .await;
    let settings = settings(&server);
    let one = read_one(&settings.clone().with("AVP_KV_VERSION", "1"), "kv/a").await;
    let two = read_one(&settings, "secret/data/a").await.unwrap();
    assert_eq!(
        (two.id(), two.version()),
        (Some("secret/data/a"), Some("7"))
    );
    let one = one.unwrap();
    assert_eq!((one.id(), one.version()), (Some("kv/a"), None));
    for secret in [one, two] {
        for (key, json) in [
            ("big", "12345678901234567890.10"),
            ("exp", "1e400"),
            ("zero", "-0.0"),
            ("list", r#"[1,{"a":"b"}]"#),
            ("flag", "true"),
            ("empty", r#""""#),
            ("data", r#""text""#),
        ] {
            assert_eq!(json_of(&secret, key), json);
        }
        assert!(secret.value("none").is_none());
        assert_eq!(secret.names().len(), 8);
    }
}

#[tokio::test]
async fn only_the_wanted_keys_are_handed_out() {
    let server = serve(|_, _| Some(version(1, json!({"a": "1", "b": "2"})))).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let mut one = request(backend.as_ref(), "secret/data/x", None);
    one.keys = Keys::names(["b", "c"]);
    let all = request(backend.as_ref(), "secret/data/x", None);
    let answers = backend.read(&[one, all], &RunContext::default()).await;
    let [Ok(one), Ok(all)] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert!(one.value("a").is_none() && one.value("b").is_some() && one.value("c").is_none());
    assert!(all.value("a").is_some() && all.value("b").is_some());
    assert_eq!(one.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn another_engine_under_kv_version_2_is_an_error_and_no_panic() {
    let server = serve(|path, _| {
        Some(plain(match path {
            // A string called `data` made AVP panic (rule 68).
            "kv/text" => r#"{"data":"text","user":"u"}"#,
            "kv/list" => r#"{"data":[1],"metadata":{}}"#,
            "kv/metadata" => r#"{"data":{"a":"b"},"metadata":"text"}"#,
            "kv/null" => r#"{"data":null}"#,
            "kv/scalar" => r#""text""#,
            _ => r#"{"user":"u"}"#,
        }))
    })
    .await;
    let paths = [
        "kv/text",
        "kv/list",
        "kv/metadata",
        "kv/null",
        "kv/scalar",
        "kv/other",
    ];
    let (answers, _) = read(&settings(&server), &paths).await;
    for (answer, path) in answers.iter().zip(paths) {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (
                VaultErrorKind::InvalidRequest,
                format!(
                    "could not get data from Vault for the path `{path}`, check that kv-v2 is the correct engine"
                )
            )
        );
        assert!(
            error
                .hint()
                .unwrap()
                .contains("avp.kubernetes.io/kv-version")
        );
    }
}

#[tokio::test]
async fn the_annotation_comes_before_the_setting() {
    let server = serve(|_, _| Some(plain(r#"{"data":{"a":"inner"},"a":"outer"}"#))).await;
    for (setting, annotation, value) in [
        ("1", None, r#""outer""#),
        ("1", Some("2"), r#""inner""#),
        ("2", None, r#""inner""#),
        ("2", Some("1"), r#""outer""#),
    ] {
        let backend = connect(
            &settings(&server).with("AVP_KV_VERSION", setting),
            &ConnectContext::new(),
        )
        .unwrap();
        let request = request(backend.as_ref(), "x/y", annotation);
        let answers = backend.read(&[request], &RunContext::default()).await;
        assert_eq!(json_of(answers[0].as_ref().unwrap(), "a"), value);
    }
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    assert_eq!(
        backend.options(),
        ["avp.kubernetes.io/kv-version"].as_slice()
    );
    assert!(backend.has_versions());
}

#[tokio::test]
async fn what_is_missing_is_told_apart() {
    let gone = |destroyed: bool| {
        let metadata = json!({"version": 2, "destroyed": destroyed, "deletion_time": "2026"});
        Reply::json(json!({"data": {"data": null, "metadata": metadata}}).to_string())
            .with_status(404)
    };
    let server = serve(move |path, _| {
        Some(match path {
            "secret/data/deleted" | "secret/data/deleted?version=2" => gone(false),
            "secret/data/destroyed" | "secret/data/destroyed?version=2" => gone(true),
            "nomount/data/x" => errors(404, &["no handler for route \"nomount/data/x\"."]),
            "empty/data/x" => Reply::new(204),
            _ => return None,
        })
    })
    .await;
    let paths = [
        "secret/data/absent",
        "secret/data/absent#3",
        "secret/data/deleted",
        "secret/data/deleted#2",
        "secret/data/destroyed",
        "secret/data/destroyed#2",
        "empty/data/x",
        "nomount/data/x",
    ];
    let (answers, _) = read(&settings(&server), &paths).await;
    let messages = [
        "could not find secrets at path `secret/data/absent`",
        "could not find secrets at path `secret/data/absent` with version `3`",
        "the newest version of the secret for Vault path `secret/data/deleted` was deleted",
        "the secret version `2` for Vault path `secret/data/deleted` is nil: it was deleted",
        "the newest version of the secret for Vault path `secret/data/destroyed` was destroyed",
        "the secret version `2` for Vault path `secret/data/destroyed` is nil: it was destroyed",
        "could not find secrets at path `empty/data/x`",
        "nothing is mounted at the path `nomount/data/x`",
    ];
    for (answer, message) in answers.iter().zip(messages) {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(error.to_string(), message);
        // A wrong mount is a mistake, which no default may hide.
        assert_eq!(
            error.kind() == VaultErrorKind::NotFound,
            !message.starts_with("nothing")
        );
    }
}

#[tokio::test]
async fn what_only_looks_like_an_answer_is_no_missing_secret() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"data":null}"#,
        r#"{"errors":["x"]}"#,
        r#""x""#,
    ] {
        let server = Server::start(move |_| Reply::json(body)).await;
        for version in ["1", "2"] {
            let settings = settings(&server).with("AVP_KV_VERSION", version);
            let error = read_one(&settings, "secret/data/a").await.unwrap_err();
            assert_eq!(
                error.kind(),
                VaultErrorKind::InvalidAnswer,
                "{body}: {error}"
            );
        }
    }
}

/// A server with a versioned mount at `team/kv/` and a plain one at `kv1/`.
fn mounts(path: &str, _: &Seen) -> Option<Reply> {
    let mount = |path: &str, version: &str| {
        let data = json!({"path": path, "type": "kv", "options": {"version": version}});
        Some(plain(&data.to_string()))
    };
    match path.strip_prefix("sys/internal/ui/mounts/") {
        Some(path) if path.starts_with("team/kv/") => mount("team/kv/", "2"),
        Some(path) if path.starts_with("kv1/") => mount("kv1/", "1"),
        Some(path) if path.starts_with("closed/") => {
            let message = "preflight capability check returned 403, please ensure …";
            Some(errors(403, &[message]))
        }
        Some(_) => None,
        None if path.starts_with("team/kv/data/absent") => None,
        None if path.starts_with("team/kv/data/") => Some(version(4, json!({"a": path}))),
        None => Some(no_data()),
    }
}

#[tokio::test]
async fn a_forgotten_data_is_added_and_noted() {
    let server = serve(mounts).await;
    let paths = ["team/kv/a", "team/kv/deep/b#4", "team/kv/absent"];
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = paths.map(|path| request(backend.as_ref(), path, None));
    // One at a time, so that the mount is known to the later ones.
    let run = RunContext::new()
        .with_timeout(RunContext::DEFAULT_TIMEOUT)
        .with_concurrency(1);
    let answers = backend.read(&requests, &run).await;
    for (answer, path) in answers
        .iter()
        .zip(["team/kv/data/a", "team/kv/data/deep/b?version=4"])
    {
        let secret = answer.as_ref().unwrap();
        assert_eq!(json_of(secret, "a"), format!("\"{path}\""));
    }
    assert_eq!(
        answers[2].as_ref().unwrap_err().to_string(),
        "could not find secrets at path `team/kv/data/absent`"
    );
    let preflights = targets(&server);
    let preflights = preflights.iter().filter(|target| target.contains("/sys/"));
    assert_eq!(preflights.count(), 1);
    assert_eq!(run.notes().len(), 3);
    assert!(
        run.notes().contains(
            &"the path `team/kv/a` lacks /data/ and was read as `team/kv/data/a`; please write it that way"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn a_forgotten_data_that_cannot_be_added_is_avps_error() {
    let server = serve(mounts).await;
    let paths = ["kv1/a", "closed/a", "unknown/a"];
    let (answers, run) = read(&settings(&server), &paths).await;
    for (answer, path) in answers.iter().zip(paths) {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (
                VaultErrorKind::InvalidRequest,
                format!(
                    "the Vault path: `{path}` is empty - did you forget to include /data/ in the Vault path for kv-v2?"
                )
            )
        );
    }
    assert!(run.notes().is_empty());

    let one = settings(&server).with("AVP_KV_VERSION", "1");
    let error = read_one(&one, "team/kv/a").await.unwrap_err();
    assert_eq!(error.to_string(), "the Vault path: `team/kv/a` is empty");
    assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_server_that_fails_while_it_is_asked_for_the_mount_is_unavailable() {
    let server = serve(|path, _| {
        if path.starts_with("sys/") {
            Some(errors(503, &["x"]))
        } else {
            Some(no_data())
        }
    })
    .await;
    let settings = settings(&server).with("VAULT_MAX_RETRIES", "0");
    let error = read_one(&settings, "team/kv/a").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
}

#[tokio::test]
async fn with_path_rules_a_forgotten_data_is_named_and_not_added() {
    let server = serve(mounts).await;
    let settings = settings(&server);
    let by_setting =
        super::Vault::from_settings(&settings.clone().with("MANIFILL_VAULT_PATH_REPAIR", "false"));
    let by_program = super::Vault::from_settings(&settings).map(|it| it.with_path_repair(false));
    for backend in [by_setting, by_program] {
        let backend = backend.unwrap();
        let request = request(&backend, "team/kv/a", None);
        let run = RunContext::default();
        let answers = crate::VaultBackend::read(&backend, &[request], &run).await;
        let error = answers[0].as_ref().unwrap_err();
        assert!(
            error.to_string().ends_with("it would be `team/kv/data/a`"),
            "{error}"
        );
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
        assert!(run.notes().is_empty());
    }
    let read = targets(&server);
    assert!(
        !read.iter().any(|target| target.contains("/data/")),
        "{read:?}"
    );
}

/// The server tells the engine of a path as it is mounted in its namespace.
fn engines(path: &str) -> Option<Reply> {
    let asked = path.strip_prefix("sys/internal/ui/mounts/")?;
    let mount = |path: &str, kind: &str| plain(&json!({"path": path, "type": kind}).to_string());
    Some(match asked.split('/').collect::<Vec<_>>().as_slice() {
        ["kv1", ..] => mount("kv1/", "kv"),
        ["team-a", "kv1", ..] => mount("kv1/", "kv"),
        ["team-b", "auth", ..] => mount("team-b/auth/", "kv"),
        ["team-a", "auth", "token", ..] => mount("token/", "token"),
        // Namespaces that are called as what is mounted in them.
        ["team-a", "token", "auth", "token", ..] => mount("token/", "ns_token"),
        ["ci", "auth", "ci", ..] => {
            plain(r#"{"path":"ci/","type":"approle","config":{"token_type":"default-service"}}"#)
        }
        ["team-a", "sys", ..] => mount("sys/", "system"),
        ["team-a", "identity", ..] => mount("identity/", "identity"),
        _ => errors(403, &["preflight capability check returned 403"]),
    })
}

#[tokio::test]
async fn the_login_cannot_be_read_as_if_it_were_a_secret() {
    let server = serve(|path, _| {
        engines(path).or_else(|| Some(plain(r#"{"id":"sentinel","password":"p"}"#)))
    })
    .await;
    let settings = settings(&server).with("AVP_KV_VERSION", "1");
    for path in [
        "team-a/auth/token/lookup-self",
        "team-a/sys/mounts",
        "team-a/identity/oidc/token/app",
        "team-a/token/auth/token/lookup-self",
        "ci/auth/ci/role/x/role-id",
        "team-c/auth/token/lookup-self",
        "v1/auth/token/lookup-self",
    ] {
        let error = read_one(&settings, path).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied, "{path}");
        assert!(error.to_string().contains("the API of logins"), "{error}");
    }
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    for path in [
        "auth/token/lookup-self",
        "/auth//token/lookup-self",
        "sys/mounts",
        "identity/oidc/token/app",
        "au\tth/token/lookup-self",
    ] {
        assert!(backend.parse_path(path).is_err(), "{path}");
        let by_hand = SecretRequest::new(SecretPath::verbatim(path), Keys::All);
        let answer = backend.read(&[by_hand], &RunContext::default()).await;
        let error = answer[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest, "{path}");
    }
    let asked = targets(&server);
    assert_eq!(asked.len(), 7);
    assert!(
        asked
            .iter()
            .all(|target| target.contains("/sys/internal/ui/mounts/")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_secret_may_be_called_as_the_api_of_logins_is() {
    let server = serve(|path, _| engines(path).or_else(|| Some(plain(r#"{"a":"b"}"#)))).await;
    let settings = settings(&server).with("AVP_KV_VERSION", "1");
    let paths = [
        "kv1/auth/x",
        "kv1/auth/token/y",
        "kv1/a/sys",
        "kv1/identity",
        "team-a/kv1/auth/x",
        "team-b/auth/x",
        "kv1/other",
    ];
    let (answers, _) = read(&settings, &paths).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let asked = targets(&server);
    let asked = asked
        .iter()
        .filter(|target| target.contains("/sys/"))
        .count();
    assert_eq!(asked, 3, "one for each engine");
}

#[tokio::test]
async fn an_engine_that_cannot_be_asked_for_now_is_no_refusal() {
    let server = serve(|_, _| Some(errors(503, &["local node not active"]))).await;
    let settings = settings(&server).with("VAULT_MAX_RETRIES", "0");
    let error = read_one(&settings, "kv1/auth/x").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_sent_for_each_path() {
    let in_a_list = "1 error occurred:\n\t* permission denied\n\n";
    for (words, most) in [("permission denied", 3), (in_a_list, 40)] {
        let server = Server::start(move |_| errors(403, &[words])).await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let requests: Vec<_> = (0..40)
            .map(|number| request(backend.as_ref(), &format!("secret/data/{number}"), None))
            .collect();
        let run = RunContext::new().with_concurrency(3);
        let answers = backend.read(&requests, &run).await;
        assert!(answers.iter().all(Result::is_err));
        let sent = server.seen().len();
        assert!((1..=most).contains(&sent), "{words}: {sent}");
        assert_eq!(sent == 40, most == 40, "{words}: {sent}");
    }
}
