use tempfile::TempDir;

use super::*;
use crate::suite::{self, Case, Fixture, SENTINEL, Setup};
use crate::{Keys, SecretPath};

/// A folder with one file in it.
fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, FileBackend) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, FileBackend::open(path))
}

async fn read(
    backend: &FileBackend,
    path: &str,
    version: Option<&str>,
    keys: Keys,
) -> Result<Secret, VaultError> {
    let mut request = SecretRequest::new(SecretPath::verbatim(path), keys);
    request.version = version.map(str::to_owned);
    backend
        .read(&[request], &RunContext::default())
        .await
        .remove(0)
}

/// The suite on a file of one of the two kinds.
struct OnDisk {
    folder: TempDir,
    extension: &'static str,
}

impl OnDisk {
    fn new(extension: &'static str) -> Self {
        OnDisk {
            folder: tempfile::tempdir().unwrap(),
            extension,
        }
    }
}

#[async_trait]
impl Fixture for OnDisk {
    async fn set_up(&self, case: Case) -> Setup {
        let value = match case.value().expose() {
            Exposed::Bytes(_) => format!("!!binary {}", case.value().to_json()),
            _ => case.value().to_json(),
        };
        let content = match case {
            Case::MissingPath => "{}".to_owned(),
            Case::MissingKey => format!(r#"{{"db": {{"user": {value}}}}}"#),
            Case::Version => {
                format!(r#"{{"db": {{"password": "newest"}}, "db#3": {{"password": {value}}}}}"#)
            }
            Case::SameName => format!(r#"{{"db": {{"password": {value}, "password": "other"}}}}"#),
            _ => format!(r#"{{"db": {{"password": {value}}}}}"#),
        };
        let path = self
            .folder
            .path()
            .join(format!("{}.{}", case.as_str(), self.extension));
        std::fs::write(&path, content).unwrap();
        let setup = Setup::new(Arc::new(FileBackend::open(path)), "db", "password");
        match case {
            Case::Version | Case::MissingVersion => setup.with_version("3"),
            _ => setup,
        }
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let mut cases: Vec<_> = Case::NETWORK
            .iter()
            .map(|case| (*case, "there is no server"))
            .chain([(Case::OwnLogin, "there is no login")])
            .collect();
        if self.extension == "json" {
            cases.push((Case::Binary, "JSON has no bytes"));
            cases.push((Case::SameName, "the last of JSON's equal keys counts"));
        }
        cases
    }
}

#[tokio::test]
async fn it_conforms() {
    suite::run_all(&OnDisk::new("yaml")).await;
    suite::run_all(&OnDisk::new("json")).await;
}

#[tokio::test]
async fn types_and_digits_are_kept() {
    let yaml = "db:\n  n: 12345678901234567890.10\n  m: {b: [1, yes]}\n  e:\n";
    let json = r#"{"db": {"n": 12345678901234567890.10, "m": {"b": [1, "yes"]}, "e": null}}"#;
    for (name, content) in [
        ("s.yaml", yaml),
        ("s.yml", yaml),
        ("s.json", json),
        ("S.JSON", json),
    ] {
        let (_folder, backend) = file(name, content);
        let secret = read(&backend, "db", None, Keys::All).await.unwrap();
        let number = secret.value("n").unwrap().unwrap();
        assert!(number.expose() == Exposed::Number("12345678901234567890.10"));
        assert_eq!(
            secret.value("m").unwrap().unwrap().to_json(),
            r#"{"b":[1,"yes"]}"#
        );
        assert!(secret.value("e").is_none());
        assert_eq!(secret.names().collect::<Vec<_>>(), ["n", "m", "e"]);
    }
}

#[tokio::test]
async fn only_wanted_keys_come_back_but_all_are_named() {
    let (_folder, backend) = file("s.yaml", "db: {a: 1, b: 2, c: 3}\n");
    let secret = read(&backend, "db", None, Keys::names(["b", "x"]))
        .await
        .unwrap();
    assert!(secret.value("b").is_some());
    assert!(secret.value("a").is_none() && secret.value("x").is_none());
    assert_eq!(secret.names().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_missing_path_or_version_is_named() {
    let (_folder, backend) = file("s.yaml", "db: {a: 1}\ndb#7: {a: 7}\n");
    for (path, version, message) in [
        ("nodb", None, "could not find secrets at path `nodb`"),
        (
            "db",
            Some("8"),
            "could not find secrets at path `db` with version `8`",
        ),
    ] {
        let error = read(&backend, path, version, Keys::All).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (VaultErrorKind::NotFound, message)
        );
    }
    let secret = read(&backend, "db", Some("7"), Keys::All).await.unwrap();
    assert_eq!(secret.version(), Some("7"));
}

#[tokio::test]
async fn one_bad_path_leaves_the_others_alone() {
    let (_folder, backend) = file("s.yaml", format!("db: {{a: 1}}\nbad: {SENTINEL}\n"));
    let requests =
        ["bad", "db"].map(|path| SecretRequest::new(SecretPath::verbatim(path), Keys::All));
    let answers = backend.read(&requests, &RunContext::default()).await;
    let error = answers[0].as_ref().unwrap_err();
    let message = format!(
        "what the file `{}` holds at path `bad` is not a map of keys",
        backend.path().display()
    );
    assert_eq!(
        (error.kind(), error.to_string()),
        (VaultErrorKind::Configuration, message)
    );
    assert!(answers[1].is_ok());
}

#[tokio::test]
async fn what_is_wrong_with_the_file_is_said_without_its_content() {
    let deep = format!("{}{SENTINEL}{}", "[".repeat(200), "]".repeat(200));
    let files: [(&str, Vec<u8>, &str); 9] = [
        (
            "a.yaml",
            format!("db: {{a: {SENTINEL}\n").into(),
            "this is not YAML (`FILE:1:5`)",
        ),
        (
            "b.yaml",
            format!("x: 1\n{SENTINEL}: 1\n{SENTINEL}: 2\n").into(),
            "a key is given twice (`FILE:3:1`)",
        ),
        (
            "c.yaml",
            format!("--- {SENTINEL}\n--- {SENTINEL}\n").into(),
            "there is a second document (`FILE:2:1`)",
        ),
        (
            "d.yaml",
            SENTINEL.into(),
            "the file `FILE` is not a map from paths to secrets",
        ),
        (
            "e.json",
            format!("{{\"db\": {SENTINEL}}}").into(),
            "this is not JSON (`FILE:1:8`)",
        ),
        (
            "f.json",
            "[1]".into(),
            "the file `FILE` is not a map from paths to secrets",
        ),
        (
            "g.yaml",
            [SENTINEL.as_bytes(), b"\xff"].concat(),
            "the file `FILE` is not UTF-8 text",
        ),
        (
            "h.yaml",
            deep.into(),
            "values are nested too deeply (`FILE:1:130`)",
        ),
        (
            "i.json",
            format!("{{\"db\":{}{}}}", "[".repeat(200), "]".repeat(200)).into(),
            "what the file `FILE` holds at path `db` is nested too deeply",
        ),
    ];
    for (name, content, message) in files {
        let (_folder, backend) = file(name, content);
        let error = read(&backend, "db", None, Keys::All).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let shown = error
            .to_string()
            .replace(&backend.path().display().to_string(), "FILE");
        assert_eq!(shown, message, "{name}");
        assert!(!format!("{error:?}").contains(SENTINEL), "{error:?}");
    }
}

#[tokio::test]
async fn of_a_path_that_a_json_file_has_twice_the_last_counts() {
    let content = r#"{"db": {"a": "1"}, "c": {"a": "3"}, "db": {"a": "2"}, "da": {}}"#;
    let (_folder, backend) = file("a.json", content);
    for (path, value) in [("db", "2"), ("c", "3")] {
        let secret = read(&backend, path, None, Keys::All).await.unwrap();
        let found = secret.value("a").unwrap().unwrap();
        assert_eq!(found.expose().as_text(), Some(value));
    }
    assert!(read(&backend, "d", None, Keys::All).await.is_err());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.yaml");
    for (path, message) in [
        (missing.as_path(), "there is no file `FILE`"),
        (folder.path(), "`FILE` is a folder, not a file"),
    ] {
        let error = read(&FileBackend::open(path), "db", None, Keys::All)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(
            error
                .to_string()
                .replace(&path.display().to_string(), "FILE"),
            message
        );
    }
}

#[tokio::test]
async fn the_file_is_read_anew_each_time() {
    let (_folder, backend) = file("s.yaml", "db: {a: old}\n");
    assert!(read(&backend, "db", None, Keys::All).await.is_ok());
    std::fs::write(backend.path(), "db: {a: new}\n").unwrap();
    let secret = read(&backend, "db", None, Keys::All).await.unwrap();
    assert_eq!(
        secret.value("a").unwrap().unwrap().expose().as_text(),
        Some("new")
    );
}

#[tokio::test]
async fn an_empty_file_holds_no_paths() {
    let (_folder, backend) = file("s.yaml", "# later\n");
    let error = read(&backend, "db", None, Keys::All).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
}

#[tokio::test]
async fn settings_name_the_file() {
    let (folder, _) = file("s.yaml", "db: {a: 1}\n");
    let settings = Settings::new()
        .with("MANIFILL_FILE", "s.yaml")
        .with_base(folder.path());
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::All);
    assert!(backend.read(&[request], &RunContext::default()).await[0].is_ok());

    let error = connect(&Settings::new(), &ConnectContext::new()).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(error.to_string(), "`MANIFILL_FILE` is not set");
}
