//! What a server answered.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::failure::{Failure, origin};
use super::settings::Limits;
use crate::{VaultError, VaultErrorKind};

/// The last answer to a request, whatever its status.
///
/// Its body is wiped when it is dropped and shows nowhere: not in `Debug`, not in an error.
pub struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    url: Url,
    server: &'static str,
    tries: u32,
}

impl Answer {
    /// Takes an answer in, up to the limit on its size.
    pub(super) async fn read(
        mut response: reqwest::Response,
        url: Url,
        limits: &Limits,
        tries: u32,
    ) -> Result<Self, Failure> {
        let mut body = Body::default();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Failure::of(&error))?
        {
            if body.0.len() + chunk.len() > limits.answer {
                return Err(Failure::TooLarge);
            }
            body.push(&chunk);
        }
        Ok(Answer {
            status: response.status().as_u16(),
            url,
            headers: std::mem::take(response.headers_mut()),
            body: body.0,
            server: limits.server,
            tries,
        })
    }

    /// The same answer, for another request that would get it from this address.
    pub(super) fn again(&self, url: &Url) -> Self {
        Answer {
            headers: self.headers.clone(),
            body: self.body.clone(),
            url: url.clone(),
            ..*self
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// How many times the request was sent.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`VaultErrorKind::InvalidAnswer`] if it is not UTF-8.
    pub fn text(&self) -> Result<&str, VaultError> {
        std::str::from_utf8(&self.body)
            .map_err(|_| self.wrong("the answer of {} is not UTF-8 text"))
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// [`VaultErrorKind::InvalidAnswer`] if it is not JSON, such as the page of a proxy, or has
    /// another form than expected. Which is said, what it holds is not.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, VaultError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            if error.is_data() {
                self.wrong("the answer of {} is not what a {} server gives")
                    .with_name(self.server)
            } else {
                self.wrong("the answer of {} is not JSON; is {} really at this address?")
                    .with_name(self.server)
            }
        })
    }

    /// The answer itself if its status is 2xx.
    ///
    /// # Errors
    /// What the status means: see [`error`](Answer::error).
    pub fn success(self) -> Result<Self, VaultError> {
        if (200..300).contains(&self.status) {
            Ok(self)
        } else {
            Err(self.error())
        }
    }

    /// The error that the status stands for, for a backend with nothing better to say: 401 is
    /// [`Unauthenticated`](VaultErrorKind::Unauthenticated), 403
    /// [`PermissionDenied`](VaultErrorKind::PermissionDenied), 404 and 410
    /// [`NotFound`](VaultErrorKind::NotFound), 408, 425, 429 and 5xx
    /// [`Unavailable`](VaultErrorKind::Unavailable).
    pub fn error(&self) -> VaultError {
        use VaultErrorKind as Kind;
        let (kind, message) = match self.status {
            401 => (Kind::Unauthenticated, "{} does not accept the login"),
            403 => (Kind::PermissionDenied, "{} does not allow this"),
            404 | 410 => (Kind::NotFound, "{} has nothing there"),
            407 => (Kind::Configuration, "the proxy before {} wants a login"),
            408 | 425 | 500..=599 => (Kind::Unavailable, "{} cannot serve now"),
            429 => (Kind::Unavailable, "{} is getting too many requests"),
            400..=499 => (Kind::InvalidRequest, "{} refuses the request"),
            _ => (
                Kind::InvalidAnswer,
                "{} gives an answer that is not expected",
            ),
        };
        VaultError::new(kind, message)
            .with_name(origin(&self.url))
            .with_status(self.status)
            .with_tries(self.tries)
    }

    fn wrong(&self, message: &'static str) -> VaultError {
        VaultError::new(VaultErrorKind::InvalidAnswer, message).with_name(origin(&self.url))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("origin", &origin(&self.url))
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}

/// A body that leaves no copy behind as it grows.
#[derive(Default)]
struct Body(Zeroizing<Vec<u8>>);

impl Body {
    fn push(&mut self, chunk: &[u8]) {
        let wanted = self.0.len() + chunk.len();
        if wanted > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(wanted.max(self.0.capacity() * 2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(chunk);
    }
}
