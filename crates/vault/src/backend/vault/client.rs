//! The server: how requests to it look, and how a login brings a token.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use zeroize::Zeroizing;

use super::address::{self, Address};
use super::cache::Cache;
use super::connection::{Connection, connection};
use super::login::{Login, MOUNT_HINT};
use super::model::Envelope;
use super::path::may_be_internal;
use super::session::{Known, Session};
use super::token::Token;
use crate::clock::now;
use crate::settings::ConnectContext;
use crate::shared::Gate;
use crate::sync::lock;
use crate::transport::http::{self, Answer, Method as HttpMethod, Request, Retry, Url, below};
use crate::transport::vault_api::refuses_token;
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// A server and the login to it.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    namespace: Option<String>,
    pub(super) login: Login,
    /// The token of the last login, for the next run.
    kept: Mutex<Option<Arc<Token>>>,
    /// Runs log in one after the other.
    gate: Gate,
    cache: Option<Cache>,
    verifies: bool,
    retries: Option<u32>,
    /// Whether the API or a page was taken off the address.
    shortened: bool,
}

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used.
    pub(super) fn from_settings(
        settings: &Settings,
        context: &ConnectContext,
    ) -> Result<Self, VaultError> {
        let address = address::address(settings);
        let connection = connection(settings, address.as_ref().ok().map(|address| &address.url));
        let login = Login::from_settings(settings, context);
        let ((address, login), connection) =
            VaultError::both(VaultError::both(address, login), connection)?;
        let Address {
            url: address,
            shortened,
        } = address;
        let Connection {
            http,
            verifies,
            retries,
        } = connection;
        let namespace = settings.value("VAULT_NAMESPACE").map(str::to_owned);
        // Servers put it in front of the path, and then it must not be the API that is in front.
        if namespace.as_deref().is_some_and(may_be_internal) {
            return Err(VaultError::configuration(
                "no namespace can be called as VAULT_NAMESPACE is",
            )
            .with_hint("a namespace cannot contain auth, identity or sys"));
        }
        let folder = settings.path("MANIFILL_VAULT_TOKEN_CACHE");
        let cache = folder.filter(|_| context.keeps_login()).map(|folder| {
            let mut identity = vec![address.as_str(), namespace.as_deref().unwrap_or_default()];
            identity.push(login.name());
            // The mount, and the user where that is part of the address.
            identity.extend(login.address().unwrap_or_default());
            Cache::new(folder, identity)
        });
        Ok(Client {
            http: http::Client::new(http)?,
            address,
            namespace,
            login,
            kept: Mutex::default(),
            gate: Gate::default(),
            cache,
            verifies,
            retries,
            shortened,
        })
    }

    /// Leaves what is to be said of the settings.
    pub(super) fn note_settings(&self, run: &RunContext) {
        if self.login.implied {
            run.note("AVP_AUTH_TYPE is not set; since VAULT_TOKEN is, the login is by `token`");
        }
        if self.shortened {
            run.note("VAULT_ADDR ends with /v1, or a page of /ui, which was left out: it is the address of the server alone");
        }
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// The namespace of the settings.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name of the way to log in.
    pub(super) fn method(&self) -> &'static str {
        self.login.name()
    }

    /// Begins a run.
    pub(super) fn session<'c>(&'c self, run: &'c RunContext, known: Arc<Known>) -> Session<'c> {
        if !self.verifies {
            run.note("VAULT_SKIP_VERIFY is on: nobody checks that the server is the right one");
        }
        Session::new(self, run, known)
    }

    /// The token of an earlier run, if it is still good.
    pub(super) fn kept(&self) -> Option<Arc<Token>> {
        let kept = lock(&self.kept);
        kept.clone().filter(|token| token.is_good(now()))
    }

    /// Logs in, in the place of a token that was refused if there is one. Of runs that want to at
    /// the same time one does so for all.
    pub(super) async fn log_in_once(
        &self,
        run: &RunContext,
        refused: Option<&Arc<Token>>,
    ) -> Result<Arc<Token>, VaultError> {
        let is_other = |kept: &Arc<Token>| refused.is_none_or(|refused| kept.text != refused.text);
        let late = || {
            self.error(VaultErrorKind::Timeout, "no login to {} in time")
                .with_hint(run.timeout_hint())
        };
        let mut turn = self.gate.turn(run).await.ok_or_else(late)?;
        if let Some(kept) = self.kept().filter(is_other) {
            return Ok(kept);
        }
        if let Some(error) = turn.failure() {
            return Err(error);
        }
        let token = self.log_in(run, refused.is_none()).await;
        turn.end(token.as_ref().err());
        token
    }

    /// Logs in, or takes the token that the same login has left in the cache.
    async fn log_in(&self, run: &RunContext, from_cache: bool) -> Result<Arc<Token>, VaultError> {
        let body = self.login.body()?;
        let cached = self.cache.as_ref().filter(|_| from_cache);
        let token = match cached.and_then(|cache| cache.load(&body)) {
            Some(token) => token,
            None => {
                let token = self.post_login(run, &body).await?;
                if let Some(cache) = &self.cache {
                    if cache.save(&body, &token).is_err() {
                        run.note("the token could not be kept in MANIFILL_VAULT_TOKEN_CACHE: the folder must be writable, this user's own and closed to others");
                    }
                }
                token
            }
        };
        let token = Arc::new(token);
        let kept = Arc::new(token.as_old());
        *lock(&self.kept) = Some(kept);
        Ok(token)
    }

    async fn post_login(
        &self,
        run: &RunContext,
        body: &Zeroizing<Vec<u8>>,
    ) -> Result<Token, VaultError> {
        let path = self.login.address().unwrap_or_default();
        let answer = self
            .request(HttpMethod::POST, path.into_iter(), None)?
            .body("application/json", body.to_vec())
            .send(run, &self.retry().with_any_method())
            .await?;
        match answer.status() {
            200..300 => self.token_in(&answer),
            _ => Err(self.login_trouble(&answer)),
        }
    }

    /// The token that a login has brought.
    fn token_in(&self, answer: &Answer) -> Result<Token, VaultError> {
        let nothing = || {
            self.login_error(
                VaultErrorKind::InvalidAnswer,
                "the {} login at {} brings no token",
            )
        };
        if answer.body().is_empty() {
            return Err(nothing());
        }
        let envelope: Envelope<'_> = answer.json()?;
        let auth = envelope.auth.ok_or_else(nothing)?;
        if auth.mfa_requirement.is_some() {
            let message = "the {} login at {} wants a second factor, which nobody can give here";
            return Err(self
                .login_error(VaultErrorKind::Unauthenticated, message)
                .with_hint("use a login without multi-factor authentication"));
        }
        if auth.client_token.is_empty() {
            return Err(nothing());
        }
        Ok(Token {
            text: auth.client_token,
            ends: (auth.lease_duration > 0).then(|| now().saturating_add(auth.lease_duration)),
            is_limited: auth.num_uses > 0,
            is_old: false,
        })
    }

    /// The error of an answer that refuses a login, or is none to it.
    fn login_trouble(&self, answer: &Answer) -> VaultError {
        let envelope = answer.json::<Envelope<'_>>();
        if !envelope.is_ok_and(|envelope| envelope.is_genuine()) {
            return match answer.status() {
                404 => self.no_api(),
                _ => answer.error(),
            };
        }
        let message = match answer.status() {
            404 => {
                let message = "there is no {} login at {}";
                return self
                    .login_error(VaultErrorKind::Configuration, message)
                    .with_status(404)
                    .with_hint(MOUNT_HINT);
            }
            // Where nothing is mounted, the server misses a token.
            403 if refuses_token(answer) => "there is no {} login at {}, or it is not accepted",
            400 | 401 | 403 => "the {} login at {} is not accepted",
            _ => return self.trouble(answer),
        };
        self.login_error(VaultErrorKind::Unauthenticated, message)
            .with_status(answer.status())
            .with_hint(self.login.hint())
    }

    fn login_error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message)
            .with_name(self.login.name())
            .with_name(&self.login.mount)
    }

    /// Starts a request with the headers that Vault's own client sends.
    ///
    /// # Errors
    /// If the path cannot be sent as it is written.
    pub(super) fn request<'p>(
        &self,
        method: HttpMethod,
        path: impl Iterator<Item = &'p str>,
        query: Option<&str>,
    ) -> Result<Request<'_>, VaultError> {
        let mut url = below(&self.address, std::iter::once("v1").chain(path))?;
        url.set_query(query);
        // An agent in front of the server may insist on it, to keep browsers out.
        let request = self
            .http
            .request(method, url)
            .header("x-vault-request", "true");
        Ok(match &self.namespace {
            Some(namespace) => request.header("x-vault-namespace", namespace),
            None => request,
        })
    }

    pub(super) fn retry(&self) -> Retry<'_> {
        let retry = match self.retries {
            Some(more) => Retry::never().with_more(more),
            None => Retry::default(),
        };
        // 412: this node does not yet have what another one has written.
        retry.with_rule(|answer| (answer.status() == 412).then_some(Duration::from_millis(200)))
    }

    pub(super) fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message).with_name(self.origin())
    }

    /// The error of an answer that is none to a read or a login.
    pub(super) fn trouble(&self, answer: &Answer) -> VaultError {
        match answer.json::<Envelope<'_>>() {
            Ok(envelope) if envelope.is_sealed() => self
                .error(VaultErrorKind::Unavailable, "the vault at {} is sealed")
                .with_status(answer.status())
                .with_tries(answer.tries())
                .with_hint("it must be unsealed by its operators"),
            _ => answer.error(),
        }
    }

    /// Something that answers 404 in another way than the server's API.
    pub(super) fn no_api(&self) -> VaultError {
        self.error(VaultErrorKind::InvalidAnswer, "{} has no API of Vault")
            .with_status(404)
            .with_hint("check the path in VAULT_ADDR")
    }
}
