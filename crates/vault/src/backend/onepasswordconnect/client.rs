//! The requests, and what their answers mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::model::{Item, Refusal, Summary, Vault};
use super::token::Token;
use crate::clock::now;
use crate::transport::http::{self, Answer, HttpSettings, Retry, Url, below};
use crate::{RunContext, SecretValue, VaultError, VaultErrorKind};

/// A Connect server and the login to it.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    token: Token,
}

/// Why there is nothing to read, where the caller knows better how it is called.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The server has no such thing.
    Missing,
    /// The token does not cover the vault, or there is no such vault: servers do not tell.
    NotCovered,
    /// Anything else.
    Other(VaultError),
}

impl Client {
    pub(super) fn new(address: Url, token: Token) -> Result<Self, VaultError> {
        let http = http::Client::new(HttpSettings::new("1Password Connect"))?;
        Ok(Client {
            http,
            address,
            token,
        })
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// Begins a run.
    pub(super) fn session<'c>(self: &'c Arc<Self>, run: &'c RunContext) -> Session<'c> {
        Session {
            client: self,
            run,
            started: Arc::default(),
        }
    }
}

/// The requests of one run.
pub(super) struct Session<'c> {
    pub(super) client: &'c Arc<Client>,
    pub(super) run: &'c RunContext,
    /// Whether a request was sent.
    pub(super) started: Arc<AtomicBool>,
}

impl Session<'_> {
    /// The vaults that the token covers.
    pub(super) async fn vaults(&self) -> Result<Vec<Vault>, VaultError> {
        let answer = self.request(&["vaults"], None).await?;
        if answer.status() == 404 {
            return Err(self
                .wrong("{} has no API of 1Password Connect")
                .with_hint("check the path in OP_CONNECT_HOST"));
        }
        let vaults: Vec<Vault> = self.success(answer)?.json()?;
        self.check_ids(vaults.iter().map(|vault| vault.id.as_str()))?;
        Ok(vaults)
    }

    /// The items of a vault: all of them, or those with a title, which the server may compare as
    /// it likes.
    pub(super) async fn items(
        &self,
        vault: &str,
        title: Option<&str>,
    ) -> Result<Vec<Summary>, Trouble> {
        let filter = title.map(|title| {
            let filter = format!("title eq \"{title}\"");
            format!("filter={}", utf8_percent_encode(&filter, NON_ALPHANUMERIC))
        });
        let answer = self
            .read(&["vaults", vault, "items"], filter.as_deref())
            .await?;
        let items: Vec<Summary> = answer.json().map_err(Trouble::Other)?;
        self.check_ids(items.iter().map(|item| item.id.as_str()))
            .map_err(Trouble::Other)?;
        let elsewhere = |item: &Summary| item.vault.as_ref().is_some_and(|other| other.id != vault);
        if items.iter().any(elsewhere) {
            Err(Trouble::Other(
                self.wrong("{} answers with the items of another vault"),
            ))
        } else {
            Ok(items)
        }
    }

    /// An item with its fields.
    pub(super) async fn item(&self, vault: &str, item: &str) -> Result<Item, Trouble> {
        let answer = self.read(&["vaults", vault, "items", item], None).await?;
        let read: Item = answer.json().map_err(Trouble::Other)?;
        // Servers were seen to answer with another vault's data; that must not reach a manifest.
        if read.id != item || read.vault.as_ref().is_some_and(|other| other.id != vault) {
            return Err(Trouble::Other(
                self.wrong("{} answers with another item than was asked for"),
            ));
        }
        Ok(read)
    }

    /// The contents of a file.
    pub(super) async fn file(
        &self,
        vault: &str,
        item: &str,
        file: &str,
    ) -> Result<SecretValue, Trouble> {
        self.check_ids([file]).map_err(Trouble::Other)?;
        let path = ["vaults", vault, "items", item, "files", file, "content"];
        let answer = self.read(&path, None).await?;
        // Contents are application/octet-stream whatever they are, so a page is a proxy's.
        if answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
        {
            Err(Trouble::Other(self.wrong(
                "{} answers with a web page; is this really a 1Password Connect server?",
            )))
        } else {
            Ok(SecretValue::bytes(answer.body()))
        }
    }

    /// Reads something in a vault.
    async fn read(&self, path: &[&str], query: Option<&str>) -> Result<Answer, Trouble> {
        let answer = self.request(path, query).await.map_err(Trouble::Other)?;
        // A proxy has a 403 and a 404 of its own. Taken for the server's, they would make a
        // missing item, for which a placeholder may have a default, of a wrong address.
        let genuine = || {
            answer
                .json::<Refusal>()
                .is_ok_and(|refusal| !refusal.message.is_empty())
        };
        match answer.status() {
            403 if genuine() => Err(Trouble::NotCovered),
            404 if genuine() => Err(Trouble::Missing),
            404 => Err(Trouble::Other(
                self.wrong("{} has no API of 1Password Connect")
                    .with_hint("check the path in OP_CONNECT_HOST")
                    .with_status(404),
            )),
            _ => self.success(answer).map_err(Trouble::Other),
        }
    }

    fn success(&self, answer: Answer) -> Result<Answer, VaultError> {
        if answer.status() != 401 {
            return answer.success();
        }
        let message = "{} does not accept the access token";
        Err(VaultError::new(VaultErrorKind::Unauthenticated, message)
            .with_name(self.client.origin())
            .with_status(401)
            .with_hint(if self.client.token.says_expired(now()) {
                "the token in OP_CONNECT_TOKEN has expired"
            } else {
                "check OP_CONNECT_TOKEN"
            }))
    }

    /// Sends a GET, again where the answer is known to pass: servers refuse a token now and then
    /// that they accept a moment later, and old ones refuse the first request after their start.
    async fn request(&self, path: &[&str], query: Option<&str>) -> Result<Answer, VaultError> {
        let parts = std::iter::once("v1").chain(path.iter().copied());
        let mut url = below(&self.client.address, parts)?;
        url.set_query(query);
        let first = !self.started.swap(true, Ordering::Relaxed);
        let retry = Retry::default().with_rule(move |answer| {
            let wait = match (answer.status(), answer.tries()) {
                (401, 1) if first => 100,
                (403, 1) if is_passing(answer) => 100,
                (403, 2) if is_passing(answer) => 300,
                _ => return None,
            };
            Some(Duration::from_millis(wait))
        });
        self.client
            .http
            .get(url)
            .bearer(self.client.token.expose())
            .send(self.run, &retry)
            .await
    }

    /// Ids become parts of addresses, so they must not hold anything that has a meaning there.
    fn check_ids<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Result<(), VaultError> {
        let fine = |id: &str| {
            !id.is_empty()
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        if ids.into_iter().all(fine) {
            Ok(())
        } else {
            Err(self.wrong("{} answers with something that is not an id"))
        }
    }

    fn wrong(&self, message: &'static str) -> VaultError {
        VaultError::new(VaultErrorKind::InvalidAnswer, message).with_name(self.client.origin())
    }
}

fn is_passing(answer: &Answer) -> bool {
    answer
        .json::<Refusal>()
        .is_ok_and(|refusal| refusal.message.starts_with("Authorization:"))
}
