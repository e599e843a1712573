//! A store of the real `pass` and `gpg`: manifill reads what `pass show` prints.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manifill_e2e::{pass, run, skip};
use manifill_vault::backend::pass::Pass;
use manifill_vault::{
    Exposed, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};
use tempfile::TempDir;

/// A store, PGP keys of its own, and an end to the agent that looks after them.
struct Store {
    folder: TempDir,
    program: PathBuf,
}

impl Store {
    /// A store for one key without a passphrase.
    fn new() -> Self {
        let store = Store {
            folder: tempfile::tempdir().unwrap(),
            program: pass().unwrap(),
        };
        let mut private = std::fs::DirBuilder::new();
        private.mode(0o700).create(store.path("gnupg")).unwrap();
        // What would ask for a passphrase.
        let asks = store.path("asks");
        std::fs::write(&asks, "#!/bin/sh\ntouch \"$0.asked\"\n").unwrap();
        std::fs::set_permissions(&asks, std::fs::Permissions::from_mode(0o755)).unwrap();
        let agent = format!("pinentry-program {}\n", asks.display());
        std::fs::write(store.path("gnupg/gpg-agent.conf"), agent).unwrap();
        let key = store.key("first", "");
        store.pass(&["init", &key], b"").unwrap();
        store
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env("HOME", self.folder.path())
            .env("GNUPGHOME", self.path("gnupg"))
            .env("PASSWORD_STORE_DIR", self.path("store"))
            .env_remove("PASSWORD_STORE_GPG_OPTS")
            .current_dir(self.folder.path());
        command
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        let mut command = self.command("gpg");
        command.args(["--batch", "--pinentry-mode", "loopback"]);
        run(command.args(arguments)).unwrap()
    }

    /// Makes a key and tells its fingerprint.
    fn key(&self, name: &str, passphrase: &str) -> String {
        let secret = ["--passphrase", passphrase];
        let user = format!("{name} <{name}@example.invalid>");
        let new = ["--quick-generate-key", &user, "rsa3072", "default", "never"];
        self.gpg(&[&secret[..], &new].concat());
        let listed = self.gpg(&["--list-keys", "--with-colons", &user]);
        let key = listed.lines().find_map(|line| line.strip_prefix("fpr:"));
        let key = key.unwrap().trim_matches(':').to_owned();
        // The first key signs only.
        let more = ["--quick-add-key", &key, "rsa3072", "encr", "never"];
        self.gpg(&[&secret[..], &more].concat());
        key
    }

