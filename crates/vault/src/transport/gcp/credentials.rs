//! Credentials as Google's tools write them.
//!
//! <https://google.aip.dev/auth/4110>

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::subject::{Source, Subject};
use crate::transport::http::{Url, address};

/// Where a user's refresh token is sent unless the credentials say so.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

/// The only universe that is asked.
const UNIVERSE: &str = "googleapis.com";

/// What to log in with. It has no `Debug`.
pub(super) enum Credentials {
    /// A token that is there already.
    Token(Zeroizing<String>),
    /// The machine or the pod, by the host that knows its token; whether settings name the host.
    Machine {
        host: Url,
        is_set: bool,
    },
    Account(Account),
    User(User),
    /// A service account that another login acts as.
    Impersonated {
        account: Impersonated,
        source: Box<Credentials>,
    },
    External(Box<External>),
}

/// The key of a service account.
#[derive(Deserialize)]
pub(super) struct Account {
    #[serde(rename = "client_email")]
    pub(super) email: String,
    #[serde(default)]
    pub(super) private_key_id: String,
    pub(super) private_key: Zeroizing<String>,
    /// Where a signed request is exchanged for a token.
    #[serde(rename = "token_uri", default = "tokens")]
    pub(super) tokens: String,
}

/// The login of `gcloud auth application-default login`.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) client_id: String,
    pub(super) client_secret: Zeroizing<String>,
    pub(super) refresh_token: Zeroizing<String>,
    #[serde(rename = "token_uri", default = "tokens")]
    pub(super) tokens: String,
}

/// A service account that another login acts as.
pub(super) struct Impersonated {
    /// Where its tokens are.
    pub(super) url: Url,
    pub(super) delegates: Vec<String>,
    /// How long its tokens are good for.
    pub(super) seconds: u64,
}

/// The login of another platform (workload identity federation).
pub(super) struct External {
    pub(super) audience: String,
    pub(super) token_type: String,
    /// Where a token of the other platform is exchanged.
    pub(super) url: Url,
    pub(super) subject: Subject,
    pub(super) client: Option<(String, Zeroizing<String>)>,
    pub(super) workforce_project: Option<String>,
    pub(super) acts_as: Option<Impersonated>,
}

/// Credentials, and the project that requests are counted for.
pub(super) struct Found {
    pub(super) credentials: Credentials,
    pub(super) quota_project: Option<String>,
}

/// Why credentials are not read, with a place for where they are.
pub(super) type Misread = &'static str;

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    quota_project_id: Option<String>,
    #[serde(default)]
    universe_domain: Option<String>,
}

#[derive(Deserialize)]
struct WrittenImpersonated<'a> {
    #[serde(rename = "service_account_impersonation_url")]
    url: String,
    #[serde(default)]
    delegates: Vec<String>,
    #[serde(borrow)]
    source_credentials: &'a RawValue,
}

#[derive(Deserialize)]
struct WrittenExternal {
    audience: String,
    subject_token_type: String,
    token_url: String,
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

/// Why credentials, whose place comes next, are not read.
macro_rules! misread {
    ($reason:literal) => {
        concat!("the Google credentials in {} ", $reason)
    };
}

impl Found {
    /// Reads the text of credentials.
    pub(super) fn read(text: &str) -> Result<Self, Misread> {
        let head: Head = parse(text)?;
        if head.universe_domain.is_some_and(|name| name != UNIVERSE) {
            return Err(misread!("are for another cloud than googleapis.com"));
        }
        Ok(Found {
            credentials: Credentials::read(text, &head.kind, true)?,
            quota_project: head.quota_project_id.filter(|project| !project.is_empty()),
        })
    }
}

impl Credentials {
    /// Reads the text of credentials of some kind; those that act as another account only at the top.
    fn read(text: &str, kind: &str, at_top: bool) -> Result<Self, Misread> {
        match kind {
            "service_account" => parse(text).map(Credentials::Account),
            "authorized_user" => parse(text).map(Credentials::User),
            "external_account" => {
                External::read(text).map(|external| Credentials::External(Box::new(external)))
            }
            "impersonated_service_account" if at_top => {
                let written: WrittenImpersonated<'_> = parse(text)?;
                let source = written.source_credentials.get();
                let head: Head = parse(source)?;
                let source = Credentials::read(source, &head.kind, false)?;
                Ok(Credentials::Impersonated {
                    account: Impersonated {
                        url: server(&written.url)?,
                        delegates: written.delegates,
                        seconds: Impersonated::SECONDS,
                    },
                    source: Box::new(source),
                })
            }
            _ => Err(misread!("are of a type that is not read here")),
        }
    }
}

impl Impersonated {
    const SECONDS: u64 = 3600;

    /// The name of the account, for messages.
    pub(super) fn email(&self) -> &str {
        let last = self.url.path().rsplit('/').next().unwrap_or_default();
        last.split(':').next().unwrap_or_default()
    }
}

impl External {
    fn read(text: &str) -> Result<Self, Misread> {
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
            url: server(&written.token_url)?,
            subject,
            client: written.client_id.zip(written.client_secret),
            workforce_project: written.workforce_pool_user_project,
            acts_as,
        })
    }
}

/// Reads JSON. Of what is wrong with it nothing is told, since it could be a secret.
fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Misread> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            misread!("lack a part")
        } else {
            misread!("are not JSON")
        }
    })
}

/// The address of a server that credentials name.
pub(super) fn server(text: &str) -> Result<Url, Misread> {
    address::parse(text).ok_or(misread!(
        "name a server by what is not an http or https address"
    ))
}

fn tokens() -> String {
    TOKENS.to_owned()
}
