//! Signed tokens (JWT, RFC 7519), with which the holder of a private key logs in.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// How a token is signed (RFC 7518, section 3.1).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Ps256,
    Rs256,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    Jwt,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    kid: &'a str,
    typ: Kind,
}

impl Algorithm {
    fn padding(self) -> &'static dyn RsaEncoding {
        match self {
            Algorithm::Ps256 => &RSA_PSS_SHA256,
            Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        }
    }
}

/// Signs claims with an RSA key in PEM (PKCS#8), whose id the token names. `None` if that is no such
/// key.
pub(crate) fn sign(
    pem: &str,
    algorithm: Algorithm,
    key_id: &str,
    claims: &Value,
) -> Option<Zeroizing<String>> {
    let key = RsaKeyPair::from_pkcs8(&der(pem)?).ok()?;
    let header = Header {
        alg: algorithm,
        kid: key_id,
        typ: Kind::Jwt,
    };
    let header = serde_json::to_string(&header).ok()?;
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(&header), part(&claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    let (padding, random) = (algorithm.padding(), SystemRandom::new());
    key.sign(padding, &random, signed.as_bytes(), &mut signature)
        .ok()?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Some(Zeroizing::new(format!("{signed}.{signature}")))
}

/// What a PEM text holds. Before it may stand what a cloud writes there, and variables often hold
/// `\n` for a line break.
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body = Zeroizing::new(body.replace("\\n", ""));
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}
