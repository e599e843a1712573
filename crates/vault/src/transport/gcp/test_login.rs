//! The sources of credentials, each against a scripted server, and how often they are asked.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::samples::{EMAIL, account, field, grant};
use super::wire::Wire;
use super::{Call, Gcp, OfRun, Service, metadata};
use crate::suite::{Fault, Reply, SENTINEL, Seen, Server};
use crate::transport::http::Url;
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

static SERVICE: Service = Service {
    title: "Google Test",
    endpoint: "TEST_ENDPOINT",
};

/// What to look at if the host of the service is not known.
const UNKNOWN_HOST: &str = "look at the path";

const MACHINE: &str = "GET /computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform";

/// A home folder.
pub(super) struct Home(TempDir);

impl Home {
    pub(super) fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn gcp(&self, settings: &Settings) -> Gcp {
        Gcp::at_home(settings, &SERVICE, Some(self.0.path())).unwrap()
    }
}

/// The token that a login at this path brings.
pub(super) fn token_of(path: &str) -> String {
    format!("token-of-{path}-{SENTINEL}")
}

/// The endpoints of Google: tokens, users, the exchange, accounts that another one acts as, and the
/// service itself, which takes each of their tokens.
pub(super) async fn serve() -> Server {
    Server::start(|seen| {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let login = seen.header("authorization").unwrap_or_default();
        let granted = |token: String| {
            let granted =
                json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"});
            Reply::json(granted.to_string())
        };
        match (seen.method.as_str(), seen.target.as_str()) {
            ("POST", "/token") => grant(seen, &token_of("account")),
            ("POST", "/user") => match field(&body, "refresh_token") {
                Some("rt") if field(&body, "grant_type") == Some("refresh_token") => {
                    assert_eq!(field(&body, "client_id"), Some("ci"));
                    assert_eq!(field(&body, "client_secret"), Some("cs"));
                    granted(token_of("user"))
                }
                _ => Reply::json(r#"{"error":"invalid_grant"}"#).with_status(400),
            },
            ("POST", "/sts") => match field(&body, "subject_token") {
                Some("subject") => granted(token_of("sts")),
                _ => Reply::json(r#"{"error":"invalid_grant"}"#).with_status(400),
            },
            ("POST", target) if target.starts_with("/v1/projects/-/serviceAccounts/a@b:") => {
                assert!(target.ends_with(":generateAccessToken") && login.contains("token-of-"));
                let asked: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(
                    asked["scope"],
                    json!(["https://www.googleapis.com/auth/cloud-platform"])
                );
                let token = token_of(&format!("acting-{}", asked["lifetime"].as_str().unwrap()));
                let brought = json!({"accessToken": token, "expireTime": "2099-01-01T00:00:00Z"});
                Reply::json(brought.to_string())
            }
            ("GET", target) if MACHINE.ends_with(target) => match seen.header("metadata-flavor") {
                Some("Google") => granted(token_of("machine")),
                _ => Reply::new(403),
            },
            ("GET", "/v1/thing") if login.starts_with("Bearer token-of-") => Reply::json("{}"),
            ("GET", "/v1/thing") => Reply::new(401),
            _ => Reply::new(404),
        }
    })
    .await
}

pub(super) async fn call(gcp: &Gcp, run: &RunContext) -> Result<u16, VaultError> {
    let of_run = OfRun::default();
    let address = gcp.address("test", &of_run)?;
    let call = Call {
        url: crate::transport::http::below(&address, ["v1", "thing"]).unwrap(),
        body: None,
        unknown_host_hint: Some(UNKNOWN_HOST),
    };
    let answer = gcp.call(&call, run, &of_run).await?;
    Ok(answer.status())
}

/// What was asked, in its order.
pub(super) fn asked(server: &Server) -> Vec<String> {
    let seen = server.seen();
    let line = |seen: &Seen| format!("{} {}", seen.method, seen.target);
    seen.iter().map(line).collect()
}

/// Calls the service in two runs, and hands back the requests, and the token of the last.
pub(super) async fn used(gcp: &Gcp, server: &Server) -> (Vec<String>, String) {
    for _ in 0..2 {
        assert_eq!(call(gcp, &RunContext::new()).await.unwrap(), 200);
    }
    let last = server.seen().pop().unwrap();
    let login = last.header("authorization").unwrap();
    (asked(server), login.replace("Bearer ", ""))
}

pub(super) fn settings(server: &Server) -> Settings {
    Settings::new().with("TEST_ENDPOINT", server.url())
}

pub(super) fn user(server: &Server) -> Value {
    json!({"type": "authorized_user", "client_id": "ci", "client_secret": "cs",
        "refresh_token": "rt", "token_uri": format!("{}/user", server.url()),
        "quota_project_id": "counted"})
}

pub(super) fn acting(server: &Server, source: &Value) -> Value {
    let url = format!(
        "{}/v1/projects/-/serviceAccounts/a@b:generateAccessToken",
        server.url()
    );
    json!({"type": "impersonated_service_account", "service_account_impersonation_url": url,
        "delegates": [], "source_credentials": source})
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn each_source_logs_in_once_for_two_runs() {
    let thing = "GET /v1/thing";
    let acts = "POST /v1/projects/-/serviceAccounts/a@b:generateAccessToken";
    for (name, logins, token) in [
        ("key", &["POST /token"][..], "account"),
        ("key in a setting", &["POST /token"], "account"),
        ("file in that setting", &["POST /user"], "user"),
        ("user", &["POST /user"], "user"),
        ("gcloud", &["POST /user"], "user"),
        ("another gcloud", &["POST /token"], "account"),
        ("acting by key", &["POST /token", acts], "acting-3600s"),
        ("acting by user", &["POST /user", acts], "acting-3600s"),
        (
            "acting by acting",
            &["POST /user", acts, acts],
            "acting-3600s",
        ),
        ("token", &[], "set"),
        ("machine", &[MACHINE], "machine"),
    ] {
        let (server, home) = (serve().await, Home::new());
        let key = account(&format!("{}/token", server.url()));
        let (user, base) = (user(&server), settings(&server));
        let file = |value: &Value| home.file("c.json", &value.to_string());
        let with = |value: &Value| {
            let path = file(value);
            base.clone()
                .with("GOOGLE_APPLICATION_CREDENTIALS", text(&path))
        };
        let settings = match name {
            "key" => with(&key),
            "key in a setting" => with(&user).with("GOOGLE_CREDENTIALS", key.to_string()),
            "file in that setting" => base.with("GOOGLE_CREDENTIALS", text(&file(&user))),
            "user" => with(&user),
            "gcloud" => {
                let name = ".config/gcloud/application_default_credentials.json";
                home.file(name, &user.to_string());
                base
            }
            "another gcloud" => {
                let name = "other/application_default_credentials.json";
                let path = home.file(name, &key.to_string());
                base.with("CLOUDSDK_CONFIG", text(path.parent().unwrap()))
            }
            "acting by key" => with(&acting(&server, &key)),
            "acting by user" => with(&acting(&server, &user)),
            "acting by acting" => with(&acting(&server, &acting(&server, &user))),
            "token" => base.with("GOOGLE_OAUTH_ACCESS_TOKEN", token_of("set")),
            _ => base.with("GCE_METADATA_HOST", server.url().replace("http://", "")),
        };
        let (asked, last) = used(&home.gcp(&settings), &server).await;
        let expected: Vec<&str> = [logins, &[thing, thing]].concat();
        assert_eq!(
            (asked, last),
            (
                expected.into_iter().map(str::to_owned).collect(),
                token_of(token)
            ),
            "{name}"
        );
    }
}

#[tokio::test]
async fn requests_are_counted_for_the_project_of_the_settings_then_of_the_credentials() {
    let (server, home) = (serve().await, Home::new());
    let base = settings(&server).with("GOOGLE_CREDENTIALS", user(&server).to_string());
    let by_token = settings(&server).with("GOOGLE_OAUTH_ACCESS_TOKEN", token_of("set"));
    let set = |settings: &Settings| settings.clone().with("GOOGLE_CLOUD_QUOTA_PROJECT", "mine");
    for (settings, project) in [
        (set(&base), Some("mine")),
        (set(&by_token), Some("mine")),
        (base, Some("counted")),
        (by_token, None),
    ] {
        server.forget();
        call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap();
        let last = server.seen().pop().unwrap();
        assert_eq!(last.header("x-goog-user-project"), project);
    }
}

#[tokio::test]
async fn a_token_of_an_earlier_run_that_is_refused_is_got_anew_once() {
    let number = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/user" => {
            let token = format!("t{}", number.fetch_add(1, Ordering::SeqCst));
            Reply::json(json!({"access_token": token, "expires_in": 3599}).to_string())
        }
        _ => Reply::json("{}"),
    })
    .await;
    let refused = || Fault::Answer(Reply::new(401));
    let home = Home::new();
    let settings = settings(&server).with("GOOGLE_CREDENTIALS", user(&server).to_string());
    let gcp = home.gcp(&settings);
    let (thing, login) = ("GET /v1/thing", "POST /user");
    call(&gcp, &RunContext::new()).await.unwrap();
    server.forget();
    server.fail_next(1, refused());
    assert_eq!(call(&gcp, &RunContext::new()).await.unwrap(), 200);
    assert_eq!(asked(&server), [thing, login, thing]);
    let tokens = server.seen();
    let tokens = [0, 2].map(|at| tokens[at].header("authorization").unwrap().to_owned());
    assert_eq!(tokens, ["Bearer t0", "Bearer t1"]);
    // One that is set is the same again, and not sent twice.
    let by_token = settings.with("GOOGLE_CREDENTIALS", "");
    let gcp = home.gcp(&by_token.with("GOOGLE_OAUTH_ACCESS_TOKEN", "set"));
    call(&gcp, &RunContext::new()).await.unwrap();
    server.forget();
    server.fail_next(1, refused());
    assert_eq!(call(&gcp, &RunContext::new()).await.unwrap(), 401);
    assert_eq!(asked(&server), [thing]);
}

