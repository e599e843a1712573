//! Which login the backend finds in an environment and files, beside what Google's own client for
//! Python finds in the same.

use std::path::Path;
use std::process::Command;

use manifill_e2e::{google_logins, skip};
use manifill_vault::backend::gcpsecretmanager::connect;
use manifill_vault::suite::{Seen, Server};
use manifill_vault::{ConnectContext, Settings};
use serde_json::json;

use crate::acting_table::ACTING;
use crate::aws_table::AWS;
use crate::certificate_table::CERTIFICATES;
use crate::cloud::{answer, key, shown};
use crate::gate::{self, Certificates};
use crate::login_table::LOGINS;
use crate::parts::{Found, PARTS, Row};
use crate::program_table::PROGRAMS;
use crate::read;
use crate::workload_table::WORKLOADS;

/// A token, and the project that requests are counted for.
type Login = Option<(String, Option<String>)>;

/// Set in the process that the backend runs in.
const CHILD: &str = "MANIFILL_E2E_LOGINS";

const ENDPOINT: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER";

const ACCESS: &str = "/v1/projects/shop/secrets/db/versions/latest:access";

#[tokio::test]
async fn logins_are_those_that_googles_own_client_finds() {
    if skip("logins to Google Cloud") {
        return;
    }
    let server = Server::start(answer).await;
    let gate = gate::open(&server.url()).await;
    let rows: Vec<&Row> = [LOGINS, ACTING, WORKLOADS, PROGRAMS, AWS, CERTIFICATES]
        .into_iter()
        .flatten()
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let environments: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(number, row)| {
            set_up(
                row,
                &folder.path().join(number.to_string()),
                (&server.url(), &gate),
            )
        })
        .collect();
    let list: Vec<_> = environments.iter().map(|of| as_object(of)).collect();
    let file = folder.path().join("environments.json");
    std::fs::write(&file, json!(list).to_string()).unwrap();
    // The server needs this thread.
    let url = server.url();
    let theirs = tokio::task::spawn_blocking(move || google_logins(&url, &file));
    let theirs: Vec<Login> = serde_json::from_str(&theirs.await.unwrap().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for ((row, environment), theirs) in rows.iter().zip(environments).zip(theirs) {
        server.forget();
        let apart = tokio::task::spawn_blocking(move || read_apart(&environment));
        apart.await.unwrap();
        let ours = server.seen().iter().find_map(login);
        let both = (name(&ours), name(&theirs));
        let is_expected = match row.found {
            Found::Same(name) => both == (name.to_owned(), name.to_owned()),
            Found::Other { ours, theirs } => both == (ours.to_owned(), theirs.to_owned()),
        };
        if !is_expected {
            wrong.push(format!("{}: {both:#?}", row.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn name(login: &Login) -> String {
    match login {
        None => "none".to_owned(),
        Some((token, None)) => shown(token),
        Some((token, Some(project))) => format!("{} counted for {project}", shown(token)),
    }
}

/// What the backend asks the service with.
fn login(seen: &Seen) -> Login {
    let token = seen.header("authorization")?.strip_prefix("Bearer ")?;
    let project = seen.header("x-goog-user-project").map(str::to_owned);
    (seen.target == ACCESS).then(|| (token.to_owned(), project))
}

/// Writes the files of a row, and hands back its environment.
fn set_up(row: &Row, home: &Path, (url, gate): (&str, &str)) -> Vec<(String, String)> {
    let place = home.to_str().unwrap();
    let made = Certificates::get();
    let pem = json!(key().0).to_string();
    let fill = |text: &str| {
        let text = text.replace("HOME", place).replace("URL", url);
        let text = text.replace("GATE", gate);
        let host = url.replace("http://", "");
        let text = text.replace("HOST", &host).replace("\"KEY\"", &pem);
        let text = text.replace("PEM_OF_AUTHORITY", &made.authority_pem());
        let text = text.replace("PEM_OF_CERTIFICATE", &made.own.pem());
        text.replace("PEM_OF_KEY", &made.own.key_pem())
    };
    std::fs::create_dir_all(home).unwrap();
    for (name, text) in row.files {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, fill(&PARTS.iter().fold((*text).to_owned(), put))).unwrap();
    }
    let mut environment = vec![
        ("PATH".to_owned(), std::env::var("PATH").unwrap()),
        ("HOME".to_owned(), place.to_owned()),
        (ENDPOINT.to_owned(), url.to_owned()),
        // Google's client asks for it otherwise.
        ("GOOGLE_CLOUD_PROJECT".to_owned(), "shop".to_owned()),
    ];
    // Who does not ask the machine must not wait for one.
    let has = |wanted: &str| row.variables.iter().any(|(name, _)| *name == wanted);
    for (name, value) in [
        ("GCE_METADATA_HOST", "127.0.0.1:1"),
        ("GCE_METADATA_IP", "127.0.0.1:1"),
        ("GCE_METADATA_DETECT_RETRIES", "1"),
    ] {
        if !has(name) {
            environment.push((name.to_owned(), value.to_owned()));
        }
    }
    let file = ("GOOGLE_APPLICATION_CREDENTIALS", "HOME/c.json");
    let is_named = row.files.iter().any(|(name, _)| *name == "c.json") && !has(file.0);
    let own = row.variables.iter().chain(is_named.then_some(&file));
    environment.extend(own.map(|(name, value)| ((*name).to_owned(), fill(value))));
    environment
}

fn put(text: String, (name, part): &(&str, &str)) -> String {
    text.replace(name, part)
}

fn as_object(environment: &[(String, String)]) -> serde_json::Value {
    environment
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect()
}

/// Lets the backend read in a process of its own, with this environment.
fn read_apart(environment: &[(String, String)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "logins::the_backend_reads_in_its_environment"])
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn the_backend_reads_in_its_environment() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let groups = ["GOOGLE_", "CLOUDSDK_", "GCE_", "AWS_"];
    let is_own = |name: &str| groups.iter().any(|group| name.starts_with(group));
    let variables = std::env::vars().filter(|(name, _)| is_own(name));
    let settings = variables.fold(Settings::new(), |all, (name, value)| all.with(&name, value));
    // Whether there is a login shows in what the server has seen.
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    read(
        backend.as_ref(),
        &["projects/shop/secrets/db/versions/latest"],
    )
    .await;
}
