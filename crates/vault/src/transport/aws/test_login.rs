//! The sources of credentials, each against a scripted server, and how often they are asked.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::json;
use tempfile::TempDir;

use super::{Aws, Call, Service};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

static SERVICE: Service = Service {
    name: "test",
    title: "AWS Test",
    endpoint: "AWS_ENDPOINT_URL_TEST",
};

pub(super) const SECRET: &str = "secret-sentinel-4c1f9e";

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

    pub(super) fn aws(&self, settings: &Settings) -> Result<Aws, VaultError> {
        Aws::at_home(settings, &SERVICE, Some(self.0.path()))
    }
}

/// What STS answers.
fn role(key: &str, end: &str) -> Reply {
    Reply::new(200).with_body(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>of {key} {SENTINEL}</SessionToken>\
         <Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    ))
}

const LATER: &str = "2099-01-01T00:00:00Z";

/// A server that is the service, STS, a container's agent and a machine's metadata.
async fn serve(end: &'static str) -> Server {
    Server::start(move |seen| {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let written = |key: &str| {
            let given = json!({"AccessKeyId": key, "SecretAccessKey": SECRET, "Token": "t", "Expiration": end});
            Reply::json(given.to_string())
        };
        match (seen.method.as_str(), seen.target.as_str()) {
            ("PUT", "/latest/api/token") => Reply::new(200).with_body("mt"),
            ("GET", "/latest/meta-data/iam/security-credentials/") => {
                assert_eq!(seen.header("x-aws-ec2-metadata-token"), Some("mt"));
                Reply::new(200).with_body("reader\n")
            }
            ("GET", "/latest/meta-data/iam/security-credentials/reader") => written("MACHINE"),
            ("GET", "/agent?x=1") => match seen.header("authorization") {
                Some("pod") => written("POD"),
                _ => Reply::new(401),
            },
            ("GET", target) if target.starts_with("/federation/credentials?") => {
                assert_eq!(target, "/federation/credentials?role_name=Reader&account_id=12");
                let given = json!({"accessKeyId": "SSO", "secretAccessKey": SECRET,
                    "sessionToken": "t", "expiration": 4_070_908_800_000_u64});
                match seen.header("x-amz-sso_bearer_token") {
                    Some("st") => Reply::json(json!({ "roleCredentials": given }).to_string()),
                    _ => Reply::new(401),
                }
            }
            _ if seen.header("x-amz-target").is_some() => Reply::json("{}"),
            _ if body.contains("Action=AssumeRoleWithWebIdentity") => {
                assert!(body.contains("&WebIdentityToken=wt%2B") && seen.header("authorization").is_none());
                role("WEB", end)
            }
            _ if body.contains("Action=AssumeRole&") && body.contains("arn%3Ano") => {
                Reply::new(403).with_body("<Error><Code>AccessDenied</Code></Error>")
            }
            _ if body.contains("Action=AssumeRole&") => role("ROLE", end),
            _ => Reply::new(404),
        }
    })
    .await
}

pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AWS_ENDPOINT_URL", server.url())
        .with("AWS_REGION", "eu-west-1")
        .with("AWS_EC2_METADATA_DISABLED", "true")
}

pub(super) async fn call(aws: &Aws, run: &RunContext) -> Result<(), VaultError> {
    let call = Call {
        target: "Test.Call",
        region: "eu-west-1",
        body: "{}".to_owned(),
    };
    let outcome = aws.call(call, run).await.map_err(super::Failed::into_error);
    outcome.map(drop)
}

/// The keys that requests were signed with, one after the other.
fn keys(seen: &[Seen]) -> Vec<String> {
    let signed = seen.iter().filter_map(|seen| seen.header("authorization"));
    let key = signed.filter_map(|text| text.split_once("Credential=")?.1.split('/').next());
    key.map(str::to_owned).collect()
}

/// Calls the service twice and hands back the keys of all requests.
async fn used(home: &Home, settings: &Settings, server: &Server) -> Vec<String> {
    let aws = home.aws(settings).unwrap();
    for _ in 0..2 {
        call(&aws, &RunContext::new()).await.unwrap();
    }
    keys(&server.seen())
}

