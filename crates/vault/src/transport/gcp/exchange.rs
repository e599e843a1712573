//! Tokens for keys, for the tokens of users, and for those of other platforms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::credentials::{Account, Credentials, External, Impersonated, User, server};
use super::granted::Granted;
use super::metadata;
use super::source::Sourced;
use super::wire::Wire;
use super::workload::Workload;
use crate::clock::now;
use crate::format::form;
use crate::format::jwt::{self, Algorithm};
use crate::shared::LoginToken;
use crate::transport::http::{Answer, Method, Request, Retry, Url};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// What tokens are for: all of Google Cloud that the account may do.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

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

/// Who logs in, and how.
pub(super) struct LogIn<'a> {
    pub(super) wire: &'a Wire,
    pub(super) sourced: &'a Sourced,
    pub(super) settings: &'a Settings,
    pub(super) run: &'a RunContext,
}

impl LogIn<'_> {
    /// A token for the credentials.
    pub(super) async fn token(&self) -> Result<LoginToken, VaultError> {
        match &self.sourced.found.credentials {
            Credentials::Impersonated { account, source } => {
                let token = self.first(source).await?;
                self.act_as(account, &token).await
            }
            other => self.first(other).await,
        }
    }

    /// A token for credentials that need no others.
    async fn first(&self, credentials: &Credentials) -> Result<LoginToken, VaultError> {
        match credentials {
            Credentials::Token(token) => Ok(LoginToken::new(token.clone(), None)),
            Credentials::Machine { host, is_set } => {
                metadata::token(self.wire, host, *is_set, self.run).await
            }
            Credentials::Account(account) => self.of_account(account).await,
            Credentials::User(user) => self.of_user(user).await,
            Credentials::External(external) => self.of_external(external).await,
            // They are not read within others.
            Credentials::Impersonated { .. } => Err(VaultError::configuration(
                "the Google credentials act as one account after the other",
            )),
        }
    }

    async fn of_account(&self, account: &Account) -> Result<LoginToken, VaultError> {
        let now = now();
        let claims = json!({
            "iss": account.email,
            "scope": SCOPE,
            "aud": account.tokens,
            "iat": now,
            "exp": now.saturating_add(GOOD_FOR),
        });
        let (key, id) = (&account.private_key, &account.private_key_id);
        let jwt = jwt::sign(key, Algorithm::Rs256, ("kid", id), &claims).ok_or_else(|| {
            VaultError::configuration("the private key of the service account {} is not an RSA key")
                .with_name(&account.email)
                .with_hint("make a new key for the account, and use its file as it is")
        })?;
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
        granted(&answer, || {
            not_accepted("Google does not accept the login of this user any more")
                .with_hint("log in with `gcloud auth application-default login`")
        })
    }

    /// Exchanges a token of another platform (RFC 8693).
    async fn of_external(&self, external: &External) -> Result<LoginToken, VaultError> {
        let workload = Workload {
            external,
            folder: &self.sourced.folder,
            settings: self.settings,
            wire: self.wire,
            run: self.run,
        };
        let subject = Box::pin(workload.token()).await?;
        self.run.remember_login(&subject);
        let options = external.workforce_project.as_deref();
        let options = options.filter(|_| external.client.is_none());
        let options = options.map(|project| json!({ "userProject": project }).to_string());
        let mut fields = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("audience", &external.audience),
            ("scope", SCOPE),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("subject_token", &subject),
            ("subject_token_type", &external.token_type),
        ];
        fields.extend(options.as_deref().map(|options| ("options", options)));
        let mut request = self.request(external.url.clone())?;
        if let Some((id, secret)) = &external.client {
            self.run.remember_login(secret);
            let login =
                Zeroizing::new(STANDARD.encode(Zeroizing::new(format!("{id}:{}", **secret))));
            let login = Zeroizing::new(format!("Basic {}", *login));
            request = request.login("authorization", &login);
        }
        let form = form::write(&fields);
        let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        let answer = self.send(request).await?;
        let token = granted(&answer, || {
            not_accepted("Google does not accept the token of this workload for {}")
                .with_name(&external.audience)
                .with_hint("the provider of the workload identity pool must accept its issuer, its audience and what it says")
        })?;
        match &external.acts_as {
            Some(account) => self.act_as(account, &token).await,
            None => Ok(token),
        }
    }

    /// A token of another service account.
    async fn act_as(
        &self,
        account: &Impersonated,
        token: &LoginToken,
    ) -> Result<LoginToken, VaultError> {
        let lifetime = format!("{}s", account.seconds);
        let body = json!({"delegates": account.delegates, "scope": [SCOPE], "lifetime": lifetime});
        let request = self.request(account.url.clone())?.bearer(token.expose());
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

    fn request(&self, url: Url) -> Result<Request<'_>, VaultError> {
        Ok(self.wire.far()?.request(Method::POST, url))
    }

    async fn post(&self, url: Url, form: &str) -> Result<Answer, VaultError> {
        let request = self.request(url)?;
        let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        self.send(request).await
    }

    async fn send(&self, request: Request<'_>) -> Result<Answer, VaultError> {
        let retry = Retry::default().with_any_method();
        request.send(self.run, &retry).await
    }
}

fn not_accepted(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::Unauthenticated, message)
}

/// The token of an answer, or the error for one that refuses the login.
fn granted(
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
