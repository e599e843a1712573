//! What a Vault server answers, as far as it is used.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::format::null::or_default;
use crate::{Exposed, SecretValue};

/// The frame of every answer. Its texts are only compared, never shown.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "or_default")]
    warnings: Vec<serde::de::IgnoredAny>,
    /// Missing in a success, and in what a proxy answers in the server's place.
    #[serde(default)]
    errors: Option<Vec<String>>,
    #[serde(default)]
    pub(super) auth: Option<Auth>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    lease_id: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    lease_duration: u64,
}

impl Envelope<'_> {
    /// Whether what is in it was made for the one who asked: it is leased to them.
    pub(super) fn is_leased(&self) -> bool {
        !self.lease_id.is_empty()
    }

    /// Whether it says how long it will do, as KV version 1 does of all it has. What an engine makes
    /// up when it is asked, such as a one-time code, says nothing of the kind if it has no lease.
    pub(super) fn says_how_long(&self) -> bool {
        self.lease_duration > 0
    }

    /// Whether a server of this kind gives such an answer without data: with a list of errors,
    /// which may be empty, or of warnings.
    pub(super) fn is_genuine(&self) -> bool {
        self.errors.is_some() || self.data.is_some() || self.has_warnings()
    }

    pub(super) fn has_warnings(&self) -> bool {
        !self.warnings.is_empty()
    }

    pub(super) fn is_sealed(&self) -> bool {
        self.any_error(|error| error.contains("is sealed"))
    }

    /// Whether nothing is mounted at the path.
    pub(super) fn has_no_route(&self) -> bool {
        self.any_error(|error| error.starts_with("no handler for route"))
    }

    fn any_error(&self, is: impl Fn(&str) -> bool) -> bool {
        self.errors.iter().flatten().any(|error| is(error.trim()))
    }

    /// The entries of `data`; `None` if it is not a map.
    pub(super) fn entries(&self) -> Option<Vec<(String, SecretValue)>> {
        entries(self.data?)
    }
}

/// `data` as KV version 2 fills it.
#[derive(Deserialize)]
pub(super) struct Versioned<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) metadata: Option<Metadata>,
}

impl<'a> Versioned<'a> {
    /// Reads `data`; `None` if it has another form, such as that of a KV version 1 secret whose
    /// keys happen to be called so.
    pub(super) fn read(data: &'a RawValue) -> Option<Self> {
        serde_json::from_str(data.get()).ok()
    }

    /// The entries of a version that is there.
    pub(super) fn entries(&self) -> Option<Vec<(String, SecretValue)>> {
        entries(self.data?)
    }

    /// What is known of a version that is not there any more.
    pub(super) fn gone(&self) -> Option<&Metadata> {
        match self.data {
            None => self.metadata.as_ref(),
            Some(_) => None,
        }
    }
}

/// What KV version 2 knows of a version.
#[derive(Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub(super) version: Option<u64>,
    #[serde(default)]
    pub(super) destroyed: bool,
}

/// Where a mount is and what it is.
#[derive(Deserialize)]
pub(super) struct Mount {
    #[serde(default)]
    pub(super) path: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    options: Option<MountOptions>,
    #[serde(default)]
    config: Option<MountConfig>,
}

#[derive(Deserialize)]
struct MountConfig {
    /// What kind of tokens logins get; only mounts of logins have it.
    #[serde(default)]
    token_type: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct MountOptions {
    #[serde(default)]
    version: Option<String>,
}

impl Mount {
    /// Whether it belongs to the API of logins and rights, in the namespace of all or in another.
    pub(super) fn is_internal(&self) -> bool {
        let kind = self.kind.strip_prefix("ns_").unwrap_or(&self.kind);
        let config = self.config.as_ref();
        matches!(kind, "identity" | "system" | "token")
            || config.is_some_and(|config| config.token_type.is_some())
    }

    pub(super) fn is_versioned(&self) -> bool {
        let version = self
            .options
            .as_ref()
            .and_then(|options| options.version.as_deref());
        self.kind == "kv" && version == Some("2")
    }
}

/// What a login brings.
#[derive(Deserialize)]
pub(super) struct Auth {
    #[serde(default, deserialize_with = "secret")]
    pub(super) client_token: Zeroizing<String>,
    /// Seconds; 0 for ever.
    #[serde(default)]
    pub(super) lease_duration: u64,
    /// How often the token can be used; 0 without limit.
    #[serde(default)]
    pub(super) num_uses: u64,
    #[serde(default)]
    pub(super) mfa_requirement: Option<serde::de::IgnoredAny>,
}

fn entries(data: &RawValue) -> Option<Vec<(String, SecretValue)>> {
    match SecretValue::from_json(data.get())?.expose() {
        Exposed::Map(entries) => Some(entries.to_vec()),
        _ => None,
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}
