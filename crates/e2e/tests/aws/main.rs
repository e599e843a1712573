//! The backends of AWS read from moto, which checks their signatures with AWS's own code, what AWS's
//! own client has put there, and the sources of their logins beside those of that client.
#![allow(clippy::unwrap_used)]

mod chain;
mod chain_files;
mod chain_server;
mod chain_table;
mod logins;
mod parameters;
mod secrets;

use std::sync::Arc;

use manifill_e2e::Moto;
use manifill_vault::backend::by_name;
use manifill_vault::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};
use serde_json::Value;

/// A server with what `make.py` makes.
struct World {
    moto: Moto,
    made: Value,
}

impl World {
    /// A server that checks signatures.
    fn start() -> Self {
        let world = World::open();
        world.moto.check_signatures().unwrap();
        world
    }

    /// A server that takes any login.
    fn open() -> Self {
        let moto = Moto::start().unwrap();
        let made = serde_json::from_str(&moto.make().unwrap()).unwrap();
        World { moto, made }
    }

    /// Settings without a login.
    fn settings(&self) -> Settings {
        Settings::new()
            .with("AWS_ENDPOINT_URL", self.moto.url())
            .with("AWS_REGION", "eu-central-1")
            .with("AWS_EC2_METADATA_DISABLED", "true")
            .with("AWS_CONFIG_FILE", "/dev/null")
            .with("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    }

    /// Settings with the access key of a user.
    fn of(&self, user: &str) -> Settings {
        let key = &self.made[user];
        self.settings()
            .with("AWS_ACCESS_KEY_ID", key["id"].as_str().unwrap())
            .with("AWS_SECRET_ACCESS_KEY", key["secret"].as_str().unwrap())
    }

    /// A text of what was made: `secrets.db.arn`.
    fn text(&self, place: &str) -> &str {
        let pointer = format!("/{}", place.replace('.', "/"));
        self.made.pointer(&pointer).unwrap().as_str().unwrap()
    }
}

const SECRETS: &str = "awssecretsmanager";
const PARAMETERS: &str = "awsssmparameterstore";

fn backend(name: &str, settings: &Settings) -> Arc<dyn VaultBackend> {
    let info = by_name(name).unwrap();
    info.connect(settings, &ConnectContext::new())
        .unwrap()
        .unwrap()
}

/// A request for a key: `path#key` or `path#key#version`.
fn request(backend: &dyn VaultBackend, text: &str) -> SecretRequest {
    let mut parts = text.split('#');
    let path = backend.parse_path(parts.next().unwrap()).unwrap();
    let request = SecretRequest::new(path, Keys::names([parts.next().unwrap()]));
    match parts.next() {
        Some(version) => request.with_version(version),
        None => request,
    }
}

/// Reads keys in one run.
async fn read(
    backend: &dyn VaultBackend,
    texts: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let requests: Vec<_> = texts.iter().map(|text| request(backend, text)).collect();
    let run = RunContext::default();
    (backend.read(&requests, &run).await, run)
}

/// The value of a key as JSON, or the kind of the error.
async fn value(backend: &dyn VaultBackend, text: &str) -> Result<String, VaultErrorKind> {
    let (mut answers, _) = read(backend, &[text]).await;
    let secret = answers.remove(0).map_err(|error| error.kind())?;
    let key = text.split('#').nth(1).unwrap();
    let value = secret.value(key);
    Ok(value.map_or("missing".to_owned(), |value| value.unwrap().to_json()))
}
