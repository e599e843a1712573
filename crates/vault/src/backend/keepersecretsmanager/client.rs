//! The requests, each of which is sealed and signed, and what answers mean.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use zeroize::Zeroizing;

use super::config::Config;
use super::info::INFO;
use super::letter::Letter;
use super::model::{self, Refusal};
use super::record::File;
use super::records::Records;
use crate::shared::Shareable;
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url, below};
use crate::{RunContext, SecretValue, Settings, VaultError, VaultErrorKind};

/// What the server is told of the client. It answers only those that it knows: this is the vendor's
/// own client for Rust, whose protocol this is.
const VERSION: &str = "mr17.3.0";

/// The wait after a first request too many, doubled after each: what counts them forgets after 10
/// seconds of silence.
const SILENCE: Duration = Duration::from_secs(11);

/// The records of these UIDs, or all that the application has.
pub(super) type Wanted = Option<BTreeSet<String>>;

/// A server, and the device that asks it.
pub(super) struct Client {
    http: http::Client,
    config: Config,
    /// The number of the server's key, which the server may have changed.
    key_number: AtomicU32,
}

/// The contents of a file.
pub(super) struct Contents(pub(super) SecretValue);

impl Shareable for Contents {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    client_version: &'static str,
    client_id: &'a str,
    requested_records: Option<&'a BTreeSet<String>>,
}

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(INFO.settings);
        // A request is sealed for one server.
        let http = HttpSettings::new("Keeper").without_redirects();
        let http = match settings.path("MANIFILL_KEEPER_CACERT") {
            Some(file) => http
                .with_ca_file(file)
                .map_err(|error| error.about_setting("MANIFILL_KEEPER_CACERT")),
            None => Ok(http),
        };
        let (config, http) = VaultError::both(Config::from_settings(settings), http)?;
        Ok(Client {
            http: http::Client::new(http)?,
            key_number: config.key_number.into(),
            config,
        })
    }

    /// The address, for messages.
    pub(super) fn origin(&self) -> String {
        self.config.server.origin().ascii_serialization()
    }

    /// Reads records.
    ///
    /// # Errors
    /// If the device is not accepted or the server cannot answer.
    pub(super) async fn records(
        &self,
        wanted: &Wanted,
        run: &RunContext,
    ) -> Result<Records, VaultError> {
        for secret in &self.config.secrets {
            run.remember_login(secret);
        }
        let payload = Payload {
            client_version: VERSION,
            client_id: &self.config.client_id,
            requested_records: wanted.as_ref(),
        };
        let payload = serde_json::to_vec(&payload).map(Zeroizing::new);
        let payload = payload.map_err(|_| self.not_sealed())?;
        let number = self.key_number.load(Ordering::Relaxed);
        let (letter, answer) = self.send(&payload, number, run).await?;
        let (letter, answer) = match refusal(&answer) {
            Some(refusal) if refusal.code() == "key" => {
                let other = refusal.key_id.filter(|other| *other != number);
                let other = other.ok_or_else(|| self.no_such_key())?;
                let again = self.send(&payload, other, run).await?;
                self.key_number.store(other, Ordering::Relaxed);
                again
            }
            _ => (letter, answer),
        };
        let answer = self.success(answer)?;
        let plain = letter.key.open(answer.body()).ok_or_else(|| {
            self.wrong("the answer of {} cannot be opened; is this really Keeper?")
        })?;
        let records = model::read(&plain, &self.config.app_key);
        let records =
            records.ok_or_else(|| self.wrong("the answer of {} is not what Keeper gives"));
        records.map(Records::new)
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    /// If they cannot be had, or are not what the record says.
    pub(super) async fn contents(
        &self,
        file: &File,
        run: &RunContext,
    ) -> Result<Contents, VaultError> {
        // Only the server itself may do without TLS, if the operator has written so.
        let is_safe =
            |url: &Url| url.scheme() == "https" || url.origin() == self.config.server.origin();
        let url = Url::parse(&file.url)
            .ok()
            .filter(is_safe)
            .ok_or_else(|| self.wrong("{} does not say where the file is"))?;
        let answer = self.http.get(url).send(run, &Retry::default()).await;
        // The other host is not named in the settings, and nothing of an answer may be told.
        let answer = answer.and_then(Answer::success).map_err(|error| {
            let kind = match error.kind() {
                kind @ (VaultErrorKind::Timeout | VaultErrorKind::RequestBudget) => kind,
                _ => VaultErrorKind::Unavailable,
            };
            let message = "a file of {} cannot be fetched from where it is kept";
            let error = self
                .error(kind, message)
                .with_status(error.status().unwrap_or_default());
            error.with_hint(
                "files are kept at another host, such as one of Amazon S3: it must be reachable",
            )
        })?;
        let plain = file.key.open(answer.body());
        let plain =
            plain.ok_or_else(|| self.wrong("a file of {} cannot be opened with its key"))?;
        Ok(Contents(match std::str::from_utf8(&plain) {
            Ok(text) => SecretValue::text(text),
            Err(_) => SecretValue::bytes(plain.as_slice()),
        }))
    }

    /// Sends a request for records, sealed for the server's key of this number.
    async fn send(
        &self,
        payload: &[u8],
        number: u32,
        run: &RunContext,
    ) -> Result<(Letter, Answer), VaultError> {
        let server_key = self.config.server_key(number);
        let server_key = server_key.ok_or_else(|| self.no_such_key())?;
        let letter = Letter::seal(payload, &server_key, &self.config);
        let letter = letter.ok_or_else(|| self.not_sealed())?;
        let url = below(
            &self.config.server,
            ["api", "rest", "sm", "v1", "get_secret"],
        )?;
        let signature = format!("Signature {}", STANDARD.encode(&letter.signature));
        let answer = self
            .http
            .request(Method::POST, url)
            .header("publickeyid", &number.to_string())
            .header("transmissionkey", &STANDARD.encode(&letter.wrapped_key))
            .header("authorization", &signature)
            .body("application/octet-stream", letter.body.clone())
            .send(
                run,
                &Retry::default().with_any_method().with_rule(throttled),
            )
            .await?;
        Ok((letter, answer))
    }

    /// The answer if it is a success.
    fn success(&self, answer: Answer) -> Result<Answer, VaultError> {
        use VaultErrorKind::{InvalidRequest, Unauthenticated, Unavailable};
        let refusal = refusal(&answer);
        let error = match (answer.status(), refusal.as_ref().map_or("", Refusal::code)) {
            (200..300, _) => return Ok(answer),
            (_, "key") => self.no_such_key(),
            (_, "throttled") => self
                .error(Unavailable, "{} is getting too many requests")
                .with_hint("Keeper answers 100 requests of a device in 10 seconds"),
            (_, "access_denied") => self
                .error(
                    Unauthenticated,
                    "{} does not accept the device of the configuration",
                )
                .with_hint(
                    "it may have been removed, have expired, or be locked to another IP address",
                ),
            (_, "invalid_client_version") => self
                .error(
                    InvalidRequest,
                    "{} does not answer this version of manifill any more",
                )
                .with_hint("a newer version may help"),
            // Taken for a missing record, a wrong address would switch a default on.
            (404 | 410, _) => self
                .wrong("{} has no API of Keeper Secrets Manager")
                .with_hint("check `hostname` in the configuration"),
            _ => return answer.success(),
        };
        Err(error
            .with_status(answer.status())
            .with_tries(answer.tries()))
    }

    fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message).with_name(self.origin())
    }

    fn wrong(&self, message: &'static str) -> VaultError {
        self.error(VaultErrorKind::InvalidAnswer, message)
    }

    fn no_such_key(&self) -> VaultError {
        self.wrong("{} wants a key that is not known here")
            .with_hint("a server that is not one of Keeper's own needs `serverPublicKey` in the configuration")
    }

    fn not_sealed(&self) -> VaultError {
        VaultError::configuration("a request to {} cannot be sealed").with_name(self.origin())
    }
}

/// What a server says that does not answer.
fn refusal(answer: &Answer) -> Option<Refusal> {
    let is_success = (200..300).contains(&answer.status());
    (!is_success).then(|| answer.json().ok()).flatten()
}

/// The wait before the next try if there were too many requests.
fn throttled(answer: &Answer) -> Option<Duration> {
    let refusal = refusal(answer).filter(|refusal| refusal.code() == "throttled")?;
    let told = refusal.retry_after.filter(|seconds| *seconds > 0.0);
    let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let doubled = 2_u32.saturating_pow(answer.tries().saturating_sub(1));
    Some(told.unwrap_or_else(|| SILENCE.saturating_mul(doubled)))
}
