use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::sealing::{Sealing, document, entry, file, group, holding, secret, text};
use super::*;
use crate::suite::{self, Case, Fixture, SENTINEL, Setup};
use crate::{Keys, SecretValue, Sharing, Traffic};

const PASSWORD: &str = "correct horse";

/// A folder with a database in it, and the backend that reads it.
pub(super) fn prepared(database: &[u8]) -> (TempDir, KeePass) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.kdbx");
    std::fs::write(&path, database).unwrap();
    let backend = opening(&path, PASSWORD);
    (folder, backend)
}

pub(super) fn opening(file: &Path, password: &str) -> KeePass {
    let settings = Settings::new()
        .with("KEEPASS_FILE", file.display().to_string())
        .with("KEEPASS_PASSWORD", password);
    KeePass::from_settings(&settings).unwrap()
}

/// Puts a pipe in the place of a file.
#[cfg(unix)]
fn pipe(path: &Path) {
    std::fs::remove_file(path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// A database with these groups and entries in its first group.
pub(super) fn sealed(inside: &str, files: &[&[u8]]) -> Vec<u8> {
    Sealing::with_password(PASSWORD).seal(&document(inside), files)
}

pub(super) async fn read(backend: &KeePass, path: &str) -> Result<Secret, VaultError> {
    let path = backend.parse_path(path).unwrap();
    let request = SecretRequest::new(path, Keys::All);
    let mut answers = backend.read(&[request], &RunContext::new()).await;
    let answer = answers.pop().unwrap();
    if let Err(error) = &answer {
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(
            !shown.contains(SENTINEL) && !shown.contains(PASSWORD),
            "{shown}"
        );
    }
    answer
}

fn value(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}

/// The suite on a file.
struct OnDisk(TempDir);

#[async_trait]
impl Fixture for OnDisk {
    async fn set_up(&self, case: Case) -> Setup {
        let password = match case {
            Case::OwnLogin => suite::TOKEN,
            _ => PASSWORD,
        };
        let (field, attached) = holding("Password", &case.value());
        let title = text("Title", "db");
        let inside = match case {
            Case::MissingPath => String::new(),
            Case::MissingKey => entry(1, &(title + &secret("Other", "x"))),
            Case::SameName => entry(1, &(title + &field + &self::file("Password", 0))),
            _ => entry(1, &(title + &field)),
        };
        let database = Sealing::with_password(password).seal(&document(&inside), &[&attached]);
        let path = self.0.path().join(case.as_str());
        std::fs::write(&path, database).unwrap();
        Setup::new(Arc::new(opening(&path, password)), "db", "Password")
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let mut cases = vec![
            (Case::Version, "an entry is read as it is now"),
            (Case::MissingVersion, "an entry is read as it is now"),
        ];
        let servers = Case::NETWORK.iter();
        cases.extend(servers.map(|case| (*case, "there is no server; damage is tested beside it")));
        cases
    }
}

#[tokio::test]
async fn it_conforms() {
    suite::run_all(&OnDisk(tempfile::tempdir().unwrap())).await;
}

#[tokio::test]
async fn an_entry_is_found_by_its_groups_and_title_or_by_its_id() {
    let inside = entry(1, &(text("Title", "db") + &secret("Password", "root")))
        + &group(
            10,
            "shop",
            &(entry(2, &(text("Title", "db") + &secret("Password", "shop")))
                + &group(
                    11,
                    "eu &amp; uk",
                    &entry(3, &(text("Title", "a/b") + &secret("Password", "eu"))),
                )),
        );
    let (_folder, backend) = prepared(&sealed(&inside, &[]));
    for (path, password) in [
        ("db", "root"),
        ("/db", "root"),
        ("shop/db", "shop"),
        ("shop/eu & uk/a/b", "eu"),
        ("03030303-0303-0303-0303-030303030303", "eu"),
        ("{02020202020202020202020202020202}", "shop"),
    ] {
        let secret = read(&backend, path).await.unwrap();
        assert_eq!(
            value(&secret, "Password"),
            format!("\"{password}\""),
            "{path}"
        );
        assert!(secret.id().unwrap().contains('-'));
    }
}

#[tokio::test]
async fn fields_are_texts_and_files_are_bytes_unless_they_are_text() {
    let pem = "-----BEGIN X-----\r\n";
    let fields = text("Title", "db")
        + &text("UserName", "svc")
        + &secret("Password", "äöü &lt; 密码")
        + &text("URL", "https://a?b=1&amp;c=2&#x41;<![CDATA[<&]]>")
        + &text("Notes", "one\r\ntwo&#13;\n")
        + "<String><Key>empty</Key><Value/></String><String><Key>none</Key></String>"
        + &secret("one", "hidden").replace("True", "1")
        + &text("shown", "aGlkZGVu").replace("<Value>", "<Value Protected=\"False\">")
        + &text(" PIN ", " 0042 ")
        + &file("tls.pem", 0)
        + &file("store.p12", 1);
    let (_folder, backend) = prepared(&sealed(&entry(1, &fields), &[pem.as_bytes(), b"\x00\xff"]));
    let secret = read(&backend, "db").await.unwrap();
    for (key, json) in [
        ("Title", r#""db""#),
        ("UserName", r#""svc""#),
        ("Password", r#""äöü &lt; 密码""#),
        ("URL", r#""https://a?b=1&c=2A<&""#),
        ("Notes", r#""one\ntwo\r\n""#),
        ("one", r#""hidden""#),
        ("shown", r#""aGlkZGVu""#),
        ("empty", r#""""#),
        ("none", r#""""#),
        (" PIN ", r#"" 0042 ""#),
        ("tls.pem", r#""-----BEGIN X-----\r\n""#),
    ] {
        assert_eq!(value(&secret, key), json, "{key}");
    }
    let bytes = secret.value("store.p12").unwrap().unwrap();
    assert!(*bytes == SecretValue::bytes([0, 255]));
    assert_eq!(secret.names().len(), 12);
    assert_eq!((secret.title(), secret.version()), (Some("db"), None));
}

#[tokio::test]
async fn earlier_versions_and_what_was_deleted_are_not_read() {
    let earlier = entry(1, &(text("Title", "db") + &secret("Password", "old")));
    let inside = entry(
        1,
        &(text("Title", "db")
            + &secret("Password", "new")
            + &format!("<History>{earlier}{earlier}</History>")),
    ) + &group(
        255,
        "Recycle Bin",
        &(entry(2, &text("Title", "gone")) + &group(9, "g", &entry(4, &text("Title", "far")))),
    ) + &entry(
        3,
        &(text("Title", "last") + &secret("Password", "hidden behind the others")),
    );
    let (_folder, backend) = prepared(&sealed(&inside, &[]));
    let secret = read(&backend, "db").await.unwrap();
    assert_eq!(value(&secret, "Password"), "\"new\"");
    let last = read(&backend, "last").await.unwrap();
    assert_eq!(value(&last, "Password"), "\"hidden behind the others\"");
    for path in [
        "Recycle Bin/gone",
        "gone",
        "02020202020202020202020202020202",
        "Recycle Bin/g/far",
    ] {
        let error = read(&backend, path).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound, "{path}");
    }
}

#[tokio::test]
async fn without_a_bin_nothing_is_deleted_and_what_has_expired_is_read() {
    let expired = "<Times><Expires>True</Expires><ExpiryTime>AAAAAAAAAAA=</ExpiryTime></Times>";
    let group = group(0, "shop", &entry(1, &(text("Title", "db") + expired)));
    for none in [sealing::id(0).as_str(), ""] {
        let whole = document(&group).replace(&sealing::id(255), none);
        let database = Sealing::with_password(PASSWORD).seal(&whole, &[]);
        let (_folder, backend) = prepared(&database);
        assert!(read(&backend, "shop/db").await.is_ok());
    }
}

#[tokio::test]
async fn what_goes_by_one_name_is_told_apart_by_id() {
    let twins = entry(1, &(text("Title", "db") + &secret("Password", "1")))
        + &entry(2, &(text("Title", "db") + &secret("Password", "2")));
    let (_folder, backend) = prepared(&sealed(&group(10, "shop", &twins), &[]));
    let error = read(&backend, "shop/db").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
    assert_eq!(
        error.to_string(),
        "there are several entries `shop/db` in the database"
    );
    for (candidate, password) in error.candidates().iter().zip(["\"1\"", "\"2\""]) {
        let secret = read(&backend, candidate).await.unwrap();
        assert_eq!(value(&secret, "Password"), password);
    }
    assert_eq!(error.candidates().len(), 2);
}

#[tokio::test]
async fn a_missing_entry_is_told_with_what_could_be_meant() {
    let inside = group(
        10,
        "shop",
        &(entry(1, &text("Title", "Db")) + &entry(2, &text("Title", "web"))),
    );
    let (_folder, backend) = prepared(&sealed(&inside, &[]));
    let error = read(&backend, "/db").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(error.to_string(), "there is no entry `db` in the database");
    assert_eq!(error.candidates(), ["shop/Db"]);
    let error = read(&backend, "shop/wen").await.unwrap_err();
    assert_eq!(error.candidates(), ["shop/web", "shop/Db"]);
    let run = RunContext::new().without_suggestions();
    let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::All);
    let answers = backend.read(&[request], &run).await;
    assert!(answers[0].as_ref().unwrap_err().candidates().is_empty());
}

#[tokio::test]
async fn references_are_followed_as_far_as_they_are_understood() {
    let to = |number: u8| {
        format!(
            "{{REF:P@I:{}}}",
            data_encoding::HEXUPPER.encode(&[number; 16])
        )
    };
    let inside = entry(1, &(text("Title", "one") + &secret("Password", SENTINEL)))
        + &entry(
            2,
            &(text("Title", "two")
                + &secret("Password", &to(1))
                + &text("whole", &format!("x{}", to(1)))),
        )
        + &entry(
            3,
            &(text("Title", "three") + &secret("Password", &to(2)) + &text("none", &to(9))),
        )
        + &entry(
            4,
            &(text("Title", "loop") + &secret("Password", &to(4)) + &text("fine", "1")),
        );
    let (_folder, backend) = prepared(&sealed(&inside, &[]));
    for path in ["two", "three"] {
        let secret = read(&backend, path).await.unwrap();
        assert!(*secret.value("Password").unwrap().unwrap() == SecretValue::text(SENTINEL));
    }
    for (path, key) in [("two", "whole"), ("three", "none"), ("loop", "Password")] {
        let secret = read(&backend, path).await.unwrap();
        let error = secret.value(key).unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        let told = format!(
            "the field `{key}` of the entry `{path}` refers to what is not there or cannot be read here"
        );
        assert_eq!(error.to_string(), told);
    }
    let fine = read(&backend, "loop").await.unwrap();
    assert_eq!(value(&fine, "fine"), "\"1\"");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_opened_once_for_all_requests_and_anew_for_each_run() {
    let database = |password: &str| {
        sealed(
            &entry(1, &(text("Title", "db") + &secret("Password", password))),
            &[],
        )
    };
    let (folder, backend) = prepared(&[]);
    let path = folder.path().join("a.kdbx");
    let request = |path: &str| {
        SecretRequest::new(backend.parse_path(path).unwrap(), Keys::names(["Password"]))
    };
    let requests = [
        request("db"),
        request("none"),
        request("01010101010101010101010101010101"),
    ];
    for password in ["old", "new"] {
        // A pipe gives what is written to it to the first who opens it, and to nobody else.
        pipe(&path);
        let (written, pipe) = (database(password), path.clone());
        let writer = std::thread::spawn(move || std::fs::write(pipe, written));
        let answers = backend.read(&requests, &RunContext::new()).await;
        writer.join().unwrap().unwrap();
        assert!(answers[1].is_err());
        for answer in [&answers[0], &answers[2]] {
            let secret = answer.as_ref().unwrap();
            assert_eq!(value(secret, "Password"), format!("\"{password}\""));
        }
    }
}

#[tokio::test]
async fn runs_of_a_server_share_what_was_opened_unless_something_is_missing() {
    let database = |key: &str| sealed(&entry(1, &(text("Title", "db") + &text(key, "1"))), &[]);
    let (folder, _) = prepared(&database("old"));
    let path = folder.path().join("a.kdbx");
    let settings = Settings::new()
        .with("KEEPASS_FILE", path.display().to_string())
        .with("KEEPASS_PASSWORD", PASSWORD);
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&settings, &context).unwrap();
    let has = async |key: &str| {
        let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::names([key]));
        let answers = backend.read(&[request], &RunContext::new()).await;
        answers[0].as_ref().unwrap().value(key).is_some()
    };
    assert!(has("old").await);
    std::fs::write(&path, database("new")).unwrap();
    assert!(has("old").await, "it was not opened again");
    assert!(has("new").await, "it may have come since");
    assert!(!has("old").await);
}

#[tokio::test]
async fn a_run_ends_with_its_time_whatever_the_file_does() {
    let (_folder, backend) = prepared(&sealed("", &[]));
    let ends = async || {
        let run = RunContext::new().with_timeout(Duration::ZERO);
        let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::All);
        let answers = backend.read(&[request], &run).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Timeout, "{error}");
    };
    ends().await;
    #[cfg(unix)]
    {
        // Nobody writes to this pipe.
        pipe(&backend.source.file);
        ends().await;
    }
}

#[test]
fn no_runtime_is_needed() {
    let (_folder, backend) = prepared(&sealed(&entry(1, &text("Title", "db")), &[]));
    // Other threads wake this one, as any executor lets them.
    struct Awake(std::thread::Thread);
    impl std::task::Wake for Awake {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Awake(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut reading = std::pin::pin!(read(&backend, "db"));
    let answer = loop {
        match reading.as_mut().poll(&mut context) {
            std::task::Poll::Ready(answer) => break answer,
            std::task::Poll::Pending => std::thread::park(),
        }
    };
    assert!(answer.is_ok());
}

#[tokio::test]
async fn settings_that_are_missing_are_all_named() {
    let error = connect(&Settings::new(), &ConnectContext::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`KEEPASS_FILE` is not set; `KEEPASS_PASSWORD` is not set"
    );
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let (folder, _) = prepared(&sealed("", &[]));
    let settings = Settings::new()
        .with("KEEPASS_FILE", "a.kdbx")
        .with("KEEPASS_PASSWORD", PASSWORD)
        .with_base(folder.path());
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    assert!(!format!("{backend:?}").contains(PASSWORD));
    let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::All);
    let answers = backend.read(&[request], &RunContext::new()).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
}
