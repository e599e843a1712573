//! The logins: what they need, what they send, and when there is another one.

use super::connect;
use super::samples::{Variables, access_token, header, json_of, read_one, request, settings, with};
use crate::backend::test_logins::{Numbered, stays_on_this_machine, token_file};
use crate::suite::{Reply, Server, TOKEN};
use crate::{ConnectContext, RunContext, Settings, VaultErrorKind};

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln_-";

fn by_jwt(address: &str, file: &tempfile::NamedTempFile) -> Settings {
    Settings::new()
        .with("CONJUR_APPLIANCE_URL", address)
        .with("CONJUR_ACCOUNT", "acme")
        .with("CONJUR_SERVICE_ID", "k8s")
        .with("JWT_TOKEN_PATH", file.path().to_str().unwrap())
}

#[tokio::test]
async fn each_method_sends_its_own() {
    let server = with(Variables::default().with("prod/a", &[b"1"])).await;
    let file = token_file(&format!("{JWT}\n"));
    let jwt = by_jwt(&server.url(), &file);
    let alias = jwt
        .clone()
        .with("CONJUR_SERVICE_ID", "")
        .with("CONJUR_AUTHN_JWT_SERVICE_ID", "k8s");
    let form = format!("jwt={JWT}");
    for (settings, target, kind, body) in [
        (
            settings(&server),
            "/authn/acme/host%2Fapp/authenticate",
            "text/plain",
            TOKEN,
        ),
        (
            settings(&server).with("CONJUR_SERVICE_ID", "k8s"),
            "/authn/acme/host%2Fapp/authenticate",
            "text/plain",
            TOKEN,
        ),
        (
            jwt.clone(),
            "/authn-jwt/k8s/acme/authenticate",
            "application/x-www-form-urlencoded",
            &form,
        ),
        (
            alias,
            "/authn-jwt/k8s/acme/authenticate",
            "application/x-www-form-urlencoded",
            &form,
        ),
        (
            jwt.with("CONJUR_AUTHN_JWT_HOST_ID", "host/app")
                .with("CONJUR_AUTHN_API_KEY", "key")
                .with("CONJUR_AUTHN_TYPE", "jwt"),
            "/authn-jwt/k8s/acme/host%2Fapp/authenticate",
            "application/x-www-form-urlencoded",
            &form,
        ),
    ] {
        server.forget();
        let answer = read_one(&settings, "prod", "a").await;
        assert_eq!(json_of(&answer, "a"), "\"1\"");
        let login = &server.seen()[0];
        assert_eq!(
            (login.method.as_str(), login.target.as_str()),
            ("POST", target)
        );
        assert_eq!(login.header("content-type"), Some(kind));
        assert_eq!(login.body, body.as_bytes());
        assert_eq!(login.header("authorization"), None);
    }
}

#[test]
fn what_a_login_needs_is_told_and_not_shown() {
    let complete = || {
        Settings::new()
            .with("CONJUR_APPLIANCE_URL", "https://conjur.example.com/api")
            .with("CONJUR_ACCOUNT", "acme")
            .with("CONJUR_AUTHN_LOGIN", "host/app")
            .with("CONJUR_AUTHN_API_KEY", "SENTINEL")
    };
    let error = |settings: Settings| {
        let error = connect(&settings, &ConnectContext::new()).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
        error.to_string()
    };
    for (name, value, message) in [
        (
            "CONJUR_APPLIANCE_URL",
            "",
            "CONJUR_APPLIANCE_URL is not set",
        ),
        (
            "CONJUR_APPLIANCE_URL",
            "https://SENTINEL@conjur.example.com",
            "CONJUR_APPLIANCE_URL is not the URL of a server",
        ),
        ("CONJUR_ACCOUNT", "", "`CONJUR_ACCOUNT` is not set"),
        ("CONJUR_AUTHN_LOGIN", "", "`CONJUR_AUTHN_LOGIN` is not set"),
        (
            "CONJUR_AUTHN_API_KEY",
            "",
            "`CONJUR_AUTHN_API_KEY` is not set",
        ),
        (
            "CONJUR_AUTHN_TYPE",
            "SENTINEL",
            "CONJUR_AUTHN_TYPE is not a way to log in",
        ),
        ("CONJUR_AUTHN_TYPE", "jwt", "`CONJUR_SERVICE_ID` is not set"),
        (
            "CONJUR_AUTHN_TYPE",
            "k8s",
            "a login by authn-k8s is not supported",
        ),
        (
            "CONJUR_SSL_CERTIFICATE",
            "SENTINEL",
            "CONJUR_SSL_CERTIFICATE holds no PEM certificate",
        ),
        (
            "CONJUR_CERT_FILE",
            "/nowhere/ca.pem",
            "cannot read the CA file `/nowhere/ca.pem`",
        ),
    ] {
        assert_eq!(error(complete().with(name, value)), message);
    }
    assert_eq!(
        error(Settings::new()),
        "CONJUR_APPLIANCE_URL is not set; `CONJUR_ACCOUNT` is not set; `CONJUR_AUTHN_LOGIN` is not set; `CONJUR_AUTHN_API_KEY` is not set"
    );
    let backend = connect(&complete(), &ConnectContext::new()).unwrap();
    assert_eq!(
        format!("{backend:?}"),
        "Conjur { server: \"https://conjur.example.com\", login: \"authn\", .. }"
    );
}