#[tokio::test]
async fn a_login_that_is_refused_is_told() {
    let acting_as = "this login may not act as the service account `c@d` (HTTP 404)";
    let (server, home) = (serve().await, Home::new());
    let url = server.url();
    let mut other = account(&format!("{url}/token"));
    other["private_key_id"] = json!("another");
    let mut ended = user(&server);
    ended["refresh_token"] = json!("old");
    let mut nobody = acting(&server, &user(&server));
    nobody["service_account_impersonation_url"] = json!(format!(
        "{url}/v1/projects/-/serviceAccounts/c@d:generateAccessToken"
    ));
    let account_refused =
        format!("Google does not accept the key of the service account `{EMAIL}` (HTTP 400)");
    for (credentials, message, hint) in [
        (
            other,
            account_refused.as_str(),
            "the key may be deleted or the account disabled; the clock of this machine must be right, too",
        ),
        (
            ended,
            "Google does not accept the login of this user any more (HTTP 400)",
            "log in with `gcloud auth application-default login`",
        ),
        (
            nobody,
            acting_as,
            "it needs the role iam.serviceAccountTokenCreator, or iam.workloadIdentityUser, on that account",
        ),
    ] {
        let settings = settings(&server).with("GOOGLE_CREDENTIALS", credentials.to_string());
        let error = call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(
            (error.to_string().as_str(), error.hint()),
            (message, Some(hint))
        );
    }
}

