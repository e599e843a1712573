//! What is in the store and what is not.

use std::fs;
use std::os::unix::fs::symlink;

use super::samples::{Sample, read, read_from, refused, values};
use super::*;
use crate::suite::SENTINEL;

async fn password(settings: &Settings, path: &str) -> String {
    let secret = read(settings, path).await.unwrap();
    secret.value("password").unwrap().unwrap().to_json()
}

/// A store with an entry, and an entry beside the store that links lead to.
fn with_links() -> Sample {
    let sample = Sample::new();
    sample.put("web/db", "pw");
    let outside = sample.put("moved", SENTINEL);
    fs::create_dir(sample.path("outside")).unwrap();
    fs::rename(outside, sample.path("outside/secret.age")).unwrap();
    sample
}

#[tokio::test]
async fn links_inside_the_store_are_followed() {
    let sample = with_links();
    symlink("db.age", sample.path("store/web/link.age")).unwrap();
    symlink("web", sample.path("store/folder")).unwrap();
    for path in ["web/link", "folder/db"] {
        assert_eq!(password(&sample.settings(), path).await, r#""pw""#);
    }
    // The store itself may be a link.
    symlink("store", sample.path("other")).unwrap();
    let other = sample.path("other").display().to_string();
    let settings = sample.settings().with("PASSWORD_STORE_DIR", other);
    assert_eq!(password(&settings, "web/db").await, r#""pw""#);
}

#[tokio::test]
async fn nothing_outside_the_store_is_read_and_nobody_learns_what_is_there() {
    let sample = with_links();
    let outside = sample.path("outside");
    symlink(&outside, sample.path("store/folder")).unwrap();
    symlink("../../outside", sample.path("store/web/up")).unwrap();
    symlink(outside.join("secret.age"), sample.path("store/link.age")).unwrap();
    symlink(outside.join("absent.age"), sample.path("store/none.age")).unwrap();
    symlink("/dev/zero", sample.path("store/zero.age")).unwrap();
    for path in [
        "folder/secret",
        "folder/absent",
        "folder/a/b",
        "web/up/secret",
        "web/up/absent",
        "link",
        "none",
        "zero",
    ] {
        let (kind, message, _) = refused(&sample.settings(), path).await;
        assert_eq!(kind, VaultErrorKind::PermissionDenied);
        assert_eq!(
            message,
            format!("the entry `{path}` leads out of the store")
        );
    }
}

#[tokio::test]
async fn an_entry_is_a_file() {
    let sample = Sample::new();
    fs::create_dir(sample.path("store/folder.age")).unwrap();
    fs::create_dir(sample.path("store/other")).unwrap();
    let pipe = sample.path("store/pipe.age");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    for name in ["folder", "pipe"] {
        let (kind, message, _) = refused(&sample.settings(), name).await;
        assert_eq!(kind, VaultErrorKind::Configuration);
        assert_eq!(message, format!("the entry `{name}` is not a file"));
    }
    let (kind, message, _) = refused(&sample.settings(), "other").await;
    assert_eq!(kind, VaultErrorKind::NotFound);
    assert_eq!(message, "there is no entry `other` in the store");
}

#[tokio::test]
async fn two_files_of_one_entry_are_an_error() {
    let sample = Sample::new();
    sample.put("db", "pw");
    sample.write("store/db.gpg", "x");
    let (kind, message, hint) = refused(&sample.settings(), "db").await;
    assert_eq!(kind, VaultErrorKind::Ambiguous);
    assert_eq!(
        message,
        "the entry `db` is there twice, for gpg and for age"
    );
    assert_eq!(hint, Some("remove the file that is not in use any more"));
}

#[tokio::test]
async fn entries_of_near_names_are_told_where_they_may_be() {
    let sample = Sample::new();
    for name in ["web/db", "web/DB2", "prod/db", "x/deep/folder/mail"] {
        sample.put(name, "pw");
    }
    sample.write("store/web/dc.gpg", "x");
    sample.write("store/.git/web/db3.age", "x");
    sample.write("store/web/db4.txt", "x");
    symlink("db.age", sample.path("store/web/db5.age")).unwrap();
    let backend = Pass::at_home(&sample.settings(), None);
    let near = async |path: &str, run: RunContext| {
        let error = read_from(&backend, path, &run).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound);
        error.candidates().to_vec()
    };
    let found = near("web/dx", RunContext::new()).await;
    assert_eq!(found, ["web/db", "web/dc", "web/DB2"]);
    assert_eq!(
        near("mail", RunContext::new()).await,
        ["x/deep/folder/mail"]
    );
    let hidden = RunContext::new().without_suggestions();
    assert!(near("web/dx", hidden).await.is_empty());
}

#[tokio::test]
async fn the_store_is_where_the_settings_say_or_where_the_programs_have_it() {
    let sample = Sample::new();
    let place = sample.path("home");
    let home = Home::at(&place);
    let settings = Settings::new().with(
        "PASSAGE_IDENTITIES_FILE",
        sample.path("key").display().to_string(),
    );
    let read = async |settings: &Settings| {
        let backend = Pass::at_home(settings, Some(&home));
        let secret = read_from(&backend, "db", &RunContext::new()).await;
        secret.map(|secret| values(&secret))
    };
    let error = read(&settings).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (
            VaultErrorKind::Configuration,
            "`PASSWORD_STORE_DIR` is not set, and there is no store in the home folder"
        )
    );
    // From the last to the first.
    for folder in [
        ".passage/store",
        "data/gopass/stores/root",
        ".password-store",
    ] {
        let sealed = sample.put("db", folder);
        let folder_at = place.join(folder);
        fs::create_dir_all(&folder_at).unwrap();
        fs::rename(sealed, folder_at.join("db.age")).unwrap();
        let expected = format!(r#"{{"password":"{folder}","text":"{folder}"}}"#);
        assert_eq!(read(&settings).await.unwrap(), expected);
    }
    for name in ["PASSWORD_STORE_DIR", "PASSAGE_DIR"] {
        sample.put("db", name);
        let store = sample.path("store").display().to_string();
        let found = read(&settings.clone().with(name, store)).await.unwrap();
        assert!(found.contains(name), "{found}");
    }
    let missing = sample.path("missing").display().to_string();
    let error = read(&settings.with("PASSWORD_STORE_DIR", &missing)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(error.setting(), Some("PASSWORD_STORE_DIR"));
    assert_eq!(
        error.to_string(),
        format!("there is no store in `{missing}`, or it may not be read")
    );
}
