//! Which credentials the backends find in an environment and files, beside what AWS's own client for
//! Python finds in the same.
//!
//! A server is everything that gives credentials. The access key that STS gives says what it was
//! asked for and by whom, so what is asked is compared, too. Signatures are moto's part.

use std::process::Command;

use manifill_e2e::{aws_credentials, skip};
use manifill_vault::suite::Server;
use manifill_vault::{ConnectContext, Settings, backend::by_name};

use crate::chain_files::write;
use crate::chain_server::{answer, signer, token};
use crate::chain_table::{Found, TABLE};
use crate::{SECRETS, read};

/// An access key and its token.
type Key = Option<(String, Option<String>)>;

/// Set in the process that the backend runs in.
const CHILD: &str = "MANIFILL_E2E_CHAIN";

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

/// The server accepts how AWS's client renews a login, so what it accepts of the backend is right.
#[tokio::test]
async fn awss_own_client_renews_a_login_to_the_console() {
    if skip("sources of AWS credentials") {
        return;
    }
    let server = Server::start(answer).await;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "[default]\nlogin_session = ended\n", "");
    let environment = [
        ("PATH", std::env::var("PATH").unwrap()),
        ("HOME", folder.path().to_str().unwrap().to_owned()),
        ("AWS_ENDPOINT_URL", server.url()),
        ("AWS_DEFAULT_REGION", "eu-central-1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let found = tokio::task::spawn_blocking(move || aws_credentials(&environment));
    let found: Key = serde_json::from_str(&found.await.unwrap().unwrap()).unwrap();
    assert_eq!(found.unwrap().0, "CONSOLE-dpop+jwt-ES256-P-256-POST-token");
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
