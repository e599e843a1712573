//! What is read, how often, and what is told of what is wrong.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::connect;
use super::samples::{
    LOGIN, Stored, answer, read, read_one, refusal, request, serve, settings, shown, targets,
};
use crate::suite::{Fault, Reply, SENTINEL, Server};
use crate::{
    ConnectContext, Keys, RunContext, SecretPath, SecretRequest, Sharing, Traffic, VaultErrorKind,
};

fn secrets() -> Vec<Stored> {
    vec![
        Stored::new("user", &[("1", "svc")]),
        Stored::new("password", &[("1a", "old"), ("1b", "new")]),
        Stored::new("off", &[("1", SENTINEL)]).disabled(),
        Stored::new("empty", &[("1", "")]),
    ]
}

#[tokio::test]
async fn one_login_and_one_read_for_each_secret_and_version_that_is_wanted() {
    let server = serve(&secrets()).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [
        request(&server, &["user", "password"]),
        request(&server, &["Password", "PASSWORD", "empty"]),
        request(&server, &["password"]).with_version("1a"),
        request(&server, &["password"]).with_version(""),
    ];
    let answers = read(&backend, &requests).await;
    let secret = |at: usize| answers[at].as_ref().unwrap();
    assert_eq!(shown(secret(0), "user"), "\"svc\"");
    assert_eq!(shown(secret(0), "password"), "\"new\"");
    assert_eq!(shown(secret(1), "Password"), "\"new\"");
    assert_eq!(shown(secret(1), "PASSWORD"), "\"new\"");
    assert_eq!(shown(secret(1), "empty"), "\"\"");
    assert_eq!(shown(secret(2), "password"), "\"old\"");
    assert_eq!(shown(secret(3), "password"), "\"new\"");
    assert_eq!(secret(0).version(), Some("1b,1"));
    assert_eq!(secret(2).version(), Some("1a"));
    assert_eq!(
        targets(&server),
        [
            "GET /secrets/empty?api-version=7.4",
            "GET /secrets/password/1a?api-version=7.4",
            "GET /secrets/password?api-version=7.4",
            "GET /secrets/user?api-version=7.4",
            LOGIN,
        ]
    );
    // The next run has the login.
    server.forget();
    read(&backend, &requests[..1]).await.remove(0).unwrap();
    assert_eq!(targets(&server).len(), 2);
}

#[tokio::test]
async fn whoever_wants_to_know_what_there_is_is_told_names_and_reads_nothing() {
    let server = serve(&secrets()).await;
    let settings = settings(&server);
    for all in [
        request(&server, &[]),
        request(&server, &[]).with_version("1"),
    ] {
        server.forget();
        let secret = read_one(&settings, all).await.unwrap();
        let names: Vec<&str> = secret.names().collect();
        assert_eq!(names, ["user", "password", "off", "empty"]);
        assert!(names.iter().all(|name| shown(&secret, name) == "nothing"));
        let asked = targets(&server);
        let lists = asked.iter().filter(|one| one.contains("/secrets?")).count();
        assert_eq!((lists, asked.len()), (2, 3), "{asked:?}");
    }
}