#[tokio::test]
async fn each_source_gives_credentials_once_for_two_calls() {
    let home = Home::new();
    let token = home.file("token", "wt+\n");
    home.file(
        ".aws/config",
        "[profile roles]\nrole_arn=arn:a\nsource_profile=keys\nexternal_id=e x\n\
         [profile web]\nrole_arn=arn:w\nweb_identity_token_file=../token\n\
         [profile process]\ncredential_process=cat given.json\n\
         [profile sso]\nsso_session=corp\nsso_account_id=12\nsso_role_name=Reader\n\
         [sso-session corp]\nsso_start_url=https://c\nsso_region=eu-west-1\n\
         [profile machine]\nrole_arn=arn:m\ncredential_source=Ec2InstanceMetadata\n",
    );
    home.file(
        ".aws/credentials",
        &format!("[keys]\naws_access_key_id=KEYS\naws_secret_access_key={SECRET}\n"),
    );
    home.file(
        ".aws/given.json",
        &format!(r#"{{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"{SECRET}"}}"#),
    );
    // The SHA-1 of `corp`.
    home.file(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &format!(r#"{{"accessToken":"st","expiresAt":"{LATER}"}}"#),
    );
    let token = token.to_str().unwrap();
    let url = |server: &Server, path: &str| format!("{}{path}", server.url());
    for (name, expected) in [
        ("access key", &["KEY", "KEY"][..]),
        ("keys", &["KEYS", "KEYS"]),
        ("roles", &["KEYS", "ROLE", "ROLE"]),
        ("web", &["WEB", "WEB"]),
        ("process", &["PROCESS", "PROCESS"]),
        ("sso", &["SSO", "SSO"]),
        ("machine", &["MACHINE", "ROLE", "ROLE"]),
        ("of a service account", &["WEB", "WEB"]),
        ("of a pod", &["POD", "POD"]),
        ("of the machine", &["MACHINE", "MACHINE"]),
    ] {
        let server = serve(LATER).await;
        let base = settings(&server);
        let metadata = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url());
        let settings = match name {
            "access key" => base
                .with("AWS_ACCESS_KEY_ID", "KEY")
                .with("AWS_SECRET_ACCESS_KEY", SECRET),
            "of a service account" => base
                .with("AWS_WEB_IDENTITY_TOKEN_FILE", token)
                .with("AWS_ROLE_ARN", "arn:w"),
            "of a pod" => base
                .with(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    url(&server, "/agent?x=1"),
                )
                .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod"),
            "of the machine" => base
                .with("AWS_EC2_METADATA_DISABLED", "false")
                .with(metadata.0, metadata.1),
            profile => base
                .with("AWS_PROFILE", profile)
                .with("AWS_EC2_METADATA_DISABLED", "false")
                .with(metadata.0, metadata.1),
        };
        assert_eq!(used(&home, &settings, &server).await, expected, "{name}");
    }
}

#[tokio::test]
async fn credentials_that_end_are_got_anew() {
    let home = Home::new();
    let token = home.file("token", "wt+");
    let server = serve("2020-01-01T00:00:00Z").await;
    let settings = settings(&server)
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
        .with("AWS_ROLE_ARN", "arn:w");
    used(&home, &settings, &server).await;
    let logins = server
        .seen()
        .iter()
        .filter(|seen| seen.header("x-amz-target").is_none())
        .count();
    assert_eq!(logins, 2);
}

#[tokio::test]
async fn credentials_of_an_earlier_run_that_are_refused_are_got_anew_once() {
    let home = Home::new();
    let token = home.file("token", "wt+");
    let logins = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.header("x-amz-target") {
        Some(_) => Reply::json("{}"),
        None => role(&format!("WEB{}", logins.fetch_add(1, Relaxed)), LATER),
    })
    .await;
    let settings = settings(&server)
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
        .with("AWS_ROLE_ARN", "arn:w");
    let aws = home.aws(&settings).unwrap();
    let first = RunContext::new();
    call(&aws, &first).await.unwrap();
    server.forget();
    let ended = Reply::json(r#"{"__type":"ExpiredTokenException"}"#).with_status(400);
    server.fail_next(1, crate::suite::Fault::Answer(ended.clone()));
    call(&aws, &RunContext::new()).await.unwrap();
    assert_eq!(server.seen().len(), 3, "refused, login, read");
    server.forget();
    let run = RunContext::new();
    server.fail_next(1, crate::suite::Fault::Answer(ended.clone()));
    call(&aws, &run).await.unwrap();
    server.fail_next(9, crate::suite::Fault::Answer(ended));
    let error = call(&aws, &run).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!(server.seen().len(), 4, "those of this run are not got anew");
}

#[tokio::test]
async fn all_calls_of_a_run_share_one_login() {
    let home = Home::new();
    let token = home.file("token", "wt+");
    let server = serve(LATER).await;
    let settings = settings(&server)
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
        .with("AWS_ROLE_ARN", "arn:w");
    let aws = home.aws(&settings).unwrap();
    let run = RunContext::new();
    let calls = (0..8).map(|_| call(&aws, &run));
    let outcomes = futures_util::future::join_all(calls).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(server.seen().len(), 9);
}

async fn failure(home: &Home, settings: &Settings) -> VaultError {
    let aws = home.aws(settings).unwrap();
    let error = call(&aws, &RunContext::new()).await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.hint());
    assert!(!shown.contains(SENTINEL), "{shown}");
    error
}

