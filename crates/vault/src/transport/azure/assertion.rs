//! What an application signs with the key of its certificate (RFC 7523).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::settings;
use crate::format::jwt::{self, Algorithm};
use crate::{VaultError, clock};

/// How long a signed text may be used, in seconds.
const GOOD_FOR: u64 = 600;

/// A JWT for a receiver, signed with PS256. The fingerprint of the certificate says whose key it is;
/// all of it goes along, with what is behind it, where Azure looks at the names in it instead.
pub(super) fn signed(
    certificate: &Certificate,
    sends_chain: bool,
    client: &str,
    receiver: &str,
) -> Result<Zeroizing<String>, VaultError> {
    let cannot = || {
        VaultError::configuration("the key of {} cannot sign")
            .with_name(settings::CERTIFICATE.name)
            .about_setting(settings::CERTIFICATE.name)
    };
    let own = certificate.chain.first().ok_or_else(cannot)?;
    let thumb = URL_SAFE_NO_PAD.encode(digest(&SHA256, own));
    let mut header = json!({"x5t#S256": thumb});
    if sends_chain {
        let chain = certificate.chain.iter();
        header["x5c"] = chain.map(|one| STANDARD.encode(one)).collect();
    }
    let mut number = [0; 16];
    let filled = SystemRandom::new().fill(&mut number);
    filled.map_err(|_| cannot())?;
    let now = clock::now();
    let claims = json!({
        "aud": receiver,
        "iss": client,
        "sub": client,
        "jti": URL_SAFE_NO_PAD.encode(number),
        "nbf": now,
        "exp": now.saturating_add(GOOD_FOR),
    });
    jwt::sign_by(&certificate.key, Algorithm::Ps256, header, &claims).ok_or_else(cannot)
}
