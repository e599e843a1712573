//! What an application signs, read again with the public key.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use std::sync::OnceLock;

use super::assertion::signed;
use super::certificate::Place;
use crate::suite::SENTINEL;
use crate::{Settings, VaultErrorKind};

/// A key as PKCS #8, its public part, and a certificate of it: made once, since that takes a while.
struct Made {
    key: Vec<u8>,
    public: Vec<u8>,
    certificate: Vec<u8>,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let der = der.as_ref().to_vec();
        let of = KeyPair::try_from(&*der).unwrap();
        let certificate = CertificateParams::default().self_signed(&of).unwrap();
        Made {
            key: der,
            public: key.public_key().as_ref().to_vec(),
            certificate: certificate.der().to_vec(),
        }
    })
}

/// A certificate of another key.
fn other() -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::default().self_signed(&key).unwrap();
    certificate.der().to_vec()
}

fn block(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let (first, rest) = text.split_at(text.len() / 2);
    format!("-----BEGIN {kind}-----\n{first}\n{rest}\n-----END {kind}-----\n")
}

/// The file of an application.
pub(super) fn pem() -> String {
    block("CERTIFICATE", &made().certificate) + &block("PRIVATE KEY", &made().key)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

#[test]
fn the_key_of_a_certificate_signs_for_a_short_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    let settings = Settings::new().with("AZURE_CLIENT_CERTIFICATE_PATH", path.to_str().unwrap());
    let place = Place::from_settings(&settings).unwrap().unwrap();
    // PKCS #8 is PKCS #1 with 26 bytes before it.
    let old = block("RSA PRIVATE KEY", &made().key[26..]);
    let behind = other();
    let chain = block("CERTIFICATE", &behind) + &block("CERTIFICATE", &made().certificate);
    let both = [&made().certificate, &behind].map(|one| STANDARD.encode(one));
    let mut numbers = Vec::new();
    for (pem, sends_chain) in [(pem(), false), (old + &chain, true)] {
        std::fs::write(&path, pem).unwrap();
        let certificate = place.read(soon()).unwrap();
        let jwt = signed(
            &certificate,
            sends_chain,
            "client",
            "https://login.example/t",
        )
        .unwrap();
        let parts: Vec<&str> = jwt.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("no JWT");
        };
        let text = format!("{header}.{claims}");
        let part = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &made().public);
        public.verify(text.as_bytes(), &part(signature)).unwrap();
        let json = |text| serde_json::from_slice::<Value>(&part(text)).unwrap();
        let thumb = URL_SAFE_NO_PAD.encode(digest(&SHA256, &made().certificate));
        let mut expected = serde_json::json!({"typ": "JWT", "alg": "PS256", "x5t#S256": thumb});
        if sends_chain {
            expected["x5c"] = serde_json::json!(both);
        }
        assert_eq!(json(header), expected);
        let claims = json(claims);
        assert_eq!(claims["aud"], "https://login.example/t");
        assert!(claims["iss"] == "client" && claims["sub"] == "client");
        let lasts = claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap();
        assert_eq!(lasts, 600);
        numbers.push(claims["jti"].as_str().unwrap().to_owned());
    }
    assert_ne!(numbers[0], numbers[1]);
}

#[test]
fn a_file_without_a_certificate_or_a_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    let name = path.display().to_string();
    let settings = Settings::new().with("AZURE_CLIENT_CERTIFICATE_PATH", &*name);
    let place = Place::from_settings(&settings).unwrap().unwrap();
    let certificate = block("CERTIFICATE", &made().certificate);
    for (pem, told) in [
        (SENTINEL.to_owned(), "is neither PEM nor PKCS #12"),
        (block("PRIVATE KEY", &made().key), "holds no certificate"),
        (certificate.clone(), "holds no RSA key"),
        (
            certificate.clone() + &block("ENCRYPTED PRIVATE KEY", SENTINEL.as_bytes()),
            "is neither PEM nor PKCS #12",
        ),
        (
            certificate + &block("PRIVATE KEY", SENTINEL.as_bytes()),
            "holds no RSA key",
        ),
    ] {
        std::fs::write(&path, pem).unwrap();
        let error = place.read(soon()).err().unwrap();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), format!("the file `{name}` {told}"));
        assert!(!format!("{error:?}").contains(SENTINEL));
        assert_eq!(error.setting(), Some("AZURE_CLIENT_CERTIFICATE_PATH"));
    }
}
