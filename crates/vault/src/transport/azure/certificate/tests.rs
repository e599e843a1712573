//! What `testdata/make.sh` had OpenSSL write, read again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::hmac;

use super::pkcs12_kdf::{Purpose, derive, spelled};
use super::{Certificate, Place};
use crate::format::der::Der;
use crate::format::jwt;
use crate::{Settings, VaultError, VaultErrorKind};

const PASSWORD: &str = "pässword 🔑";

fn testdata(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("src/transport/azure/certificate/testdata");
    folder.join(name)
}

fn read(path: &Path, password: &str) -> Result<Certificate, VaultError> {
    let settings = Settings::new()
        .with("AZURE_CLIENT_CERTIFICATE_PATH", path.to_str().unwrap())
        .with("AZURE_CLIENT_CERTIFICATE_PASSWORD", password);
    let place = Place::from_settings(&settings).unwrap().unwrap();
    place.read(Instant::now() + Duration::from_secs(30))
}

/// The certificates of the key and of its CA.
fn certificates() -> Vec<Vec<u8>> {
    let of = |name| {
        let pem = fs::read_to_string(testdata(name)).unwrap();
        jwt::der(&pem, "CERTIFICATE").unwrap().to_vec()
    };
    vec![of("app.pem"), of("ca.pem")]
}

#[test]
fn pkcs12_files_of_all_ages_are_opened() {
    for (name, password) in [
        ("modern.pfx", PASSWORD),
        ("aes128.pfx", PASSWORD),
        ("legacy.pfx", PASSWORD),
        ("3des.pfx", PASSWORD),
        ("old.pfx", PASSWORD),
        ("empty.pfx", ""),
        ("plain.pfx", ""),
        ("plain.pfx", PASSWORD),
    ] {
        let read = read(&testdata(name), password);
        let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read.chain, certificates(), "{name}");
    }
}

#[test]
fn the_certificate_of_the_key_comes_first_whatever_stands_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    let text = |name| fs::read_to_string(testdata(name)).unwrap();
    for key in ["aes256.key", "3des.key", "legacy.key"] {
        fs::write(&path, text("ca.pem") + &text(key) + &text("app.pem")).unwrap();
        let read = read(&path, PASSWORD).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(read.chain, certificates());
    }
    fs::write(&path, text("aes256.key") + &text("ca.pem")).unwrap();
    let error = read(&path, PASSWORD).err().unwrap();
    let name = path.display();
    let told = format!("no certificate in the file `{name}` is that of its key");
    assert_eq!(error.to_string(), told);
}

#[test]
fn what_cannot_be_opened_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, changed: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(testdata(name)).unwrap();
        changed(&mut bytes);
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let rewrite = Some(
        "`openssl pkcs12 -in FILE -nodes -out FILE.pem` makes PEM of a PKCS #12 file, and `openssl rsa` of an encrypted key",
    );
    for (path, password, told, hint) in [
        (
            testdata("modern.pfx"),
            "wrong",
            "the file {} does not open with `AZURE_CLIENT_CERTIFICATE_PASSWORD`",
            None,
        ),
        (
            testdata("legacy.pfx"),
            "",
            "the file {} is encrypted and `AZURE_CLIENT_CERTIFICATE_PASSWORD` is not set",
            None,
        ),
        (
            testdata("aes256.key"),
            "wrong",
            "the file {} does not open with `AZURE_CLIENT_CERTIFICATE_PASSWORD`",
            None,
        ),
        (
            testdata("aes256.key"),
            "",
            "the file {} is encrypted and `AZURE_CLIENT_CERTIFICATE_PASSWORD` is not set",
            None,
        ),
        // Its last byte is one of how many rounds there are.
        (
            with("modern.pfx", &|bytes| *bytes.last_mut().unwrap() ^= 1),
            PASSWORD,
            "the file {} does not open with `AZURE_CLIENT_CERTIFICATE_PASSWORD`",
            None,
        ),
        (
            with("3des.pfx", &|bytes| bytes.truncate(900)),
            PASSWORD,
            "the file {} is neither PEM nor PKCS #12",
            rewrite,
        ),
        (
            with("sha224.pfx", &|_| {}),
            PASSWORD,
            "the file {} is encrypted in a way that is not known here",
            rewrite,
        ),
        (
            testdata("scrypt.key"),
            PASSWORD,
            "the file {} is encrypted in a way that is not known here",
            rewrite,
        ),
        (
            testdata("des.key"),
            PASSWORD,
            "the file {} is encrypted in a way that is not known here",
            rewrite,
        ),
        (
            testdata("traditional.key"),
            PASSWORD,
            "the file {} is encrypted in a way that is not known here",
            rewrite,
        ),
    ] {
        let error = read(&path, password).err().unwrap();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let name = format!("`{}`", path.display());
        assert_eq!(error.to_string(), told.replace("{}", &name));
        assert_eq!(error.hint(), hint);
        assert_eq!(error.setting(), Some("AZURE_CLIENT_CERTIFICATE_PATH"));
    }
}

/// No change of a byte, wherever it is, gives another key or certificate than those of the file.
#[test]
fn a_file_that_was_changed_gives_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pfx");
    let whole = fs::read(testdata("empty.pfx")).unwrap();
    for at in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        fs::write(&path, bytes).unwrap();
        if let Ok(read) = read(&path, "") {
            assert_eq!(read.chain, certificates(), "{at}");
        }
        fs::write(&path, &whole[..at]).unwrap();
        assert!(read(&path, "").is_err(), "{at}");
    }
}

/// Some programs take no password for no bytes at all, where OpenSSL takes it for the zero behind none.
#[test]
fn no_password_is_spelled_in_either_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pfx");
    let mut bytes = fs::read(testdata("mac.pfx")).unwrap();
    let salt_at = bytes.len() - 4 - 8;
    let salt = bytes[salt_at..][..8].to_vec();
    // In front of the salt, each with two bytes that say what it is and how long.
    let mac_at = salt_at - 2 - 20;
    let mut file = Der(&bytes).inside(0x30).unwrap();
    file.take(0x02).unwrap();
    let mut content = file.inside(0x30).unwrap();
    content.take(0x06).unwrap();
    let content = content.inside(0xa0).unwrap().take(0x04).unwrap();
    let sealed = |password: &[u8]| {
        let hash = &SHA1_FOR_LEGACY_USE_ONLY;
        let key = derive(hash, Purpose::Mac, password, &salt, 2048, 20);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
        hmac::sign(&key, content).as_ref().to_vec()
    };
    assert_eq!(bytes[mac_at..][..20], sealed(&[0, 0]));
    let other = sealed(&[]);
    bytes[mac_at..][..20].copy_from_slice(&other);
    fs::write(&path, bytes).unwrap();
    assert_eq!(read(&path, "").unwrap().chain, certificates());
    assert!(read(&path, "x").is_err());
}

/// A vector that other implementations are tested with, too.
#[test]
fn keys_are_made_as_the_standard_says() {
    let made = |purpose, wanted| {
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let hash = &SHA1_FOR_LEGACY_USE_ONLY;
        let made = derive(hash, purpose, &spelled("smeg"), &salt, 1, wanted);
        made.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let key = "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3";
    assert_eq!(made(Purpose::Key, 24), key);
    assert_eq!(made(Purpose::Iv, 8), "79993dfe048d3b76");
}
