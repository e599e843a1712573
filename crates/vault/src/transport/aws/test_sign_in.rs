//! How a login to the console is used, renewed and kept.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::test_login::{Home, SECRET, call, settings};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, VaultError, VaultErrorKind, clock};

const PAST: &str = "2020-01-01T00:00:00Z";
const LATER: &str = "2099-01-01T00:00:00Z";

/// A key as `aws login` makes it.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der: EcPrivateKeyRfc5915Der = key.private_key().as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    format!("-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")
});

fn login(key: &str, ends: &str) -> Value {
    json!({
        "accessToken": {"accessKeyId": key, "secretAccessKey": SECRET, "sessionToken": "t",
            "accountId": "12", "expiresAt": ends},
        "tokenType": "aws_sigv4", "refreshToken": SENTINEL, "idToken": "i.d.t",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": *KEY,
    })
}

/// A home folder with a login.
fn home(login: &Value) -> (Home, PathBuf) {
    let home = Home::new();
    home.file(".aws/config", "[default]\nlogin_session = corp\n");
    // The SHA-256 of `corp`.
    let name = "19f4c684a3ff4f2dfa73b8d9098257cfb08e3da6b5ac7f86aa3aa36537018265.json";
    let path = home.file(&format!(".aws/login/cache/{name}"), &login.to_string());
    (home, path)
}

/// A server that renews logins with this answer.
async fn serve(renewed: Reply) -> Server {
    Server::start(move |seen| match seen.target.as_str() {
        "/v1/token" => {
            let asked: Value = serde_json::from_slice(&seen.body).unwrap();
            let expected = json!({"clientId": "arn:aws:signin:::devtools/same-device",
                "grantType": "refresh_token", "refreshToken": SENTINEL});
            assert_eq!((seen.method.as_str(), asked), ("POST", expected));
            renewed.clone()
        }
        _ => Reply::json("{}"),
    })
    .await
}