#[tokio::test]
async fn a_source_that_does_not_work_is_told_and_no_other_one_asked() {
    let home = Home::new();
    home.file(
        ".aws/config",
        &format!(
            "[profile no]\nrole_arn=arn:no\nsource_profile=keys\n[profile keys]\naws_access_key_id=K\naws_secret_access_key={SECRET}\n\
             [profile fails]\ncredential_process=echo {SENTINEL} >&2; exit 3\n\
             [profile babbles]\ncredential_process=echo {SENTINEL}\n\
             [profile old]\ncredential_process=echo '{{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}}'\n\
             [profile sso]\nsso_session=corp\nsso_account_id=12\nsso_role_name=Reader\n\
             [sso-session corp]\nsso_start_url=https://c\nsso_region=eu-west-1\n\
             [profile env]\nrole_arn=arn:e\ncredential_source=Environment\n"
        ),
    );
    let server = serve(LATER).await;
    let base = settings(&server);
    use VaultErrorKind as Kind;
    for (profile, kind, part) in [
        (
            "no",
            Kind::Unauthenticated,
            "does not give this login the role `arn:no` (HTTP 403)",
        ),
        (
            "fails",
            Kind::Unauthenticated,
            "the credential_process of the AWS profile failed",
        ),
        (
            "babbles",
            Kind::InvalidAnswer,
            "is not JSON with credentials",
        ),
        ("old", Kind::InvalidAnswer, "is not JSON with credentials"),
        (
            "sso",
            Kind::Unauthenticated,
            "no login to IAM Identity Center for the AWS profile `sso`",
        ),
        ("env", Kind::Configuration, "`AWS_ACCESS_KEY_ID` is not"),
        ("gone", Kind::Configuration, "has no profile `gone`"),
    ] {
        let error = failure(&home, &base.clone().with("AWS_PROFILE", profile)).await;
        assert_eq!(error.kind(), kind, "{profile}: {error}");
        assert!(error.to_string().contains(part), "{profile}: {error}");
    }
    home.file(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken":"st","expiresAt":"2020-01-01T00:00:00Z"}"#,
    );
    let error = failure(&home, &base.clone().with("AWS_PROFILE", "sso")).await;
    assert_eq!(
        error.to_string(),
        "the login to IAM Identity Center has ended"
    );
    let error = failure(&home, &base).await;
    assert_eq!(error.to_string(), "there are no AWS credentials");
    assert_eq!(keys(&server.seen()), ["K"]);
}

/// Only a secret that is missing may be: `default` acts on that.
#[tokio::test]
async fn a_source_that_is_not_there_is_no_missing_secret() {
    let home = Home::new();
    let token = home.file("token", "wt+");
    let server = Server::start(|_| Reply::new(404).with_body("<html>")).await;
    let base = settings(&server);
    let keys = |settings: Settings| {
        settings
            .with("AWS_ACCESS_KEY_ID", "KEY")
            .with("AWS_SECRET_ACCESS_KEY", SECRET)
    };
    for settings in [
        keys(base.clone()),
        base.clone()
            .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
            .with("AWS_ROLE_ARN", "arn:w"),
        base.with("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()),
    ] {
        let error = failure(&home, &settings).await;
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{error}");
    }
}

#[tokio::test]
async fn the_token_of_a_container_goes_to_no_foreign_host() {
    let home = Home::new();
    let server = serve(LATER).await;
    for (url, is_good) in [
        ("http://example.org/x", false),
        ("http://10.0.0.1/x", false),
        ("http://127.0.0.1.example.org/", false),
        ("nowhere", false),
        ("file:///etc/passwd", false),
        ("http://127.0.0.1:1/x", true),
        ("http://[::1]:1/x", true),
    ] {
        let settings = settings(&server)
            .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
            .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", SECRET);
        let aws = home.aws(&settings).unwrap();
        let run = RunContext::new().with_timeout(std::time::Duration::from_secs(2));
        let error = call(&aws, &run).await.unwrap_err();
        let is_refused = error.kind() == VaultErrorKind::Configuration;
        assert_eq!(!is_refused, is_good, "{url}: {error}");
        assert_eq!(run.requests_sent() > 0, is_good, "{url}");
    }
}

#[tokio::test]
async fn the_region_is_that_of_the_settings_then_of_the_profile_then_the_usual_one() {
    let home = Home::new();
    let file = home.file(
        "config",
        "[default]\nregion=eu-west-3\n[profile odd]\nregion=x@evil\n",
    );
    let empty = home.file("empty", "");
    let at = |path: &Path| Settings::new().with("AWS_CONFIG_FILE", path.to_str().unwrap());
    let region = |settings: Settings, run: &RunContext| home.aws(&settings).unwrap().region(run);
    let run = RunContext::new();
    let both = at(&file).with("AWS_DEFAULT_REGION", "us-west-2");
    assert_eq!(region(both.clone(), &run).unwrap(), "us-west-2");
    assert_eq!(
        region(both.with("AWS_REGION", "us-west-1"), &run).unwrap(),
        "us-west-1"
    );
    assert_eq!(region(at(&file), &run).unwrap(), "eu-west-3");
    assert!(run.notes().is_empty());
    assert_eq!(region(at(&empty), &run).unwrap(), "us-east-2");
    assert!(run.notes().concat().contains("us-east-2"));
    let odd = region(at(&file).with("AWS_PROFILE", "odd"), &run).unwrap_err();
    assert_eq!(odd.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        region(at(Path::new("/dev/null")), &run).unwrap(),
        "us-east-2"
    );
    let gone = region(at(Path::new("/nowhere/config")), &run).unwrap_err();
    assert_eq!(gone.setting(), Some("AWS_CONFIG_FILE"));
}
