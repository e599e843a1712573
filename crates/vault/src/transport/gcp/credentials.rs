//! Credentials as Google's tools write them.
//!
//! <https://google.aip.dev/auth/4110>

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::external::External;
use super::impersonated::Impersonated;
use super::universe::Universe;
use super::written::{Misread, misread, parse, server};
use crate::transport::http::Url;

/// Where a user's refresh token is sent unless the credentials say so.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

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
    Worker(Worker),
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

/// The login of a user whom another company knows (workforce identity federation).
#[derive(Deserialize)]
pub(super) struct Worker {
    pub(super) client_id: String,
    pub(super) client_secret: Zeroizing<String>,
    pub(super) refresh_token: Zeroizing<String>,
    /// Where the next token is got, if not at the usual place of the cloud.
    #[serde(default, rename = "token_url")]
    pub(super) tokens: Option<String>,
}

/// Credentials, the project that requests are counted for, and the cloud that they are for.
pub(super) struct Found {
    pub(super) credentials: Credentials,
    pub(super) quota_project: Option<String>,
    pub(super) universe: Universe,
}

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

impl Head {
    fn universe(&self) -> Result<Option<Universe>, Misread> {
        let name = self.universe_domain.as_deref();
        let universe = |name| Universe::parse(name).ok_or(misread!("name a cloud by no domain"));
        name.filter(|name| !name.is_empty())
            .map(universe)
            .transpose()
    }
}

impl Found {
    /// Reads the text of credentials.
    pub(super) fn read(text: &str) -> Result<Self, Misread> {
        let head: Head = parse(text)?;
        let mut universe = head.universe()?;
        let credentials = Credentials::read(text, &head.kind, &mut universe)?;
        let universe = universe.unwrap_or_else(Universe::google);
        if credentials.are_of_a_user() && !universe.is_google() {
            return Err(misread!(
                "are the login of a user, which is only for googleapis.com"
            ));
        }
        Ok(Found {
            credentials,
            quota_project: head.quota_project_id.filter(|project| !project.is_empty()),
            universe,
        })
    }
}

impl Credentials {
    /// Reads the text of credentials of some kind. Those within others are for the same cloud.
    fn read(text: &str, kind: &str, universe: &mut Option<Universe>) -> Result<Self, Misread> {
        match kind {
            "service_account" => parse(text).map(Credentials::Account),
            "authorized_user" => parse(text).map(Credentials::User),
            "external_account_authorized_user" => parse(text).map(Credentials::Worker),
            "external_account" => {
                External::read(text).map(|external| Credentials::External(Box::new(external)))
            }
            "impersonated_service_account" => {
                let written: WrittenImpersonated<'_> = parse(text)?;
                let source = written.source_credentials.get();
                let head: Head = parse(source)?;
                match (head.universe()?, &universe) {
                    (Some(own), Some(other)) if own != *other => {
                        return Err(misread!("are for two clouds"));
                    }
                    (own @ Some(_), None) => *universe = own,
                    _ => {}
                }
                let source = Credentials::read(source, &head.kind, universe)?;
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

    /// What logs in, be it as another account or not.
    pub(super) fn first(&self) -> &Credentials {
        match self {
            Credentials::Impersonated { source, .. } => source.first(),
            other => other,
        }
    }

    fn are_of_a_user(&self) -> bool {
        matches!(self.first(), Credentials::User(_))
    }
}

fn tokens() -> String {
    TOKENS.to_owned()
}
