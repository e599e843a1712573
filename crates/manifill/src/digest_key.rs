//! The operator's key for digests of values.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A key with which digests of values may be shown: without it nobody can try values against one.
///
/// ```
/// use manifill::DigestKey;
///
/// assert!(DigestKey::new("short").is_none());
/// let key = DigestKey::new("a key of some length").unwrap();
/// assert_eq!(format!("{key:?}"), "DigestKey([redacted])");
/// ```
#[derive(Clone)]
pub struct DigestKey(Arc<Zeroizing<Vec<u8>>>);

impl DigestKey {
    /// How many bytes it has at least.
    pub const MIN_LENGTH: usize = 16;

    /// A key of these bytes; `None` if they are too few.
    pub fn new(key: impl Into<Vec<u8>>) -> Option<Self> {
        let key = Zeroizing::new(key.into());
        (key.len() >= Self::MIN_LENGTH).then(|| DigestKey(key.into()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey([redacted])")
    }
}
