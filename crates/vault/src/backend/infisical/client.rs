//! The server: its address, the login, and the one request for a folder.

use std::sync::atomic::{AtomicBool, Ordering};

use super::login::Login;
use super::model::{Folder, Listing, LoggedIn, refusal};
use super::path::FolderPath;
use crate::shared::{LoginToken, RunTokens, Tokens};
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url, below};
use crate::{ConnectContext, RunContext, Settings, VaultError, VaultErrorKind};

const EXAMPLE: &str = "it must be a URL such as https://app.infisical.com";

/// A server and the login to it. It has no `Debug`.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    login: Login,
    tokens: Tokens,
    /// Whether the server was found to have no version 4 of the API.
    lacks_v4: AtomicBool,
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
        let (address, login) = VaultError::both(address(settings), login)?;
        Ok(Client {
            http: http::Client::new(HttpSettings::new("Infisical"))?,
            tokens: Tokens::new(address.origin().ascii_serialization()),
            address,
            login,
            lacks_v4: AtomicBool::default(),
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

    /// Reads the secrets of a folder.
    ///
    /// # Errors
    /// If there is no such folder, the login does not allow it, or the server cannot answer.
    pub(super) async fn folder(
        &self,
        path: &FolderPath,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<Folder, VaultError> {
        if path.has_id() && !self.lacks_v4.load(Ordering::Relaxed) {
            let answer = self.ask(&self.listing_v4(path)?, run, of_run).await?;
            if !is_no_api(&answer) {
                return self.judge(&answer, path);
            }
        }
        let answer = self.ask(&self.listing_v3(path)?, run, of_run).await?;
        // Without a success it may be a proxy whose server is away, which says nothing of it.
        if path.has_id() && (200..300).contains(&answer.status()) {
            self.lacks_v4.store(true, Ordering::Relaxed);
        }
        self.judge(&answer, path)
    }

    fn listing_v4(&self, path: &FolderPath) -> Result<Url, VaultError> {
        let mut url = below(&self.address, ["api", "v4", "secrets"])?;
        url.query_pairs_mut()
            .append_pair("projectId", &path.project)
            // The servers before it was called so know the other name only.
            .append_pair("includeImports", "true");
        add_folder(&mut url, path);
        Ok(url)
    }

    fn listing_v3(&self, path: &FolderPath) -> Result<Url, VaultError> {
        let mut url = below(&self.address, ["api", "v3", "secrets", "raw"])?;
        let project = if path.has_id() {
            "workspaceId"
        } else {
            "workspaceSlug"
        };
        url.query_pairs_mut().append_pair(project, &path.project);
        add_folder(&mut url, path);
        Ok(url)
    }

    /// Sends a request with a login, once more if a token of another run has ended.
    async fn ask(
        &self,
        url: &Url,
        run: &RunContext,
        of_run: &RunTokens,
    ) -> Result<Answer, VaultError> {
        self.login.remember(run);
        let token = self.tokens.token(run, of_run, self.log_in(run)).await?;
        let answer = self.get(url, &token, run).await?;
        if !refuses_token(&answer) {
            return Ok(answer);
        }
        let log_in = self.log_in(run);
        match self.tokens.renewed(run, of_run, &token, log_in).await {
            Some(renewed) => self.get(url, &*renewed?, run).await,
            None => Ok(answer),
        }
    }

    async fn get(
        &self,
        url: &Url,
        token: &LoginToken,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let request = self
            .http
            .get(url.clone())
            .bearer(token.expose())
            .with_refusal(refuses_token);
        request.send(run, &Retry::default()).await
    }

    async fn log_in(&self, run: &RunContext) -> Result<LoginToken, VaultError> {
        let parts = ["api", "v1", "auth", self.login.address(), "login"];
        let url = below(&self.address, parts)?;
        let body = self.login.body(run)?;
        let answer = self
            .http
            .request(Method::POST, url)
            .body("application/json", body.to_vec())
            .send(run, &Retry::default().with_any_method())
            .await?;
        if !(200..300).contains(&answer.status()) {
            return Err(self.login_trouble(&answer));
        }
        let brought: LoggedIn<'_> = answer.json()?;
        let token = brought.token().ok_or_else(|| {
            let message = "the {} login at {} brings no token";
            self.login_error(VaultErrorKind::InvalidAnswer, message)
        })?;
        let lasts = Some(brought.expires_in).filter(|lasts| *lasts > 0);
        Ok(LoginToken::new(token, lasts))
    }

    /// The error of an answer that refuses a login.
    fn login_trouble(&self, answer: &Answer) -> VaultError {
        let is_genuine = refusal(answer).is_some();
        match answer.status() {
            404 if !is_genuine => self.no_api(),
            // 404: no such identity; 422: what is no identity at all.
            400 | 401 | 403 | 404 | 422 if is_genuine => {
                let message = "the {} login at {} is not accepted";
                self.login_error(VaultErrorKind::Unauthenticated, message)
                    .with_status(answer.status())
                    .with_hint(self.login.hint())
            }
            _ => answer.error(),
        }
    }

    fn login_error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message)
            .with_name(self.login.name())
            .with_name(self.origin())
    }

    fn judge(&self, answer: &Answer, path: &FolderPath) -> Result<Folder, VaultError> {
        let about = |kind, message| {
            VaultError::new(kind, message)
                .with_name(path.to_string())
                .with_status(answer.status())
        };
        Err(match answer.status() {
            200..300 => return Folder::new(answer.json::<Listing<'_>>()?, path),
            _ if refuses_token(answer) => VaultError::new(
                VaultErrorKind::Unauthenticated,
                "{} does not accept the token of its login",
            )
            .with_name(self.origin())
            .with_status(answer.status()),
            403 => about(
                VaultErrorKind::PermissionDenied,
                "the identity may not read the secrets of {}",
            )
            .with_hint("the machine identity must be a member of the project, with a role for this environment and folder"),
            404 if !is_no_api(answer) => about(
                VaultErrorKind::NotFound,
                "there is no project, environment or folder {}",
            )
            .with_hint("check each part: the project's id or slug, the environment's slug, the folders"),
            404 => self.no_api(),
            _ => answer.error(),
        })
    }

    fn no_api(&self) -> VaultError {
        VaultError::new(VaultErrorKind::InvalidAnswer, "{} has no API of Infisical")
            .with_name(self.origin())
            .with_status(404)
            .with_hint("check INFISICAL_HOST_URL")
    }
}

/// What both versions of the API call alike.
fn add_folder(url: &mut Url, path: &FolderPath) {
    url.query_pairs_mut()
        .append_pair("environment", &path.environment)
        .append_pair("secretPath", &path.folder)
        .append_pair("viewSecretValue", "true")
        .append_pair("expandSecretReferences", "true")
        .append_pair("recursive", "false")
        .append_pair("include_imports", "true");
}

/// Whether there is nothing of the API where it should be.
fn is_no_api(answer: &Answer) -> bool {
    answer.status() == 404 && refusal(answer).is_none()
}

/// Whether it is the token that the server does not like: a JWT that has ended is a 403.
fn refuses_token(answer: &Answer) -> bool {
    match answer.status() {
        401 => true,
        403 => refusal(answer).is_some_and(|error| error == "TokenError"),
        _ => false,
    }
}

/// Reads `INFISICAL_HOST_URL`. No part of a wrong one is shown, since people put passwords in them.
fn address(settings: &Settings) -> Result<Url, VaultError> {
    let wrong = |message| VaultError::configuration(message).with_hint(EXAMPLE);
    let text = settings
        .value("INFISICAL_HOST_URL")
        .ok_or_else(|| wrong("INFISICAL_HOST_URL is not set"))?;
    let mut url = http::address::parse(text)
        .ok_or_else(|| wrong("INFISICAL_HOST_URL is not the URL of a server"))?;
    let end = http::address::server_path(&url, &["/api"], &[]);
    if let Some(path) = end.and_then(|end| url.path().get(..end)) {
        let path = path.to_owned();
        url.set_path(&path);
    }
    Ok(url)
}
