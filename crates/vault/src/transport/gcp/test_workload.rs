//! Tokens of other platforms, and what they are exchanged for.

use serde_json::{Value, json};

use super::samples::field;
use super::test_login::{Home, asked, call, serve, settings, token_of, used};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{RunContext, Settings, VaultErrorKind};

const STS: &str = "POST /sts";
const THING: &str = "GET /v1/thing";
const ACTS: &str = "POST /v1/projects/-/serviceAccounts/a@b:generateAccessToken";

fn external(server: &Server, source: &Value) -> Value {
    json!({"type": "external_account", "audience": "//iam.googleapis.com/x",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{}/sts", server.url()), "credential_source": source})
}

fn with(settings: Settings, home: &Home, credentials: &Value) -> Settings {
    let path = home.file("c/c.json", &credentials.to_string());
    settings.with("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap())
}

#[tokio::test]
async fn a_token_is_read_from_a_file_and_exchanged() {
    let (server, home) = (serve().await, Home::new());
    home.file("c/plain", "subject\n");
    home.file("c/json", r#"{"other":1,"at":"subject"}"#);
    let json =
        json!({"file": "json", "format": {"type": "json", "subject_token_field_name": "at"}});
    for source in [json!({"file": "plain"}), json] {
        server.forget();
        let settings = with(settings(&server), &home, &external(&server, &source));
        let (asked, token) = used(&home.gcp(&settings), &server).await;
        assert_eq!(
            (asked.as_slice(), token),
            (&[STS, THING, THING].map(str::to_owned)[..], token_of("sts"))
        );
        let form = String::from_utf8(server.seen().remove(0).body).unwrap();
        for (name, value) in [
            (
                "grant_type",
                "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
            ),
            ("audience", "%2F%2Fiam.googleapis.com%2Fx"),
            (
                "scope",
                "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform",
            ),
            (
                "requested_token_type",
                "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
            ),
            (
                "subject_token_type",
                "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt",
            ),
        ] {
            assert_eq!(field(&form, name), Some(value));
        }
        assert_eq!(field(&form, "options"), None);
    }
}

#[tokio::test]
async fn the_workload_may_act_as_an_account_and_name_a_client() {
    let (server, home) = (serve().await, Home::new());
    home.file("c/plain", "subject");
    let mut credentials = external(&server, &json!({"file": "plain"}));
    let url = server.url();
    credentials["service_account_impersonation_url"] = json!(format!(
        "{url}/v1/projects/-/serviceAccounts/a@b:generateAccessToken"
    ));
    credentials["service_account_impersonation"] = json!({"token_lifetime_seconds": 1200});
    credentials["workforce_pool_user_project"] = json!("people");
    let base = || settings(&server);
    let (asked, token) = used(&home.gcp(&with(base(), &home, &credentials)), &server).await;
    assert_eq!(asked, [STS, ACTS, THING, THING]);
    assert_eq!(token, token_of("acting-1200s"));
    let exchange = server.seen().remove(0);
    let form = String::from_utf8(exchange.body.clone()).unwrap();
    assert_eq!(
        field(&form, "options"),
        Some("%7B%22userProject%22%3A%22people%22%7D")
    );
    assert_eq!(exchange.header("authorization"), None);

    server.forget();
    credentials["client_id"] = json!("me");
    credentials["client_secret"] = json!("s");
    let run = RunContext::new();
    call(&home.gcp(&with(base(), &home, &credentials)), &run)
        .await
        .unwrap();
    let exchange = server.seen().remove(0);
    let form = String::from_utf8(exchange.body.clone()).unwrap();
    assert_eq!(field(&form, "options"), None);
    assert_eq!(exchange.header("authorization"), Some("Basic bWU6cw=="));
}

#[tokio::test]
async fn a_token_is_got_from_an_address() {
    let (google, home) = (serve().await, Home::new());
    let issuer = Server::start(|seen| match seen.header("authorization") {
        Some("bearer of-the-job") => Reply::json(r#"{"value":"subject"}"#),
        _ => Reply::new(403).with_body(SENTINEL),
    })
    .await;
    let source = |login: &str| {
        json!({"url": format!("{}/token?audience=x", issuer.url()), "headers": {"Authorization": login},
            "format": {"type": "json", "subject_token_field_name": "value"}})
    };
    let good = external(&google, &source("bearer of-the-job"));
    let gcp = home.gcp(&with(settings(&google), &home, &good));
    let run = RunContext::new();
    assert_eq!(call(&gcp, &run).await.unwrap(), 200);
    assert_eq!(asked(&issuer), ["GET /token?audience=x"]);
    assert!(run.is_login(&crate::SecretValue::text("bearer of-the-job")));

    let bad = external(&google, &source("other"));
    let gcp = home.gcp(&with(settings(&google), &home, &bad));
    let error = call(&gcp, &RunContext::new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            VaultErrorKind::Unauthenticated,
            format!("`{}` gives this workload no token (HTTP 403)", issuer.url())
        )
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_runs_only_if_the_operator_allows_it() {
    let (server, home) = (serve().await, Home::new());
    let script = |body: &str| home.file("c/print.sh", body);
    let credentials = external(
        &server,
        &json!({"executable": {"command": "sh print.sh a"}}),
    );
    let not_set = with(settings(&server), &home, &credentials);
    let settings = not_set
        .clone()
        .with("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    script(
        r#"echo ran >> ran
        test "$1 $GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = "a //iam.googleapis.com/x" || exit 1
        echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:id_token","id_token":"subject"}'"#,
    );
    let error = call(&home.gcp(&not_set), &RunContext::new())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the Google credentials name a program to log in with, and `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES` is not set"
    );
    assert!(!home.file("c/other", "").with_file_name("ran").exists());
    let (asked, token) = used(&home.gcp(&settings), &server).await;
    assert_eq!(
        (asked.as_slice(), token),
        (&[STS, THING, THING].map(str::to_owned)[..], token_of("sts"))
    );

    let nonsense = "what the program that the Google credentials name prints is not JSON with a token of version 1";
    let nothing = "the program that the Google credentials name brings no token";
    let ended = "the token of the program that the Google credentials name has ended";
    for (body, message) in [
        (format!("echo {SENTINEL}"), nonsense),
        (
            "echo '{\"version\":1,\"success\":true}'".to_owned(),
            nonsense,
        ),
        (
            format!("echo '{{\"version\":1,\"success\":false,\"message\":\"{SENTINEL}\"}}'"),
            nothing,
        ),
        (
            "echo '{\"version\":2,\"success\":true,\"id_token\":\"t\"}'".to_owned(),
            nothing,
        ),
        (
            "echo '{\"version\":1,\"success\":true,\"id_token\":\"t\"}'; exit 1".to_owned(),
            nothing,
        ),
        (
            "echo '{\"version\":1,\"success\":true,\"id_token\":\"t\",\"expiration_time\":1}'"
                .to_owned(),
            ended,
        ),
    ] {
        script(&body);
        let error = call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), message, "{body}");
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_a_program_has_kept_is_taken_until_it_ends() {
    let (server, home) = (serve().await, Home::new());
    let program = json!({"command": "sh print.sh", "output_file": "kept.json"});
    let credentials = external(&server, &json!({ "executable": program }));
    let not_allowed = with(settings(&server), &home, &credentials);
    let settings = not_allowed
        .clone()
        .with("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    home.file(
        "c/print.sh",
        r#"test "${GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE##*/}" = kept.json || exit 1
        echo ran >> ran
        echo '{"version":1,"success":true,"id_token":"subject"}'"#,
    );
    let kept = |end: Value, success: bool| {
        let kept = json!({"version": 1, "success": success, "id_token": "subject",
            "token_type": "urn:ietf:params:oauth:token-type:jwt", "expiration_time": end});
        home.file("c/kept.json", &kept.to_string())
    };
    let good = || kept(json!(4_070_908_800_u64), true);
    good();
    assert!(
        call(&home.gcp(&not_allowed), &RunContext::new())
            .await
            .is_err()
    );
    let ran = home.file("c/ran", "");
    for (runs, write) in [
        (0, &good as &dyn Fn() -> _),
        (1, &|| kept(json!(1), true)),
        (2, &|| kept(Value::Null, true)),
        (3, &|| kept(json!(4_070_908_800_u64), false)),
        (4, &|| home.file("c/kept.json", "{")),
    ] {
        write();
        call(&home.gcp(&settings), &RunContext::new())
            .await
            .unwrap();
        assert_eq!(std::fs::read_to_string(&ran).unwrap().lines().count(), runs);
    }
    std::fs::remove_file(home.file("c/kept.json", "")).unwrap();
    call(&home.gcp(&settings), &RunContext::new())
        .await
        .unwrap();
    assert_eq!(std::fs::read_to_string(&ran).unwrap().lines().count(), 5);
}

#[tokio::test]
async fn what_is_not_read_or_not_taken_is_told() {
    let (server, home) = (serve().await, Home::new());
    home.file("c/other", "other");
    home.file("c/empty", " \n");
    let path = |name: &str| {
        let path = home.file("c/x", "").with_file_name(name);
        path.display().to_string()
    };
    let place = format!("the Google credentials in `{}`", path("c.json"));
    let source = format!("{place} name a source of tokens that is not read here");
    let form = |format: Value| json!({"file": "other", "format": format});
    let field = json!({"type": "json", "subject_token_field_name": "at"});
    let nothing = format!("there is no token of this workload in `{}`", path("other"));
    for (credentials, message) in [
        (external(&server, &json!({"environment_id": "aws1", "url": "http://h"})), source.clone()),
        (
            external(&server, &json!({"environment_id": "aws2", "regional_cred_verification_url": "http://h"})),
            source.clone(),
        ),
        (external(&server, &json!({"certificate": {}})), source.clone()),
        (external(&server, &json!({"file": "a", "url": "http://h"})), source.clone()),
        (external(&server, &json!({"url": "file:///etc/passwd"})), source.clone()),
        (external(&server, &form(json!({"type": "xml"}))), source),
        (external(&server, &form(field)), nothing),
        (
            external(&server, &json!({"file": "empty"})),
            format!("there is no token of this workload in `{}`", path("empty")),
        ),
        (
            external(&server, &json!({"file": "other"})),
            "Google does not accept the token of this workload for `//iam.googleapis.com/x` (HTTP 400)".to_owned(),
        ),
    ] {
        let settings = with(settings(&server), &home, &credentials);
        let error = call(&home.gcp(&settings), &RunContext::new()).await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
