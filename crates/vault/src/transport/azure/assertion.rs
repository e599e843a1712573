//! What an application signs with the key of its certificate (RFC 7523).

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::settings;
use crate::format::jwt::{self, Algorithm};
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
    let certificate = jwt::der(&pem, "CERTIFICATE");
    let certificate =
        certificate.ok_or_else(|| wrong("the file {} holds no certificate as PEM"))?;
    let cannot = || wrong("the key in the file {} cannot sign");
    let mut number = [0; 16];
    let filled = SystemRandom::new().fill(&mut number);
    filled.map_err(|_| cannot())?;
    let now = clock::now();
    let thumb = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
    let claims = serde_json::json!({
        "aud": receiver,
        "iss": client,
        "sub": client,
        "jti": URL_SAFE_NO_PAD.encode(number),
        "nbf": now,
        "exp": now.saturating_add(GOOD_FOR),
    });
    let whose = ("x5t#S256", &*thumb);
    jwt::sign(&pem, Algorithm::Ps256, whose, &claims).ok_or_else(|| {
        wrong("the file {} holds no RSA key as PEM").with_hint(
            "a PKCS #12 file and an encrypted key cannot be read: `openssl pkcs12 -nodes` makes PEM of them",
        )
    })
}
