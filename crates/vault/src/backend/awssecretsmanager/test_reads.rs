//! What is asked for, how often, and what refusals mean.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::samples::{
    REGION, arn, asked, backend, found, missing, read, refusal, request, serve, settings,
};
use super::{AwsSecretsManager, connect};
use crate::suite::{Reply, SENTINEL, Server, TOKEN};
use crate::{
    ConnectContext, Exposed, Keys, RunContext, SecretRequest, SecretValue, Settings, Sharing,
    Traffic, VaultBackend as _, VaultErrorKind,
};

async fn with_all() -> Server {
    serve(|operation, body| match operation {
        "GetSecretValue" => {
            let id = body["SecretId"].as_str().unwrap();
            let name = id.rsplit(':').next().unwrap();
            let name = name.strip_suffix("-a1B2c3").unwrap_or(name);
            let value = SecretValue::text(json!({"password": name, "port": 5432}).to_string());
            Reply::json(found(name, &value).to_string())
        }
        _ => refusal(400, "UnknownOperationException"),
    })
    .await
}

#[tokio::test]
async fn each_secret_is_read_once_and_its_region_is_that_of_its_arn() {
    let server = with_all().await;
    let backend = backend(&server);
    let elsewhere = arn("db").replace(REGION, "us-west-2");
    let requests = [
        request(&backend, "db", &["password"]),
        request(&backend, "db", &["port"]),
        request(&backend, "db", &["password"]).with_version("AWSPREVIOUS"),
        request(&backend, "db", &["password"]).with_version("0123456789abcdef0123456789abcdef"),
        request(&backend, "other", &["password"]),
    ];
    let answers = backend.read(&requests, &RunContext::default()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let port = answers[1].as_ref().unwrap().value("port").unwrap().unwrap();
    assert!(port.expose() == Exposed::Number("5432"));
    assert_eq!(answers[0].as_ref().unwrap().id(), Some(arn("db").as_str()));
    let mut bodies: Vec<String> = server
        .seen()
        .iter()
        .map(|seen| asked(seen).1.to_string())
        .collect();
    bodies.sort();
    assert_eq!(
        bodies,
        [
            r#"{"SecretId":"db","VersionId":"0123456789abcdef0123456789abcdef"}"#,
            r#"{"SecretId":"db","VersionStage":"AWSPREVIOUS"}"#,
            r#"{"SecretId":"db"}"#,
            r#"{"SecretId":"other"}"#,
        ]
    );
    server.forget();
    // The server of the settings has all regions; the signature is for that of the ARN.
    let error = read(&backend, &elsewhere, &["password"]).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{error}");
    let authorization = server.seen()[0].header("authorization").unwrap().to_owned();
    assert!(
        authorization.contains("/us-west-2/secretsmanager/aws4_request"),
        "{authorization}"
    );
}

#[tokio::test]
async fn text_that_is_no_object_has_a_key_of_its_own() {
    for text in ["plain", "", "[1]", "5"] {
        let server = serve(move |_, _| Reply::json(found("db", &text.into()).to_string())).await;
        let secret = read(&backend(&server), "db", &["SecretString", "a"])
            .await
            .unwrap();
        assert_eq!(
            secret
                .value("SecretString")
                .unwrap()
                .unwrap()
                .expose()
                .as_text(),
            Some(text)
        );
        assert!(secret.value("a").is_none());
        assert_eq!(secret.names().collect::<Vec<_>>(), ["SecretString"]);
    }
}

#[tokio::test]
async fn refusals_are_told_apart_whatever_their_status() {
    use VaultErrorKind as Kind;
    for (status, reason, kind, text) in [
        (
            404,
            "ResourceNotFoundException",
            Kind::NotFound,
            "there is no secret `db` in `eu-central-1`",
        ),
        (
            400,
            "com.amazonaws#ResourceNotFoundException",
            Kind::NotFound,
            "there is no secret `db`",
        ),
        (
            400,
            "InvalidRequestException",
            Kind::NotFound,
            "marked for deletion",
        ),
        (
            400,
            "DecryptionFailure",
            Kind::PermissionDenied,
            "cannot be decrypted with its KMS key",
        ),
        (
            400,
            "AccessDeniedException",
            Kind::PermissionDenied,
            "may not read the secret `db`",
        ),
        (
            400,
            "UnrecognizedClientException",
            Kind::Unauthenticated,
            "does not accept the login",
        ),
        (
            400,
            "ExpiredTokenException",
            Kind::Unauthenticated,
            "the login has ended",
        ),
        (
            403,
            "InvalidSignatureException",
            Kind::Unauthenticated,
            "does not accept the login",
        ),
        (
            400,
            "InvalidParameterException",
            Kind::InvalidRequest,
            "does not take `db`",
        ),
        (
            400,
            "SomethingElse",
            Kind::InvalidRequest,
            "refuses the request",
        ),
    ] {
        let server = serve(move |_, _| refusal(status, reason)).await;
        let error = read(&backend(&server), "db", &["a"]).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{reason}: {error}");
        assert!(error.to_string().contains(text), "{reason}: {error}");
        assert_eq!(server.seen().len(), 1, "{reason} is not tried again");
    }
    // Servers that check the signature before anything else answer in XML.
    let xml = format!(
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{SENTINEL}</Message></Error></ErrorResponse>"
    );
    let server = serve(move |_, _| Reply::new(403).with_body(xml.clone())).await;
    let error = read(&backend(&server), "db", &["a"]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
}

#[tokio::test]
async fn a_throttled_call_is_sent_again_a_few_times() {
    let server = serve(|_, _| refusal(400, "ThrottlingException")).await;
    let error = read(&backend(&server), "db", &["a"]).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
    assert!(
        error
            .to_string()
            .contains("too many requests (HTTP 400, 5 tries)"),
        "{error}"
    );
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn batches_are_read_on_request_and_what_they_lack_alone() {
    let server = serve(|operation, body| match operation {
        "BatchGetSecretValue" => {
            let ids = body["SecretIdList"].as_array().unwrap();
            assert!(ids.len() <= 20);
            let ids = ids
                .iter()
                .filter_map(|id| id.as_str())
                .filter(|id| *id != "s0");
            let values: Vec<_> = ids
                .map(|id| found(id, &SecretValue::text(json!({"a": id}).to_string())))
                .collect();
            let errors = [json!({"SecretId": "s0", "ErrorCode": "ResourceNotFoundException"})];
            Reply::json(json!({"SecretValues": values, "Errors": errors}).to_string())
        }
        _ => missing(),
    })
    .await;
    let settings = settings(&server).with("MANIFILL_AWS_BATCH", "true");
    let backend = AwsSecretsManager::from_settings(&settings).unwrap();
    let names: Vec<String> = (0..45).map(|number| format!("s{number}")).collect();
    let requests: Vec<_> = names
        .iter()
        .map(|name| request(&backend, name, &["a"]))
        .collect();
    let answers = backend.read(&requests, &RunContext::default()).await;
    for (name, answer) in names.iter().zip(&answers) {
        match (name.as_str(), answer) {
            ("s0", answer) => {
                assert_eq!(
                    answer.as_ref().unwrap_err().kind(),
                    VaultErrorKind::NotFound
                );
            }
            (name, answer) => {
                let value = answer.as_ref().unwrap().value("a").unwrap().unwrap();
                assert_eq!(value.expose().as_text(), Some(name));
            }
        }
    }
    let seen: Vec<String> = server.seen().iter().map(|seen| asked(seen).0).collect();
    let batches = seen
        .iter()
        .filter(|one| *one == "BatchGetSecretValue")
        .count();
    assert_eq!((seen.len(), batches), (4, 3));
}

#[tokio::test]
async fn without_the_permission_for_batches_secrets_are_read_alone() {
    let server = serve(|operation, body| match operation {
        "BatchGetSecretValue" => refusal(400, "AccessDeniedException"),
        _ => Reply::json(found(body["SecretId"].as_str().unwrap(), &"x".into()).to_string()),
    })
    .await;
    let settings = settings(&server).with("MANIFILL_AWS_BATCH", "true");
    let backend = AwsSecretsManager::from_settings(&settings).unwrap();
    let requests = ["a", "b"].map(|name| request(&backend, name, &["SecretString"]));
    let run = RunContext::default();
    assert!(
        backend
            .read(&requests, &run)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert!(
        run.notes()
            .concat()
            .contains("secretsmanager:BatchGetSecretValue")
    );
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_login_that_does_not_work_is_not_tried_for_each_secret_of_a_batch() {
    let server = serve(|_, _| refusal(400, "ExpiredTokenException")).await;
    let settings = settings(&server).with("MANIFILL_AWS_BATCH", "true");
    let backend = AwsSecretsManager::from_settings(&settings).unwrap();
    let requests = ["a", "b", "c"].map(|name| request(&backend, name, &["SecretString"]));
    for answer in backend.read(&requests, &RunContext::default()).await {
        assert_eq!(answer.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn no_path_chooses_a_host() {
    let foreign = with_all().await;
    let host = foreign.url().replace("http://", "");
    let backend = backend(&foreign);
    for path in [
        format!("arn:aws:secretsmanager:{host}/:123456789012:secret:a"),
        format!("arn:aws:secretsmanager:x@{host}#:123456789012:secret:a"),
        format!("arn:aws:secretsmanager:eu.{host}:123456789012:secret:a"),
    ] {
        assert!(backend.parse_path(&path).is_err(), "{path}");
        let made =
            crate::SecretRequest::new(crate::SecretPath::verbatim(path.as_str()), crate::Keys::All);
        let error = backend
            .read(&[made], &RunContext::default())
            .await
            .remove(0)
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
    }
    assert_eq!(foreign.seen().len(), 0);
}

#[tokio::test]
async fn runs_share_a_read_until_a_key_is_missing() {
    let server = with_all().await;
    let sharing = Sharing::new(Duration::from_secs(60), &Traffic::default());
    let context = ConnectContext::new().with_sharing(sharing);
    let shared = connect(&settings(&server), &context).unwrap();
    let plain = backend(&server);
    for keys in [&["password"][..], &["port"], &["password", "port"]] {
        let requests = [request(&plain, "db", keys)];
        let answers = shared.read(&requests, &RunContext::default()).await;
        assert!(answers[0].is_ok());
    }
    assert_eq!(server.seen().len(), 1);
    let requests = [request(&plain, "db", &["new"])];
    let answers = shared.read(&requests, &RunContext::default()).await;
    assert!(answers[0].as_ref().unwrap().value("new").is_none());
    assert_eq!(server.seen().len(), 2, "it may be there by now");
}

#[test]
fn wrong_settings_are_told_all_at_once() {
    let settings = Settings::new()
        .with("AWS_REGION", "x@evil")
        .with("AWS_ENDPOINT_URL", "nowhere")
        .with("MANIFILL_AWS_BATCH", "perhaps");
    let error = AwsSecretsManager::from_settings(&settings).unwrap_err();
    for part in ["`AWS_REGION`", "`AWS_ENDPOINT_URL`", "`MANIFILL_AWS_BATCH`"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let half = Settings::new().with("AWS_ACCESS_KEY_ID", TOKEN);
    let error = AwsSecretsManager::from_settings(&half).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`AWS_ACCESS_KEY_ID` is set and `AWS_SECRET_ACCESS_KEY` is not"
    );
    let shown = format!(
        "{:?}",
        Arc::new(AwsSecretsManager::from_settings(&Settings::new()).unwrap())
    );
    assert!(!shown.contains(SENTINEL));
}

/// Reads forty secrets and says how many calls that took.
async fn forty(server: &Server, settings: &Settings, context: &ConnectContext) -> usize {
    let backend = connect(settings, context).unwrap();
    let request = |number| {
        let path = backend.parse_path(&format!("db-{number}")).unwrap();
        SecretRequest::new(path, Keys::names(["password"]))
    };
    let requests: Vec<_> = (0..40).map(request).collect();
    server.forget();
    let run = RunContext::new().with_concurrency(3);
    let answers = backend.read(&requests, &run).await;
    let errors = answers.into_iter().map(Result::unwrap_err);
    let mut told: Vec<String> = errors.map(|error| error.to_string()).collect();
    told.dedup();
    let calls = server.seen().len();
    assert!(told.len() == 1 || calls == 40, "{told:?}");
    calls
}

#[tokio::test]
async fn credentials_that_are_refused_are_not_sent_for_each_secret() {
    let sharing = || Sharing::new(Duration::from_secs(60), &Traffic::new());
    for reason in ["UnrecognizedClientException", "ExpiredTokenException"] {
        let server = serve(move |_, _| refusal(400, reason)).await;
        let alone = ConnectContext::new();
        for context in [alone.clone(), alone.with_sharing(sharing())] {
            let calls = forty(&server, &settings(&server), &context).await;
            assert!(calls <= 3, "{reason}: {calls} calls");
        }
    }
    // A secret that may not be read says nothing of the others.
    let server = serve(|_, _| refusal(400, "AccessDeniedException")).await;
    let calls = forty(&server, &settings(&server), &ConnectContext::new()).await;
    assert_eq!(calls, 40);
}
