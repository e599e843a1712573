//! How the token of `aws sso login` is renewed and kept.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::test_login::{Home, SECRET, call, settings};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{RunContext, VaultError, VaultErrorKind, clock};

const PAST: &str = "2020-01-01T00:00:00Z";
const LATER: &str = "2099-01-01T00:00:00Z";

/// A home folder with a login, whose token ends at this time.
fn home(ends: &str, registered_until: &str) -> (Home, PathBuf) {
    let home = Home::new();
    home.file(
        ".aws/config",
        "[default]\nsso_session=corp\nsso_account_id=12\nsso_role_name=Reader\n\
         [sso-session corp]\nsso_start_url=https://c\nsso_region=eu-west-1\n",
    );
    let token = json!({"startUrl": "https://c", "accessToken": "old", "expiresAt": ends,
        "clientId": "manifills", "clientSecret": SECRET, "refreshToken": "again",
        "registrationExpiresAt": registered_until});
    // The SHA-1 of `corp`.
    let name = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let path = home.file(name, &token.to_string());
    (home, path)
}

/// A server that renews a token with this answer, and knows the old and the new one.
async fn serve(renewed: Reply) -> Server {
    Server::start(move |seen| match seen.target.as_str() {
        "/token" => {
            let asked: Value = serde_json::from_slice(&seen.body).unwrap();
            let expected = json!({"clientId": "manifills", "clientSecret": SECRET,
                "grantType": "refresh_token", "refreshToken": "again"});
            assert_eq!((seen.method.as_str(), asked), ("POST", expected));
            renewed.clone()
        }
        target if target.starts_with("/federation/credentials?") => {
            let bearer = seen.header("x-amz-sso_bearer_token").unwrap();
            assert!(["old", "new"].contains(&bearer));
            let given = json!({"accessKeyId": bearer, "secretAccessKey": SECRET,
                "sessionToken": "t", "expiration": 4_070_908_800_000_u64});
            Reply::json(json!({ "roleCredentials": given }).to_string())
        }
        _ => Reply::json("{}"),
    })
    .await
}

fn renewed() -> Reply {
    Reply::json(
        json!({"accessToken": "new", "expiresIn": 3600, "refreshToken": "then"}).to_string(),
    )
}

/// What was asked for, one after the other, and how it ended.
async fn asked(
    home: &Home,
    server: &Server,
    run: &RunContext,
) -> (Vec<String>, Result<(), VaultError>) {
    let aws = home.aws(&settings(server)).unwrap();
    let outcome = call(&aws, run).await;
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    let asked = server
        .seen()
        .iter()
        .map(|seen| path(&seen.target))
        .collect();
    (asked, outcome)
}

fn kept(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_once_and_kept_for_the_next_run() {
    let (home, path) = home(PAST, LATER);
    let server = serve(renewed()).await;
    let run = RunContext::new();
    let (targets, outcome) = asked(&home, &server, &run).await;
    outcome.unwrap();
    assert_eq!(targets, ["/token", "/federation/credentials", "/"]);
    let file = kept(&path);
    for (name, value) in [
        ("accessToken", "new"),
        ("refreshToken", "then"),
        ("startUrl", "https://c"),
        ("clientSecret", SECRET),
        ("registrationExpiresAt", LATER),
    ] {
        assert_eq!(file[name], value, "{name}");
    }
    assert!(file["expiresAt"].as_str().unwrap() > "2026");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let folder: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(folder.len(), 1, "nothing is left beside it");
    assert!(run.notes().is_empty());
    server.forget();
    let (targets, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(targets, ["/federation/credentials", "/"]);
}

#[tokio::test]
async fn a_token_that_ends_soon_is_used_if_it_cannot_be_renewed() {
    let soon = i64::try_from(clock::now() + 120).unwrap();
    let soon = time::OffsetDateTime::from_unix_timestamp(soon).unwrap();
    let format = time::format_description::well_known::Rfc3339;
    let (home, path) = home(&soon.format(&format).unwrap(), LATER);
    let before = kept(&path);
    let server = serve(Reply::new(500)).await;
    let (targets, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(targets, ["/token", "/federation/credentials", "/"]);
    assert_eq!(kept(&path), before);
}

#[tokio::test]
async fn a_token_that_another_program_has_renewed_meanwhile_is_used() {
    let (home, path) = home(PAST, LATER);
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/token" => {
            let mut token = kept(&path);
            token["accessToken"] = json!("another's");
            token["expiresAt"] = json!(LATER);
            std::fs::write(&path, token.to_string()).unwrap();
            Reply::json(r#"{"error":"invalid_grant"}"#).with_status(400)
        }
        target if target.starts_with("/federation/credentials?") => {
            assert_eq!(seen.header("x-amz-sso_bearer_token"), Some("another's"));
            let given = json!({"accessKeyId": "k", "secretAccessKey": SECRET,
                "sessionToken": "t", "expiration": 4_070_908_800_000_u64});
            Reply::json(json!({ "roleCredentials": given }).to_string())
        }
        _ => Reply::json("{}"),
    })
    .await;
    let (targets, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(targets, ["/token", "/federation/credentials", "/"]);
}

#[tokio::test]
async fn a_login_that_cannot_be_renewed_has_ended() {
    let refused =
        Reply::json(json!({"error": "invalid_grant", "error_description": SENTINEL}).to_string());
    for (registered_until, answer, requests) in [
        (LATER, refused.clone().with_status(400), 1),
        (LATER, refused.with_status(401), 1),
        (PAST, renewed(), 0),
    ] {
        let (home, path) = home(PAST, registered_until);
        let before = kept(&path);
        let server = serve(answer).await;
        let (targets, outcome) = asked(&home, &server, &RunContext::new()).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(
            error.to_string(),
            "the login to IAM Identity Center has ended"
        );
        assert_eq!(error.hint(), Some("log in with `aws sso login`"));
        assert!(!format!("{error:?}").contains(SENTINEL));
        assert_eq!(targets.len(), requests);
        assert_eq!(kept(&path), before);
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_no_login_that_has_ended() {
    let (home, _) = home(PAST, LATER);
    let server = serve(Reply::new(503)).await;
    let (targets, outcome) = asked(&home, &server, &RunContext::new()).await;
    assert_eq!(outcome.unwrap_err().kind(), VaultErrorKind::Unavailable);
    assert_eq!(targets, ["/token"], "it is asked once");
}
