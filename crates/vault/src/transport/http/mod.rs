//! The HTTP client that network backends share.
//!
//! It does what every backend would otherwise do a little differently: bounded retries with
//! jitter that honour `Retry-After`, all inside [`RunContext::deadline`](crate::RunContext::deadline); a cap on
//! the size of answers; redirects on the same host only, so that a token goes nowhere else;
//! private CAs and client certificates; the proxy variables of the environment; and errors
//! without a word of what the server said. It runs on a tokio runtime with I/O and time.
//!
//! ```no_run
//! use manifill_vault::transport::http::{Client, HttpSettings, Retry, Url};
//! # async fn read(run: &manifill_vault::RunContext, token: &str, url: Url) -> Result<(), manifill_vault::VaultError> {
//! let client = Client::new(HttpSettings::new("1Password Connect"))?;
//! let answer = client.get(url).bearer(token).send(run, &Retry::default()).await?;
//! let names: Vec<String> = answer.success()?.json()?;
//! # let _ = names;
//! # Ok(())
//! # }
//! ```

pub mod address;
mod alias;
mod answer;
mod failure;
mod request;
mod retry;
mod routed;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;

pub use reqwest::{Method, Url};

pub use address::below;
pub use answer::Answer;
pub use request::Request;
pub use retry::Retry;
pub use routed::is_routed;
pub use settings::HttpSettings;

use crate::VaultError;

/// A client with its own connections; a backend has one for its lifetime.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    limits: settings::Limits,
    alias: Option<alias::Alias>,
}

impl Client {
    /// Makes a client; nothing is connected yet.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if a certificate
    /// or a key in the settings cannot be used.
    pub fn new(settings: HttpSettings) -> Result<Self, VaultError> {
        settings.build()
    }

    /// Starts a request.
    pub fn request(&self, method: Method, url: Url) -> Request<'_> {
        Request::new(self, method, url)
    }

    /// Starts a GET.
    pub fn get(&self, url: Url) -> Request<'_> {
        self.request(Method::GET, url)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.limits.server)
            .finish_non_exhaustive()
    }
}
