//! Stores for tests, with throw-away keys.

use std::path::{Path, PathBuf};

use ::age::secrecy::ExposeSecret as _;
use ::age::x25519;
use tempfile::TempDir;

use super::Pass;
use crate::{
    Keys, RunContext, Secret, SecretRequest, SecretValue, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};

/// What the library that gopass uses wrote, in the places where gopass has it.
pub(super) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/backend/pass/testdata")
}

/// A store in a folder, its age key beside it.
pub(super) struct Sample {
    pub(super) folder: TempDir,
    pub(super) key: x25519::Identity,
}

impl Sample {
    pub(super) fn new() -> Self {
        let sample = Sample {
            folder: tempfile::tempdir().unwrap(),
            key: x25519::Identity::generate(),
        };
        let key = sample.key.to_string();
        sample.write("key", key.expose_secret());
        std::fs::create_dir(sample.path("store")).unwrap();
        sample
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file as it is.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Writes an entry for the age key.
    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let sealed = ::age::encrypt(&self.key.to_public(), content.as_ref()).unwrap();
        self.write(&format!("store/{name}.age"), sealed)
    }

    /// Settings that name the store and nothing else.
    pub(super) fn store_only(&self) -> Settings {
        let store = self.path("store").display().to_string();
        Settings::new().with("PASSWORD_STORE_DIR", store)
    }

    /// Settings that name the store and the age key.
    pub(super) fn settings(&self) -> Settings {
        let key = self.path("key").display().to_string();
        self.store_only().with("PASSAGE_IDENTITIES_FILE", key)
    }
}

/// Reads all of an entry, with no home folder to fall back to.
pub(super) async fn read(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let backend = Pass::at_home(settings, None);
    read_from(&backend, path, &RunContext::new()).await
}

pub(super) async fn read_from(
    backend: &Pass,
    path: &str,
    run: &RunContext,
) -> Result<Secret, VaultError> {
    let path = backend.parse_path(path).unwrap();
    let request = SecretRequest::new(path, Keys::All);
    backend.read(&[request], run).await.remove(0)
}

/// The values of an entry as one line of JSON.
pub(super) fn values(secret: &Secret) -> String {
    let values = secret.names().map(|name| {
        let value = secret.value(name).unwrap().unwrap();
        (name, value.clone())
    });
    SecretValue::map(values).to_json()
}

/// What became of reading an entry that must not be read: kind, message and hint.
pub(super) async fn refused(
    settings: &Settings,
    path: &str,
) -> (VaultErrorKind, String, Option<&'static str>) {
    let error = read(settings, path).await.unwrap_err();
    (error.kind(), error.to_string(), error.hint())
}
