//! Where keys come from, and what is said about those that cannot be used.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::settings::Origin;
use crate::suite::SENTINEL;

fn for_first_key() -> String {
    Value::from(file("k", b"v", for_age(&DATA_KEY))).to_string()
}

async fn opens(settings: &Settings) -> bool {
    read(settings, "s.json").await.is_ok()
}

#[tokio::test]
async fn age_keys_come_from_text_and_files() {
    let (folder, settings) = folder("s.json", for_first_key());
    let key = sample("throwaway-age.key");
    let other = sample("throwaway-age2.key");
    std::fs::write(folder.path().join("key"), key.replace('\n', "\r\n")).unwrap();
    std::fs::write(
        folder.path().join("both"),
        format!("\n{other}\n  {}", key.trim()),
    )
    .unwrap();
    for settings in [
        settings.clone().with("SOPS_AGE_KEY", &key),
        settings
            .clone()
            .with("SOPS_AGE_KEY", format!("{other}{key}")),
        settings.clone().with("SOPS_AGE_KEY_FILE", "key"),
        settings.clone().with("SOPS_AGE_KEY_FILE", "both"),
        settings
            .clone()
            .with("SOPS_AGE_KEY", &other)
            .with("SOPS_AGE_KEY_FILE", "key"),
    ] {
        assert!(opens(&settings).await, "{settings:?}");
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_told_and_not_shown() {
    let (folder, settings) = folder("s.json", for_first_key());
    std::fs::write(folder.path().join("bad"), b"\xff").unwrap();
    let name = |name: &str| folder.path().join(name).display().to_string();
    for (setting, value, message) in [
        (
            "SOPS_AGE_KEY",
            SENTINEL.to_owned(),
            "a line of `SOPS_AGE_KEY` is not an age key".to_owned(),
        ),
        (
            "SOPS_AGE_KEY",
            format!("{}x", sample("throwaway-age.key").trim()),
            "a line of `SOPS_AGE_KEY` is not an age key".to_owned(),
        ),
        (
            "SOPS_AGE_KEY_FILE",
            "none".to_owned(),
            format!("cannot read the key file `{}`", name("none")),
        ),
        (
            "SOPS_AGE_KEY_FILE",
            "bad".to_owned(),
            format!("the key file `{}` is not text", name("bad")),
        ),
        (
            "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
            "s.json".to_owned(),
            "`SOPS_AGE_SSH_PRIVATE_KEY_FILE` is not an SSH key that age can use".to_owned(),
        ),
    ] {
        let (kind, text, _) = refused(&settings.clone().with(setting, value), "s.json").await;
        assert_eq!((kind, text), (VaultErrorKind::Configuration, message));
    }
}

#[tokio::test]
async fn keys_that_cannot_be_used_here_are_named_if_no_other_fits() {
    let (folder, settings) = folder("s.json", for_first_key());
    let path: PathBuf = folder.path().join("encrypted");
    std::fs::write(
        &path,
        "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
    )
    .unwrap();
    for (setting, value, hint) in [
        (
            "SOPS_AGE_KEY",
            "AGE-SECRET-KEY-PQ-1QQQ",
            "post-quantum age keys (AGE-SECRET-KEY-PQ-…) cannot be used here",
        ),
        (
            "SOPS_AGE_KEY",
            "AGE-PLUGIN-YUBIKEY-1QQQ",
            "keys of age plugins cannot be used here",
        ),
        (
            "SOPS_AGE_KEY_FILE",
            "encrypted",
            "keys with a passphrase cannot be used here",
        ),
    ] {
        let settings = settings.clone().with(setting, value);
        let (kind, text, found) = refused(&settings, "s.json").await;
        assert_eq!(kind, VaultErrorKind::PermissionDenied);
        assert_eq!(text, "none of the age keys here opens the file `s.json`");
        assert_eq!(found, Some(hint));
    }
    let beside = format!("AGE-PLUGIN-YUBIKEY-1QQQ\n{}", sample("throwaway-age.key"));
    assert!(opens(&settings.with("SOPS_AGE_KEY", beside)).await);
}

#[tokio::test]
async fn the_usual_places_count_only_if_no_setting_names_a_key() {
    let (_folder, settings) = folder("s.json", for_first_key());
    let place = tempfile::tempdir().unwrap();
    let home = Home::at(place.path());
    let read = async |settings: &Settings, name: &str| {
        let backend = Sops::at_home(settings, Some(&home)).unwrap();
        let request = SecretRequest::new(SecretPath::verbatim(name), Keys::All);
        backend
            .read(&[request], &RunContext::default())
            .await
            .remove(0)
    };
    let empty = read(&settings, "s.json").await.unwrap_err();
    assert!(empty.to_string().ends_with("no age key is set"));

    std::fs::create_dir_all(place.path().join("config/sops/age")).unwrap();
    std::fs::create_dir_all(place.path().join(".ssh")).unwrap();
    let keys = place.path().join("config/sops/age/keys.txt");
    std::fs::write(keys, sample("throwaway-age.key")).unwrap();
    std::fs::write(place.path().join(".ssh/id_rsa"), "for something else").unwrap();
    std::fs::write(
        place.path().join(".ssh/id_ed25519"),
        sample("throwaway-ssh"),
    )
    .unwrap();
    assert!(read(&settings, "s.json").await.is_ok());
    assert!(read(&samples(), "agessh.yaml").await.is_ok());
    let named = settings.with("SOPS_AGE_KEY", sample("throwaway-age2.key"));
    let error = read(&named, "s.json").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_kind_of_key_that_is_not_read_is_told() {
    let (kind, name) = ("hckms", "Huawei Cloud KMS");
    let cloud = json!({kind: [{"enc": SENTINEL}]});
    let (_folder, settings) = folder("s.json", Value::from(file("k", b"v", cloud)).to_string());
    let (found, text, hint) = refused(&settings, "s.json").await;
    assert_eq!(found, VaultErrorKind::Configuration);
    let expected =
        format!("the file `s.json` is encrypted for `{name}`, which this version cannot ask");
    assert_eq!(text, expected);
    assert!(hint.unwrap().contains("--add-age"));

    // Beside a key that fits it does no harm; beside one that does not, that one is told.
    let mut both = for_age(&DATA_KEY);
    both[kind] = json!([{"enc": SENTINEL}]);
    let (_folder, settings) = folder("s.json", Value::from(file("k", b"v", both)).to_string());
    let fits = settings
        .clone()
        .with("SOPS_AGE_KEY", sample("throwaway-age.key"));
    assert!(opens(&fits).await);
    let (_, text, _) = refused(&settings, "s.json").await;
    assert!(text.contains("encrypted for age keys"), "{text}");
}

#[cfg(unix)]
mod pgp {
    use super::*;

    /// A file for two PGP keys, and a stand-in for gpg that does what its name says.
    fn with_gpg(name: &str) -> (tempfile::TempDir, Settings) {
        let recipients =
            json!({"pgp": [{"fp": "A", "enc": "first"}, {"fp": "B", "enc": "second"}]});
        let content = Value::from(file("k", SENTINEL.as_bytes(), recipients)).to_string();
        let (folder, settings) = folder("s.json", content);
        let program = testdata().join(name).display().to_string();
        let settings = settings
            .with("SOPS_GPG_EXEC", program)
            .with("GNUPGHOME", folder.path().display().to_string());
        (folder, settings)
    }

    #[tokio::test]
    async fn gpg_is_asked_for_one_recipient_after_another() {
        let (folder, settings) = with_gpg("gpg-second");
        assert!(opens(&settings).await);
        let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
        assert_eq!(
            asked,
            "--batch --no-tty --pinentry-mode error --quiet --status-fd 2 --decrypt: first\n\
             --batch --no-tty --pinentry-mode error --quiet --status-fd 2 --decrypt: second\n"
        );
    }

    /// What the author of an app puts into the working folder is not found by what gpg starts.
    #[tokio::test]
    async fn gpg_runs_at_the_root_or_beside_the_settings_file_that_names_it() {
        let (folder, settings) = with_gpg("gpg-where");
        let place = folder.path().join("place");
        std::fs::create_dir_all(place.join("tools")).unwrap();
        std::fs::copy(testdata().join("gpg-where"), place.join("tools/gpg")).unwrap();
        let by_file = {
            let mut settings = settings.clone().with_file_base(&place);
            let origin = || Origin::File("manifill.yaml".to_owned());
            settings.set("SOPS_GPG_EXEC", "tools/gpg", origin());
            settings.set("GNUPGHOME", "..", origin());
            settings
        };
        let relative = settings
            .clone()
            .with("SOPS_GPG_EXEC", "place/tools/gpg")
            .with("GNUPGHOME", ".");
        for (settings, expected) in [
            (settings, Path::new("/")),
            (relative, Path::new("/")),
            (by_file, place.as_path()),
        ] {
            assert!(opens(&settings).await);
            let ran = std::fs::read_to_string(folder.path().join("ran")).unwrap();
            assert_eq!(ran.trim_end(), expected.to_str().unwrap());
        }
    }

    #[tokio::test]
    async fn what_gpg_cannot_do_is_told_apart_without_its_words() {
        for (gpg, kind, message) in [
            (
                "gpg-no-key",
                VaultErrorKind::PermissionDenied,
                "gpg has none of the PGP keys that open the file `s.json`",
            ),
            (
                "gpg-fails",
                VaultErrorKind::Unauthenticated,
                "`GPG` failed to decrypt",
            ),
            (
                "gpg-babbles",
                VaultErrorKind::InvalidAnswer,
                "`GPG` does not decrypt to a key",
            ),
            (
                "gpg-nowhere",
                VaultErrorKind::Configuration,
                "the file needs a PGP key, and there is no program `GPG`",
            ),
            (
                "app.env",
                VaultErrorKind::Configuration,
                "the file needs a PGP key, and `GPG` is not a program",
            ),
        ] {
            let (_folder, settings) = with_gpg(gpg);
            let (found, text, hint) = refused(&settings, "s.json").await;
            let program = testdata().join(gpg).display().to_string();
            assert_eq!(
                (found, text.replace(&program, "GPG").as_str()),
                (kind, message)
            );
            assert!(!format!("{text} {hint:?}").contains(SENTINEL));
        }
    }
}