fn renewed() -> Reply {
    Reply::json(
        json!({"accessToken": {"accessKeyId": "NEW", "secretAccessKey": SECRET, "sessionToken": "n"},
            "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "then"})
        .to_string(),
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
    let signer = |seen: &Seen| {
        let header = seen.header("authorization")?;
        let (_, rest) = header.split_once("Credential=")?;
        Some(rest.split_once('/')?.0.to_owned())
    };
    let seen = server.seen();
    let asked = seen.iter();
    let asked = asked.map(|seen| signer(seen).unwrap_or_else(|| seen.target.clone()));
    (asked.collect(), outcome)
}

fn kept(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_login_that_is_good_is_used_as_it_is() {
    let (home, path) = home(&login("OLD", LATER));
    let before = kept(&path);
    let server = serve(Reply::new(500)).await;
    let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(asked, ["OLD"]);
    assert_eq!(server.seen()[0].header("x-amz-security-token"), Some("t"));
    assert_eq!(kept(&path), before);
}

#[tokio::test]
async fn a_login_that_has_ended_is_renewed_once_and_kept_for_the_next_run() {
    let (home, path) = home(&login("OLD", PAST));
    let server = serve(renewed()).await;
    let run = RunContext::new();
    let (calls, outcome) = asked(&home, &server, &run).await;
    outcome.unwrap();
    assert_eq!(calls, ["/v1/token", "NEW"]);
    let file = kept(&path);
    let mut expected = login("NEW", file["accessToken"]["expiresAt"].as_str().unwrap());
    expected["accessToken"]["sessionToken"] = json!("n");
    expected["refreshToken"] = json!("then");
    assert_eq!(file, expected);
    assert!(run.notes().is_empty());
    server.forget();
    let (calls, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(calls, ["NEW"]);
}

#[tokio::test]
async fn a_renewal_is_signed_with_the_key_of_the_login() {
    let (home, _) = home(&login("OLD", PAST));
    let server = serve(renewed()).await;
    asked(&home, &server, &RunContext::new()).await.1.unwrap();
    let seen = server.seen();
    let parts: Vec<_> = seen[0].header("dpop").unwrap().split('.').collect();
    let decoded = |at: usize| URL_SAFE_NO_PAD.decode(parts[at]).unwrap();
    let header: Value = serde_json::from_slice(&decoded(0)).unwrap();
    let claims: Value = serde_json::from_slice(&decoded(1)).unwrap();
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("dpop+jwt"), &json!("ES256"))
    );
    assert_eq!(claims["htm"], "POST");
    assert_eq!(claims["htu"], format!("{}/v1/token", server.url()));
    assert!(claims["iat"].as_u64().unwrap().abs_diff(clock::now()) < 600);
    let number = |name: &str| {
        let text = header["jwk"][name].as_str().unwrap();
        URL_SAFE_NO_PAD.decode(text).unwrap()
    };
    let point = [vec![4], number("x"), number("y")].concat();
    let signed = format!("{}.{}", parts[0], parts[1]);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &decoded(2))
        .unwrap();
}

#[tokio::test]
async fn a_login_that_ends_soon_is_used_if_it_cannot_be_renewed() {
    let (home, _) = home(&login("OLD", &super::credentials::time(clock::now() + 120)));
    let server = serve(Reply::new(500)).await;
    let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(asked, ["/v1/token", "OLD"]);
}

#[tokio::test]
async fn a_login_that_another_program_has_renewed_meanwhile_is_used() {
    let (home, path) = home(&login("OLD", PAST));
    let server = Server::start(move |seen| {
        if seen.target != "/v1/token" {
            return Reply::json("{}");
        }
        std::fs::write(&path, login("OTHER", LATER).to_string()).unwrap();
        Reply::json(r#"{"error":"TOKEN_EXPIRED"}"#).with_status(400)
    })
    .await;
    let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
    outcome.unwrap();
    assert_eq!(asked, ["/v1/token", "OTHER"]);
}

#[tokio::test]
async fn why_a_login_is_not_renewed_is_told() {
    for (status, code, message, hint) in [
        (
            400,
            "TOKEN_EXPIRED",
            "the login to the console of AWS has ended",
            "log in with `aws login`",
        ),
        (
            403,
            "USER_CREDENTIALS_CHANGED",
            "the password of the user has changed since the login to the console",
            "log in with `aws login`",
        ),
        (
            403,
            "INSUFFICIENT_PERMISSIONS",
            "AWS does not let the user of this login renew it",
            "give the user the permission signin:CreateOAuth2Token",
        ),
    ] {
        let (home, path) = home(&login("OLD", PAST));
        let before = kept(&path);
        let answer = json!({"error": code, "message": SENTINEL}).to_string();
        let server = serve(Reply::json(answer).with_status(status)).await;
        let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(error.hint(), Some(hint));
        assert!(!format!("{error:?}").contains(SENTINEL));
        assert_eq!(asked, ["/v1/token"]);
        assert_eq!(kept(&path), before);
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_no_login_that_has_ended() {
    let (home, _) = home(&login("OLD", PAST));
    let server = serve(Reply::new(503)).await;
    let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
    assert_eq!(outcome.unwrap_err().kind(), VaultErrorKind::Unavailable);
    assert_eq!(asked, ["/v1/token"], "it is asked once");
}

#[tokio::test]
async fn a_login_that_cannot_be_read_asks_for_one() {
    let mut broken = login("OLD", PAST);
    broken["dpopKey"] = json!("no key");
    for (text, message) in [
        (
            "{",
            "there is no login to the console for the AWS profile `default`",
        ),
        (
            "{}",
            "there is no login to the console for the AWS profile `default`",
        ),
        (
            broken.to_string().as_str(),
            "the login to the console of AWS has ended",
        ),
    ] {
        let (home, path) = home(&json!(null));
        std::fs::write(path, text).unwrap();
        let server = serve(renewed()).await;
        let (asked, outcome) = asked(&home, &server, &RunContext::new()).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.hint(), Some("log in with `aws login`"));
        assert!(asked.is_empty());
    }
}

#[tokio::test]
async fn the_region_of_the_login_is_asked_and_its_folder_can_be_named() {
    let mut of_region = login("OLD", PAST);
    of_region["signInRegion"] = json!("evil.example");
    let (home, path) = home(&of_region);
    let folder = home.file("logins/x", "");
    let folder = folder.parent().unwrap();
    std::fs::rename(&path, folder.join(path.file_name().unwrap())).unwrap();
    let all = crate::Settings::new().with("AWS_LOGIN_CACHE_DIRECTORY", folder.to_str().unwrap());
    let aws = home.aws(&all).unwrap();
    let error = call(&aws, &RunContext::new()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`evil.example` is not the name of a region"
    );
}
