//! Tokens for keys, for the tokens of users, and for those of other platforms.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::credentials::{Account, Credentials, User, Worker};
use super::granted::{Granted, SCOPE};
use super::impersonated::Impersonated;
use super::metadata;
use super::rotated::Rotated;
use super::source::Sourced;
use super::wire::Wire;
use super::written::server;
use crate::clock::now;
use crate::format::form;
use crate::format::jwt::{self, Algorithm};
use crate::shared::LoginToken;
use crate::transport::http::{Answer, Client, Method, Request, Retry, Url};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// How long a signed request for a token may be used, in seconds: the most that Google takes.
const GOOD_FOR: u64 = 3600;

/// A token of a service account that another login acts as.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActsAs {
    access_token: Zeroizing<String>,
}

/// Why a token endpoint brings none (RFC 6749, section 5.2). It is looked for and not shown.
#[derive(Deserialize)]
struct NotGranted {
    #[serde(rename = "error")]
    _error: String,
}

/// A token that is being got.
type Coming<'a> = Pin<Box<dyn Future<Output = Result<LoginToken, VaultError>> + Send + 'a>>;

/// Who logs in, and how.
pub(super) struct LogIn<'a> {
    pub(super) wire: &'a Wire,
    pub(super) sourced: &'a Sourced,
    pub(super) settings: &'a Settings,
    pub(super) home: Option<&'a Path>,
    pub(super) rotated: &'a Rotated,
    pub(super) run: &'a RunContext,
}

