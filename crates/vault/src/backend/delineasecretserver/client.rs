//! The server: how requests to it look, how a login brings a token, and what answers mean.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

use super::login::{self, Credentials};
use super::model::{Fields, FileId, Grant, Refusal};
use super::path::Locator;
use crate::shared::{LoginToken, RunTokens, Shareable, Tokens};
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url, below};
use crate::{RunContext, SecretValue, Settings, VaultError, VaultErrorKind};

/// A server and the login to it.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    credentials: Credentials,
    tokens: Tokens,
}

/// The contents of a file.
pub(super) struct File(pub(super) SecretValue);

impl Shareable for File {}

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let http = HttpSettings::new("Secret Server");
        let http = match settings.path("MANIFILL_DELINEA_CACERT") {
            Some(file) => http
                .with_ca_file(file)
                .map_err(|error| error.about_setting("MANIFILL_DELINEA_CACERT")),
            None => Ok(http),
        };
        let credentials = Credentials::from_settings(settings);
        let login = VaultError::both(login::server(settings), credentials);
        let ((address, credentials), http) = VaultError::both(login, http)?;
        Ok(Client {
            http: http::Client::new(http)?,
            tokens: Tokens::new(origin(&address)),
            address,
            credentials,
        })
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        origin(&self.address)
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// If there is no login, the login does not allow it, or the server cannot answer.
    pub(super) async fn secret(
        &self,
        at: &Locator,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<Fields, VaultError> {
        let (id, query) = match at {
            Locator::Id(id) => (id.to_string(), None),
            Locator::Names(names) => {
                let path = Locator::server_path(names);
                let path = utf8_percent_encode(&path, NON_ALPHANUMERIC);
                ("0".to_owned(), Some(format!("secretPath={path}")))
            }
        };
        let mut url = self.url(["api", "v1", "secrets", &id])?;
        url.set_query(query.as_deref());
        let shown = at.to_string();
        let answer = self.get(&url, run, of_run).await?;
        let answer = self.success(answer, &shown)?;
        let fields = Fields::read(answer.json::<&RawValue>()?)
            .ok_or_else(|| self.wrong("the answer of {} is not what a Secret Server gives"))?;
        match at {
            // What is another secret's must not reach a manifest.
            Locator::Id(id) if *id != fields.id => {
                Err(self.wrong("{} answers with another secret than was asked for"))
            }
            _ => Ok(fields),
        }
    }

    /// Reads the file in a field.
    ///
    /// # Errors
    /// As for a secret.
    pub(super) async fn file(
        &self,
        id: &FileId,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<File, VaultError> {
        let secret = id.secret.to_string();
        let url = self.url(["api", "v1", "secrets", &secret, "fields", &id.slug])?;
        let answer = self.get(&url, run, of_run).await?;
        let answer = self.success(answer, &secret)?;
        let kind = answer.header("content-type").unwrap_or_default();
        // An attached page comes as an attachment; any other is a proxy's.
        if kind.starts_with("text/html") && answer.header("content-disposition").is_none() {
            let message = "{} answers with a web page; is this really a Secret Server?";
            return Err(self.wrong(message));
        }
        Ok(File(match answer.text() {
            Ok(text) => SecretValue::text(text),
            Err(_) => SecretValue::bytes(answer.body()),
        }))
    }

    /// The answer to a GET, with a login if there has been none.
    async fn get(
        &self,
        url: &Url,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<Answer, VaultError> {
        match &self.credentials {
            Credentials::Token(token) => return self.send(url, token, run).await,
            Credentials::User { password, .. } => run.remember_login(password),
        }
        let token = self.tokens.token(run, of_run, self.log_in(run)).await?;
        let answer = self.send(url, token.expose(), run).await?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        let log_in = self.log_in(run);
        match self.tokens.renewed(run, of_run, &token, log_in).await {
            Some(renewed) => self.send(url, renewed?.expose(), run).await,
            None => Ok(answer),
        }
    }

    async fn send(&self, url: &Url, token: &str, run: &RunContext) -> Result<Answer, VaultError> {
        let request = self.http.get(url.clone()).bearer(token);
        request.send(run, &Retry::default()).await
    }

    async fn log_in(&self, run: &RunContext) -> Result<LoginToken, VaultError> {
        let form = self.credentials.form();
        let answer = self
            .http
            .request(Method::POST, self.url(["oauth2", "token"])?)
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", form.as_bytes())
            .send(run, &Retry::default().with_any_method())
            .await?;
        let error = match answer.status() {
            200..300 => {
                let Grant {
                    access_token,
                    expires_in,
                } = answer.json()?;
                if access_token.is_empty() {
                    return Err(self.wrong("the login at {} brings no token"));
                }
                return Ok(LoginToken::new(access_token, expires_in));
            }
            400 | 401 => self
                .error(VaultErrorKind::Unauthenticated, "the login at {} is not accepted")
                .with_hint("check AVP_DELINEA_USER, AVP_DELINEA_PASSWORD and AVP_DELINEA_DOMAIN; a user with a second factor cannot log in here"),
            404 => self.no_api(),
            _ => return Err(answer.error()),
        };
        Err(error.with_status(answer.status()))
    }

    /// The answer if it is a success; `shown` says what was asked for.
    fn success(&self, answer: Answer, shown: &str) -> Result<Answer, VaultError> {
        use VaultErrorKind::{NotFound, PermissionDenied, Unauthenticated};
        let refusal = || answer.json::<Refusal>().ok().filter(Refusal::is_genuine);
        let about = |kind, message| VaultError::new(kind, message).with_name(shown);
        let denied = || {
            about(PermissionDenied, "the login may not read the secret {}")
                .with_hint("the user needs the permission View; a secret that does not exist may look the same")
        };
        let error = match answer.status() {
            401 => self
                .error(Unauthenticated, "{} does not accept the token")
                .with_hint("check AVP_DELINEA_TOKEN if it is set: it may have expired"),
            403 => denied(),
            404 => match refusal() {
                Some(_) => about(NotFound, "there is no secret {}"),
                // Taken for a missing secret, a wrong address would switch a default on.
                None => self.no_api(),
            },
            400 => match refusal() {
                Some(refusal) if refusal.denies() => denied(),
                Some(refusal) if refusal.wants_more() => about(
                    PermissionDenied,
                    "the secret {} is shown only after a comment, a check-out or a second password",
                )
                .with_hint("nobody can give these here; take them off the secret for this user"),
                _ => return answer.success(),
            },
            _ => return answer.success(),
        };
        Err(error
            .with_status(answer.status())
            .with_tries(answer.tries()))
    }

    fn url<const N: usize>(&self, parts: [&str; N]) -> Result<Url, VaultError> {
        below(&self.address, parts)
    }

    fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message).with_name(self.origin())
    }

    fn wrong(&self, message: &'static str) -> VaultError {
        self.error(VaultErrorKind::InvalidAnswer, message)
    }

    /// Something that answers 404 in another way than the server's API.
    fn no_api(&self) -> VaultError {
        self.wrong("{} has no API of Secret Server")
            .with_hint("check the path in AVP_DELINEA_URL: it often ends with /SecretServer")
    }
}

fn origin(address: &Url) -> String {
    address.origin().ascii_serialization()
}
