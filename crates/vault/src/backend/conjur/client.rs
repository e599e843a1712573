//! The server: its address, the login, and what its answers mean.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::login::Login;
use super::model::{AccessToken, is_genuine};
use crate::shared::{LoginToken, RunTokens, Tokens};
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url, below};
use crate::{ConnectContext, RunContext, Settings, VaultError, VaultErrorKind};

const EXAMPLE: &str = "it must be a URL such as https://conjur.example.com";

/// A server and the login to it. It has no `Debug`.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    pub(super) account: String,
    login: Login,
    tokens: Tokens,
}

/// The requests of one run.
pub(super) struct Session<'c> {
    pub(super) client: &'c Client,
    pub(super) run: &'c RunContext,
    pub(super) of_run: &'c RunTokens,
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
        let login = Login::from_settings(settings, context);
        let account = settings.needed("CONJUR_ACCOUNT");
        let ((address, account), (login, http)) = VaultError::both(
            VaultError::both(address(settings), account),
            VaultError::both(login, authorities(settings)),
        )?;
        Ok(Client {
            http: http::Client::new(http)?,
            tokens: Tokens::new(address.origin().ascii_serialization()),
            address,
            account,
            login,
        })
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// The name of the way to log in.
    pub(super) fn method(&self) -> &'static str {
        self.login.name()
    }

    /// The address of something below the server's.
    ///
    /// # Errors
    /// If a part cannot be sent as it is written.
    pub(super) fn url<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Url, VaultError> {
        below(&self.address, parts)
    }

    async fn log_in(&self, run: &RunContext) -> Result<LoginToken, VaultError> {
        let url = self.url(self.login.address(&self.account))?;
        let (content_type, body) = self.login.body(run)?;
        let answer = self
            .http
            .request(Method::POST, url)
            .body(content_type, body.as_bytes())
            .send(run, &Retry::default().with_any_method())
            .await?;
        if !(200..300).contains(&answer.status()) {
            return Err(self.login_trouble(&answer));
        }
        let token: AccessToken<'_> = answer.json()?;
        let seconds = token.lifetime();
        let text = Zeroizing::new(STANDARD.encode(answer.body()));
        Ok(LoginToken::new(text, Some(seconds)))
    }

    /// The error of an answer that refuses a login: the server says no more than the status.
    fn login_trouble(&self, answer: &Answer) -> VaultError {
        match answer.status() {
            401 => VaultError::new(
                VaultErrorKind::Unauthenticated,
                "the {} login at {} is not accepted",
            )
            .with_name(self.login.name())
            .with_name(self.origin())
            .with_status(401)
            .with_hint(self.login.hint()),
            404 => self.no_api(),
            _ => answer.error(),
        }
    }

    /// Something that answers 404 in another way than the server's API.
    fn no_api(&self) -> VaultError {
        VaultError::new(VaultErrorKind::InvalidAnswer, "{} has no API of Conjur")
            .with_name(self.origin())
            .with_status(404)
            .with_hint("check CONJUR_APPLIANCE_URL")
    }
}

impl Session<'_> {
    /// Sends a request with a login, once more if a token of another run has ended: a success, a
    /// 404 of the API, or an answer that refuses.
    ///
    /// # Errors
    /// If there is no login, or the server cannot answer.
    pub(super) async fn ask(&self, url: &Url) -> Result<Answer, VaultError> {
        let (client, run) = (self.client, self.run);
        client.login.remember(run);
        let log_in = client.log_in(run);
        let token = client.tokens.token(run, self.of_run, log_in).await?;
        let mut answer = self.get(url, &token).await?;
        if answer.status() == 401 {
            let log_in = client.log_in(run);
            let renewed = client.tokens.renewed(run, self.of_run, &token, log_in);
            if let Some(renewed) = renewed.await {
                answer = self.get(url, &*renewed?).await?;
            }
        }
        match answer.status() {
            404 if !is_genuine(&answer) => Err(client.no_api()),
            200..300 | 403 | 404 | 406 | 422 => Ok(answer),
            _ => Err(answer.error()),
        }
    }

    async fn get(&self, url: &Url, token: &LoginToken) -> Result<Answer, VaultError> {
        self.run.remember_login(token.expose());
        let token = Zeroizing::new(format!("Token token=\"{}\"", token.expose()));
        self.client
            .http
            .get(url.clone())
            .login("authorization", &token)
            // The values of several variables: then there may be bytes among them.
            .header("accept-encoding", "base64")
            .send(self.run, &Retry::default())
            .await
    }
}

/// Reads `CONJUR_APPLIANCE_URL`. No part of a wrong one is shown, since people put passwords in
/// them.
fn address(settings: &Settings) -> Result<Url, VaultError> {
    let wrong = |message| VaultError::configuration(message).with_hint(EXAMPLE);
    let text = settings
        .value("CONJUR_APPLIANCE_URL")
        .ok_or_else(|| wrong("CONJUR_APPLIANCE_URL is not set"))?;
    http::address::parse(text)
        .ok_or_else(|| wrong("CONJUR_APPLIANCE_URL is not the URL of a server"))
}

/// Whom to trust besides the system's.
fn authorities(settings: &Settings) -> Result<HttpSettings, VaultError> {
    let mut http = HttpSettings::new("Conjur");
    if let Some(file) = settings.path("CONJUR_CERT_FILE") {
        let read = http.with_ca_file(file);
        http = read.map_err(|error| error.about_setting("CONJUR_CERT_FILE"))?;
    }
    if let Some(pem) = settings.value("CONJUR_SSL_CERTIFICATE") {
        http = http.with_ca_pem(pem).map_err(|_| {
            VaultError::configuration("CONJUR_SSL_CERTIFICATE holds no PEM certificate")
        })?;
    }
    Ok(http)
}
