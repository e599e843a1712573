//! Tokens on disk: for whom they are, who can read them, and what is wrong with them.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::samples::{approle, auth, errors, read, serve, settings, version};
use crate::suite::{Server, TOKEN};
use crate::{RunContext, Settings};

async fn server() -> Server {
    serve(|_, _| Some(version(1, json!({})))).await
}

fn cached(server: &Server, folder: &Path) -> Settings {
    approle(server).with("MANIFILL_VAULT_TOKEN_CACHE", folder.to_str().unwrap())
}

/// Reads with a new backend, as another process would.
async fn run(settings: &Settings) -> RunContext {
    let (answers, run) = read(settings, &["secret/data/a"]).await;
    assert!(answers[0].is_ok(), "{answers:?}");
    run
}

fn logins(server: &Server) -> usize {
    let seen = server.seen();
    seen.iter().filter(|seen| seen.method == "POST").count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nothing_is_kept_unless_asked_for() {
    let server = server().await;
    for _ in 0..2 {
        run(&approle(&server)).await;
    }
    assert_eq!(logins(&server), 2);
}

#[tokio::test]
async fn the_next_process_finds_the_token() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let folder = folder.path().join("a/b");
    for _ in 0..3 {
        assert!(run(&cached(&server, &folder)).await.notes().is_empty());
    }
    assert_eq!(logins(&server), 1);
    let files = files(&folder);
    assert_eq!(
        (files.len(), mode(&files[0]), mode(&folder)),
        (1, 0o600, 0o700)
    );
    let text = fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains(TOKEN), "the test looks at the wrong file");
    assert!(!files[0].to_str().unwrap().contains("role-1"));
}

#[tokio::test]
async fn no_other_login_finds_it() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let folder = folder.path().join("cache");
    let first = cached(&server, &folder);
    run(&first).await;
    let others = [
        ("VAULT_ADDR", server.url() + "/"),
        ("VAULT_ADDR", server.url().replace("127.0.0.1", "localhost")),
        ("VAULT_NAMESPACE", "team".to_owned()),
        ("AVP_MOUNT_PATH", "auth/other".to_owned()),
        ("AVP_ROLE_ID", "role-2".to_owned()),
        // Whoever knows the role alone does not get its token.
        ("AVP_SECRET_ID", "wrong".to_owned()),
    ];
    let mut expected = 1;
    for (name, value) in others {
        // A slash at the end makes no other address.
        expected += usize::from(!value.ends_with('/'));
        run(&first.clone().with(name, value)).await;
        assert_eq!(logins(&server), expected, "{name}");
    }
    let userpass = first
        .clone()
        .with("AVP_AUTH_TYPE", "userpass")
        .with("AVP_USERNAME", "u")
        .with("AVP_PASSWORD", "p");
    run(&userpass).await;
    run(&userpass.with("AVP_USERNAME", "v")).await;
    assert_eq!(logins(&server), expected + 2);
    run(&first).await;
    assert_eq!(logins(&server), expected + 2);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_replaced() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let folder = folder.path().join("cache");
    let settings = cached(&server, &folder);
    run(&settings).await;
    let file = files(&folder).remove(0);
    let good = fs::read_to_string(&file).unwrap();
    let over = json!({"expires": 1, "token": TOKEN}).to_string();
    for (index, text) in [
        "",
        "{",
        "[]",
        "{\"vault_token\":5}",
        over.as_str(),
        &good[..20],
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(&file, text).unwrap();
        run(&settings).await;
        assert_eq!(logins(&server), index + 2, "{text:?}");
        assert_eq!(files(&folder), std::slice::from_ref(&file));
    }
    let before = logins(&server);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    run(&settings).await;
    assert_eq!((logins(&server), mode(&file)), (before + 1, 0o600));
}

#[tokio::test]
async fn a_folder_that_is_open_to_others_is_not_used() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let folder = folder.path().join("cache");
    let settings = cached(&server, &folder);
    run(&settings).await;
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let run = run(&settings).await;
    assert_eq!(logins(&server), 2);
    assert!(run.notes()[0].contains("MANIFILL_VAULT_TOKEN_CACHE"));
}

/// Only root can give a folder away; others find nothing to test here.
#[tokio::test]
async fn what_another_user_owns_is_not_used() {
    use std::os::unix::fs::chown;

    const OTHER: Option<u32> = Some(65_534);
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let folder = folder.path().join("cache");
    let settings = cached(&server, &folder);
    run(&settings).await;
    if chown(&folder, OTHER, None).is_err() {
        return;
    }
    let told = run(&settings).await;
    assert_eq!(logins(&server), 2);
    assert!(
        told.notes()[0].contains("this user's own"),
        "{:?}",
        told.notes()
    );
    chown(&folder, Some(0), None).unwrap();
    run(&settings).await;
    assert_eq!(logins(&server), 2);
    chown(&files(&folder)[0], OTHER, None).unwrap();
    run(&settings).await;
    assert_eq!(logins(&server), 3);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_stops_nobody() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let run = run(&cached(&server, &file)).await;
    assert!(run.notes()[0].contains("MANIFILL_VAULT_TOKEN_CACHE"));
}

#[tokio::test]
async fn a_cached_token_that_is_refused_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let old = Server::start(|seen| match seen.method.as_str() {
        "POST" => auth("old", 3600),
        _ => version(1, json!({})),
    })
    .await;
    let settings = cached(&old, &folder);
    run(&settings).await;
    let file = files(&folder).remove(0);

    // The same login at a server that has forgotten the token.
    let new = Server::start(
        |seen| match (seen.method.as_str(), seen.header("x-vault-token")) {
            ("POST", _) => auth("new", 3600),
            (_, Some("new")) => version(1, json!({})),
            _ => errors(403, &["permission denied"]),
        },
    )
    .await;
    let settings = cached(&new, &folder);
    run(&settings).await;
    let replaced = files(&folder)
        .into_iter()
        .find(|path| *path != file)
        .unwrap();
    fs::rename(&file, &replaced).unwrap();
    run(&settings).await;
    assert_eq!(logins(&new), 2);
    assert!(fs::read_to_string(&replaced).unwrap().contains("new"));
}

#[tokio::test]
async fn a_token_without_an_end_and_a_given_one_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let endless = Server::start(|seen| match seen.method.as_str() {
        "POST" => auth(TOKEN, 0),
        _ => version(1, json!({})),
    })
    .await;
    run(&cached(&endless, &folder)).await;
    let server = server().await;
    run(&settings(&server).with("MANIFILL_VAULT_TOKEN_CACHE", folder.to_str().unwrap())).await;
    assert!(!folder.exists() || files(&folder).is_empty());
}