#[tokio::test]
async fn a_machine_without_an_account_is_told() {
    for (reply, message) in [
        (
            Reply::new(404),
            "this machine or pod has no service account of Google Cloud (HTTP 404)",
        ),
        (
            Reply::json(r#"{"access_token":""}"#),
            "the login to Google Cloud brings no token",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let host = server.url().replace("http://", "");
        let settings = settings(&server).with("GCE_METADATA_HOST", host);
        let error = call(&Home::new().gcp(&settings), &RunContext::new()).await;
        assert_eq!(error.unwrap_err().to_string(), message);
    }
    let settings = Settings::new().with("GCE_METADATA_HOST", format!("h/{SENTINEL}"));
    let error = call(&Home::new().gcp(&settings), &RunContext::new()).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "`GCE_METADATA_HOST` is not the name of a host"
    );
}

#[tokio::test]
async fn where_nothing_of_google_answers_there_are_no_credentials() {
    for reply in [Reply::new(404), Reply::new(400).with_body(SENTINEL)] {
        let server = Server::start(move |_| reply.clone()).await;
        let host = metadata::address(Some(&server.url().replace("http://", ""))).unwrap();
        let run = RunContext::new();
        let token = metadata::token(&Wire::default(), &host, false, &run).await;
        let error = token.err().unwrap();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(error.to_string(), "there are no Google Cloud credentials");
        assert_eq!(
            error.hint(),
            Some(
                "set GOOGLE_APPLICATION_CREDENTIALS, or log in with `gcloud auth application-default login`, or give the pod or the machine a service account"
            )
        );
    }
}

#[tokio::test]
async fn credentials_that_are_not_read_are_told_and_not_shown() {
    let (server, home) = (serve().await, Home::new());
    let key = account("http://h/token");
    let with = |name: &str, value: Value| {
        let mut key = key.clone();
        key[name] = value;
        key
    };
    let without_key = |value: &str| with("private_key", json!(value));
    let place = "the Google credentials in `GOOGLE_CREDENTIALS`";
    let not_rsa = format!("the private key of the service account `{EMAIL}` is not an RSA key");
    for (text, message) in [
        (format!("{{{SENTINEL}"), format!("{place} are not JSON")),
        ("{}".to_owned(), format!("{place} lack a part")),
        (
            with("private_key", Value::Null).to_string(),
            format!("{place} lack a part"),
        ),
        (
            with("type", json!("gdch_service_account")).to_string(),
            format!("{place} are of a type that is not read here"),
        ),
        (
            with("universe_domain", json!("evil.example/")).to_string(),
            format!("{place} name a cloud by no domain"),
        ),
        (without_key(SENTINEL).to_string(), not_rsa.clone()),
        (
            without_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").to_string(),
            not_rsa,
        ),
    ] {
        let settings = settings(&server).with("GOOGLE_CREDENTIALS", text);
        let error = call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(
            (error.kind(), error.to_string()),
            (VaultErrorKind::Configuration, message)
        );
        assert!(!shown.contains(SENTINEL), "{shown}");
        let is_key = error.to_string().contains("RSA");
        let hint = "make a new key for the account, and use its file as it is";
        assert_eq!(error.hint(), is_key.then_some(hint));
    }
    let absent = settings(&server).with("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file");
    let error = call(&home.gcp(&absent), &RunContext::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`/no/such/file`"), "{error}");
    assert_eq!(error.setting(), Some("GOOGLE_APPLICATION_CREDENTIALS"));
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn what_logs_in_is_no_value_for_an_app() {
    let (server, home) = (serve().await, Home::new());
    let key = account(&format!("{}/token", server.url()));
    let private = key["private_key"].as_str().unwrap().to_owned();
    let run = RunContext::new();
    let settings = settings(&server).with("GOOGLE_CREDENTIALS", key.to_string());
    call(&home.gcp(&settings), &run).await.unwrap();
    for login in [token_of("account"), key.to_string(), private] {
        assert!(run.is_login(&crate::SecretValue::text(login)));
    }
    assert!(!run.is_login(&crate::SecretValue::text("other")));
}

#[tokio::test]
async fn a_path_is_to_blame_for_a_host_that_is_not_known_unless_a_setting_names_it() {
    let home = Home::new();
    let unknown = "https://no-such-host.invalid";
    for (endpoint, is_set) in [("", false), (unknown, true)] {
        let settings = Settings::new()
            .with("TEST_ENDPOINT", endpoint)
            .with("GOOGLE_OAUTH_ACCESS_TOKEN", SENTINEL);
        let call = Call {
            url: Url::parse(unknown).unwrap(),
            body: None,
            unknown_host_hint: Some(UNKNOWN_HOST),
        };
        let gcp = home.gcp(&settings);
        let answer = gcp.call(&call, &RunContext::new(), &OfRun::default()).await;
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unavailable);
        assert_eq!(error.hint() == Some(UNKNOWN_HOST), !is_set, "{error}");
    }
}
