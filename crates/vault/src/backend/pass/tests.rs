//! The backend and the suite that every backend runs.

use super::samples::{Sample, read, read_from, refused, values};
use super::*;
use crate::suite::{self, Case, Fixture, SENTINEL, Setup};
use crate::{Exposed, SecretValue};

struct OnDisk;

/// The bytes of a value.
fn bytes(value: &SecretValue) -> Vec<u8> {
    match value.expose() {
        Exposed::Text(text) => text.as_bytes().to_vec(),
        Exposed::Bytes(bytes) => bytes.to_vec(),
        _ => panic!("the suite has no such value"),
    }
}

/// The suite in a store whose folder lives as long as the backend.
#[derive(Debug)]
struct Kept {
    backend: Arc<dyn VaultBackend>,
    _folder: tempfile::TempDir,
}

#[async_trait]
impl VaultBackend for Kept {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        self.backend.read(requests, run).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        self.backend.parse_path(path)
    }

    fn has_versions(&self) -> bool {
        self.backend.has_versions()
    }
}

#[async_trait]
impl Fixture for OnDisk {
    async fn set_up(&self, case: Case) -> Setup {
        let sample = Sample::new();
        let value = bytes(&case.value());
        let text = String::from_utf8_lossy(&value);
        let (content, key) = match case {
            Case::MultiLine | Case::Large | Case::Binary => (value.clone(), "text"),
            Case::SameName => (format!("pw\nuser: {text}\nuser: x\n").into(), "user"),
            Case::MissingKey => (value.clone(), "user"),
            Case::Found => (format!("pw\nuser: {text}\n").into(), "user"),
            _ => (format!("{text}\nuser: x\n").into(), "password"),
        };
        let name = match case {
            Case::MissingPath => "web/other",
            _ => "web/db",
        };
        sample.put(name, content);
        let backend = connect(&sample.settings(), &ConnectContext::new()).unwrap();
        let backend = Kept {
            backend,
            _folder: sample.folder,
        };
        Setup::new(Arc::new(backend), "web/db", key)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let network = Case::NETWORK.iter();
        network
            .map(|case| (*case, "there is no server"))
            .chain([
                (Case::OwnLogin, "no login is sent"),
                (Case::Version, "an entry has no versions"),
                (Case::MissingVersion, "an entry has no versions"),
            ])
            .collect()
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&OnDisk).await;
}

#[tokio::test]
async fn one_bad_entry_leaves_the_others_alone() {
    let sample = Sample::new();
    sample.put("good", "pw\nuser: x\n");
    let path = sample.put("bad", SENTINEL);
    let mut sealed = std::fs::read(&path).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    std::fs::write(&path, sealed).unwrap();
    sample.write("store/cut.age", "age-encryption.org/v1\n-> X");
    let backend = Pass::at_home(&sample.settings(), None);
    let request = |path| SecretRequest::new(SecretPath::verbatim(path), Keys::names(["user"]));
    let paths = ["bad", "good", "cut", "none", "../key", "good"];
    let answers = backend.read(&paths.map(request), &RunContext::new()).await;
    let told: Vec<String> = answers
        .iter()
        .map(|answer| match answer {
            Ok(secret) => secret.value("user").unwrap().unwrap().to_json(),
            Err(error) => format!("{}: {error}", error.kind().as_str()),
        })
        .collect();
    assert_eq!(
        told,
        [
            "invalid-answer: the entry `bad` was changed, or was not written by age",
            r#""x""#,
            "invalid-answer: the entry `cut` was changed, or was not written by age",
            "not-found: there is no entry `none` in the store",
            "invalid-request: the path `../key` is not the name of an entry",
            r#""x""#,
        ]
    );
    assert!(!format!("{answers:?} {backend:?}").contains(SENTINEL));
}

#[tokio::test]
async fn an_armoured_entry_is_read_alike() {
    let sample = Sample::new();
    let armoured = ::age::encrypt_and_armor(&sample.key.to_public(), b"pw\n").unwrap();
    sample.write("store/db.age", armoured);
    let secret = read(&sample.settings(), "db").await.unwrap();
    assert_eq!(values(&secret), r#"{"password":"pw","text":"pw\n"}"#);
}

#[tokio::test]
async fn nothing_is_decrypted_when_the_time_is_over() {
    let sample = Sample::new();
    sample.put("db", "pw");
    let backend = Pass::at_home(&sample.settings(), None);
    let run = RunContext::new().with_timeout(std::time::Duration::ZERO);
    let error = read_from(&backend, "db", &run).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
}

#[tokio::test]
async fn an_entry_for_very_many_keys_is_not_tried() {
    let sample = Sample::new();
    let keys: Vec<_> = (0..300).map(|_| sample.key.to_public()).collect();
    let recipients = keys.iter().map(|key| key as &dyn ::age::Recipient);
    let encryptor = ::age::Encryptor::with_recipients(recipients).unwrap();
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
    std::io::Write::write_all(&mut writer, b"pw").unwrap();
    writer.finish().unwrap();
    sample.write("store/db.age", sealed);
    let (kind, message, _) = refused(&sample.settings(), "db").await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer);
    assert_eq!(
        message,
        "the entry `db` was changed, or was not written by age"
    );
}
