//! What a login comes down to.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

/// A login that ends this soon is not used any more.
const MARGIN: Duration = Duration::from_secs(10);

/// What is sent. It has no `Debug`.
#[derive(Clone, Default)]
pub(super) struct Credentials {
    pub(super) token: Option<Zeroizing<String>>,
    /// The client certificate and its key, in PEM.
    pub(super) identity: Option<Zeroizing<Vec<u8>>>,
    pub(super) expires: Option<SystemTime>,
}

impl Credentials {
    /// Whether these are the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.token, &self.identity) == (&other.token, &other.identity)
    }

    /// Whether they can still be used, as far as they say so.
    pub(super) fn is_valid(&self) -> bool {
        self.expires
            .is_none_or(|expires| SystemTime::now() + MARGIN < expires)
    }
}

/// A certificate and its key as one text.
pub(super) fn joined(certificate: &[u8], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut pem = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 1));
    pem.extend_from_slice(certificate);
    pem.push(b'\n');
    pem.extend_from_slice(key);
    pem
}