#[tokio::test]
async fn a_secret_that_is_disabled_is_an_error() {
    let server = serve(&secrets()).await;
    let settings = settings(&server);
    let error = read_one(&settings, request(&server, &["off"])).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
    let vault = server.url();
    let told = format!("the secret `off` of the vault `{vault}` is disabled (HTTP 403)");
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn a_secret_that_is_missing_is_a_missing_key_and_names_are_listed_once() {
    let server = serve(&secrets()).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [
        request(&server, &["passwort", "user"]),
        request(&server, &["absent"]),
        request(&server, &["user", "absent"]).with_version("1"),
        request(&server, &["absent"]).with_version("1"),
    ];
    let answers = read(&backend, &requests).await;
    let first = answers[0].as_ref().unwrap();
    assert_eq!(shown(first, "passwort"), "nothing");
    assert_eq!(shown(first, "user"), "\"svc\"");
    assert_eq!(first.names().len(), 4);
    assert_eq!(shown(answers[1].as_ref().unwrap(), "absent"), "nothing");
    assert_eq!(shown(answers[2].as_ref().unwrap(), "user"), "\"svc\"");
    let error = answers[3].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    let asked = targets(&server);
    let lists = asked.iter().filter(|one| one.contains("/secrets?")).count();
    assert_eq!((lists, asked.len()), (2, 8), "{asked:?}");
}

#[tokio::test]
async fn names_that_nobody_may_see_are_not_asked_for() {
    let server = serve(&secrets()).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [request(&server, &["passwort", "db_password"])];
    let run = RunContext::new().without_suggestions();
    let answers = backend.read(&requests, &run).await;
    let secret = answers[0].as_ref().unwrap();
    assert_eq!(shown(secret, "passwort"), "nothing");
    assert_eq!(shown(secret, "db_password"), "nothing");
    let asked = "GET /secrets/passwort?api-version=7.4";
    assert_eq!(targets(&server), [asked, LOGIN]);
}

#[tokio::test]
async fn a_key_that_no_secret_can_have_is_missing_and_not_asked_for() {
    let server = serve(&secrets()).await;
    let keys = ["db_password", "a/b", "", "..", "ü"];
    let secret = read_one(&settings(&server), request(&server, &keys)).await;
    let secret = secret.unwrap();
    assert!(keys.iter().all(|key| shown(&secret, key) == "nothing"));
    // There are names for a message, and nothing else was asked for.
    assert_eq!(secret.names().len(), 4);
    let asked = targets(&server);
    let lists = asked.iter().filter(|one| one.contains("/secrets?")).count();
    assert_eq!((lists, asked.len()), (2, 3), "{asked:?}");
    server.forget();
    let wanted = request(&server, &keys).with_version("1");
    let error = read_one(&settings(&server), wanted).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_vault_that_does_not_exist_is_an_outage_with_a_hint() {
    let server = serve(&[]).await;
    let host = "no-such-vault.invalid";
    let settings = settings(&server).with("AZURE_KEYVAULT_HOSTS", host);
    let wanted = SecretRequest::new(SecretPath::verbatim(host), Keys::names(["user"]));
    let error = read_one(&settings, wanted).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
    let told = "cannot reach `https://no-such-vault.invalid`: the host name is not known (5 tries)";
    assert_eq!(error.to_string(), told);
    let hint = "check the name of the vault: one that does not exist has no host, and one behind a private link may have it inside of its network only";
    assert_eq!(error.hint(), Some(hint));
}

#[tokio::test]
async fn who_may_not_list_is_told_of_a_missing_key_all_the_same() {
    let server = Server::start(|seen| {
        if seen.target.starts_with("/secrets?") {
            refusal(403, "Forbidden", "ForbiddenByPolicy")
        } else {
            answer(seen, &secrets())
        }
    })
    .await;
    let settings = settings(&server);
    let secret = read_one(&settings, request(&server, &["user", "absent"])).await;
    let secret = secret.unwrap();
    assert_eq!(shown(&secret, "user"), "\"svc\"");
    assert_eq!(shown(&secret, "absent"), "nothing");
    let error = read_one(&settings, request(&server, &[]))
        .await
        .unwrap_err();
    let vault = server.url();
    let told = format!("the login may not list the secrets of the vault `{vault}` (HTTP 403)");
    assert_eq!(error.to_string(), told);
    let hint = "it needs the permission `list` of secrets, or name the keys that are wanted";
    assert_eq!(error.hint(), Some(hint));
}

#[tokio::test]
async fn one_secret_that_may_not_be_read_does_not_hide_the_others() {
    let server = serve(&secrets()).await;
    let settings = settings(&server);
    let keys = ["user", "denied", "absent"];
    let secret = read_one(&settings, request(&server, &keys)).await.unwrap();
    let vault = server.url();
    assert_eq!(shown(&secret, "user"), "\"svc\"");
    let told =
        format!("the login may not read the secret `denied` of the vault `{vault}` (HTTP 403)");
    assert_eq!(shown(&secret, "denied"), told);
    assert_eq!(shown(&secret, "absent"), "nothing");
    // Nor does it make an error of one that is missing, which a default may stand for.
    let secret = read_one(&settings, request(&server, &["denied", "absent"])).await;
    let secret = secret.unwrap();
    assert_eq!(shown(&secret, "denied"), told);
    assert_eq!(shown(&secret, "absent"), "nothing");
}

#[tokio::test]
async fn troubles_are_told_apart() {
    use VaultErrorKind as Kind;
    for (reply, kind, message) in [
        (
            refusal(401, "Unauthorized", ""),
            Kind::Unauthenticated,
            "the vault `URL` does not accept the login (HTTP 401)",
        ),
        (
            refusal(403, "Forbidden", "ForbiddenByFirewall"),
            Kind::PermissionDenied,
            "the vault `URL` takes no requests from this network (HTTP 403)",
        ),
        (
            refusal(400, "BadParameter", ""),
            Kind::InvalidRequest,
            "`user` cannot be the name of a secret of the vault `URL`, or that is not a version of it (HTTP 400)",
        ),
        (
            Reply::new(404).with_body("<html>"),
            Kind::InvalidAnswer,
            "there is no API of Azure Key Vault at `URL` (HTTP 404)",
        ),
        (
            refusal(404, "ResourceNotFound", ""),
            Kind::InvalidAnswer,
            "`URL` does not answer as a key vault with secrets (HTTP 404)",
        ),
        (
            Reply::new(403),
            Kind::PermissionDenied,
            "`URL` does not allow this (HTTP 403)",
        ),
        (
            Reply::new(429).with_header("Retry-After", "3600"),
            Kind::Unavailable,
            "`URL` is getting too many requests (HTTP 429)",
        ),
        (
            Reply::json("{}"),
            Kind::InvalidAnswer,
            "the answer of `URL` is not what a `Azure` server gives",
        ),
        (
            Reply::json(r#"{"value":7}"#),
            Kind::InvalidAnswer,
            "the answer of `URL` is not what a `Azure` server gives",
        ),
    ] {
        let server = serve(&secrets()).await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let requests = [request(&server, &["user"])];
        read(&backend, &requests).await.remove(0).unwrap();
        server.forget();
        server.fail_always(Fault::Answer(reply));
        let error = read(&backend, &requests).await.remove(0).unwrap_err();
        if kind == Kind::Unauthenticated {
            // The token is from before, so there was one more login, which met the same.
            assert_eq!(error.kind(), kind);
            assert_eq!(targets(&server).len(), 2);
            continue;
        }
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
        assert_eq!(targets(&server).len(), 1, "{message}");
    }
    // A token that is fresh and is refused is not replaced.
    let server = Server::start(|seen| {
        if seen.target.starts_with("/secrets/") {
            refusal(401, "Unauthorized", "")
        } else {
            answer(seen, &[])
        }
    })
    .await;
    let error = read_one(&settings(&server), request(&server, &["user"])).await;
    let told = error.unwrap_err().to_string().replace(&server.url(), "URL");
    assert_eq!(told, "the vault `URL` does not accept the login (HTTP 401)");
    assert_eq!(targets(&server).len(), 2);
}

#[tokio::test]
async fn a_token_that_a_vault_no_longer_takes_is_replaced_once() {
    static GOOD: AtomicUsize = AtomicUsize::new(0);
    static GIVEN: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|seen| {
        if seen.method == "POST" {
            let number = GIVEN.fetch_add(1, Ordering::Relaxed);
            let granted = json!({"token_type": "Bearer", "expires_in": 3599,
                "access_token": format!("token-{number}")});
            return Reply::json(granted.to_string());
        }
        let good = format!("Bearer token-{}", GOOD.load(Ordering::Relaxed));
        if seen.header("authorization") != Some(good.as_str()) {
            return refusal(401, "Unauthorized", "");
        }
        let id = format!("http://{}/secrets/user/1", seen.header("host").unwrap());
        Reply::json(json!({"value": "svc", "id": id, "attributes": {"enabled": true}}).to_string())
    })
    .await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let requests = [request(&server, &["user"])];
    read(&backend, &requests).await.remove(0).unwrap();
    server.forget();
    GOOD.store(1, Ordering::Relaxed);
    let secret = read(&backend, &requests).await.remove(0).unwrap();
    assert_eq!(shown(&secret, "user"), "\"svc\"");
    let one = "GET /secrets/user?api-version=7.4";
    assert_eq!(targets(&server), [one, one, LOGIN]);
}

#[tokio::test]
async fn a_login_that_is_refused_is_tried_once_for_all_secrets() {
    let server = serve(&secrets()).await;
    let settings = settings(&server).with("AZURE_CLIENT_SECRET", format!("no-{SENTINEL}"));
    let keys = ["user", "password", "empty"];
    let error = read_one(&settings, request(&server, &keys)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    let told =
        "the login of the application `client` in the tenant `tenant` is not accepted (HTTP 401)";
    assert_eq!(error.to_string(), told);
    assert_eq!(targets(&server), [LOGIN]);
}

#[tokio::test]
async fn runs_share_what_there_is_and_not_what_is_missing() {
    let server = serve(&secrets()).await;
    let sharing = Sharing::new(Duration::from_secs(60), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&settings(&server), &context).unwrap();
    let requests = [request(&server, &["user", "absent"])];
    for _ in 0..2 {
        let secret = read(&backend, &requests).await.remove(0).unwrap();
        assert_eq!(shown(&secret, "user"), "\"svc\"");
        assert_eq!(shown(&secret, "absent"), "nothing");
    }
    let asked = targets(&server);
    let count = |part: &str| asked.iter().filter(|one| one.contains(part)).count();
    assert_eq!(
        (count("/user?"), count("/absent?"), count("token")),
        (1, 2, 1)
    );
}

#[tokio::test]
async fn versions_that_cannot_be_are_not_asked_for() {
    let server = serve(&secrets()).await;
    for version in ["../1", "1/2", "1?x", "v 1", &"1".repeat(65)] {
        let request = request(&server, &["user"]).with_version(version);
        let error = read_one(&settings(&server), request).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
        assert_eq!(
            error.to_string(),
            format!("`{version}` is not the id of a version")
        );
    }
    assert!(server.seen().is_empty());
}
