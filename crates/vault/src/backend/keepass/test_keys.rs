//! What opens a database, against files that KeePassXC has written, and in every form of key file.

use std::time::Instant;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::kdf::Derivation;
use super::sealing::{AES, Parameter, Sealing, argon2, document, entry, quick, secret, text};
use super::tests::{opening, prepared, read};
use super::*;
use crate::suite::SENTINEL;

const PASSWORD: &str = "correct horse";
const ARGON2D: &[u8; 16] = b"\xef\x63\x6d\xdf\x8c\x29\x44\x4b\x91\xf7\xa9\xa4\x03\xe3\x0a\x0c";

fn sample(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("src/backend/keepass/testdata").join(name)
}

fn value(secret: &Secret, key: &str) -> String {
    secret.value(key).unwrap().unwrap().to_json()
}

/// The samples were written by KeePassXC 2.7.4.
#[tokio::test]
async fn databases_of_keepassxc_are_read_whatever_derives_their_key() {
    for (name, id) in [
        ("aes.kdbx", "6cac3fc7-80b1-476d-9b8d-1a6d419a0d08"),
        ("argon2d.kdbx", "6f4f3b6b-4915-4761-8769-0d87c920af82"),
        ("argon2id.kdbx", "91184968-4587-438f-b2a4-3ae47b36db7f"),
    ] {
        let mut settings = Settings::new()
            .with("KEEPASS_FILE", sample(name).display().to_string())
            .with("KEEPASS_PASSWORD", PASSWORD);
        if name == "argon2id.kdbx" {
            let file = sample("throwaway.keyx").display().to_string();
            settings = settings.with("KEEPASS_KEY_FILE", file);
        }
        let backend = KeePass::from_settings(&settings).unwrap();
        for path in ["shop/database", id] {
            let secret = read(&backend, path).await.unwrap();
            for (key, json) in [
                ("Title", r#""database""#),
                ("UserName", r#""svc_orders""#),
                ("Password", r#""s3cr3t ü%<&>""#),
                ("URL", r#""https://db.example.org/?a=1&b=2""#),
                ("Notes", r#""one""#),
                (
                    "tls.pem",
                    r#""-----BEGIN X-----\nmade up\n-----END X-----\n""#,
                ),
                ("store.p12", r#""AP8B""#),
            ] {
                assert_eq!(value(&secret, key), json, "{name}: {key}");
            }
            assert_eq!(secret.id(), Some(id));
        }
        let web = read(&backend, "web").await.unwrap();
        assert_eq!(value(&web, "Password"), "\"second\"");
        for path in ["gone", "Recycle Bin/gone"] {
            let error = read(&backend, path).await.unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::NotFound, "{name}: {path}");
        }
    }
}

/// A cipher of plugins, which KeePassXC does not know either.
#[tokio::test]
async fn a_cipher_that_is_not_known_is_told() {
    let file = sample("serpent.kdbx");
    let error = read(&opening(&file, PASSWORD), "web").await.unwrap_err();
    assert_eq!(
        error,
        Unopened::Cipher
            .error(&file.display().to_string())
            .about_setting("KEEPASS_FILE")
    );
}

#[tokio::test]
async fn a_database_that_keepassxc_has_encrypted_with_twofish_is_read() {
    let file = sample("twofish.kdbx");
    let web = read(&opening(&file, PASSWORD), "web").await.unwrap();
    assert_eq!(value(&web, "Password"), "\"first\"");
    assert_eq!(web.id(), Some("48e5b9ea-e709-4ce0-99a5-d4d399e7bb3f"));
    let error = read(&opening(&file, "wrong"), "web").await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    let good = std::fs::read(file).unwrap();
    let mut changed = good.clone();
    changed[1200] ^= 1;
    for damaged in [&changed[..], &good[..1200]] {
        let (_folder, backend) = prepared(damaged);
        let error = read(&backend, "web").await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{error}");
    }
}

#[tokio::test]
async fn an_older_database_of_keepassxc_is_refused() {
    let error = read(&opening(&sample("kdbx3.kdbx"), PASSWORD), "db")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let shown = error.to_string();
    assert!(
        shown.ends_with("has a format of before KDBX 4, which is not read here"),
        "{shown}"
    );
}

/// A folder with a database that this key opens, and this key file.
fn keyed(key: [u8; 32], file: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sealing = Sealing {
        key,
        cipher: AES,
        packing: 0,
        ..Sealing::with_password("")
    };
    let inside = entry(1, &(text("Title", "db") + &secret("Password", SENTINEL)));
    std::fs::write(
        folder.path().join("a.kdbx"),
        sealing.seal(&document(&inside), &[]),
    )
    .unwrap();
    std::fs::write(folder.path().join("key"), file).unwrap();
    folder
}

async fn opened(folder: &TempDir, password: Option<&str>) -> Result<Secret, VaultError> {
    let mut settings = Settings::new()
        .with("KEEPASS_FILE", "a.kdbx")
        .with("KEEPASS_KEY_FILE", "key")
        .with_base(folder.path());
    if let Some(password) = password {
        settings = settings.with("KEEPASS_PASSWORD", password);
    }
    read(&KeePass::from_settings(&settings).unwrap(), "db").await
}

fn xml(version: &str, data: &str) -> Vec<u8> {
    format!(
        "\u{feff}<?xml version=\"1.0\"?>\n<KeyFile><Meta><Version>{version}</Version></Meta>\n\
         <Key>{data}</Key></KeyFile>\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn a_key_file_has_any_of_its_forms() {
    let key = [0xa5; 32];
    let digits = data_encoding::HEXUPPER.encode(&key);
    let hash = data_encoding::HEXUPPER.encode(&Sha256::digest(key)[..4]);
    let (one, two) = digits.split_at(30);
    let odd = b"any file can be a key".to_vec();
    let almost = [digits.as_bytes(), b"\n"].concat();
    let forms = [
        (key.to_vec(), key),
        (digits.clone().into_bytes(), key),
        (digits.to_lowercase().into_bytes(), key),
        (
            xml("1.00", &format!("<Data>{}</Data>", STANDARD.encode(key))),
            key,
        ),
        (
            xml(
                "2.0",
                &format!("<Data Hash=\"{hash}\">\n\t{one} {two}\n</Data>"),
            ),
            key,
        ),
        (Vec::new(), Sha256::digest(b"").into()),
        (odd.clone(), Sha256::digest(odd).into()),
        (almost.clone(), Sha256::digest(almost).into()),
        (vec![b'x'; 64], Sha256::digest([b'x'; 64]).into()),
        (b"<KeyFile/>".to_vec(), Sha256::digest(b"<KeyFile/>").into()),
    ];
    for (file, key) in forms {
        let folder = keyed(Sha256::digest(key).into(), &file);
        let shown = String::from_utf8_lossy(&file);
        assert!(opened(&folder, None).await.is_ok(), "{shown}");
        let error = opened(&folder, Some(PASSWORD)).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated, "{shown}");
        let both = Sha256::new_with_prefix(Sha256::digest(PASSWORD)).chain_update(key);
        let folder = keyed(both.finalize().into(), &file);
        assert!(opened(&folder, Some(PASSWORD)).await.is_ok(), "{shown}");
        let error = opened(&folder, None).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated, "{shown}");
    }
}

#[tokio::test]
async fn a_key_file_that_is_damaged_is_told_and_not_taken_for_another() {
    let digits = "A5".repeat(32);
    let short = STANDARD.encode([1; 31]);
    for file in [
        xml("2.0", &format!("<Data Hash=\"00000000\">{digits}</Data>")),
        xml("2.0", &format!("<Data>{digits}</Data>")),
        xml("2.0", "<Data Hash=\"00000000\">xyz</Data>"),
        xml("3.0", &format!("<Data>{digits}</Data>")),
        xml("1.00", &format!("<Data>{short}</Data>")),
        xml("1.00", &format!("<Data>{SENTINEL}</Data>")),
    ] {
        let error = opened(&keyed([0; 32], &file), None).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let shown = error.to_string();
        assert!(
            shown.starts_with("the key file `") && shown.ends_with("` is damaged"),
            "{shown}"
        );
        assert_eq!(error.setting(), Some("KEEPASS_KEY_FILE"));
    }
    let folder = keyed([0; 32], b"");
    std::fs::remove_file(folder.path().join("key")).unwrap();
    let error = opened(&folder, None).await.unwrap_err();
    assert!(
        error.to_string().starts_with("there is no file `"),
        "{error}"
    );
}

fn parsed(parameters: &[Parameter]) -> Result<(), Unopened> {
    Derivation::parse(&sealing::map(parameters)).map(drop)
}

#[test]
fn a_key_that_costs_too_much_is_not_derived() {
    const KIB: u64 = 1024;
    const GIB: u64 = KIB * KIB * KIB;
    for (numbers, outcome) in [
        ((64 * KIB, 2, 2, 0x13), Ok(())),
        ((GIB, 32, 8, 0x13), Ok(())),
        ((GIB, 33, 8, 0x13), Err(Unopened::TooCostly)),
        ((GIB + KIB, 1, 1, 0x13), Err(Unopened::TooCostly)),
        ((64 * KIB, 4096, 1, 0x10), Ok(())),
        ((64 * KIB, 4097, 1, 0x10), Err(Unopened::TooCostly)),
        ((64 * KIB, 1, 1025, 0x10), Err(Unopened::TooCostly)),
        (
            (u64::MAX, u64::MAX, u32::MAX, 0x13),
            Err(Unopened::TooCostly),
        ),
        ((64 * KIB, 1, 1, 0x12), Err(Unopened::Derivation)),
    ] {
        assert_eq!(parsed(&argon2(ARGON2D, numbers)), outcome, "{numbers:?}");
    }
    let rounds = |rounds: u64| {
        let mut parameters = quick();
        parameters[1].2 = rounds.to_le_bytes().to_vec();
        parsed(&parameters)
    };
    assert_eq!(rounds(1_000_000_000), Ok(()));
    assert_eq!(rounds(1_000_000_001), Err(Unopened::TooCostly));
    let hint = "at most 1 GiB, 4096 passes and 32 GiB in all passes together; choose less under Database, Database Security, Encryption Settings";
    assert_eq!(Unopened::TooCostly.error("a.kdbx").hint(), Some(hint));
}

#[test]
fn a_way_to_derive_a_key_that_is_not_known_is_told() {
    let numbers = (64 * 1024, 2, 2, 0x13);
    assert_eq!(
        parsed(&argon2(&[1; 16], numbers)),
        Err(Unopened::Derivation)
    );
    for name in ["K", "A"] {
        let mut parameters = argon2(ARGON2D, numbers);
        parameters.push((0x42, name, b"own".to_vec()));
        assert_eq!(parsed(&parameters), Err(Unopened::Derivation));
    }
    for place in 0..6 {
        let mut parameters = argon2(ARGON2D, numbers);
        parameters.remove(place);
        assert_eq!(parsed(&parameters), Err(Unopened::Damaged), "{place}");
    }
    assert_eq!(parsed(&quick()[..2]), Err(Unopened::Damaged));
    let mut parameters = quick();
    parameters.push((0x42, "X", vec![0; 60 * 1024]));
    assert_eq!(parsed(&parameters), Ok(()));
    parameters.push((0x42, "X", vec![0; 6 * 1024]));
    assert_eq!(parsed(&parameters), Err(Unopened::Damaged));
}

#[test]
fn numbers_that_argon2_does_not_take_are_damage() {
    let later = Instant::now() + RunContext::DEFAULT_TIMEOUT;
    for numbers in [
        (0, 1, 1, 0x13),
        (64 * 1024, 0, 1, 0x13),
        (64 * 1024, 1, 0, 0x13),
        (64 * 1024, 1, 9, 0x13),
    ] {
        let map = sealing::map(&argon2(ARGON2D, numbers));
        let way = Derivation::parse(&map).unwrap();
        assert_eq!(
            way.key(&[0; 32], later).unwrap_err(),
            Unopened::Damaged,
            "{numbers:?}"
        );
    }
}

#[test]
fn no_key_is_derived_when_the_time_is_over() {
    for parameters in [quick(), argon2(ARGON2D, (64 * 1024, 1, 1, 0x13))] {
        let map = sealing::map(&parameters);
        let way = Derivation::parse(&map).unwrap();
        assert_eq!(
            way.key(&[0; 32], Instant::now()).unwrap_err(),
            Unopened::TooLate
        );
    }
}
