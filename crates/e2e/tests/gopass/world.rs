//! A home folder that the real gopass works in.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manifill_e2e::{gopass, manifill, run};
use manifill_vault::backend::pass::Pass;
use manifill_vault::{
    Exposed, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend as _, VaultError,
};
use tempfile::TempDir;

const PASSPHRASE: &str = "worth nothing";

/// A home folder with a store, its keys, and an end to the agent that looks after those of gpg.
pub(crate) struct World {
    home: TempDir,
    program: PathBuf,
    /// The PGP key that entries are encrypted for, if it is not age.
    pub(crate) key: Option<String>,
}

impl World {
    fn new() -> Self {
        let world = World {
            home: tempfile::tempdir().unwrap(),
            program: gopass().unwrap(),
            key: None,
        };
        let mut private = std::fs::DirBuilder::new();
        private.mode(0o700).create(world.path("gnupg")).unwrap();
        world
    }

    /// With a store as gopass makes it: for a PGP key, in a repository of git.
    pub(crate) fn with_gpg() -> Self {
        let mut world = World::new();
        let user = "first <first@example.invalid>";
        let new = ["--batch", "--passphrase", "", "--quick-generate-key", user];
        let kind = ["future-default", "default", "never"];
        run(world.command("gpg").args(new).args(kind)).unwrap();
        let listed = run(world
            .command("gpg")
            .args(["--list-keys", "--with-colons", user]))
        .unwrap();
        let key = listed.lines().find_map(|line| line.strip_prefix("fpr:"));
        let key = key.unwrap().trim_matches(':').to_owned();
        world.done(&["--yes", "init", &key], b"");
        world.key = Some(key);
        world
    }

    /// With a store for an age key that gopass makes.
    pub(crate) fn with_age() -> Self {
        let world = World::new();
        let new = ["--yes", "setup", "--crypto", "age", "--storage", "fs"];
        let user = ["--name", "first", "--email", "first@example.invalid"];
        world.done(&[&new[..], &user].concat(), b"");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The folder where gopass has the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.path(".local/share/gopass/stores/root")
    }

    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for name in [
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR",
            "PASSWORD_STORE_DIR",
        ] {
            command.env_remove(name);
        }
        command
            .env("HOME", self.home.path())
            .env("GNUPGHOME", self.path("gnupg"))
            .env("GOPASS_AGE_PASSWORD", PASSPHRASE)
            .env("GOPASS_NO_REMINDER", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env("GIT_AUTHOR_NAME", "first")
            .env("GIT_AUTHOR_EMAIL", "first@example.invalid")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(self.home.path());
        command
    }

    /// What gopass prints, or says instead.
    pub(crate) fn gopass(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        let mut command = self.command(&self.program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that ends before it reads is told by its status.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Has gopass do what it must be able to do.
    pub(crate) fn done(&self, arguments: &[&str], input: &[u8]) {
        let done = self.gopass(arguments, input);
        done.unwrap_or_else(|said| panic!("gopass {arguments:?}: {said}"));
    }

    pub(crate) fn insert(&self, name: &str, content: &[u8]) {
        self.done(&["insert", "--multiline", name], content);
    }

    /// What gopass shows of a key, or of the password.
    pub(crate) fn shown(&self, name: &str, key: &str) -> Result<Vec<u8>, String> {
        match key {
            "password" => self.gopass(&["show", "-o", name], b""),
            "text" => self.gopass(&["show", "-n", name], b""),
            _ => self.gopass(&["show", name, key], b""),
        }
    }

    /// Reads entries here, all in one run.
    pub(crate) async fn read(&self, names: &[&str]) -> Vec<Result<Secret, VaultError>> {
        let at = |path: PathBuf| path.display().to_string();
        let settings = Settings::new()
            .with("PASSWORD_STORE_DIR", at(self.store()))
            .with("GNUPGHOME", at(self.path("gnupg")))
            .with(
                "PASSAGE_IDENTITIES_FILE",
                at(self.path(".config/gopass/age/identities")),
            )
            .with("GOPASS_AGE_PASSWORD", PASSPHRASE);
        let backend = Pass::from_settings(&settings);
        let request = |name: &&str| {
            let path = backend.parse_path(name).unwrap();
            SecretRequest::new(path, Keys::All)
        };
        let requests: Vec<_> = names.iter().map(request).collect();
        backend.read(&requests, &RunContext::new()).await
    }

    pub(crate) async fn read_one(&self, name: &str) -> Secret {
        let secret = self.read(&[name]).await.remove(0);
        secret.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What the command line makes of a placeholder, with no settings but the home folder.
    pub(crate) fn filled(&self, placeholder: &str) -> std::io::Result<String> {
        let manifest = self.path("a.yaml");
        std::fs::write(&manifest, format!("kind: A\na: {placeholder}\n")).unwrap();
        let mut command = self.command(manifill().unwrap());
        run(command
            .env("AVP_TYPE", "pass")
            .arg("generate")
            .arg(manifest))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Its folder goes away, so it would end by itself in a while.
        let _ = run(self.command("gpgconf").args(["--kill", "gpg-agent"]));
    }
}

/// A value as text, or the bytes that it is.
pub(crate) fn value(secret: &Secret, key: &str) -> Option<Vec<u8>> {
    let value = secret.value(key)?.unwrap();
    Some(match value.expose() {
        Exposed::Text(text) => text.as_bytes().to_vec(),
        Exposed::Bytes(bytes) => bytes.to_vec(),
        _ => value.to_json().into_bytes(),
    })
}
