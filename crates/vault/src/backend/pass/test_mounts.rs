//! The stores that gopass has mounted.

use std::fs;
use std::os::unix::fs::symlink;

use super::samples::{Sample, read_from, values};
use super::*;

/// The settings of gopass in a home folder with a store, and stores that it has mounted.
fn with_mounts(sample: &Sample) -> Home {
    let home = Home::at(&sample.path("home"));
    for (folder, password) in [
        ("home/data/gopass/stores/root/db", "root"),
        ("home/data/gopass/stores/root/team/db", "hidden"),
        ("home/data/gopass/stores/root/teams/db", "root teams"),
        ("home/team/db", "team"),
        ("home/team/eu/db", "hidden, too"),
        ("srv/eu/db", "eu"),
    ] {
        let sealed = sample.put("x", password);
        let to = sample.path(&format!("{folder}.age"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(sealed, to).unwrap();
    }
    let eu = sample.path("srv/eu").display().to_string();
    let config = format!(
        "[mounts \"team\"]\n\tpath = ~/team\n[mounts \"team/eu\"]\n\tpath = {eu}\n\
         [mounts \"gone\"]\n\tpath = {eu}/none\n[mounts \"here\"]\n\tpath = .\n"
    );
    sample.write("home/config/gopass/config", config);
    home
}

#[tokio::test]
async fn stores_that_gopass_has_mounted_are_read_by_the_longest_name() {
    let sample = Sample::new();
    let home = with_mounts(&sample);
    let key = sample.path("key").display().to_string();
    let settings = Settings::new().with("PASSAGE_IDENTITIES_FILE", key);
    let backend = Pass::at_home(&settings, Some(&home));
    let read = async |path: &str| read_from(&backend, path, &RunContext::new()).await;
    for (path, password) in [
        ("db", "root"),
        ("teams/db", "root teams"),
        ("team/db", "team"),
        ("team/eu/db", "eu"),
    ] {
        let secret = read(path).await.unwrap();
        let expected = format!("\"{password}\"");
        let found = secret.value("password").unwrap().unwrap().to_json();
        assert_eq!(found, expected, "{path}");
    }
    for (path, candidates) in [
        ("team/dx", &["team/db", "teams/db"][..]),
        ("team/eu/dx", &["team/eu/db", "team/db", "teams/db"]),
        ("team", &["team/db", "team/eu/db", "teams/db"]),
    ] {
        let error = read(path).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound, "{path}");
        let shown = error.to_string();
        assert_eq!(shown, format!("there is no entry `{path}` in the store"));
        assert_eq!(error.candidates(), candidates, "{path}");
    }
    // The working folder is nobody's store.
    let gone = sample.path("srv/eu/none").display().to_string();
    for (path, folder) in [("gone/db", gone.as_str()), ("here/db", ".")] {
        let error = read(path).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let message = format!("there is no store in `{folder}`, or it may not be read");
        assert_eq!(error.to_string(), message);
    }
    symlink("../../team", sample.path("srv/eu/up")).unwrap();
    let error = read("team/eu/up/db").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);

    // Each other store is read alone.
    let named = sample.path("home/data/gopass/stores/root");
    let named = named.display().to_string();
    for folder in [None, Some("home/.password-store")] {
        let mut settings = settings.clone();
        match folder {
            None => settings = settings.with("PASSWORD_STORE_DIR", &named),
            Some(other) => {
                let root = sample.path("home/data/gopass/stores/root");
                fs::rename(root, sample.path(other)).unwrap();
            }
        }
        let backend = Pass::at_home(&settings, Some(&home));
        let secret = read_from(&backend, "team/db", &RunContext::new()).await;
        assert!(values(&secret.unwrap()).contains("hidden"));
    }
    // Unless gopass has it for its own.
    let config = "[mounts]\npath = ~/.password-store\n[mounts \"team\"]\npath = ~/team\n";
    sample.write("home/config/gopass/config", config);
    assert!(values(&read("team/db").await.unwrap()).contains("\"team\""));
}

#[tokio::test]
async fn only_the_settings_of_the_user_say_what_is_mounted() {
    let sample = Sample::new();
    let home = with_mounts(&sample);
    let config = sample.path("home/config/gopass/config");
    let in_store = sample.path("home/data/gopass/stores/root/config");
    fs::rename(&config, in_store).unwrap();
    let settings = sample.settings();
    let key = settings.value("PASSAGE_IDENTITIES_FILE").unwrap();
    let settings = Settings::new().with("PASSAGE_IDENTITIES_FILE", key);
    let read = async || {
        let backend = Pass::at_home(&settings, Some(&home));
        read_from(&backend, "team/db", &RunContext::new()).await
    };
    assert!(values(&read().await.unwrap()).contains("hidden"));
    let name = config.display().to_string();
    for (content, message) in [
        (&b"\xff"[..], format!("the file `{name}` is not UTF-8 text")),
        (
            &[b'#'; 1024 * 1024 + 1],
            format!("the file `{name}` is too large"),
        ),
    ] {
        fs::write(&config, content).unwrap();
        let error = read().await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), message);
    }
}
