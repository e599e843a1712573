//! Where age keys come from, and what is said about those that cannot be used.

use std::io::Write as _;

use ::age::secrecy::{ExposeSecret as _, SecretString};

use super::samples::{Sample, read, read_from, refused, testdata, values};
use super::*;
use crate::suite::SENTINEL;

const PASSPHRASE: &str = "worth nothing";

/// Encrypts keys as gopass does, but for the work that it takes.
fn sealed(keys: &str) -> Vec<u8> {
    let mut recipient = ::age::scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(2);
    let recipients = std::iter::once(&recipient as &dyn ::age::Recipient);
    let encryptor = ::age::Encryptor::with_recipients(recipients).unwrap();
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
    writer.write_all(keys.as_bytes()).unwrap();
    writer.finish().unwrap();
    sealed
}

/// A store with the entry `db`, and its key.
fn sample() -> (Sample, String) {
    let sample = Sample::new();
    sample.put("db", "pw");
    let key = sample.key.to_string().expose_secret().to_owned();
    (sample, key)
}

#[tokio::test]
async fn a_file_of_keys_has_one_a_line_or_is_an_ssh_key() {
    let (sample, key) = sample();
    let other = ::age::x25519::Identity::generate().to_string();
    let other = other.expose_secret();
    let public = sample.key.to_public();
    for text in [
        key.clone(),
        format!("# created\r\n# public key: {public}\r\n{key}\r\n"),
        format!("{other}\n\n{key}\n"),
        // As gopass keeps them.
        format!("{other}|age1x\n{key}|{public}"),
        format!("AGE-PLUGIN-YUBIKEY-1QQQ|age1yubikey1\n{key}"),
    ] {
        sample.write("key", &text);
        assert!(read(&sample.settings(), "db").await.is_ok(), "{text}");
    }
    let ssh = std::fs::read_to_string(testdata().join("../../sops/testdata/throwaway-ssh"));
    sample.write("key", ssh.unwrap());
    let (kind, message, _) = refused(&sample.settings(), "db").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert_eq!(message, "none of the age keys here opens the entry `db`");
}

#[tokio::test]
async fn keys_with_a_passphrase_are_opened_as_those_of_gopass() {
    let (sample, key) = sample();
    sample.write("key", sealed(&key));
    let settings = sample.settings();
    let with = |passphrase: &str| settings.clone().with("GOPASS_AGE_PASSWORD", passphrase);
    assert!(read(&with(PASSPHRASE), "db").await.is_ok());

    let (kind, message, hint) = refused(&with(SENTINEL), "db").await;
    let name = sample.path("key").display().to_string();
    assert_eq!(kind, VaultErrorKind::Unauthenticated);
    assert_eq!(
        message,
        format!("the file `{name}` with age keys has another passphrase")
    );
    assert_eq!(hint, Some("check GOPASS_AGE_PASSWORD"));
    let (kind, message, hint) = refused(&settings, "db").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert_eq!(message, "none of the age keys here opens the entry `db`");
    assert!(hint.unwrap().ends_with("set GOPASS_AGE_PASSWORD"));

    let late = AgeKeys::from_settings(&with(PASSPHRASE), None).read(std::time::Instant::now());
    assert_eq!(late.err().unwrap().kind(), VaultErrorKind::Timeout);

    let mut cut = sealed(&key);
    cut.pop();
    sample.write("key", cut);
    let (kind, message, _) = refused(&with(PASSPHRASE), "db").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
    assert_eq!(
        message,
        format!("the file `{name}` with age keys cannot be decrypted")
    );
}

/// What gopass would have written, by its library, but for the work that the passphrase takes.
#[tokio::test]
async fn a_store_in_the_layout_of_gopass_is_read() {
    let folder = testdata();
    let at = |name: &str| folder.join(name).display().to_string();
    let settings = Settings::new()
        .with("PASSWORD_STORE_DIR", at("store"))
        .with("PASSAGE_IDENTITIES_FILE", at("identities"))
        .with("GOPASS_AGE_PASSWORD", PASSPHRASE);
    let secret = read(&settings, "web/db").await.unwrap();
    assert_eq!(
        secret.names().collect::<Vec<_>>(),
        ["password", "user", "port", "pin", "replicas", "text"]
    );
    let expected = r#"{"password":"s3cr3t-pässwörd","user":"svc_orders","port":5432,"pin":"0042","replicas":["db1","db2"],"text""#;
    let found = values(&secret);
    assert!(found.starts_with(expected), "{found}");
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_told_and_not_shown() {
    let (sample, _) = sample();
    let name = sample.path("key").display().to_string();
    for (content, message) in [
        (
            SENTINEL.as_bytes(),
            format!("a line of `{name}` is not an age key"),
        ),
        (
            b"\xff\n",
            format!("the file `{name}` with age keys is not text"),
        ),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nsentinel-4c1f9e\n",
            format!("`{name}` is not an SSH key that age can use"),
        ),
    ] {
        sample.write("key", content);
        let (kind, found, hint) = refused(&sample.settings(), "db").await;
        assert_eq!((kind, &found), (VaultErrorKind::Configuration, &message));
        assert!(!format!("{found} {hint:?}").contains(SENTINEL));
    }
    std::fs::remove_file(sample.path("key")).unwrap();
    let error = read(&sample.settings(), "db").await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no file `{name}`"));
    assert_eq!(error.setting(), Some("PASSAGE_IDENTITIES_FILE"));
    let (kind, message, hint) = refused(&sample.store_only(), "db").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
    assert_eq!(
        message,
        "the entry `db` is encrypted for age keys, and no age key is set"
    );
    let expected = "set PASSAGE_IDENTITIES_FILE to a file with age keys";
    assert_eq!(hint, Some(expected));
}

#[tokio::test]
async fn the_usual_places_count_only_if_no_setting_names_a_file() {
    let (sample, key) = sample();
    let home = Home::at(&sample.path("home"));
    let open = async |settings: &Settings| {
        let backend = Pass::at_home(settings, Some(&home));
        read_from(&backend, "db", &RunContext::new()).await
    };
    let settings = sample.store_only();
    assert!(open(&settings).await.is_err());

    sample.write("home/.ssh/id_rsa", "for something else");
    sample.write("home/.passage/identities", &key);
    assert!(open(&settings).await.is_ok());
    std::fs::remove_file(sample.path("home/.passage/identities")).unwrap();

    sample.write("home/config/gopass/age/identities", sealed(&key));
    let with_passphrase = settings.clone().with("GOPASS_AGE_PASSWORD", PASSPHRASE);
    assert!(open(&with_passphrase).await.is_ok());
    let error = open(&settings).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);

    let other = ::age::x25519::Identity::generate().to_string();
    sample.write("key", other.expose_secret());
    let named = sample.settings().with("GOPASS_AGE_PASSWORD", PASSPHRASE);
    let error = open(&named).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
}
