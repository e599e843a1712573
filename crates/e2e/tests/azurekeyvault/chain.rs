//! Which login the backend finds in an environment, beside what Microsoft's own client for Python
//! finds in the same.
//!
//! A token says what it was asked for, and how, so that is compared, too.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use manifill_e2e::{azure_tokens, skip};
use manifill_vault::suite::Server;
use manifill_vault::{ConnectContext, Keys, Settings, backend::by_name};
use serde_json::{Value, json};

use crate::chain_apps::APPS;
use crate::chain_near::NEAR;
use crate::chain_server::{Entra, TESTDATA, in_tls};
use crate::chain_table::{Found, Row};
use crate::read_from;

/// Set in the process that the backend runs in.
const CHILD: &str = "MANIFILL_E2E_CHAIN";

/// Where the vault is, in this process.
const VAULT: &str = "MANIFILL_E2E_VAULT";

#[tokio::test]
async fn logins_are_those_that_microsofts_own_client_finds() {
    if skip("sources of logins to Azure") {
        return;
    }
    let entra = Entra::new();
    let folder = tempfile::tempdir().unwrap();
    entra.write(folder.path());
    let server = Server::start(move |seen| entra.answer(seen)).await;
    let front = in_tls(&server, folder.path()).await;
    let rows = [APPS, NEAR].concat();
    let homes: Vec<_> = rows.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let environments: Vec<Value> = rows
        .iter()
        .zip(&homes)
        .map(|(row, home)| environment(row, home.path(), folder.path(), &server, &front))
        .collect();
    let [ca, all] = ["ca.pem", "environments.json"].map(|name| folder.path().join(name));
    fs::write(&all, json!(environments).to_string()).unwrap();
    // The server needs this thread.
    let theirs = tokio::task::spawn_blocking(move || azure_tokens(&all, &ca)).await;
    let theirs: Vec<Option<String>> = serde_json::from_str(&theirs.unwrap().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for ((row, environment), theirs) in rows.iter().zip(environments).zip(theirs) {
        server.forget();
        let vault = server.url();
        tokio::task::spawn_blocking(move || read_apart(&environment, &vault))
            .await
            .unwrap();
        let ours = sent(&server).unwrap_or_else(|| "none".to_owned());
        let theirs = theirs.unwrap_or_else(|| "none".to_owned());
        let expected = match row.found {
            Found::Same(token) => (token, token),
            Found::Other { ours, theirs } => (ours, theirs),
        };
        if (&*ours, &*theirs) != expected {
            wrong.push(format!("{}: ours {ours:?}, theirs {theirs:?}", row.what));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The variables of a row, and the programs that its `PATH` has.
fn environment(row: &Row, home: &Path, folder: &Path, server: &Server, front: &str) -> Value {
    let (home, folder) = (home.to_str().unwrap(), folder.to_str().unwrap());
    let testdata = fs::canonicalize(TESTDATA).unwrap();
    let thumbprint = fs::read_to_string(Path::new(folder).join("thumbprint")).unwrap();
    let fill = |text: &str| {
        text.replace("TESTDATA", testdata.to_str().unwrap())
            .replace("FOLDER", folder)
            .replace("THUMB", &thumbprint)
            .replace("FRONT", front)
            .replace("HOST", front.strip_prefix("https://").unwrap())
            .replace("URL", &server.url())
    };
    for (name, script) in row.programs {
        let path = Path::new(home).join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let mut all = json!({"PATH": home, "HOME": home, "AZURE_AUTHORITY_HOST": front,
        "AZURE_CA_BUNDLE": format!("{folder}/ca.pem"),
        // A machine that is none of Azure's.
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": format!("{}/none", server.url())});
    for (name, value) in row.variables {
        all[name] = fill(value).into();
    }
    all
}

/// Lets the backend read in a process of its own, with this environment.
fn read_apart(environment: &Value, vault: &str) {
    let variables = environment.as_object().unwrap().iter();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "chain::the_backend_reads_in_its_environment"])
        .env_clear()
        .envs(variables.map(|(name, value)| (name, value.as_str().unwrap())))
        .env(CHILD, "1")
        .env(VAULT, vault)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// What the backend has sent to the vault.
fn sent(server: &Server) -> Option<String> {
    let seen = server.seen();
    let mut reads = seen.iter();
    let read = reads.find(|seen| seen.target.starts_with("/secrets/"))?;
    let token = read.header("authorization")?.strip_prefix("Bearer ")?;
    Some(token.to_owned())
}

#[tokio::test]
async fn the_backend_reads_in_its_environment() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let info = by_name("azurekeyvault").unwrap();
    let mut settings = Settings::new();
    for setting in info.settings {
        if let Ok(value) = std::env::var(setting.name) {
            settings = settings.with(setting.name, value);
        }
    }
    let vault = std::env::var(VAULT).unwrap();
    let settings = settings.with("AZURE_KEYVAULT_HOSTS", &*vault);
    let connected = info.connect(&settings, &ConnectContext::new()).unwrap();
    // Whether there is a login shows in what the server has seen.
    if let Ok(backend) = connected {
        let keys = Keys::names(["secret"]);
        let _ = read_from(backend.as_ref(), &vault, keys, None).await;
    }
}
