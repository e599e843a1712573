//! The two services: the one that gives tokens for a login, and the instance that has the secrets.

use super::info::INFO;
use super::login::{self, Login};
use super::model::{Grant, LoginRefusal, Refusal};
use crate::settings::ConnectContext;
use crate::shared::{LoginToken, RunTokens, Tokens};
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url, below};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// An instance and the login to it. It has no `Debug`.
pub(super) struct Client {
    http: http::Client,
    instance: Url,
    iam: Url,
    login: Login,
    tokens: Tokens,
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
        let settings = &settings.with_aliases(INFO.settings);
        let login = Login::from_settings(settings, context);
        let login = VaultError::both(login::instance(settings), login);
        let ((instance, login), iam) = VaultError::both(login, login::iam(settings))?;
        Ok(Client {
            http: http::Client::new(HttpSettings::new("Secrets Manager"))?,
            tokens: Tokens::new(origin(&iam)),
            instance,
            iam,
            login,
        })
    }

    /// The address of the instance without its path, for messages.
    pub(super) fn origin(&self) -> String {
        origin(&self.instance)
    }

    /// The name of the way to log in, for messages.
    pub(super) fn method(&self) -> &'static str {
        self.login.name()
    }

    /// The address of something of the instance's API.
    pub(super) fn url<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Url, VaultError> {
        below(&self.instance, ["api", "v2"].into_iter().chain(parts))
    }

    /// Sends a request with a login, once more if a token of another run has ended.
    pub(super) async fn get(
        &self,
        url: &Url,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<Answer, VaultError> {
        self.login.remember(run);
        let token = self.tokens.token(run, of_run, self.log_in(run)).await?;
        let answer = self.send(url, &token, run).await?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        let log_in = self.log_in(run);
        match self.tokens.renewed(run, of_run, &token, log_in).await {
            Some(renewed) => self.send(url, &*renewed?, run).await,
            None => Ok(answer),
        }
    }

    async fn send(
        &self,
        url: &Url,
        token: &LoginToken,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let request = self.http.get(url.clone()).bearer(token.expose());
        request.send(run, &Retry::default()).await
    }

    async fn log_in(&self, run: &RunContext) -> Result<LoginToken, VaultError> {
        let form = self.login.form(run)?;
        let answer = self
            .http
            .request(Method::POST, below(&self.iam, ["identity", "token"])?)
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", form.as_bytes())
            .send(run, &Retry::default().with_any_method())
            .await?;
        let error = |kind, message| VaultError::new(kind, message).with_name(origin(&self.iam));
        let is_genuine = || {
            answer
                .json::<LoginRefusal>()
                .is_ok_and(|refusal| refusal.is_genuine())
        };
        let error = match answer.status() {
            200..300 => {
                let Grant {
                    access_token,
                    expires_in,
                } = answer.json()?;
                if access_token.is_empty() {
                    let message = "the login at {} brings no token";
                    return Err(error(VaultErrorKind::InvalidAnswer, message));
                }
                return Ok(LoginToken::new(access_token, expires_in));
            }
            400 | 401 | 403 if is_genuine() => VaultError::new(
                VaultErrorKind::Unauthenticated,
                "the login by {} at {} is not accepted",
            )
            .with_name(self.login.name())
            .with_name(origin(&self.iam))
            .with_hint(self.login.hint()),
            404 => error(VaultErrorKind::InvalidAnswer, "{} gives no tokens")
                .with_hint("check SECRETS_MANAGER_AUTH_URL"),
            _ => return Err(answer.error()),
        };
        Err(error.with_status(answer.status()))
    }

    /// The answer if it is a success. `denied` says what the login may not do, and `missing` what is
    /// not there.
    pub(super) fn success(
        &self,
        answer: Answer,
        denied: impl FnOnce() -> VaultError,
        missing: impl FnOnce() -> VaultError,
    ) -> Result<Answer, VaultError> {
        let error = match answer.status() {
            401 => VaultError::new(
                VaultErrorKind::Unauthenticated,
                "{} does not accept the token of its login",
            )
            .with_name(self.origin())
            .with_hint("check AVP_IBM_INSTANCE_URL: the instance must be one that the login knows"),
            403 => denied(),
            404 if self.is_refusal(&answer, 404) => missing(),
            // Taken for a missing secret, a wrong address would switch a default on.
            404 => self.wrong("{} has no API of Secrets Manager").with_hint(
                "check AVP_IBM_INSTANCE_URL: the page Endpoints of the instance shows it",
            ),
            _ => return answer.success(),
        };
        Err(error
            .with_status(answer.status())
            .with_tries(answer.tries()))
    }

    /// Whether the instance refuses a request with this status, and no proxy before it.
    pub(super) fn is_refusal(&self, answer: &Answer, status: u16) -> bool {
        let is_genuine = |refusal: Refusal| refusal.is_genuine();
        answer.status() == status && answer.json().is_ok_and(is_genuine)
    }

    /// An answer of the instance that makes no sense.
    pub(super) fn wrong(&self, message: &'static str) -> VaultError {
        VaultError::invalid_answer(message).with_name(self.origin())
    }
}

fn origin(address: &Url) -> String {
    address.origin().ascii_serialization()
}
