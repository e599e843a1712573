//! Logins, and what is wrong with settings.

use serde_json::json;

use super::samples::{
    ACCOUNT_TOKEN, API_KEY, PROFILE, path, read, read_one, request, serve, settings, targets, text,
    with,
};
use super::{IbmSecretsManager, connect};
use crate::backend::test_logins::{Numbered, stays_on_this_machine, token_file};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{ConnectContext, RunContext, Settings, VaultErrorKind};

fn by_profile(address: &str, file: &tempfile::NamedTempFile) -> Settings {
    Settings::new()
        .with("AVP_IBM_INSTANCE_URL", address)
        .with("SECRETS_MANAGER_AUTH_URL", address)
        .with("SECRETS_MANAGER_IAM_PROFILE_ID", PROFILE)
        .with(
            "SECRETS_MANAGER_CR_TOKEN_FILENAME",
            file.path().to_str().unwrap(),
        )
}

#[tokio::test]
async fn a_key_or_the_profile_of_an_account_logs_in() {
    let server = serve(with([text("db", "v")])).await;
    let file = token_file(&format!("{ACCOUNT_TOKEN}\n"));
    let profile = by_profile(&server.url(), &file);
    let by_name = profile
        .clone()
        .with("SECRETS_MANAGER_IAM_PROFILE_ID", "")
        .with("SECRETS_MANAGER_IAM_PROFILE_NAME", "reader");
    // The names of AVP and of the vendor's client, and addresses as people copy them.
    let others = Settings::new()
        .with("VAULT_ADDR", server.url() + "/api")
        .with("SECRETS_MANAGER_APIKEY", API_KEY)
        .with("SECRETS_MANAGER_AUTH_URL", server.url() + "/identity/token");
    let both = profile.clone().with("AVP_IBM_API_KEY", API_KEY);
    for (settings, part) in [
        (settings(&server), "apikey"),
        (others, "apikey"),
        (both, "apikey"),
        (profile, "cr_token"),
        (by_name, "cr_token"),
    ] {
        server.forget();
        let wanted = [request(&path("arbitrary", "team/db"), &["payload"])];
        let (answers, _) = read(&settings, &wanted).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].target, "/identity/token");
        let body = String::from_utf8_lossy(&seen[0].body);
        assert!(body.contains(&format!("&{part}=")), "{body}");
        assert_eq!(seen[0].header("authorization"), None);
    }
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_sent_once_in_a_run() {
    let server = serve(with([text("db", "v")])).await;
    let file = token_file(SENTINEL);
    for (settings, name) in [
        (
            settings(&server).with("AVP_IBM_API_KEY", SENTINEL),
            "API key",
        ),
        (by_profile(&server.url(), &file), "trusted profile"),
    ] {
        server.forget();
        let requests = ["team", "team/db", "default#previous"]
            .map(|at| request(&path("arbitrary", at), &["payload"]));
        let (answers, _) = read(&settings, &requests).await;
        for answer in answers {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
            let shown = error.to_string().replace(&server.url(), "URL");
            let message = format!("the login by `{name}` at `URL` is not accepted (HTTP 400)");
            assert_eq!(shown, message);
        }
        assert_eq!(targets(&server), ["/identity/token"]);
    }
}

#[tokio::test]
async fn what_gives_no_token_is_told() {
    for (reply, kind, message) in [
        (
            Reply::new(404).with_body("nothing"),
            VaultErrorKind::InvalidAnswer,
            "`URL` gives no tokens (HTTP 404)",
        ),
        (
            Reply::json(json!({"access_token": null, "expires_in": 3600}).to_string()),
            VaultErrorKind::InvalidAnswer,
            "the login at `URL` brings no token",
        ),
        (
            Reply::new(403).with_body("a proxy"),
            VaultErrorKind::PermissionDenied,
            "`URL` does not allow this (HTTP 403)",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let error = read_one(&server, &path("kv", "team/db"), &["a"]).await;
        let error = error.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
    }
}

#[tokio::test]
async fn a_token_is_kept_for_later_runs_and_replaced_once_if_it_is_refused() {
    let instance = with([text("db", "v")]);
    let numbered = Numbered::start(move |seen, newest| {
        let token = format!("t{newest}");
        if seen.method == "POST" {
            let grant = json!({"access_token": token, "expires_in": 3600});
            return Reply::json(grant.to_string());
        }
        let mut instance = instance.clone();
        instance.token = token;
        instance.answer(seen)
    })
    .await;
    let backend = connect(&settings(&numbered.server), &ConnectContext::new()).unwrap();
    let wanted = [request(&path("arbitrary", "team/db"), &["payload"])];
    numbered
        .is_asked_for_one_token_at_a_time(&backend, &wanted)
        .await;
}

#[test]
fn what_is_missing_or_wrong_in_the_settings_is_told_at_once() {
    let error = IbmSecretsManager::from_settings(&Settings::new()).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "AVP_IBM_INSTANCE_URL is not set; AVP_IBM_API_KEY is not set"
    );
    let settings = Settings::new()
        .with("AVP_IBM_INSTANCE_URL", format!("https://{SENTINEL}@h"))
        .with("AVP_IBM_API_KEY", SENTINEL)
        .with("SECRETS_MANAGER_AUTH_URL", format!("https://h/?{SENTINEL}"));
    let error = IbmSecretsManager::from_settings(&settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "AVP_IBM_INSTANCE_URL is not the URL of an instance; \
         SECRETS_MANAGER_AUTH_URL is not the URL of a server"
    );
}

#[tokio::test]
async fn a_file_without_a_token_is_named() {
    let file = token_file(" \n");
    let settings = by_profile("http://localhost:1", &file);
    let name = file.path().display().to_string();
    let wanted = [request(&path("kv", "team/db"), &["a"])];
    let (answers, _) = read(&settings, &wanted).await;
    let shown = answers[0].as_ref().unwrap_err().to_string();
    assert_eq!(
        shown.replace(&name, "FILE"),
        "the file `FILE` for the login token is empty"
    );
    // Without the setting it is where the vendor's client looks first.
    let settings = settings.with("SECRETS_MANAGER_CR_TOKEN_FILENAME", "");
    let (answers, _) = read(&settings, &wanted).await;
    assert_eq!(
        answers[0].as_ref().unwrap_err().to_string(),
        "cannot read the login token in `/var/run/secrets/tokens/vault-token`"
    );
}

#[test]
fn the_token_of_the_pod_does_not_go_where_the_author_says() {
    let file = token_file(ACCOUNT_TOKEN);
    let own = by_profile("https://i.us-south.secrets-manager.appdomain.cloud", &file);
    let addresses = [
        "AVP_IBM_INSTANCE_URL",
        "VAULT_ADDR",
        "SECRETS_MANAGER_AUTH_URL",
    ];
    stays_on_this_machine(&own, &addresses, connect);
}

#[tokio::test]
async fn nothing_shows_the_login() {
    let server = serve(with([text("db", SENTINEL)])).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let wanted = [request(&path("arbitrary", "team/db"), &[])];
    let answers = backend.read(&wanted, &RunContext::new()).await;
    let shown = format!("{backend:?} {answers:?}");
    let about = "login: \"API key\"";
    assert!(
        shown.contains(about) && !shown.contains(SENTINEL),
        "{shown}"
    );
}
