//! Logins, and what is wrong with settings.

use serde_json::json;

use super::samples::{PASSWORD, database, read, request, serve, serve_in, settings, targets};
use super::{DelineaSecretServer, connect};
use crate::backend::test_logins::Numbered;
use crate::suite::{Reply, SENTINEL, Server};
use crate::{ConnectContext, RunContext, Settings, VaultErrorKind};

#[tokio::test]
async fn a_domain_is_sent_if_it_is_set() {
    for (domain, is_set, is_right) in [
        (None, false, true),
        (Some("corp"), true, true),
        (Some("corp"), false, false),
        (None, true, false),
    ] {
        let server = serve_in(domain, [database()]).await;
        let mut settings = settings(&server);
        if is_set {
            settings = settings.with("AVP_DELINEA_DOMAIN", "corp");
        }
        let (answers, _) = read(&settings, &[request("7", &["password"])]).await;
        assert_eq!(answers[0].is_ok(), is_right, "{domain:?} {is_set}");
    }
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_sent_once_in_a_run() {
    let server = serve([database()]).await;
    let settings = settings(&server).with("AVP_DELINEA_PASSWORD", SENTINEL);
    let requests = ["7", "8", "9"].map(|path| request(path, &["password"]));
    let (answers, _) = read(&settings, &requests).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!(shown, "the login at `URL` is not accepted (HTTP 400)");
    }
    assert_eq!(targets(&server), ["POST /SecretServer/oauth2/token"]);
}

#[tokio::test]
async fn what_is_no_secret_server_and_what_brings_no_token_is_told() {
    for (reply, message) in [
        (
            Reply::new(404).with_body("nothing"),
            "`URL` has no API of Secret Server (HTTP 404)",
        ),
        (
            Reply::json(json!({"access_token": ""}).to_string()),
            "the login at `URL` brings no token",
        ),
        (
            Reply::json(json!({"access_token": null}).to_string()),
            "the login at `URL` brings no token",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let (answers, _) = read(&settings(&server), &[request("7", &["a"])]).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert_eq!(error.to_string().replace(&server.url(), "URL"), message);
    }
}

#[tokio::test]
async fn a_token_is_kept_for_later_runs_and_replaced_once_if_it_is_refused() {
    let numbered = Numbered::start(|seen, newest| {
        let token = format!("t{newest}");
        if seen.method == "POST" {
            let grant = json!({"access_token": token, "expires_in": 1199});
            Reply::json(grant.to_string())
        } else if seen.header("authorization") == Some(&format!("Bearer {token}")) {
            Reply::json(r#"{"id":7,"name":"db","items":[]}"#)
        } else {
            Reply::json(r#"{"message":"expired"}"#).with_status(401)
        }
    })
    .await;
    let backend = connect(&settings(&numbered.server), &ConnectContext::new()).unwrap();
    numbered
        .is_asked_for_one_token_at_a_time(&backend, &[request("7", &["a"])])
        .await;
}

#[test]
fn what_is_missing_or_wrong_in_the_settings_is_told_at_once() {
    let error = DelineaSecretServer::from_settings(&Settings::new()).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "AVP_DELINEA_URL is not set; AVP_DELINEA_USER is not set; AVP_DELINEA_PASSWORD is not set"
    );
    let settings = Settings::new()
        .with("AVP_DELINEA_URL", format!("https://{SENTINEL}@h"))
        .with("AVP_DELINEA_USER", "u")
        .with("AVP_DELINEA_PASSWORD", PASSWORD)
        .with("MANIFILL_DELINEA_CACERT", "/no/such/ca.pem");
    let error = DelineaSecretServer::from_settings(&settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "AVP_DELINEA_URL is not the URL of a server; cannot read the CA file `/no/such/ca.pem`"
    );
    let settings: Vec<_> = error.each().filter_map(|error| error.setting()).collect();
    assert_eq!(settings, ["MANIFILL_DELINEA_CACERT"]);
}

#[test]
fn a_ca_file_is_read() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::io::Write::write_all(&mut file, key.cert.pem().as_bytes()).unwrap();
    let settings = Settings::new()
        .with("AVP_DELINEA_URL", "https://localhost")
        .with("AVP_DELINEA_TOKEN", "none")
        .with("MANIFILL_DELINEA_CACERT", file.path().to_str().unwrap());
    DelineaSecretServer::from_settings(&settings).unwrap();
}

#[tokio::test]
async fn nothing_shows_the_login() {
    let server = serve([database()]).await;
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let _ = backend.read(&[request("7", &[])], &RunContext::new()).await;
    let shown = format!("{backend:?}");
    assert!(
        shown.contains("DelineaSecretServer") && !shown.contains(SENTINEL),
        "{shown}"
    );
}
