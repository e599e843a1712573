//! Proofs that a login is used by who has its key (DPoP, RFC 9449).

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::clock;
use crate::format::jwt;
use crate::transport::http::Url;

/// What a number of an elliptic curve point has, in bytes.
const NUMBER: usize = 32;

/// A proof for one POST to an address, signed with ES256. `None` if that is no key of the curve P-256
/// in PEM.
pub(super) fn proof(pem: &str, url: &Url) -> Option<Zeroizing<String>> {
    let der = jwt::der(pem, "EC PRIVATE KEY")?;
    let key = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?;
    // A byte that says that both numbers follow, and they.
    let (_, point) = key.public_key().as_ref().split_first()?;
    let (x, y) = point.split_at_checked(NUMBER)?;
    let random = SystemRandom::new();
    let mut id = [0; 16];
    random.fill(&mut id).ok()?;
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({"typ": "dpop+jwt", "alg": "ES256",
        "jwk": {"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}});
    let claims =
        json!({"jti": encode(&id), "htm": "POST", "htu": url.as_str(), "iat": clock::now()});
    let part = |value: &Value| encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(&random, signed.as_bytes()).ok()?;
    let signature = encode(signature.as_ref());
    Some(Zeroizing::new(format!("{signed}.{signature}")))
}
