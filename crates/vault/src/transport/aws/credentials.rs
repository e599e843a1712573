//! Credentials, and how services write them.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::{RunContext, clock};

/// Credentials that end within this many seconds are renewed: a signature is good for five minutes,
/// and the clocks of others differ.
const MARGIN: u64 = 60;

/// An access key.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) key_id: String,
    pub(super) secret: Zeroizing<String>,
    pub(super) token: Option<Zeroizing<String>>,
    /// When they end, in seconds since 1970.
    pub(super) expires: Option<u64>,
}

impl Credentials {
    /// Whether they can still be used.
    pub(super) fn is_valid(&self) -> bool {
        self.expires.is_none_or(|end| end > clock::now() + MARGIN)
    }

    /// What calls have in common that are signed with these for a service in a region.
    pub(super) fn identity(&self, service: &str, region: &str) -> Zeroizing<String> {
        let token = self.token.as_deref().map_or("", String::as_str);
        let parts = [service, region, &self.key_id, &self.secret, token];
        Zeroizing::new(parts.join("\n"))
    }

    /// Tells the run what no app is to be given (rule R7).
    pub(super) fn remember(&self, run: &RunContext) {
        run.remember_login(&self.secret);
        if let Some(token) = &self.token {
            run.remember_login(token);
        }
    }
}

/// Credentials as a program, a container or a machine writes them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Written {
    /// Of a program only.
    #[serde(default)]
    pub(super) version: Option<u64>,
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    /// Programs call it so.
    #[serde(default)]
    session_token: Option<Zeroizing<String>>,
    /// Containers and machines call it so.
    #[serde(default)]
    token: Option<Zeroizing<String>>,
    #[serde(default)]
    expiration: Option<String>,
}

impl Written {
    /// `None` if something is empty, or their end is no time.
    pub(super) fn read(self) -> Option<Credentials> {
        let expires = match &self.expiration {
            Some(text) => Some(seconds(text)?),
            None => None,
        };
        let is_whole = !self.access_key_id.is_empty() && !self.secret_access_key.is_empty();
        is_whole.then(|| Credentials {
            key_id: self.access_key_id,
            secret: self.secret_access_key,
            token: self.session_token.or(self.token),
            expires,
        })
    }
}

/// A time in seconds since 1970 as RFC 3339 writes it.
pub(super) fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok();
    let time = time.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    // No time is one that has ended.
    time.and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// A time of RFC 3339 in seconds since 1970.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let time = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    u64::try_from(time.unix_timestamp()).ok()
}
