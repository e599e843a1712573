//! Service accounts that another login acts as.

use crate::transport::http::Url;

/// A service account that another login acts as.
pub(super) struct Impersonated {
    /// Where its tokens are.
    pub(super) url: Url,
    pub(super) delegates: Vec<String>,
    /// How long its tokens are good for.
    pub(super) seconds: u64,
}

impl Impersonated {
    pub(super) const SECONDS: u64 = 3600;

    /// The name of the account, for messages.
    pub(super) fn email(&self) -> &str {
        let last = self.url.path().rsplit('/').next().unwrap_or_default();
        last.split(':').next().unwrap_or_default()
    }
}
