//! KeePassXC's command line and manifill read the same databases.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manifill_e2e::{client, keepassxc, run, skip};
use manifill_vault::backend::keepass::KeePass;
use manifill_vault::{
    Exposed, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend as _, VaultError,
    VaultErrorKind,
};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse";

/// The id of Twofish in the header of a file.
const TWOFISH: [u8; 16] = *b"\xad\x68\xf2\x9f\x57\x6f\x4b\xb9\xa3\x6a\xd4\x7a\xf9\x65\x34\x6c";

/// A database in a folder of its own, and the program that works on it.
struct World {
    folder: TempDir,
    program: PathBuf,
    key_file: bool,
}

impl World {
    fn new(key_file: Option<&[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(key) = key_file {
            std::fs::write(folder.path().join("a.key"), key).unwrap();
        }
        World {
            folder,
            program: keepassxc().unwrap(),
            key_file: key_file.is_some(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What KeePassXC says to a command on a file, after the password and these lines.
    fn cli(&self, command: &[&str], lines: &str, rest: &[&str]) -> Result<String, String> {
        let (name, options) = command.split_first().unwrap();
        let mut cli = Command::new(&self.program);
        cli.env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.folder.path())
            .args([name, "-q"]);
        let creates = ["db-create", "import"].contains(name);
        if self.key_file && !creates {
            cli.args(["-k", "a.key"]);
        }
        cli.args(options).args(rest);
        let input = format!("{PASSWORD}\n{lines}");
        let child = cli
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        // One that ends before it reads is told by its status.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// A field as KeePassXC shows it.
    fn shown(&self, path: &str, field: &str) -> Result<String, String> {
        let shown = self.cli(&["show", "-s", "-a", field], "", &["a.kdbx", path])?;
        Ok(shown.strip_suffix('\n').unwrap_or(&shown).to_owned())
    }

    /// An attached file as KeePassXC gives it out.
    fn exported(&self, path: &str, name: &str) -> Vec<u8> {
        let file = self.path("exported");
        let _ = std::fs::remove_file(&file);
        let rest = ["a.kdbx", path, name, "exported"];
        self.cli(&["attachment-export"], "", &rest).unwrap();
        let mut bytes = Vec::new();
        let mut file = std::fs::File::open(file).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    async fn read_with(&self, password: &str, path: &str) -> Result<Secret, VaultError> {
        let mut settings = Settings::new()
            .with("KEEPASS_FILE", "a.kdbx")
            .with("KEEPASS_PASSWORD", password)
            .with_base(self.folder.path());
        if self.key_file {
            settings = settings.with("KEEPASS_KEY_FILE", "a.key");
        }
        let backend = KeePass::from_settings(&settings).unwrap();
        let request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
        let mut answers = backend.read(&[request], &RunContext::new()).await;
        answers.pop().unwrap()
    }

    async fn read(&self, path: &str) -> Result<Secret, VaultError> {
        self.read_with(PASSWORD, path).await
    }

    /// Asserts that both read all of an entry alike.
    async fn agree(&self, path: &str, fields: &[&str], files: &[&str]) {
        let secret = self.read(path).await.unwrap();
        let exposed = |key: &str| Some(secret.value(key)?.unwrap().expose());
        let usual = ["Title", "UserName", "Password", "URL", "Notes"];
        let mut found = 0;
        for field in usual.iter().chain(fields) {
            let shown = self.shown(path, field).unwrap();
            // KeePassXC shows the usual fields of an entry that has none of them.
            let own = exposed(field).map(|value| value.as_text().unwrap());
            assert_eq!(own.unwrap_or_default(), shown, "{path}: {field}");
            found += usize::from(own.is_some());
        }
        for file in files {
            let bytes = match exposed(file) {
                Some(Exposed::Text(text)) => text.as_bytes(),
                Some(Exposed::Bytes(bytes)) => bytes,
                _ => panic!("{file} is neither text nor bytes"),
            };
            assert_eq!(bytes, self.exported(path, file), "{path}: {file}");
        }
        assert_eq!(secret.names().len(), found + files.len());
        assert!(found >= 3 + fields.len(), "{path}");
        let id = secret.id().unwrap().to_owned();
        assert_eq!(self.shown(path, "Uuid").unwrap(), format!("{{{id}}}"));
        let same = self.read(&id).await.unwrap();
        assert_eq!(same.title(), secret.title());
    }
}

/// A key file of KeePass, which the tests of the backend have.
fn key_file() -> Vec<u8> {
    let samples =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/src/backend/keepass/testdata");
    std::fs::read(samples.join("throwaway.keyx")).unwrap()
}

#[tokio::test]
async fn keepassxc_and_manifill_read_the_same() {
    if skip("KeePassXC") {
        return;
    }
    let digits = "0F".repeat(32).into_bytes();
    for (derivation, cipher, key) in [
        ("aes", "aes256", b"any file is a key".to_vec()),
        ("argon2d", "chacha20", digits),
        ("argon2id", "twofish", key_file()),
    ] {
        let world = World::new(Some(&key));
        let (file, key) = (world.path("a.kdbx"), world.path("a.key"));
        let mut make = client("keepass").unwrap();
        make.args([&file, &key]).args([derivation, cipher]);
        let id = run(&mut make).unwrap();
        // As pykeepass has written it.
        let made = ["api key", "plain"];
        world
            .agree("shop ü/database", &made, &["all.bin", "empty"])
            .await;
        world.agree("shop ü/refers", &[], &[]).await;

        // As KeePassXC writes it.
        std::fs::write(world.path("tls.pem"), "-----BEGIN X-----\r\nx\n").unwrap();
        let change = |command: &[&str], lines: &str, rest: &[&str]| {
            world.cli(command, lines, rest).unwrap();
        };
        change(&["mkdir"], "", &["a.kdbx", "eu"]);
        change(
            &[
                "add",
                "-u",
                "svc <&>",
                "--url",
                "https://b",
                "--notes",
                "ü",
                "-p",
            ],
            "p w ü\n",
            &["a.kdbx", "eu/web"],
        );
        change(
            &["edit", "-u", "svc", "-p"],
            "new & 🔑\n",
            &["a.kdbx", "shop ü/database"],
        );
        change(
            &["attachment-import"],
            "",
            &["a.kdbx", "shop ü/database", "tls.pem", "tls.pem"],
        );
        change(&["add", "-g"], "", &["a.kdbx", "gone"]);
        world.agree("gone", &[], &[]).await;
        change(&["rm"], "", &["a.kdbx", "gone"]);
        world.agree("eu/web", &[], &[]).await;
        world
            .agree("shop ü/database", &made, &["all.bin", "empty", "tls.pem"])
            .await;
        world.agree("shop ü/refers", &[], &[]).await;
        let refers = world.read("shop ü/refers").await.unwrap();
        let password = refers.value("Password").unwrap().unwrap();
        assert_eq!(password.expose().as_text(), Some("new & 🔑"));
        change(&["mv"], "", &["a.kdbx", "shop ü/database", "eu"]);
        world
            .agree("eu/database", &made, &["all.bin", "empty", "tls.pem"])
            .await;
        // KeePassXC keeps the cipher.
        let written = std::fs::read(world.path("a.kdbx")).unwrap();
        let is_twofish = written.windows(16).any(|bytes| bytes == TWOFISH);
        assert_eq!(is_twofish, cipher == "twofish");
        let moved = world.read("eu/database").await.unwrap();
        assert_eq!(moved.id(), Some(id.trim_end()));

        for (path, kind) in [
            ("gone", VaultErrorKind::NotFound),
            ("Recycle Bin/gone", VaultErrorKind::NotFound),
            ("shop ü/database", VaultErrorKind::NotFound),
        ] {
            let error = world.read(path).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{path}");
        }
        let wrong = world.read_with("wrong", "eu/web").await.unwrap_err();
        assert_eq!(wrong.kind(), VaultErrorKind::Unauthenticated);
    }
}

/// KeePassXC chooses the format of what it makes itself: what is older than KDBX 4 is refused, and
/// what it makes with data that only KDBX 4 has is read.
#[tokio::test]
async fn a_database_that_keepassxc_makes_is_read_if_it_is_of_kdbx_4() {
    if skip("KeePassXC") {
        return;
    }
    let world = World::new(None);
    let twice = format!("{PASSWORD}\n");
    world
        .cli(&["db-create", "-p", "-t", "100"], &twice, &["a.kdbx"])
        .unwrap();
    world
        .cli(&["add", "-p"], "secret\n", &["a.kdbx", "web"])
        .unwrap();
    let older = std::fs::read(world.path("a.kdbx")).unwrap();
    if older.get(10) == Some(&3) {
        let error = world.read("web").await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert!(error.to_string().contains("KDBX 4"), "{error}");
        // A group with data of a plugin needs the newer format.
        let xml = world.cli(&["export"], "", &["a.kdbx"]).unwrap();
        let data = "<CustomData><Item><Key>a</Key><Value>b</Value></Item></CustomData><Entry>";
        let changed = xml.replacen("<Entry>", data, 1);
        assert_ne!(changed, xml);
        std::fs::write(world.path("a.xml"), changed).unwrap();
        std::fs::remove_file(world.path("a.kdbx")).unwrap();
        world
            .cli(&["import", "-p", "-t", "100"], &twice, &["a.xml", "a.kdbx"])
            .unwrap();
    }
    let newer = std::fs::read(world.path("a.kdbx")).unwrap();
    assert_eq!(newer.get(10), Some(&4));
    world.agree("web", &[], &[]).await;
}
