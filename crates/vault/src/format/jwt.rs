//! Signed tokens (JWT, RFC 7519), with which the holder of a private key logs in.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How a token is signed (RFC 7518, section 3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Algorithm {
    Ps256,
    Rs256,
}

/// What a token is. Written as a text it would read like a setting of that name.
#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Type {
    Jwt,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Algorithm::Ps256 => "PS256",
            Algorithm::Rs256 => "RS256",
        }
    }

    fn padding(self) -> &'static dyn RsaEncoding {
        match self {
            Algorithm::Ps256 => &RSA_PSS_SHA256,
            Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        }
    }
}

/// Signs claims with an RSA key in PEM. The parameter says in the header whose key it is, such as
/// `kid` and the id of the key (RFC 7515, section 4.1). `None` if that is no such key.
pub(crate) fn sign(
    pem: &str,
    algorithm: Algorithm,
    (parameter, whose): (&str, &str),
    claims: &Value,
) -> Option<Zeroizing<String>> {
    sign_by(&key(pem)?, algorithm, json!({parameter: whose}), claims)
}

/// Signs claims with a key. The parameters of the header say whose it is.
pub(crate) fn sign_by(
    key: &RsaKeyPair,
    algorithm: Algorithm,
    mut header: Value,
    claims: &Value,
) -> Option<Zeroizing<String>> {
    header["alg"] = algorithm.name().into();
    header["typ"] = json!(Type::Jwt);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let (padding, random) = (algorithm.padding(), SystemRandom::new());
    key.sign(padding, &random, signed.as_bytes(), &mut signature)
        .ok()?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Some(Zeroizing::new(format!("{signed}.{signature}")))
}

/// The RSA key in a PEM text, which is not encrypted.
pub(crate) fn key(pem: &str) -> Option<RsaKeyPair> {
    match der(pem, "PRIVATE KEY") {
        Some(der) => RsaKeyPair::from_pkcs8(&der).ok(),
        None => RsaKeyPair::from_der(&der(pem, "RSA PRIVATE KEY")?).ok(),
    }
}

/// What the first block of a kind holds in a PEM text. Before it may stand what a cloud writes there,
/// and variables often hold `\n` for a line break.
pub(crate) fn der(pem: &str, kind: &str) -> Option<Zeroizing<Vec<u8>>> {
    all_der(pem, kind).into_iter().next()?
}

/// What each block of a kind holds; `None` for one that is no base64.
pub(crate) fn all_der(pem: &str, kind: &str) -> Vec<Option<Zeroizing<Vec<u8>>>> {
    let end = format!("-----END {kind}-----");
    let begin = format!("-----BEGIN {kind}-----");
    let blocks = pem.split(&begin).skip(1).map(|rest| {
        let (body, _) = rest.split_once(&end)?;
        let body = Zeroizing::new(body.replace("\\n", ""));
        let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
        STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
    });
    blocks.collect()
}