    /// Runs `pass`; what it prints, unless it fails.
    fn pass(&self, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let mut command = self.command(&self.program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    fn insert(&self, name: &str, content: &[u8]) {
        self.pass(&["insert", "--multiline", "--force", name], content)
            .unwrap();
    }

    fn backend(&self) -> Pass {
        let at = |name: &str| self.path(name).display().to_string();
        let settings = Settings::new()
            .with("PASSWORD_STORE_DIR", at("store"))
            .with("GNUPGHOME", at("gnupg"));
        Pass::from_settings(&settings)
    }

    async fn read(&self, names: &[&str]) -> Vec<Result<Secret, VaultError>> {
        self.read_in(names, &RunContext::new()).await
    }

    async fn read_in(&self, names: &[&str], run: &RunContext) -> Vec<Result<Secret, VaultError>> {
        let backend = self.backend();
        let request = |name: &&str| {
            let path = backend.parse_path(name).unwrap();
            SecretRequest::new(path, Keys::All)
        };
        let requests: Vec<_> = names.iter().map(request).collect();
        backend.read(&requests, run).await
    }

    async fn refused(&self, name: &str) -> VaultError {
        assert_eq!(self.pass(&["show", name], b""), None, "{name}");
        self.read(&[name]).await.remove(0).unwrap_err()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Its folder goes away, so it would end by itself in a while.
        let _ = run(self.command("gpgconf").args(["--kill", "gpg-agent"]));
    }
}

fn bytes(secret: &Secret, key: &str) -> Option<Vec<u8>> {
    match secret.value(key)?.unwrap().expose() {
        Exposed::Text(text) => Some(text.as_bytes().to_vec()),
        Exposed::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}

#[tokio::test]
async fn entries_are_what_pass_shows() {
    if skip("entries of pass") {
        return;
    }
    let store = Store::new();
    let large = "0123456789abcdef\n".repeat(70_000);
    let binary: Vec<u8> = (0..=255).collect();
    let contents: [(&str, &[u8]); 9] = [
        ("db", b"s3cr3t\n"),
        (
            "web/db",
            "pässwörd 密码 🔑\nuser: svc_orders\npin: 0042\n".as_bytes(),
        ),
        ("web/a name/me@example.org", b"no line end"),
        ("windows", b"pw\r\nuser: x\r\n"),
        ("empty", b""),
        ("blank", b"\n"),
        ("pem", b"-----BEGIN X-----\nAAAA\n-----END X-----\n"),
        ("large", large.as_bytes()),
        ("binary", &binary),
    ];
    for (name, content) in contents {
        store.insert(name, content);
    }
    store.pass(&["generate", "made", "40"], b"").unwrap();
    store.pass(&["mv", "db", "moved/db"], b"").unwrap();
    let names = contents.map(|(name, _)| name);
    let names = [&["made", "moved/db"], &names[1..]].concat();
    let secrets = store.read(&names).await;
    for (name, secret) in names.iter().zip(secrets) {
        let secret = secret.unwrap_or_else(|error| panic!("{name}: {error}"));
        let shown = store.pass(&["show", name], b"").unwrap();
        assert_eq!(bytes(&secret, "text").unwrap(), shown, "{name}");
        let password = bytes(&secret, "password");
        if *name == "binary" {
            assert_eq!(password, None);
            continue;
        }
        let first = shown.split(|byte| *byte == b'\n').next().unwrap();
        let first = first.strip_suffix(b"\r").unwrap_or(first);
        assert_eq!(password.unwrap(), first, "{name}");
    }
    let secrets = store.read(&["web/db", "windows"]).await;
    let value = |index: usize, key| bytes(secrets[index].as_ref().unwrap(), key).unwrap();
    assert_eq!(value(0, "pin"), b"0042");
    assert_eq!(
        (value(0, "user"), value(1, "user")),
        (b"svc_orders".to_vec(), b"x".to_vec())
    );
}

#[tokio::test]
async fn what_pass_does_not_show_is_an_error() {
    if skip("errors of pass") {
        return;
    }
    let store = Store::new();
    store.insert("web/db", b"s3cr3t\n");

    let error = store.refused("web/dx").await;
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(error.candidates(), ["web/db"]);

    assert_eq!(store.pass(&["show", "../store/web/db"], b""), None);
    assert!(store.backend().parse_path("../store/web/db").is_err());

    // A folder for somebody else.
    let other = store.key("other", "");
    store.pass(&["init", "--path=other", &other], b"").unwrap();
    store.insert("other/db", b"s3cr3t\n");
    assert!(store.read(&["other/db"]).await[0].is_ok());
    store.gpg(&["--yes", "--delete-secret-keys", &other]);
    let error = store.refused("other/db").await;
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
    store.gpg(&["--yes", "--delete-keys", &other]);
    let error = store.refused("other/db").await;
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);

    // Nobody is there to be asked for the passphrase.
    let locked = store.key("locked", "a passphrase");
    store
        .pass(&["init", "--path=locked", &locked], b"")
        .unwrap();
    store.insert("locked/db", b"s3cr3t\n");
    run(store.command("gpgconf").args(["--kill", "gpg-agent"])).unwrap();
    let error = store.read(&["locked/db"]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated, "{error}");
    assert!(!store.path("asks.asked").exists());
    // It is there, since `pass show` asks.
    store.refused("locked/db").await;
    assert!(store.path("asks.asked").exists());

    let file = store.path("store/web/db.gpg");
    let sealed = std::fs::read(&file).unwrap();
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    for content in [&changed, &sealed[..sealed.len() - 10], b"no PGP", b""] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, content).unwrap();
        let error = store.refused("web/db").await;
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{error}");
    }
}

/// gpg-agent has little memory of the kind that keys need, and many programs at once use it up.
#[tokio::test]
async fn very_many_entries_are_read_in_one_run() {
    if skip("many entries of pass") {
        return;
    }
    let store = Store::new();
    store.insert("first", b"s3cr3t\n");
    let names: Vec<String> = (0..100).map(|number| format!("entry{number}")).collect();
    for name in &names {
        let to = store.path(&format!("store/{name}.gpg"));
        std::fs::copy(store.path("store/first.gpg"), to).unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let run = RunContext::new().with_concurrency(100);
    for secret in store.read_in(&names, &run).await {
        assert_eq!(bytes(&secret.unwrap(), "password").unwrap(), b"s3cr3t");
    }
}
