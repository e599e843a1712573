//! The `vault` backend reads from a real OpenBao server.
#![allow(clippy::unwrap_used)]

mod cluster;
mod command;
mod logins;
mod reads;
mod server;
mod tls;

use manifill_vault::backend::vault::connect;
use manifill_vault::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
};

/// A request, `path#version`.
fn request(backend: &dyn VaultBackend, path: &str) -> SecretRequest {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
    match version {
        Some(version) => request.with_version(version),
        None => request,
    }
}

/// Reads paths in one run with a new backend.
async fn read(
    settings: &Settings,
    paths: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    let requests: Vec<_> = paths
        .iter()
        .map(|path| request(backend.as_ref(), path))
        .collect();
    let run = RunContext::default();
    (backend.read(&requests, &run).await, run)
}

/// Reads one path.
async fn read_one(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let (mut answers, _) = read(settings, &[path]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON.
fn json_of(secret: &Result<Secret, VaultError>, key: &str) -> String {
    secret
        .as_ref()
        .unwrap()
        .value(key)
        .unwrap()
        .unwrap()
        .to_json()
}

/// The error without the address of the server.
fn message(answer: &Result<Secret, VaultError>) -> String {
    let error = answer.as_ref().unwrap_err().to_string();
    match error.split_once("`http") {
        Some((before, rest)) => {
            let after = rest.split_once('`').map_or("", |(_, after)| after);
            format!("{before}SERVER{after}")
        }
        None => error,
    }
}
