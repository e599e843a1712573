//! The real sops, and the backend that is compared with it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use manifill_e2e::{run, sops};
use manifill_vault::backend::sops::Sops;
use manifill_vault::{
    Keys, RunContext, Secret, SecretRequest, SecretValue, Settings, VaultBackend as _,
};
use manifill_vault::{VaultError, VaultErrorKind};
use serde_json::Value;
use tempfile::TempDir;

/// Throw-away keys of the samples: the recipients and their identities.
pub(crate) const AGE: [(&str, &str); 3] = [
    (
        "age1rsfla38evd9ar2js8gcdmfyj3mxqwtmdnzx0uafms2y7ghh3dqfq862lnr",
        "throwaway-age.key",
    ),
    (
        "age1mrsk2r3vmfemr23zmgdms5e0k9c3k94v0grxfhq47clj2j8mh33see8vyn",
        "throwaway-age2.key",
    ),
    (
        "age19wyfa5m9d4l6r7ztjt32nqd6ft3tyjmdt4uaf2yjf2v2uwz5yqpshjp09n",
        "throwaway-age3.key",
    ),
];

/// What sops wrote once, for the tests of the backend.
pub(crate) fn samples() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../vault/src/backend/sops/testdata")
}

/// A key of the samples.
pub(crate) fn key(name: &str) -> String {
    std::fs::read_to_string(samples().join(name)).unwrap()
}

/// A folder with files, and the programs that are run in it.
pub(crate) struct Sandbox {
    folder: TempDir,
    /// What decides about keys, for sops and for the backend alike.
    pub(crate) settings: Vec<(&'static str, String)>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Sandbox {
            folder: tempfile::tempdir().unwrap(),
            settings: Vec::new(),
        }
    }

    /// Sets a setting of both.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A command that sees nothing but this folder and these settings.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path());
        for (name, value) in &self.settings {
            command.env(name, value);
        }
        command
    }

    /// The real sops with these arguments.
    fn sops(&self, arguments: &[&str]) -> Command {
        static SOPS: OnceLock<PathBuf> = OnceLock::new();
        let program = SOPS.get_or_init(|| sops().unwrap());
        let mut command = self.command(program);
        command.args(["--disable-version-check"]).args(arguments);
        command
    }

    /// Encrypts a file in place.
    pub(crate) fn encrypt(&self, name: &str, arguments: &[&str]) {
        let mut all = vec!["encrypt", "--in-place"];
        all.extend(arguments);
        all.push(name);
        run(&mut self.sops(&all)).unwrap();
    }

    /// What the real sops reads from a file, as JSON; `None` if it refuses.
    pub(crate) fn judged(&self, name: &str) -> Option<Value> {
        let text = run(&mut self.sops(&["decrypt", "--output-type", "json", name])).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// What the backend reads from a file.
    pub(crate) async fn read(&self, name: &str) -> Result<Secret, VaultError> {
        let base = Settings::new().with_base(self.folder.path());
        let settings = self.settings.iter();
        let settings = settings.fold(base, |all, (name, value)| all.with(name, value));
        let backend = Sops::from_settings(&settings).unwrap();
        let request = SecretRequest::new(backend.parse_path(name).unwrap(), Keys::All);
        backend
            .read(&[request], &RunContext::default())
            .await
            .remove(0)
    }

    /// The same as JSON.
    pub(crate) async fn values(&self, name: &str) -> Value {
        json(&self.read(name).await.unwrap())
    }

    /// Asserts that both read the same.
    pub(crate) async fn agree(&self, name: &str) -> Value {
        let (ours, theirs) = (self.values(name).await, self.judged(name));
        assert!(
            Some(&ours) == theirs.as_ref(),
            "{name}: {ours:#} {theirs:#?}"
        );
        ours
    }

    /// Asserts that the backend refuses, and says why.
    pub(crate) async fn refused(&self, name: &str) -> (VaultErrorKind, String) {
        let error = self.read(name).await.unwrap_err();
        (error.kind(), error.to_string())
    }
}

pub(crate) fn json(secret: &Secret) -> Value {
    let values = secret.names().map(|name| {
        let value = secret.value(name);
        let value = value.map_or(SecretValue::null(), |value| value.unwrap().clone());
        (name, value)
    });
    serde_json::from_str(&SecretValue::map(values).to_json()).unwrap()
}
