//! KV version 1 and 2, other engines, and what is missing or refused.

use manifill_e2e::skip;
use manifill_vault::suite::{Reply, Server};
use manifill_vault::{ConnectContext, RunContext, Settings, VaultErrorKind};
use serde_json::json;

use crate::server::OpenBao;
use crate::{connect, json_of, message, read, read_one, request};

/// Settings of a user who may read some paths of `secret/` and `team/`.
async fn user(server: &OpenBao) -> Settings {
    let policy = r#"
        path "secret/data/app/*" { capabilities = ["read"] }
        path "secret/app/*" { capabilities = ["read"] }
        path "team/kv/*" { capabilities = ["read"] }
        path "rabbitmq/creds/app" { capabilities = ["read"] }
    "#;
    server
        .put("sys/policies/acl/app", json!({ "policy": policy }))
        .await;
    server
        .put("sys/auth/userpass", json!({"type": "userpass"}))
        .await;
    let user = json!({"password": "pw", "token_policies": "app"});
    server.put("auth/userpass/users/app", user).await;
    server
        .settings()
        .with("AVP_AUTH_TYPE", "userpass")
        .with("AVP_USERNAME", "app")
        .with("AVP_PASSWORD", "pw")
}

#[tokio::test]
async fn kv_version_2() {
    if skip("OpenBao, KV version 2") {
        return;
    }
    let server = OpenBao::start().await;
    let path = "secret/data/app/db";
    let data = json!({"data": {"password": "old"}});
    server.put(path, data).await;
    let data = json!({"data": {
        "password": "pässwörd\n🔑", "port": 5432, "big": 12345678901_i64, "none": null,
        "tags": ["a", {"b": true}], "data": "text", "empty": "",
    }});
    server.put(path, data).await;
    for name in ["*.fqdn.com", "a b", "100%", "x+y", "é"] {
        let url = manifill_vault::transport::http::Url::parse(server.url()).unwrap();
        let mut url = url.join("/v1/secret/data/app/").unwrap();
        url.path_segments_mut().unwrap().pop_if_empty().push(name);
        let path = url.path().strip_prefix("/v1/").unwrap().to_owned();
        server.put(&path, json!({"data": {"name": name}})).await;
    }

    let settings = user(&server).await;
    let paths = [
        "secret/data/app/db",
        "secret/data/app/db#1",
        "secret/data/app/db#2",
        "secret/data/app/*.fqdn.com",
        "secret/data/app/a b",
        "secret/data/app/100%",
        "secret/data/app/x+y",
        "secret/data/app/é",
    ];
    let (answers, run) = read(&settings, &paths).await;
    for (key, value) in [
        ("password", "\"pässwörd\\n🔑\""),
        ("port", "5432"),
        ("big", "12345678901"),
        ("tags", r#"["a",{"b":true}]"#),
        ("data", "\"text\""),
        ("empty", "\"\""),
    ] {
        assert_eq!(json_of(&answers[0], key), value);
    }
    let newest = answers[0].as_ref().unwrap();
    assert!(newest.value("none").is_none());
    assert_eq!(newest.version(), Some("2"));
    assert_eq!(json_of(&answers[1], "password"), "\"old\"");
    assert_eq!(json_of(&answers[2], "port"), "5432");
    for (answer, path) in answers.iter().zip(paths).skip(3) {
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(json_of(answer, "name"), format!("\"{name}\""));
    }
    assert!(run.notes().is_empty());
    // One login and one read for each, as the server has counted them.
    let audited = server.audited();
    assert_eq!(audited.len(), 9, "{audited:?}");
    assert_eq!(run.requests_sent(), 9);
    let logins = audited
        .iter()
        .filter(|line| line.ends_with("userpass/login/app"));
    assert_eq!(logins.count(), 1);
}

#[tokio::test]
async fn what_is_missing_or_refused() {
    if skip("OpenBao, missing secrets") {
        return;
    }
    let server = OpenBao::start().await;
    for value in ["1", "2", "3"] {
        server
            .put("secret/data/app/db", json!({"data": {"a": value}}))
            .await;
    }
    server
        .put("secret/destroy/app/db", json!({"versions": [1]}))
        .await;
    server
        .put("secret/delete/app/db", json!({"versions": [2, 3]}))
        .await;
    let settings = user(&server).await;
    let paths = [
        "secret/data/app/absent",
        "secret/data/app/db#9",
        "secret/data/app/db",
        "secret/data/app/db#1",
        "secret/data/app/db#2",
        "secret/data/other",
        "nomount/data/x",
    ];
    let (answers, _) = read(&settings, &paths).await;
    let expected = [
        "could not find secrets at path `secret/data/app/absent`",
        "could not find secrets at path `secret/data/app/db` with version `9`",
        "the newest version of the secret for Vault path `secret/data/app/db` was deleted",
        "the secret version `1` for Vault path `secret/data/app/db` is nil: it was destroyed",
        "the secret version `2` for Vault path `secret/data/app/db` is nil: it was deleted",
        "the login may not read the path `secret/data/other` (HTTP 403)",
        "the login may not read the path `nomount/data/x` (HTTP 403)",
    ];
    for (answer, expected) in answers.iter().zip(expected) {
        assert_eq!(message(answer), expected);
    }
    let answer = read_one(&server.settings(), "nomount/data/x").await;
    let expected = "nothing is mounted at the path `nomount/data/x`";
    assert_eq!(message(&answer), expected);

    server.put("sys/seal", json!(null)).await;
    let sealed = read_one(
        &settings.with("VAULT_MAX_RETRIES", "1"),
        "secret/data/app/db",
    )
    .await;
    assert_eq!(
        message(&sealed),
        "the vault at SERVER is sealed (HTTP 503, 2 tries)"
    );
}

#[tokio::test]
async fn a_forgotten_data() {
    if skip("OpenBao, paths without /data/") {
        return;
    }
    let server = OpenBao::start().await;
    let mount = json!({"type": "kv", "options": {"version": "2"}});
    server.put("sys/mounts/team/kv", mount).await;
    server
        .put("secret/data/app/db", json!({"data": {"a": "1"}}))
        .await;
    server
        .put("team/kv/data/x/y", json!({"data": {"a": "2"}}))
        .await;
    let settings = user(&server).await;
    let (answers, run) = read(&settings, &["secret/app/db", "team/kv/x/y#1"]).await;
    assert_eq!(json_of(&answers[0], "a"), "\"1\"");
    assert_eq!(json_of(&answers[1], "a"), "\"2\"");
    assert_eq!(
        run.notes(),
        [
            "the path `secret/app/db` lacks /data/ and was read as `secret/data/app/db`; please write it that way",
            "the path `team/kv/x/y` lacks /data/ and was read as `team/kv/data/x/y`; please write it that way",
        ]
    );

    let strict = settings.with("MANIFILL_VAULT_PATH_REPAIR", "false");
    let answer = read_one(&strict, "team/kv/x/y").await;
    assert_eq!(
        message(&answer),
        "the Vault path: `team/kv/x/y` is empty - did you forget to include /data/ in the Vault path for kv-v2? it would be `team/kv/data/x/y`"
    );
}

#[tokio::test]
async fn kv_version_1_and_cubbyhole() {
    if skip("OpenBao, KV version 1") {
        return;
    }
    let server = OpenBao::start().await;
    let mount = json!({"type": "kv", "options": {"version": "1"}});
    server.put("sys/mounts/kv1", mount).await;
    server
        .put("kv1/db", json!({"user": "u", "data": "text", "n": 1.5}))
        .await;
    server.put("cubbyhole/mine", json!({"a": "b"})).await;
    server.put("kv1/auth/x", json!({"a": "b"})).await;
    let one = server.settings().with("AVP_KV_VERSION", "1");
    let (answers, run) = read(&one, &["kv1/db#7", "cubbyhole/mine", "kv1/absent"]).await;
    assert_eq!(json_of(&answers[0], "user"), "\"u\"");
    assert_eq!(json_of(&answers[0], "data"), "\"text\"");
    assert_eq!(json_of(&answers[0], "n"), "1.5");
    assert_eq!(json_of(&answers[1], "a"), "\"b\"");
    assert_eq!(
        message(&answers[2]),
        "could not find secrets at path `kv1/absent`"
    );
    assert_eq!(run.notes().len(), 1);
    let named_so = read_one(&one, "kv1/auth/x").await;
    assert_eq!(json_of(&named_so, "a"), "\"b\"");

    // A key that is called `data` is no version.
    let two = read_one(&server.settings(), "kv1/db").await;
    assert_eq!(
        message(&two),
        "could not get data from Vault for the path `kv1/db`, check that kv-v2 is the correct engine"
    );
    let backend = connect(&server.settings(), &ConnectContext::new()).unwrap();
    let mut annotated = request(backend.as_ref(), "kv1/db");
    let option = ("avp.kubernetes.io/kv-version".to_owned(), "1".to_owned());
    annotated.options.extend([option]);
    let answers = backend.read(&[annotated], &RunContext::default()).await;
    assert_eq!(json_of(&answers[0], "user"), "\"u\"");
}

#[tokio::test]
async fn a_dynamic_engine_makes_one_lease() {
    if skip("OpenBao, a dynamic engine") {
        return;
    }
    let server = OpenBao::start().await;
    // The engine makes users in a RabbitMQ server over HTTP.
    let rabbitmq = Server::start(|_| Reply::new(204)).await;
    server
        .put("sys/mounts/rabbitmq", json!({"type": "rabbitmq"}))
        .await;
    let connection = json!({"connection_uri": rabbitmq.url(), "username": "admin",
        "password": "pw", "verify_connection": false});
    server.put("rabbitmq/config/connection", connection).await;
    let role = json!({"vhosts": "{\"/\":{\"configure\":\".*\"}}"});
    server.put("rabbitmq/roles/app", role).await;

    let settings = user(&server).await.with("AVP_KV_VERSION", "1");
    let path = "rabbitmq/creds/app";
    let (answers, _) = read(&settings, &[path, path, path]).await;
    let user = json_of(&answers[0], "username");
    let password = json_of(&answers[0], "password");
    for answer in &answers {
        assert_eq!(json_of(answer, "username"), user);
        assert_eq!(json_of(answer, "password"), password);
    }
    let seen = rabbitmq.seen();
    let users: Vec<_> = seen
        .iter()
        .filter(|seen| seen.target.starts_with("/api/users/"))
        .collect();
    assert_eq!(users.len(), 1);
    assert!(users[0].target.ends_with(user.trim_matches('"')));

    // The setting is forgotten: an error that says what to set.
    let two = read_one(&settings.with("AVP_KV_VERSION", "2"), path).await;
    let error = two.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
    assert!(error.hint().unwrap().contains("AVP_KV_VERSION=1"));
}
