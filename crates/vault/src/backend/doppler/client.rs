//! The one request there is, and what its answers mean.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::path::ConfigName;
use crate::format::raw_json::Map;
use crate::transport::http::{self, Answer, HttpSettings, Retry, Url, below};
use crate::{Keys, RunContext, Secret, SecretValue, Settings, VaultError, VaultErrorKind};

const DOPPLER: &str = "https://api.doppler.com";

/// The API and the login to it. It has no `Debug`.
pub(super) struct Client {
    http: http::Client,
    address: Url,
    token: Zeroizing<String>,
}

/// The secrets of a config.
pub(super) struct Config(Vec<(String, SecretValue)>);

impl Config {
    /// Whether there is all that is wanted.
    pub(super) fn has_all(&self, keys: &[Keys]) -> bool {
        keys.iter().all(|keys| keys.are_in(&self.0))
    }

    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, name: &ConfigName, keys: &Keys) -> Secret {
        Secret::wanted_of(&self.0, keys).with_id(name.to_string())
    }
}

/// How the API says no.
#[derive(Deserialize)]
struct Refusal {
    success: bool,
}

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used; none is shown.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let (address, token) = VaultError::both(address(settings), token(settings))?;
        Ok(Client {
            http: http::Client::new(HttpSettings::new("Doppler"))?,
            address,
            token,
        })
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// Reads all secrets of a config.
    ///
    /// # Errors
    /// If there is no such config, the token does not allow it, or the server cannot answer.
    pub(super) async fn config(
        &self,
        name: &ConfigName,
        run: &RunContext,
    ) -> Result<Config, VaultError> {
        let parts = ["v3", "configs", "config", "secrets", "download"];
        let mut url = below(&self.address, parts)?;
        url.query_pairs_mut()
            .append_pair("project", &name.project)
            .append_pair("config", &name.config)
            .append_pair("format", "json")
            // A read must not leave a lease behind.
            .append_pair("include_dynamic_secrets", "false");
        let request = self.http.get(url).bearer(&self.token);
        let answer = request.send(run, &Retry::default()).await?;
        match answer.status() {
            200..300 => self.values(&answer),
            _ => Err(self.trouble(&answer, name)),
        }
    }

    fn values(&self, answer: &Answer) -> Result<Config, VaultError> {
        let Map(entries) = answer.json()?;
        let values = entries.into_iter().map(|(name, raw)| {
            let wrong = || {
                let message = "the answer of {} holds a value that cannot be read";
                VaultError::invalid_answer(message).with_name(self.origin())
            };
            let value = SecretValue::from_json(raw.get()).ok_or_else(wrong)?;
            Ok((name, value))
        });
        values.collect::<Result<_, _>>().map(Config)
    }

    /// The error of an answer that holds no secrets.
    fn trouble(&self, answer: &Answer, name: &ConfigName) -> VaultError {
        let refusal = answer.json::<Refusal>();
        let is_genuine = refusal.is_ok_and(|refusal| !refusal.success);
        let about = |kind, message| {
            VaultError::new(kind, message)
                .with_name(name.to_string())
                .with_status(answer.status())
        };
        let of_server = |kind, message| {
            VaultError::new(kind, message)
                .with_name(self.origin())
                .with_status(answer.status())
        };
        match answer.status() {
            401 => of_server(
                VaultErrorKind::Unauthenticated,
                "{} does not accept the token",
            )
            .with_hint("check DOPPLER_TOKEN: it may have expired or been revoked"),
            403 => about(
                VaultErrorKind::PermissionDenied,
                "the token may not read the config {}",
            )
            .with_hint("a service token reads only the config that it was made for"),
            404 if is_genuine => about(
                VaultErrorKind::NotFound,
                "there is no config {}, or the token may not see it",
            )
            .with_hint("check the names of the project and the config"),
            404 => of_server(VaultErrorKind::InvalidAnswer, "{} has no API of Doppler")
                .with_hint("check DOPPLER_API_HOST"),
            _ => answer.error(),
        }
    }
}

fn address(settings: &Settings) -> Result<Url, VaultError> {
    let text = settings.value("DOPPLER_API_HOST").unwrap_or(DOPPLER);
    http::address::parse(text).ok_or_else(|| {
        VaultError::configuration("DOPPLER_API_HOST is not the URL of a server")
            .with_hint("it must be a URL such as https://api.doppler.com")
    })
}

fn token(settings: &Settings) -> Result<Zeroizing<String>, VaultError> {
    let token = settings
        .value("DOPPLER_TOKEN")
        .ok_or_else(|| VaultError::configuration("DOPPLER_TOKEN is not set"))?;
    let is_of_tokens = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
    if !token.bytes().all(is_of_tokens) {
        let message = "DOPPLER_TOKEN contains a character that no token has";
        return Err(VaultError::configuration(message)
            .with_hint("look for line breaks, spaces and quotes in it"));
    }
    Ok(Zeroizing::new(token.to_owned()))
}
