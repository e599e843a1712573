//! The requests of a run: the token they share, and what the answers mean that are the same for
//! every engine.

use std::sync::Arc;

use tokio::sync::{Mutex, OnceCell};

use super::client::Client;
use super::login::Method;
use super::model::{Envelope, Mount};
use super::path::{behind, segments, up_to_engine};
use super::token::Token;
use crate::clock::now;
use crate::transport::http::{Answer, Method as HttpMethod};
use crate::transport::vault_api::refuses_token;
use crate::{RunContext, VaultError, VaultErrorKind};

/// The requests of one run.
pub(super) struct Session<'c> {
    client: &'c Client,
    pub(super) run: &'c RunContext,
    known: Arc<Known>,
}

/// What a run finds out about the server once.
#[derive(Default)]
pub(super) struct Known {
    /// The token that it begins with.
    first: OnceCell<Result<Arc<Token>, VaultError>>,
    /// The one in its place if that is over.
    second: OnceCell<Result<Arc<Token>, VaultError>>,
    /// The secret engines that the server was asked for.
    engines: Mutex<Vec<Engine>>,
}

/// A secret engine: the beginning of the paths that lead into it.
#[derive(Clone)]
struct Engine {
    path: String,
    is_versioned: bool,
}

impl<'c> Session<'c> {
    pub(super) fn new(client: &'c Client, run: &'c RunContext, known: Arc<Known>) -> Self {
        Session { client, run, known }
    }

    /// Reads a path, with a login if there has been none: a success, or a 404 of the API.
    ///
    /// # Errors
    /// If there is no login, the login does not allow it, or the server cannot answer.
    pub(super) async fn read(&self, path: &str, query: Option<&str>) -> Result<Answer, VaultError> {
        let parts = || segments(path);
        let token = self.token().await?;
        let mut answer = self.ask(&token, parts(), query).await?;
        if self.is_over(&token, &answer) {
            let token = self.renewed(&token).await?;
            answer = self.ask(&token, parts(), query).await?;
        }
        let envelope = || {
            answer
                .json::<Envelope<'_>>()
                .ok()
                .filter(Envelope::is_genuine)
        };
        match answer.status() {
            200..300 => return Ok(answer),
            404 if envelope().is_some() => return Ok(answer),
            404 => return Err(self.client.no_api()),
            403 => {}
            405 => {
                let error = VaultError::new(
                    VaultErrorKind::InvalidRequest,
                    "the path {} is not one that can be read",
                );
                return Err(error.with_name(path).with_status(405));
            }
            _ => return Err(self.client.trouble(&answer)),
        }
        Err(match envelope() {
            Some(_) if refuses_token(&answer) => self
                .client
                .error(
                    VaultErrorKind::Unauthenticated,
                    "{} does not accept the token",
                )
                .with_status(403)
                .with_hint(self.client.login.hint()),
            Some(_) => VaultError::new(
                VaultErrorKind::PermissionDenied,
                "the login may not read the path {}",
            )
            .with_name(path)
            .with_status(403)
            .with_hint("its policies must allow `read`; a path that does not exist looks the same"),
            None => answer.error(),
        })
    }

    async fn ask<'p>(
        &self,
        token: &Token,
        path: impl Iterator<Item = &'p str>,
        query: Option<&str>,
    ) -> Result<Answer, VaultError> {
        self.client
            .request(HttpMethod::GET, path, query)?
            .login("x-vault-token", &token.text)
            .with_refusal(refuses_token)
            .send(self.run, &self.client.retry())
            .await
    }

    /// The token of this run: that of an earlier login if it is good, else of a new one. A login
    /// that failed is not tried again.
    async fn token(&self) -> Result<Arc<Token>, VaultError> {
        if let Some(Ok(renewed)) = self.known.second.get() {
            return Ok(Arc::clone(renewed));
        }
        let first = self.known.first.get_or_init(|| self.first_token());
        first.await.clone()
    }

    async fn first_token(&self) -> Result<Arc<Token>, VaultError> {
        if let Method::Token { token } = &self.client.login.method {
            let text = token.clone();
            return Ok(Arc::new(Token {
                text,
                ends: None,
                is_limited: false,
                is_old: false,
            }));
        }
        match self.client.kept() {
            Some(token) => Ok(token),
            None => self.client.log_in_once(self.run, None).await,
        }
    }

    /// Whether a token was refused that has been good and can be replaced.
    fn is_over(&self, token: &Arc<Token>, answer: &Answer) -> bool {
        let can_log_in = !matches!(self.client.login.method, Method::Token { .. });
        can_log_in && (token.is_old || token.may_be_over(now())) && refuses_token(answer)
    }

    /// A new token in the place of one that is over: once in a run.
    async fn renewed(&self, refused: &Arc<Token>) -> Result<Arc<Token>, VaultError> {
        let log_in = || self.client.log_in_once(self.run, Some(refused));
        self.known.second.get_or_init(log_in).await.clone()
    }

    /// The path with `/data/` after its mount, if the mount is one of KV version 2.
    ///
    /// # Errors
    /// If the server cannot answer. One that may not be asked knows no such path.
    pub(super) async fn with_data(&self, path: &str) -> Result<Option<String>, VaultError> {
        let engine = self.engine(path).await?;
        let engine = engine.filter(|engine| engine.is_versioned);
        Ok(engine.and_then(|Engine { path: engine, .. }| {
            let rest = behind(path, &engine)?;
            Some(format!("{engine}/data/{rest}"))
        }))
    }

    /// Makes sure that a path leads into a secret engine, which its text does not show.
    ///
    /// # Errors
    /// If the server does not say so.
    pub(super) async fn needs_engine(&self, path: &str) -> Result<(), VaultError> {
        match self.engine(path).await? {
            Some(_) => Ok(()),
            None => Err(VaultError::new(
                VaultErrorKind::PermissionDenied,
                "the path {} could lead to the API of logins in a namespace: the server names no secret engine there",
            )
            .with_name(path)
            .with_hint("nothing below auth/, identity/ and sys/ is read; check the first parts of the path")),
        }
    }

    /// The engine that a path leads into, asked for once in a run; `None` if the server names
    /// none. Nothing of its answer is kept but for what the path says as well.
    async fn engine(&self, path: &str) -> Result<Option<Engine>, VaultError> {
        let mut engines = self.known.engines.lock().await;
        if let Some(known) = engines
            .iter()
            .find(|engine| behind(path, &engine.path).is_some())
        {
            return Ok(Some(known.clone()));
        }
        let answer = match self
            .read(&format!("sys/internal/ui/mounts/{path}"), None)
            .await
        {
            Ok(answer) => answer,
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => return Ok(None),
        };
        let mount = answer
            .json::<Envelope<'_>>()
            .ok()
            .and_then(|envelope| serde_json::from_str::<Mount>(envelope.data?.get()).ok());
        let engine = mount
            .filter(|mount| !mount.is_internal())
            .and_then(|mount| {
                Some(Engine {
                    path: up_to_engine(path, &mount.path)?.to_owned(),
                    is_versioned: mount.is_versioned(),
                })
            });
        engines.extend(engine.clone());
        Ok(engine)
    }
}