impl LogIn<'_> {
    /// A token for the credentials.
    pub(super) async fn token(&self) -> Result<LoginToken, VaultError> {
        self.of(&self.sourced.found.credentials).await
    }

    /// A token for some credentials. Of all ways to log in, whose futures are big, one is taken.
    fn of<'a>(&'a self, credentials: &'a Credentials) -> Coming<'a> {
        match credentials {
            Credentials::Token(token) => {
                let token = LoginToken::new(token.clone(), None);
                Box::pin(async { Ok(token) })
            }
            Credentials::Machine { host, is_set } => {
                Box::pin(metadata::token(self.wire, host, *is_set, self.run))
            }
            Credentials::Account(account) => Box::pin(self.of_account(account)),
            Credentials::User(user) => Box::pin(self.of_user(user)),
            Credentials::Worker(worker) => Box::pin(self.of_worker(worker)),
            Credentials::External(external) => Box::pin(self.of_external(external)),
            Credentials::Impersonated { account, source } => Box::pin(async move {
                let token = self.of(source).await?;
                self.act_as(self.wire.far()?, account, &token).await
            }),
        }
    }

    async fn of_account(&self, account: &Account) -> Result<LoginToken, VaultError> {
        let now = now();
        let is_google = self.sourced.found.universe.is_google();
        let mut claims = json!({
            "iss": account.email,
            "scope": SCOPE,
            "iat": now,
            "exp": now.saturating_add(GOOD_FOR),
        });
        // Elsewhere nobody exchanges it, and it is the token itself.
        if is_google {
            claims["aud"] = json!(account.tokens);
        } else {
            claims["sub"] = json!(account.email);
        }
        let (key, id) = (&account.private_key, &account.private_key_id);
        let jwt = jwt::sign(key, Algorithm::Rs256, ("kid", id), &claims).ok_or_else(|| {
            VaultError::configuration("the private key of the service account {} is not an RSA key")
                .with_name(&account.email)
                .with_hint("make a new key for the account, and use its file as it is")
        })?;
        if !is_google {
            return Ok(LoginToken::new(jwt, Some(GOOD_FOR)));
        }
        let form = form::write(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &jwt),
        ]);
        let answer = self.post(self.endpoint(&account.tokens)?, &form).await?;
        granted(&answer, || {
            not_accepted("Google does not accept the key of the service account {}")
                .with_name(&account.email)
                .with_hint("the key may be deleted or the account disabled; the clock of this machine must be right, too")
        })
    }

    async fn of_user(&self, user: &User) -> Result<LoginToken, VaultError> {
        let form = form::write(&[
            ("grant_type", "refresh_token"),
            ("client_id", &user.client_id),
            ("client_secret", &user.client_secret),
            ("refresh_token", &user.refresh_token),
        ]);
        let answer = self.post(self.endpoint(&user.tokens)?, &form).await?;
        granted(&answer, user_refused)
    }

    async fn of_worker(&self, worker: &Worker) -> Result<LoginToken, VaultError> {
        let written = &worker.refresh_token;
        let last = self.rotated.last(written);
        let form = form::write(&[("grant_type", "refresh_token"), ("refresh_token", &last)]);
        let login = basic(&worker.client_id, &worker.client_secret);
        let tokens = match &worker.tokens {
            Some(tokens) => self.endpoint(tokens)?,
            None => self.sts("v1/oauthtoken")?,
        };
        let request = self.request(tokens)?;
        let request = request.login("authorization", &login);
        let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        let answer = self.send(request).await?;
        let token = granted(&answer, user_refused)?;
        if let Some(next) = answer.json::<Granted>()?.refresh_token {
            self.run.remember_login(&next);
            self.rotated.keep(written, next);
        }
        Ok(token)
    }

    /// A token of another service account.
    pub(super) async fn act_as(
        &self,
        client: &Client,
        account: &Impersonated,
        token: &LoginToken,
    ) -> Result<LoginToken, VaultError> {
        let lifetime = format!("{}s", account.seconds);
        let body = json!({"delegates": account.delegates, "scope": [SCOPE], "lifetime": lifetime});
        let request = client.request(Method::POST, account.url.clone());
        let request = request.bearer(token.expose());
        let request = request.body("application/json", body.to_string());
        let answer = self.send(request).await?;
        match answer.status() {
            200..300 => {
                let ActsAs { access_token } = answer.json()?;
                // It is good for as long as it was asked for.
                let expires_in = Some(account.seconds);
                Granted {
                    access_token,
                    expires_in,
                    refresh_token: None,
                }
                .token()
            }
            400 | 403 | 404 => Err(not_accepted("this login may not act as the service account {}")
                .with_name(account.email())
                .with_status(answer.status())
                .with_hint("it needs the role iam.serviceAccountTokenCreator, or iam.workloadIdentityUser, on that account")),
            _ => Err(answer.error()),
        }
    }

    fn endpoint(&self, text: &str) -> Result<Url, VaultError> {
        server(text).map_err(|misread| VaultError::configuration(misread).with_name(text))
    }

    /// The address of the service that exchanges tokens, in the cloud that the credentials are for.
    pub(super) fn sts(&self, path: &str) -> Result<Url, VaultError> {
        let host = self.sourced.found.universe.host("sts");
        self.endpoint(&format!("https://{host}/{path}"))
    }

    fn request(&self, url: Url) -> Result<Request<'_>, VaultError> {
        Ok(self.wire.far()?.request(Method::POST, url))
    }

    async fn post(&self, url: Url, form: &str) -> Result<Answer, VaultError> {
        let request = self.request(url)?;
        let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        self.send(request).await
    }

    pub(super) async fn send(&self, request: Request<'_>) -> Result<Answer, VaultError> {
        let retry = Retry::default().with_any_method();
        request.send(self.run, &retry).await
    }
}

fn user_refused() -> VaultError {
    not_accepted("Google does not accept the login of this user any more")
        .with_hint("log in with `gcloud auth application-default login`")
}

/// The header with which a client shows who it is (RFC 6749, section 2.3.1).
pub(super) fn basic(id: &str, secret: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{id}:{secret}"));
    let pair = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Zeroizing::new(format!("Basic {}", *pair))
}

pub(super) fn not_accepted(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::Unauthenticated, message)
}

/// The token of an answer, or the error for one that refuses the login.
pub(super) fn granted(
    answer: &Answer,
    refused: impl FnOnce() -> VaultError,
) -> Result<LoginToken, VaultError> {
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(),
        400 | 401 | 403 if answer.json::<NotGranted>().is_ok() => {
            Err(refused().with_status(answer.status()))
        }
        404 => Err(VaultError::invalid_answer(
            "what answers where the Google credentials lead to gives no tokens",
        )
        .with_status(404)),
        _ => Err(answer.error()),
    }
}
