//! What an application signs with the key of its certificate (RFC 7523).

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::settings;
use crate::transport::text_file;
use crate::{VaultError, clock};

/// How long a signed text may be used, in seconds.
const GOOD_FOR: u64 = 600;

/// A JWT for a receiver, signed with PS256 by the key in a PEM file. The certificate in it, the first
/// if there are several, says whose key it is.
///
/// # Errors
/// If the file cannot be read or lacks one of the two; it is named.
pub(super) fn signed(
    path: &Path,
    client: &str,
    receiver: &str,
) -> Result<Zeroizing<String>, VaultError> {
    let wrong = |message| {
        VaultError::configuration(message)
            .with_name(path.display().to_string())
            .about_setting(settings::CERTIFICATE.name)
    };
    let pem = text_file::read(path).map_err(|unread| wrong(unread.message()))?;
    let certificate = der(&pem, "CERTIFICATE");
    let certificate =
        certificate.ok_or_else(|| wrong("the file {} holds no certificate as PEM"))?;
    let key = key(&pem).ok_or_else(|| {
        wrong("the file {} holds no RSA key as PEM").with_hint(
            "a PKCS #12 file and an encrypted key cannot be read: `openssl pkcs12 -nodes` makes PEM of them",
        )
    })?;
    let random = SystemRandom::new();
    let cannot = || wrong("the key in the file {} cannot sign");
    let mut number = [0; 16];
    random.fill(&mut number).map_err(|_| cannot())?;
    let now = clock::now();
    let thumb = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
    let header = serde_json::json!({"typ": "JWT", "alg": "PS256", "x5t#S256": thumb});
    let claims = serde_json::json!({
        "aud": receiver,
        "iss": client,
        "sub": client,
        "jti": URL_SAFE_NO_PAD.encode(number),
        "nbf": now,
        "exp": now.saturating_add(GOOD_FOR),
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
        .map_err(|_| cannot())?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Ok(Zeroizing::new(format!("{signed}.{signature}")))
}

fn key(pem: &str) -> Option<RsaKeyPair> {
    if let Some(der) = der(pem, "PRIVATE KEY") {
        return RsaKeyPair::from_pkcs8(&der).ok();
    }
    RsaKeyPair::from_der(&der(pem, "RSA PRIVATE KEY")?).ok()
}

/// What the first block of a kind holds.
fn der(pem: &str, kind: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {kind}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {kind}-----"))?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}