#[tokio::test]
async fn a_file_without_a_token_is_named() {
    let server = with(Variables::default()).await;
    for (text, message) in [
        ("\n", "the file `FILE` for the login token is empty"),
        ("a b\n", "the file `FILE` does not hold a JWT"),
        ("a&jwt=b", "the file `FILE` does not hold a JWT"),
    ] {
        let file = token_file(text);
        let error = read_one(&by_jwt(&server.url(), &file), "prod", "a").await;
        let shown = error.unwrap_err().to_string();
        let name = file.path().display().to_string();
        assert_eq!(shown.replace(&name, "FILE"), message);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn the_token_of_the_pod_does_not_go_where_the_author_says() {
    let file = token_file(JWT);
    let own = by_jwt("https://conjur.example.com", &file);
    stays_on_this_machine(&own, &["CONJUR_APPLIANCE_URL"], connect);
}

#[tokio::test]
async fn a_login_that_fails_is_told_and_not_tried_again() {
    use VaultErrorKind::{InvalidAnswer, Unauthenticated};
    for (reply, kind, message) in [
        (
            Reply::new(401),
            Unauthenticated,
            "the `authn` login at `URL` is not accepted (HTTP 401)",
        ),
        (
            Reply::new(404).with_body("<html>"),
            InvalidAnswer,
            "`URL` has no API of Conjur (HTTP 404)",
        ),
        (
            Reply::json(r#"{"payload":"e30="}"#),
            InvalidAnswer,
            "the answer of `URL` is not what a `Conjur` server gives",
        ),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
        let mut requests: Vec<_> = (0..40)
            .map(|index| request(&format!("prod/{index}"), &["a,b"]))
            .collect();
        requests.push(request("prod#1", &["a"]));
        requests.push(request("prod", &[]));
        for answer in backend.read(&requests, &RunContext::default()).await {
            let error = answer.unwrap_err();
            let shown = error.to_string().replace(&server.url(), "URL");
            assert_eq!((error.kind(), shown.as_str()), (kind, message));
        }
        assert_eq!(server.seen().len(), 1, "{message}");
    }
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_replaced_once() {
    let variables = Variables::default().with("prod/a", &[b"1"]);
    let numbered = Numbered::start(move |seen, newest| {
        let token = access_token(newest);
        if seen.method == "POST" {
            Reply::new(200).with_body(token)
        } else if seen.header("authorization") == Some(&header(&token)) {
            variables.answer(seen)
        } else {
            Reply::new(401)
        }
    })
    .await;
    let backend = connect(&settings(&numbered.server), &ConnectContext::new()).unwrap();
    let requests = [request("prod", &["a"]), request("prod#1", &["a"])];
    numbered
        .is_asked_for_one_token_at_a_time(&backend, &requests)
        .await;
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_an_error() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "POST" => Reply::new(200).with_body(access_token(1)),
        _ => Reply::new(401),
    })
    .await;
    let error = read_one(&settings(&server), "prod", "a").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!(server.seen().len(), 2);
}
