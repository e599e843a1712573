//! Clouds that are built like Google's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::samples::{EMAIL, account};
use super::test_login::{Home, acting, asked, call, serve, settings, user};
use super::{OfRun, universe::Universe};
use crate::{RunContext, Settings, VaultErrorKind};

const UNIVERSE: &str = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";
const OTHER: &str = "other.example";

fn of(mut credentials: Value, universe: &str) -> Value {
    credentials["universe_domain"] = json!(universe);
    credentials
}

#[tokio::test]
async fn the_key_of_an_account_elsewhere_signs_its_token_itself() {
    let (server, home) = (serve().await, Home::new());
    let key = of(account(&format!("{}/token", server.url())), OTHER);
    let gcp = home.gcp(&settings(&server).with("GOOGLE_CREDENTIALS", key.to_string()));
    // The server takes no such token.
    assert_eq!(call(&gcp, &RunContext::new()).await.unwrap(), 401);
    assert_eq!(asked(&server), ["GET /v1/thing"]);
    let last = server.seen().pop().unwrap();
    let token = last.header("authorization").unwrap().to_owned();
    let claims = token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let (begins, ends) = (&claims["iat"], &claims["exp"]);
    assert_eq!(ends.as_u64().unwrap() - begins.as_u64().unwrap(), 3600);
    let scope = "https://www.googleapis.com/auth/cloud-platform";
    let expected = json!({"iss": EMAIL, "sub": EMAIL, "scope": scope, "iat": begins, "exp": ends});
    assert_eq!(claims, expected);
}

#[test]
fn a_service_has_its_host_in_the_cloud_of_the_credentials() {
    let home = Home::new();
    let key = || account("http://h/token");
    let url = "http://h/v1/projects/-/serviceAccounts/a@b:generateAccessToken";
    let acting = |source: Value| {
        json!({"type": "impersonated_service_account", "service_account_impersonation_url": url,
            "source_credentials": source})
    };
    let worker = json!({"type": "external_account_authorized_user", "client_id": "c",
        "client_secret": "s", "refresh_token": "r"});
    let external = json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
        "credential_source": {"file": "f"}});
    let google = "test.googleapis.com";
    let token = Settings::new().with("GOOGLE_OAUTH_ACCESS_TOKEN", "t");
    let with =
        |credentials: &Value| Settings::new().with("GOOGLE_CREDENTIALS", credentials.to_string());
    for (settings, host) in [
        (with(&key()), google),
        (with(&of(key(), "")), google),
        (with(&of(key(), OTHER)), "test.other.example"),
        (with(&of(worker.clone(), OTHER)), "test.other.example"),
        (with(&of(external, OTHER)), "test.other.example"),
        (with(&acting(of(key(), OTHER))), "test.other.example"),
        (with(&of(acting(worker), OTHER)), "test.other.example"),
        (
            with(&of(key(), OTHER)).with(UNIVERSE, OTHER),
            "test.other.example",
        ),
        (token.clone(), google),
        (token.with(UNIVERSE, OTHER), "test.other.example"),
        (Settings::new(), google),
        (Settings::new().with(UNIVERSE, OTHER), "test.other.example"),
    ] {
        let url = home
            .gcp(&settings)
            .address("test", &OfRun::default())
            .unwrap();
        assert_eq!(url.as_str(), format!("https://{host}/"));
    }
}

#[tokio::test]
async fn what_is_for_no_cloud_or_for_two_is_told_and_nothing_is_asked() {
    let (server, home) = (serve().await, Home::new());
    let key = || account(&format!("{}/token", server.url()));
    let place = "the Google credentials in `GOOGLE_CREDENTIALS`";
    let no_domain = format!("{place} name a cloud by no domain");
    let users = format!("{place} are the login of a user, which is only for googleapis.com");
    let other = format!("{place} are for another cloud than `{UNIVERSE}` says");
    let acting_elsewhere = of(acting(&server, &key()), OTHER);
    for (credentials, setting, message) in [
        (of(key(), "169.254.169.254"), "", no_domain.clone()),
        (of(key(), "other.example:8080/x#"), "", no_domain.clone()),
        (acting(&server, &of(key(), "com")), "", no_domain),
        (of(user(&server), OTHER), "", users.clone()),
        (of(acting(&server, &user(&server)), OTHER), "", users),
        (acting_elsewhere, "", format!("{place} are for two clouds")),
        (of(key(), OTHER), "googleapis.com", other.clone()),
        (key(), OTHER, other),
        (key(), "com", format!("`{UNIVERSE}` is no domain")),
    ] {
        let settings = settings(&server)
            .with("GOOGLE_CREDENTIALS", credentials.to_string())
            .with(UNIVERSE, setting);
        let error = call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(asked(&server).len(), 0);
    assert!(Universe::google().is_google());
}

#[tokio::test]
async fn tokens_are_exchanged_in_the_cloud_of_the_credentials_unless_they_say_where() {
    let home = Home::new();
    let file = home.file("token", "subject");
    let worker = json!({"type": "external_account_authorized_user", "client_id": "c",
        "client_secret": "s", "refresh_token": "r"});
    let external = json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
        "credential_source": {"file": file}});
    for credentials in [worker, external] {
        let elsewhere = of(credentials, "no-such.invalid").to_string();
        let settings = Settings::new()
            .with("TEST_ENDPOINT", "http://127.0.0.1:1")
            .with("GOOGLE_CREDENTIALS", elsewhere);
        let error = call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unavailable);
        assert!(
            error.to_string().contains("https://sts.no-such.invalid"),
            "{error}"
        );
    }
}
