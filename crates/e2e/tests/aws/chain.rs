//! Which credentials the backends find in an environment and files, beside what AWS's own client for
//! Python finds in the same.
//!
//! A server is everything that gives credentials. The access key that STS gives says what it was
//! asked for and by whom, so what is asked is compared, too. Signatures are moto's part.

use std::fs;
use std::path::Path;
use std::process::Command;

use aws_lc_rs::digest;
use manifill_e2e::{aws_credentials, skip};
use manifill_vault::suite::{Reply, Seen, Server};
use manifill_vault::{ConnectContext, Settings, backend::by_name};
use serde_json::json;

use crate::chain_table::{Found, TABLE};
use crate::{SECRETS, read};

/// An access key and its token.
type Key = Option<(String, Option<String>)>;

/// Set in the process that the backend runs in.
const CHILD: &str = "MANIFILL_E2E_CHAIN";

const LATER: &str = "2099-01-01T00:00:00Z";

#[tokio::test]
async fn credentials_are_those_that_awss_own_client_finds() {
    if skip("sources of AWS credentials") {
        return;
    }
    let server = Server::start(answer).await;
    let mut wrong = Vec::new();
    for row in TABLE {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let fill = |text: &str| text.replace("HOME", home).replace("URL", &server.url());
        write(folder.path(), &fill(row.config), &fill(row.credentials));
        let mut environment = vec![
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            ("HOME".to_owned(), home.to_owned()),
            ("AWS_ENDPOINT_URL".to_owned(), server.url()),
            ("AWS_REGION".to_owned(), "eu-central-1".to_owned()),
            ("AWS_DEFAULT_REGION".to_owned(), "eu-central-1".to_owned()),
        ];
        // Who does not ask the machine must not wait for one.
        if !row.variables.iter().any(|(name, _)| name.contains("EC2")) {
            environment.push(("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()));
        }
        let own = row.variables.iter();
        environment.extend(own.map(|(name, value)| ((*name).to_owned(), fill(value))));
        server.forget();
        // The server needs this thread.
        let both = tokio::task::spawn_blocking(move || {
            read_apart(&environment);
            aws_credentials(&environment)
        });
        let theirs: Key = serde_json::from_str(&both.await.unwrap().unwrap()).unwrap();
        let ours = signed(&server);
        let name = |key: &Key| key.as_ref().map_or("none", |(name, _)| name).to_owned();
        let shown = (name(&ours), name(&theirs));
        let is_expected = match row.found {
            Found::Same(key) => shown == (key.to_owned(), key.to_owned()) && ours == theirs,
            Found::Other { ours, theirs } => shown == (ours.to_owned(), theirs.to_owned()),
        };
        if !is_expected {
            wrong.push(format!("{}: ours {ours:?}, theirs {theirs:?}", row.what));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Lets the backend read in a process of its own, with this environment.
fn read_apart(environment: &[(String, String)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "chain::the_backend_reads_in_its_environment"])
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// What the backend has signed with.
fn signed(server: &Server) -> Key {
    let seen = server.seen();
    let mut calls = seen.iter();
    let call = calls.find(|seen| seen.header("x-amz-target").is_some())?;
    Some((signer(call)?, token(call)))
}

#[tokio::test]
async fn the_backend_reads_in_its_environment() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let variables = std::env::vars().filter(|(name, _)| name.starts_with("AWS_"));
    let settings = variables.fold(Settings::new(), |all, (name, value)| all.with(&name, value));
    let info = by_name(SECRETS).unwrap();
    let connected = info.connect(&settings, &ConnectContext::new()).unwrap();
    // Whether there is a login shows in what the server has seen.
    if let Ok(backend) = connected {
        let _ = read(backend.as_ref(), &["db#password"]).await;
    }
}

/// The files of AWS's tools, logins to IAM Identity Center that are good, have ended and can be
/// renewed, what a program prints, and the tokens of a pod.
fn write(home: &Path, config: &str, credentials: &str) {
    let cache = home.join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    fs::write(home.join(".aws/config"), config).unwrap();
    fs::write(home.join(".aws/credentials"), credentials).unwrap();
    for (name, end) in [
        ("work", LATER),
        ("https://old.example/start", LATER),
        ("over", "2020-01-01T00:00:00Z"),
        ("renewable", "2020-01-01T00:00:00Z"),
    ] {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, name.as_bytes());
        let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let mut token = json!({"accessToken": "st", "expiresAt": end, "region": "eu-west-1",
            "startUrl": "https://work.example/start"});
        if name == "renewable" {
            token["accessToken"] = json!("ended");
            token["refreshToken"] = json!("again");
            token["clientId"] = json!("a client");
            token["clientSecret"] = json!("s");
            token["registrationExpiresAt"] = json!(LATER);
        }
        fs::write(cache.join(hash + ".json"), token.to_string()).unwrap();
    }
    for version in [1, 2] {
        let printed = json!({"Version": version, "AccessKeyId": "PROCESS", "SecretAccessKey": "s",
            "SessionToken": "of a process"});
        let name = format!("printed-{version}.json");
        fs::write(home.join(name), printed.to_string()).unwrap();
    }
    fs::write(home.join("pod-token"), "pod").unwrap();
    fs::write(home.join("web-token"), "a.b.c").unwrap();
}

/// The access key that a request is signed with.
fn signer(seen: &Seen) -> Option<String> {
    let header = seen.header("authorization")?;
    let (_, rest) = header.split_once("Credential=")?;
    Some(rest.split_once('/')?.0.to_owned())
}

fn token(seen: &Seen) -> Option<String> {
    seen.header("x-amz-security-token").map(str::to_owned)
}

fn answer(seen: &Seen) -> Reply {
    let written = |key: &str| {
        Reply::json(
            json!({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key,
                "SecretAccessKey": "s", "Token": format!("of {key}"), "Expiration": LATER})
            .to_string(),
        )
    };
    let (path, _) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    match (seen.method.as_str(), path) {
        ("PUT", "/latest/api/token") => Reply::new(200).with_body("mt"),
        ("GET", path) if path.starts_with("/latest/meta-data/iam/security-credentials/") => {
            match (seen.header("x-aws-ec2-metadata-token"), path.ends_with('/')) {
                (Some("mt"), true) => Reply::new(200).with_body("machine"),
                (Some("mt"), false) => written("MACHINE"),
                _ => Reply::new(401),
            }
        }
        ("GET", "/agent") if seen.header("authorization") == Some("pod") => written("POD"),
        ("GET", "/federation/credentials") => sso(seen),
        ("POST", "/token") => renewed(seen),
        ("POST", _) if seen.header("x-amz-target").is_none() => sts(seen),
        ("POST", _) => Reply::json(r#"{"__type":"ResourceNotFoundException"}"#).with_status(400),
        _ => Reply::new(401),
    }
}

/// The token of a login that is renewed.
fn renewed(seen: &Seen) -> Reply {
    let asked: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    let expected = json!({"clientId": "a client", "clientSecret": "s",
        "grantType": "refresh_token", "refreshToken": "again"});
    if asked != expected {
        return Reply::new(400);
    }
    let given = json!({"accessToken": "st", "expiresIn": 3600, "tokenType": "Bearer"});
    Reply::json(given.to_string())
}

/// A key that says for which role of which account it is.
fn sso(seen: &Seen) -> Reply {
    if seen.header("x-amz-sso_bearer_token") != Some("st") {
        return Reply::new(401);
    }
    let query = seen.query();
    let key = format!("SSO-{}-{}", query["account_id"], query["role_name"]);
    let given = json!({"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "of sso",
        "expiration": 4_070_908_800_000_u64});
    Reply::json(json!({ "roleCredentials": given }).to_string())
}

/// A key that says what was asked for, and by whom. The name of a session is told only where one is
/// set: each client has a name of its own for the others.
fn sts(seen: &Seen) -> Reply {
    let form = seen.form();
    let field = |name: &str| form.get(name).map(String::as_str);
    let action = field("Action").unwrap_or_default();
    let role = field("RoleArn").and_then(|arn| arn.rsplit('/').next());
    let mut key = format!("{action}-{}", role.unwrap_or_default());
    for (name, value) in [
        ("external", field("ExternalId")),
        ("seconds", field("DurationSeconds")),
        (
            "session",
            field("RoleSessionName").filter(|name| name.starts_with("set")),
        ),
        ("token", field("WebIdentityToken")),
        ("by", signer(seen).as_deref()),
    ] {
        if let Some(value) = value {
            key += &format!("-{name}-{value}");
        }
    }
    Reply::new(200)
        .with_header("Content-Type", "text/xml")
        .with_body(format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>of {key}</SessionToken><Expiration>{LATER}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
        ))
}
