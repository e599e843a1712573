//! A request and its tries.

use std::fmt;

use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use zeroize::Zeroizing;

use super::failure::{Failure, origin};
use super::retry::backoff;
use super::{Answer, Client, Retry};
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

const MAX_REDIRECTS: usize = 5;

/// A request that is being put together.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'c> {
    client: &'c Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    login: Option<Zeroizing<String>>,
    /// What requests with the same login have in common.
    identity: Option<Zeroizing<String>>,
    is_refusal: fn(&Answer) -> bool,
    unknown_host: Option<&'static str>,
    wrong: Option<VaultError>,
}

impl<'c> Request<'c> {
    pub(super) fn new(client: &'c Client, method: Method, url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), Zeroizing::default());
        Request {
            client,
            method,
            url,
            headers,
            body,
            login: None,
            identity: None,
            is_refusal: |answer| answer.status() == 401,
            unknown_host: None,
            wrong: None,
        }
    }

    /// Sets a header. A name or a value that no header can have is an error of
    /// [`send`](Request::send), which names the header only.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            _ => {
                let message =
                    "the value for the header {} contains a character that a header cannot have";
                self.wrong = Some(
                    VaultError::new(VaultErrorKind::Configuration, message)
                        .with_name(name)
                        .with_hint("look for a line break in the setting"),
                );
            }
        }
        self
    }

    /// Logs in with a token. One with a line break in it is an error of [`send`](Request::send),
    /// which does not show it.
    pub fn bearer(self, token: &str) -> Self {
        let value = Zeroizing::new(format!("Bearer {token}"));
        self.sends(token).header(AUTHORIZATION.as_str(), &value)
    }

    /// Logs in with a token in a header of its own, as [`bearer`](Request::bearer) does in the
    /// usual one.
    pub fn login(self, name: &'static str, token: &str) -> Self {
        self.sends(token).header(name, token)
    }

    /// The token is [remembered](RunContext::remember_login) as it is sent.
    fn sends(mut self, token: &str) -> Self {
        self.login = Some(Zeroizing::new(token.to_owned()));
        self.with_identity(token)
    }

    /// Says what requests with the same login have in common, where it is not sent as it is. Once
    /// the server has refused the login in a run, no other request with it is sent.
    pub fn with_identity(mut self, identity: &str) -> Self {
        self.identity = Some(Zeroizing::new(identity.to_owned()));
        self
    }

    /// Says which answers refuse the login itself, whatever is asked for, if it is not 401 and only
    /// that.
    pub fn with_refusal(mut self, is_refusal: fn(&Answer) -> bool) -> Self {
        self.is_refusal = is_refusal;
        self
    }

    /// Sets the body and its type.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Zeroizing::new(body.into());
        self.header("content-type", content_type)
    }

    /// Says what to look at if the name of the host is not known, where it was made of something that
    /// a path says: then the address is in no setting.
    pub fn with_unknown_host_hint(mut self, hint: &'static str) -> Self {
        self.unknown_host = Some(hint);
        self
    }

    /// Sends the request, again if `retry` says so, and returns the last answer, whatever its
    /// status: [`Answer::success`] makes an error of a bad one.
    ///
    /// Each try is counted in the run and ends with it. Once a request of the run has tried in
    /// vain, later ones are sent to that server once, until it answers again. Once the server has
    /// refused the login of a request, with 401 if nothing else is said, others with that login
    /// get the same answer and are not sent. A GET follows redirects on the same scheme, host and
    /// port, unless the client follows none.
    ///
    /// # Errors
    /// [`Configuration`](VaultErrorKind::Configuration) for a wrong header, and without a tokio
    /// runtime that has I/O and time,
    /// [`Unavailable`](VaultErrorKind::Unavailable) if there is no connection,
    /// [`InvalidAnswer`](VaultErrorKind::InvalidAnswer) for an answer that is too large or
    /// redirects elsewhere, [`Timeout`](VaultErrorKind::Timeout) when the run is over.
    pub async fn send(self, run: &RunContext, retry: &Retry<'_>) -> Result<Answer, VaultError> {
        if let Some(error) = self.wrong {
            return Err(error);
        }
        if let Some(login) = &self.login {
            run.remember_login(login);
        }
        runtime::ready()?;
        // One request is enough to find out that a server does not get well: with many of them,
        // the tries of all would be a storm.
        let server = origin(&self.url);
        let patient = !run.has_given_up(&server);
        let mut tries = 0;
        loop {
            let left = run.remaining();
            if left.is_zero() {
                return Err(Failure::Deadline.into_error(&self.url, run, tries));
            }
            if let Some(answer) = self.refused(&server, run) {
                return Ok(answer);
            }
            run.admit().await?;
            let left = run.remaining();
            tries += 1;
            let limit = left.min(self.client.limits.try_timeout);
            let outcome = match tokio::time::timeout(limit, self.attempt(run, tries)).await {
                Ok(outcome) => outcome,
                Err(_) if limit == left => Err(Failure::Deadline),
                Err(_) => Err(Failure::Slow),
            };
            let wait = match &outcome {
                Ok(answer) => retry.wait_after(answer),
                Err(failure) => failure.may_pass().then(|| backoff(tries)),
            };
            let may_repeat = patient && retry.may_repeat(&self.method, tries);
            match wait.filter(|wait| may_repeat && *wait < run.remaining()) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    if let (Ok(answer), Some(identity)) = (&outcome, &self.identity) {
                        if (self.is_refusal)(answer) {
                            run.refusals.add(&server, identity, answer.again(&self.url));
                        }
                    }
                    // A single try says nothing: it may have met a passing trouble.
                    if wait.is_none() || tries > 1 {
                        run.set_given_up(&server, wait.is_some());
                    }
                    return outcome.map_err(|failure| {
                        let error = failure.into_error(&self.url, run, tries);
                        match self.unknown_host {
                            Some(hint) if failure == Failure::NoSuchName => error.with_hint(hint),
                            _ => error,
                        }
                    });
                }
            }
        }
    }

    /// What the server has said to the login of this request, if it was refused before.
    fn refused(&self, server: &str, run: &RunContext) -> Option<Answer> {
        let heard = run
            .refusals
            .heard::<Answer>(server, self.identity.as_ref()?);
        heard.map(|answer| answer.again(&self.url))
    }

    /// One try, redirects included.
    async fn attempt(&self, run: &RunContext, tries: u32) -> Result<Answer, Failure> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            run.count_request();
            let (target, host) = match &self.client.alias {
                Some(alias) => alias.apply(&url),
                None => (url.clone(), None),
            };
            let mut request = self
                .client
                .inner
                .request(self.method.clone(), target)
                .headers(self.headers.clone());
            if let Some(host) = host {
                request = request.header(HOST, host);
            }
            if !self.body.is_empty() {
                request = request.body(self.body.to_vec());
            }
            let response = request.send().await.map_err(|error| Failure::of(&error))?;
            match self.redirect(&url, &response)? {
                Some(next) => url = next,
                None => return Answer::read(response, url, &self.client.limits, tries).await,
            }
        }
        Err(Failure::TooManyRedirects)
    }

    /// Where an answer sends us, if that is on the same host: the token must not go elsewhere.
    fn redirect(&self, url: &Url, response: &reqwest::Response) -> Result<Option<Url>, Failure> {
        if !self.client.limits.redirects
            || self.method != Method::GET
            || !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        {
            return Ok(None);
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let Some(next) = location.and_then(|text| url.join(text).ok()) else {
            return Ok(None);
        };
        if next.origin() == self.url.origin() {
            Ok(Some(next))
        } else {
            Err(Failure::CrossOriginRedirect)
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &origin(&self.url))
            .finish_non_exhaustive()
    }
}
