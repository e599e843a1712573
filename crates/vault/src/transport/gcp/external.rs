//! Credentials of another platform (workload identity federation), as Google's tools write them.
//!
//! <https://google.aip.dev/auth/4117>

use serde::Deserialize;
use zeroize::Zeroizing;

use super::impersonated::Impersonated;
use super::subject::{Source, Subject};
use super::written::{Misread, misread, parse, server};
use crate::transport::http::Url;

/// The login of another platform (workload identity federation).
pub(super) struct External {
    pub(super) audience: String,
    pub(super) token_type: String,
    /// Where a token of the other platform is exchanged, if not at the usual place of the cloud.
    pub(super) url: Option<Url>,
    pub(super) subject: Subject,
    pub(super) client: Option<(String, Zeroizing<String>)>,
    pub(super) workforce_project: Option<String>,
    pub(super) acts_as: Option<Impersonated>,
}

#[derive(Deserialize)]
struct WrittenExternal {
    audience: String,
    subject_token_type: String,
    #[serde(default)]
    token_url: Option<String>,
    credential_source: Source,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    client_secret: Option<Zeroizing<String>>,
    #[serde(default)]
    workforce_pool_user_project: Option<String>,
    #[serde(default, rename = "service_account_impersonation_url")]
    impersonation_url: Option<String>,
    #[serde(default, rename = "service_account_impersonation")]
    impersonation: Option<Lifetime>,
}

#[derive(Deserialize)]
struct Lifetime {
    #[serde(default)]
    token_lifetime_seconds: Option<u64>,
}

impl External {
    /// Reads the text of credentials.
    pub(super) fn read(text: &str) -> Result<Self, Misread> {
        let written: WrittenExternal = parse(text)?;
        let seconds = written
            .impersonation
            .and_then(|of| of.token_lifetime_seconds);
        let acts_as = match written.impersonation_url.filter(|url| !url.is_empty()) {
            Some(url) => Some(Impersonated {
                url: server(&url)?,
                delegates: Vec::new(),
                seconds: seconds.unwrap_or(Impersonated::SECONDS),
            }),
            None => None,
        };
        let subject = Subject::of(written.credential_source)
            .ok_or(misread!("name a source of tokens that is not read here"))?;
        Ok(External {
            audience: written.audience,
            token_type: written.subject_token_type,
            url: written.token_url.as_deref().map(server).transpose()?,
            subject,
            client: written.client_id.zip(written.client_secret),
            workforce_project: written.workforce_pool_user_project,
            acts_as,
        })
    }
}
