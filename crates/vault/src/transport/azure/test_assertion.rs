//! What an application signs, read again with the public key.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::assertion::signed;
use crate::VaultErrorKind;
use crate::suite::SENTINEL;

const CERTIFICATE: &[u8] = b"a certificate";

/// A key as PKCS #8, and its public part: made once, since that takes a while.
fn key() -> &'static (Vec<u8>, Vec<u8>) {
    static KEY: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        (der.as_ref().to_vec(), key.public_key().as_ref().to_vec())
    })
}

fn block(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let (first, rest) = text.split_at(text.len() / 2);
    format!("-----BEGIN {kind}-----\n{first}\n{rest}\n-----END {kind}-----\n")
}

/// The file of an application.
pub(super) fn pem() -> String {
    block("CERTIFICATE", CERTIFICATE) + &block("PRIVATE KEY", &key().0)
}

#[test]
fn the_key_of_a_certificate_signs_for_a_short_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    // PKCS #8 is PKCS #1 with 26 bytes before it.
    let old = block("RSA PRIVATE KEY", &key().0[26..]);
    let chain = block("CERTIFICATE", CERTIFICATE) + &block("CERTIFICATE", b"the CA");
    let mut numbers = Vec::new();
    for pem in [pem(), old + &chain] {
        std::fs::write(&path, pem).unwrap();
        let jwt = signed(&path, "client", "https://login.example/t").unwrap();
        let parts: Vec<&str> = jwt.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("no JWT");
        };
        let text = format!("{header}.{claims}");
        let part = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &key().1);
        public.verify(text.as_bytes(), &part(signature)).unwrap();
        let json = |text| serde_json::from_slice::<Value>(&part(text)).unwrap();
        let thumb = URL_SAFE_NO_PAD.encode(digest(&SHA256, CERTIFICATE));
        let expected = serde_json::json!({"typ": "JWT", "alg": "PS256", "x5t#S256": thumb});
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
    let certificate = block("CERTIFICATE", CERTIFICATE);
    for (pem, told) in [
        (SENTINEL.to_owned(), "holds no certificate as PEM"),
        (
            block("PRIVATE KEY", &key().0),
            "holds no certificate as PEM",
        ),
        (certificate.clone(), "holds no RSA key as PEM"),
        (
            certificate.clone() + &block("ENCRYPTED PRIVATE KEY", SENTINEL.as_bytes()),
            "holds no RSA key as PEM",
        ),
        (
            certificate + &block("PRIVATE KEY", SENTINEL.as_bytes()),
            "holds no RSA key as PEM",
        ),
    ] {
        std::fs::write(&path, pem).unwrap();
        let error = signed(&path, "client", "https://login.example").unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), format!("the file `{name}` {told}"));
        assert!(!format!("{error:?}").contains(SENTINEL));
        assert_eq!(error.setting(), Some("AZURE_CLIENT_CERTIFICATE_PATH"));
        let hint = "a PKCS #12 file and an encrypted key cannot be read: `openssl pkcs12 -nodes` makes PEM of them";
        let has_hint = error.hint() == Some(hint);
        assert_eq!(has_hint, told.contains("RSA"));
    }
}
