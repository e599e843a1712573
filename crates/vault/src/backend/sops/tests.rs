use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::sealing::*;
use super::*;
use crate::Exposed;
use crate::suite::{self, Case, Fixture, Setup, TOKEN};

/// The suite on a file for an age key.
struct ForAge(TempDir);

/// The suite on a file for a transit key, with a server that gives the data key.
struct ForTransit(TempDir);

/// The file of a case: JSON, or the binary format, whose key is always `data`.
fn written(case: Case, recipients: serde_json::Value) -> (&'static str, &'static str, String) {
    let value = case.value();
    let (extension, key, bytes) = match value.expose() {
        Exposed::Bytes(bytes) => ("bin", "data", bytes),
        Exposed::Text(text) => ("json", "password", text.as_bytes()),
        _ => ("json", "password", &b""[..]),
    };
    let name = if case == Case::MissingKey {
        "user"
    } else {
        key
    };
    let file = serde_json::Value::from(file(name, bytes, recipients)).to_string();
    let file = match case {
        Case::SameName => file.replacen('{', r#"{"password":"other","#, 1),
        _ => file,
    };
    (extension, key, file)
}

#[async_trait]
impl Fixture for ForAge {
    async fn set_up(&self, case: Case) -> Setup {
        let (extension, key, file) = written(case, for_age(&DATA_KEY));
        let name = format!("{}.{extension}", case.as_str());
        if case != Case::MissingPath {
            std::fs::write(self.0.path().join(&name), file).unwrap();
        }
        let settings = Settings::new()
            .with_base(self.0.path())
            .with("SOPS_AGE_KEY", sample("throwaway-age.key"));
        Setup::new(
            connect(&settings, &ConnectContext::new()).unwrap(),
            name,
            key,
        )
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let network = Case::NETWORK
            .iter()
            .map(|case| (*case, "there is no server"));
        let login = [(Case::OwnLogin, "an age key is sent to nobody")];
        network.chain(no_versions()).chain(login).collect()
    }
}

#[async_trait]
impl Fixture for ForTransit {
    async fn set_up(&self, case: Case) -> Setup {
        let server = transit_server().await;
        let recipients = json!({"hc_vault": [{
            "vault_address": server.url(), "engine_path": "transit", "key_name": "k", "enc": "vault:v1:x",
        }]});
        let (extension, key, file) = written(case, recipients);
        let name = format!("{}.{extension}", case.as_str());
        if case != Case::MissingPath {
            std::fs::write(self.0.path().join(&name), file).unwrap();
        }
        let settings = Settings::new()
            .with_base(self.0.path())
            .with("VAULT_ADDR", server.url())
            .with("VAULT_TOKEN", TOKEN);
        Setup::new(
            connect(&settings, &ConnectContext::new()).unwrap(),
            name,
            key,
        )
        .with_server(server)
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        no_versions().collect()
    }
}

fn no_versions() -> impl Iterator<Item = (Case, &'static str)> {
    [Case::Version, Case::MissingVersion]
        .into_iter()
        .map(|case| (case, "files have no versions"))
}

#[tokio::test]
async fn it_conforms() {
    suite::run_all(&ForAge(tempfile::tempdir().unwrap())).await;
    suite::run_all(&ForTransit(tempfile::tempdir().unwrap())).await;
}

#[test]
fn paths_have_one_spelling() {
    for (path, plain) in [
        ("a/b.yaml", "a/b.yaml"),
        ("./a//b.yaml", "a/b.yaml"),
        ("a/./b.yaml", "a/b.yaml"),
        ("../a.yaml", "../a.yaml"),
        ("/x/a.yaml", "/x/a.yaml"),
        (".env", ".env"),
        ("a b#c|d.yaml", "a b#c|d.yaml"),
    ] {
        assert_eq!(path::parse(path).unwrap().as_str(), plain, "{path}");
    }
    for path in ["", ".", "./", "a/", "a\nb", "a\0b"] {
        assert!(path::parse(path).is_err(), "{path:?}");
    }
}

/// A place with a root, a file beside it, and what leads there.
#[cfg(unix)]
fn place() -> (TempDir, Settings) {
    use std::os::unix::fs::symlink;

    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("root");
    std::fs::create_dir_all(root.join("folder")).unwrap();
    std::fs::create_dir_all(place.path().join("beside/opened")).unwrap();
    let content = serde_json::Value::from(file("k", b"v", for_age(&DATA_KEY))).to_string();
    for file in ["root/a.json", "beside/a.json", "beside/opened/a.json"] {
        std::fs::write(place.path().join(file), &content).unwrap();
    }
    symlink("../beside/a.json", root.join("out.json")).unwrap();
    symlink("../beside", root.join("out")).unwrap();
    symlink("../beside/none.json", root.join("nowhere.json")).unwrap();
    symlink("a.json", root.join("in.json")).unwrap();
    let settings = Settings::new()
        .with_base(root)
        .with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    (place, settings)
}

#[cfg(unix)]
#[tokio::test]
async fn files_outside_are_not_read_and_not_even_found() {
    let (place, settings) = place();
    let absolute = |name: &str| place.path().join(name).display().to_string();
    for inside in [
        "a.json",
        "in.json",
        "folder/../a.json",
        &absolute("root/a.json"),
    ] {
        assert_eq!(values(&settings, inside).await, r#"{"k":"v"}"#, "{inside}");
    }
    for outside in [
        "../beside/a.json",
        "../beside/none.json",
        "out.json",
        "out/a.json",
        "out/none.json",
        "nowhere.json",
        "folder/../../beside/a.json",
        &absolute("beside/a.json"),
        &absolute("beside/none.json"),
        "/etc/passwd",
    ] {
        let (kind, message, hint) = refused(&settings, outside).await;
        assert_eq!(kind, VaultErrorKind::PermissionDenied, "{outside}");
        let expected = format!("the path `{outside}` leads out of the folder of the manifests");
        assert_eq!(message, expected);
        assert!(hint.unwrap().contains("MANIFILL_FILE_ROOT"));
    }
    let opened = settings.with("MANIFILL_FILE_ROOT", absolute("beside/opened"));
    for inside in ["a.json", "../beside/opened/a.json", "out/opened/a.json"] {
        assert_eq!(values(&opened, inside).await, r#"{"k":"v"}"#, "{inside}");
    }
    let (kind, ..) = refused(&opened, "../beside/a.json").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
}

#[cfg(unix)]
#[tokio::test]
async fn a_missing_file_is_missing_and_a_folder_is_none() {
    let (_place, settings) = place();
    for (path, kind, message) in [
        (
            "none.json",
            VaultErrorKind::NotFound,
            "there is no file `none.json`",
        ),
        (
            "no/ne.json",
            VaultErrorKind::NotFound,
            "there is no file `no/ne.json`",
        ),
        (
            "a.json/x",
            VaultErrorKind::NotFound,
            "there is no file `a.json/x`",
        ),
        (
            "folder",
            VaultErrorKind::Configuration,
            "`folder` is not a file",
        ),
    ] {
        let (found, text, _) = refused(&settings, path).await;
        assert_eq!((found, text.as_str()), (kind, message));
    }
}

#[tokio::test]
async fn a_version_has_no_effect() {
    let settings = super::sealing::samples().with("SOPS_AGE_KEY_FILE", "throwaway-age.key");
    let backend = Sops::at_home(&settings, None).unwrap();
    let run = RunContext::default();
    let request = SecretRequest::new(path::parse("secrets.yaml").unwrap(), Keys::All);
    let plain = backend.read(std::slice::from_ref(&request), &run).await;
    assert!(plain[0].is_ok() && run.notes().is_empty());
    let versioned = backend.read(&[request.with_version("2")], &run).await;
    let names = |answers: &[Result<Secret, _>]| {
        let names = answers[0].as_ref().unwrap().names();
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&versioned), names(&plain));
}

#[tokio::test]
async fn each_file_is_opened_once_however_it_is_written() {
    let server = transit_server().await;
    let recipients = json!({"hc_vault": [{
        "vault_address": server.url(), "engine_path": "transit", "key_name": "k", "enc": "vault:v1:x",
    }]});
    let content = serde_json::Value::from(file("k", b"v", recipients)).to_string();
    let (folder, settings) = folder("a.json", &content);
    std::fs::write(folder.path().join("b.json"), &content).unwrap();
    let settings = settings
        .with("VAULT_ADDR", server.url())
        .with("VAULT_TOKEN", TOKEN);
    let backend = Sops::at_home(&settings, None).unwrap();
    let absolute = folder.path().join("a.json").display().to_string();
    let paths = ["a.json", "./a.json", &absolute, "b.json", "a.json"];
    let requests =
        paths.map(|path| SecretRequest::new(backend.parse_path(path).unwrap(), Keys::names(["k"])));
    let run = RunContext::default();
    let answers = backend.read(&requests, &run).await;
    for answer in &answers {
        let value = answer.as_ref().unwrap().value("k").unwrap().unwrap();
        assert_eq!(value.expose().as_text(), Some("v"));
    }
    assert_eq!((server.seen().len(), run.requests_sent()), (3, 3));
}

#[tokio::test]
async fn only_wanted_keys_come_back_but_all_are_named() {
    let backend = Sops::at_home(
        &samples().with("SOPS_AGE_KEY_FILE", "throwaway-age.key"),
        None,
    )
    .unwrap();
    let path = backend.parse_path("app.env").unwrap();
    let request = SecretRequest::new(path, Keys::names(["APP_USER", "none"])).with_version("3");
    let run = RunContext::default();
    let answers = backend.read(&[request], &run).await;
    let secret = answers[0].as_ref().unwrap();
    assert!(secret.value("APP_USER").is_some());
    assert!(secret.value("APP_PASS").is_none() && secret.value("none").is_none());
    assert_eq!(secret.names().len(), 5);
    assert!(!backend.has_versions());
}

#[tokio::test]
async fn a_key_that_documents_have_with_different_values_is_an_error_of_its_own() {
    let place = |key: &str, value: &str| {
        let sealed = seal(value.as_bytes(), "str", &format!("{key}:"));
        format!("{key}: {sealed}\n")
    };
    let mac = mac(&[b"1", b"same", b"2", b"same"]);
    let mut about = for_age(&DATA_KEY);
    about["lastmodified"] = LAST_MODIFIED.into();
    about["mac"] = mac.into();
    let about = format!("sops: {about}\n");
    let content = [
        place("a", "1") + &place("b", "same") + &about,
        place("a", "2") + &place("b", "same") + &about,
    ]
    .join("---\n");
    let (_folder, settings) = folder("s.yaml", content);
    let settings = settings.with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    let secret = read(&settings, "s.yaml").await.unwrap();
    let error = secret.value("a").unwrap().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
    let message = "several documents of the file `s.yaml` have the key `a`";
    assert_eq!(error.to_string(), message);
    let same = secret.value("b").unwrap().unwrap();
    assert_eq!(same.expose().as_text(), Some("same"));
}

#[tokio::test]
async fn what_is_not_encrypted_or_not_readable_is_told() {
    for (name, content, message) in [
        (
            "a.yaml",
            "k: v\n",
            "the file `a.yaml` is not encrypted with SOPS",
        ),
        (
            "a.json",
            "{\"k\": \"v\"}",
            "the file `a.json` is not encrypted with SOPS",
        ),
        (
            "a.env",
            "K=v\n",
            "the file `a.env` is not encrypted with SOPS",
        ),
        (
            "a.ini",
            "[x]\nk=v\n",
            "the file `a.ini` is not encrypted with SOPS",
        ),
        ("a.yaml", "", "the file `a.yaml` is not encrypted with SOPS"),
        ("a.yaml", "k: [v\n", "this is not YAML (`a.yaml:1:4`)"),
        (
            "a.yaml",
            "- v\n",
            "the top of the file is not a map (`a.yaml:1:1`)",
        ),
        (
            "a.yaml",
            "k: &x v\nl: *x\n",
            "sops writes no aliases (`a.yaml:2:4`)",
        ),
        (
            "a.yaml",
            "k: !!int v\n",
            "of the tags, only !!str and !!binary are read here (`a.yaml:1:10`)",
        ),
        (
            "a.yaml",
            "k: v\nk: w\n",
            "a key is given twice (`a.yaml:2:1`)",
        ),
        ("a.json", "{\"k\": v}", "this is not JSON (`a.json:1:7`)"),
        (
            "a.json",
            "[]",
            "the top of the file is not a map (`a.json:1:1`)",
        ),
        (
            "a.json",
            "{\"k\":1,\"k\":2}",
            "a key is given twice (`a.json:1:1`)",
        ),
        (
            "a.env",
            "v",
            "this is not a line of a dotenv file (`a.env:1:1`)",
        ),
    ] {
        let (_folder, settings) = folder(name, content);
        let (kind, text, _) = refused(&settings, name).await;
        assert_eq!(
            (kind, text.as_str()),
            (VaultErrorKind::Configuration, message)
        );
    }
    let (_folder, settings) = folder("a.yaml", b"k: \xff\n");
    let (_, text, _) = refused(&settings, "a.yaml").await;
    assert_eq!(text, "the file `a.yaml` is not UTF-8 text");
    let deep = format!("k: {}{}", "[".repeat(200), "]".repeat(200));
    let (_folder, settings) = folder("a.yaml", &deep);
    assert!(
        refused(&settings, "a.yaml")
            .await
            .1
            .starts_with("values are nested too deeply")
    );
    let deep = format!("{{\"k\": {}{}}}", "[".repeat(2000), "]".repeat(2000));
    let (_folder, settings) = folder("a.json", &deep);
    let (kind, ..) = refused(&settings, "a.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
}

/// Settings that are wrong are told at the start, keys only when a file needs them.
#[tokio::test]
async fn settings_are_read_when_they_are_needed() {
    let wrong = samples().with("SOPS_HC_VAULT_ALLOWLIST", "https://ok:1, vault:8200");
    let error = connect(&wrong, &ConnectContext::new()).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert!(error.to_string().starts_with("`SOPS_HC_VAULT_ALLOWLIST`"));
    let settings = samples()
        .with("SOPS_AGE_KEY_FILE", "throwaway-age.key")
        .with("VAULT_ADDR", "unix:///run/vault.sock")
        .with("VAULT_CACERT", "/nowhere.pem")
        .with("SOPS_GPG_EXEC", "/nowhere/gpg");
    assert!(read(&settings, "app.env").await.is_ok());
    let shown = format!(
        "{:?}",
        connect(&settings.with("VAULT_TOKEN", TOKEN), &ConnectContext::new()).unwrap()
    );
    assert!(!shown.contains(TOKEN) && shown.contains("Sops"), "{shown}");
}

/// A run that is over asks nobody.
#[tokio::test]
async fn the_deadline_holds() {
    let (_folder, settings) = folder(
        "a.json",
        serde_json::Value::from(file("k", b"v", json!({"pgp": [{"enc": "x"}]}))).to_string(),
    );
    let backend = Sops::at_home(&settings.with("SOPS_GPG_EXEC", "/bin/cat"), None).unwrap();
    let request = SecretRequest::new(SecretPath::verbatim("a.json"), Keys::All);
    let answers = backend
        .read(
            &[request],
            &RunContext::new()
                .with_timeout(Duration::ZERO)
                .with_concurrency(1),
        )
        .await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
}
