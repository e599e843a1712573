//! Entries for PGP keys: how `gpg` is called, and what is told when it fails.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::samples::{Sample, read, read_from, refused, values};
use super::*;
use crate::settings::Origin;
use crate::suite::SENTINEL;

/// A store with the entry `db`, and a stand-in for gpg that runs these lines.
fn with_gpg(script: &str) -> (Sample, Settings) {
    let sample = Sample::new();
    sample.write("store/db.gpg", format!("{SENTINEL}\nuser: x\n"));
    program(&sample.write("tools/gpg", format!("#!/bin/sh\n{script}\n")));
    let gpg = sample.path("tools/gpg").display().to_string();
    let home = sample.folder.path().display().to_string();
    let settings = sample
        .store_only()
        .with("GOPASS_GPG_BINARY", gpg)
        .with("GNUPGHOME", home);
    (sample, settings)
}

fn program(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn gpg_decrypts_each_entry_once() {
    let (sample, settings) = with_gpg(r#"echo "$*" >> "$GNUPGHOME/asked"; cat"#);
    let backend = Pass::at_home(&settings, None);
    let request = |key| SecretRequest::new(SecretPath::verbatim("db"), Keys::names([key]));
    let requests = ["user", "password", "none", "user"].map(request);
    let answers = backend.read(&requests, &RunContext::new()).await;
    let value = |index: usize, key| {
        let secret = answers[index].as_ref().unwrap();
        secret.value(key).map(|value| value.unwrap().to_json())
    };
    assert_eq!(value(0, "user").unwrap(), r#""x""#);
    assert_eq!(value(1, "password").unwrap(), format!("\"{SENTINEL}\""));
    assert_eq!((value(2, "none"), value(0, "password")), (None, None));
    let asked = fs::read_to_string(sample.path("asked")).unwrap();
    assert_eq!(
        asked,
        "--batch --no-tty --pinentry-mode error --quiet --status-fd 2 --decrypt\n"
    );
}

/// What the author of an app puts into the working folder is not found by what gpg starts.
#[tokio::test]
async fn gpg_runs_at_the_root_or_beside_the_settings_file_that_names_it() {
    let (sample, settings) = with_gpg("pwd");
    let by_file = {
        let mut settings = settings.clone().with_file_base(sample.folder.path());
        let origin = Origin::File("manifill.yaml".to_owned());
        settings.set("GOPASS_GPG_BINARY", "tools/gpg", origin);
        settings
    };
    let relative = settings
        .clone()
        .with_base(sample.folder.path())
        .with("GOPASS_GPG_BINARY", "tools/gpg");
    let folder = sample.folder.path().canonicalize().unwrap();
    for (settings, expected) in [
        (settings, Path::new("/")),
        (relative, Path::new("/")),
        (by_file, folder.as_path()),
    ] {
        let secret = read(&settings, "db").await.unwrap();
        let expected = expected.display();
        let expected = format!(r#"{{"password":"{expected}","text":"{expected}\n"}}"#);
        assert_eq!(values(&secret), expected);
    }
}

#[tokio::test]
async fn what_gpg_cannot_do_is_told_apart_without_its_words() {
    let says = |status: &str| {
        let lines = status.replace('\n', "\\n[GNUPG:] ");
        format!("cat; printf '[GNUPG:] {lines} {SENTINEL}\\n' >&2; exit 2")
    };
    for (script, kind, message) in [
        (
            says("NO_SECKEY A"),
            VaultErrorKind::PermissionDenied,
            "gpg has none of the PGP keys that open the entry `db`",
        ),
        (
            says("NODATA 1"),
            VaultErrorKind::InvalidAnswer,
            "the entry `db` was changed, or was not written by gpg",
        ),
        (
            says("ENC_TO A\nDECRYPTION_INFO 2\nDECRYPTION_FAILED"),
            VaultErrorKind::InvalidAnswer,
            "the entry `db` was changed, or was not written by gpg",
        ),
        (
            says("ENC_TO A\nPINENTRY_LAUNCHED\nDECRYPTION_FAILED"),
            VaultErrorKind::Unauthenticated,
            "gpg failed to decrypt the entry `db`",
        ),
        (
            "cat; head -c 17000000 /dev/zero".to_owned(),
            VaultErrorKind::InvalidAnswer,
            "the entry `db` is larger than 16 MiB",
        ),
    ] {
        let (_sample, settings) = with_gpg(&script);
        let (found, text, hint) = refused(&settings, "db").await;
        assert_eq!((found, text.as_str()), (kind, message));
        assert!(!format!("{text} {hint:?}").contains(SENTINEL));
    }
}

#[tokio::test]
async fn a_gpg_that_is_not_there_or_hangs_is_told() {
    let (sample, settings) = with_gpg("exec sleep 600");
    let nowhere = sample.path("nowhere").display().to_string();
    let settings_of = |gpg: &str| settings.clone().with("GOPASS_GPG_BINARY", gpg);
    let (kind, message, _) = refused(&settings_of(&nowhere), "db").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
    assert_eq!(
        message,
        format!("the entry `db` needs gpg, and there is no program `{nowhere}`")
    );
    let key = sample.path("key").display().to_string();
    let (kind, message, _) = refused(&settings_of(&key), "db").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
    assert_eq!(
        message,
        format!("the entry `db` needs gpg, and `{key}` is not a program")
    );
    let run = RunContext::new().with_timeout(Duration::from_millis(300));
    let backend = Pass::at_home(&settings, None);
    let error = read_from(&backend, "db", &run).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        "gpg did not decrypt the entry `db` in time"
    );
    assert_eq!(error.hint(), Some("does a smart card wait to be touched?"));
}

/// Few programs run at a time, however many entries and runs there are.
#[tokio::test]
async fn one_agent_is_not_asked_by_all_at_once() {
    let (sample, settings) =
        with_gpg(r#"cd "$GNUPGHOME/now"; touch $$; ls | wc -l >> ../most; sleep 0.05; rm $$; cat"#);
    fs::create_dir(sample.path("now")).unwrap();
    let names: Vec<String> = (0..20).map(|number| format!("e{number}")).collect();
    for name in &names {
        sample.write(&format!("store/{name}.gpg"), name);
    }
    let request = |name: &String| SecretRequest::new(SecretPath::verbatim(name), Keys::All);
    let requests: Vec<_> = names.iter().map(request).collect();
    let (first, second) = requests.split_at(10);
    let run = RunContext::new().with_concurrency(20);
    let (one, other) = (
        Pass::at_home(&settings, None),
        Pass::at_home(&settings, None),
    );
    let (one, other) = (one.read(first, &run), other.read(second, &run));
    let answers = futures_util::future::join(one, other).await;
    let answers = [answers.0, answers.1].concat();
    assert!(answers.iter().all(Result::is_ok));
    let most = fs::read_to_string(sample.path("most")).unwrap();
    let most: Vec<usize> = most
        .lines()
        .map(|line| line.trim().parse().unwrap())
        .collect();
    assert_eq!(most.len(), 20);
    assert!(most.iter().all(|count| *count <= 4), "{most:?}");
}
