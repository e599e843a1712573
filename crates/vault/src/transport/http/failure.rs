//! Why there is no answer, in fixed words.

use std::error::Error;

use reqwest::Url;

use crate::{RunContext, VaultError, VaultErrorKind};

/// Why a try brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Refused,
    NoSuchName,
    NoConnection,
    NotTrusted,
    WrongName,
    Expired,
    NoTls,
    TlsFailed,
    Slow,
    Broken,
    CrossOriginRedirect,
    TooManyRedirects,
    TooLarge,
    Deadline,
}

impl Failure {
    /// Sorts an error of the HTTP library. Its text is looked at and dropped: it may quote.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Failure::Slow;
        }
        if error.is_dns() {
            return Failure::NoSuchName;
        }
        let mut cause: Option<&(dyn Error + 'static)> = error.source();
        while let Some(link) = cause {
            if let Some(io) = link.downcast_ref::<std::io::Error>() {
                if io.kind() == std::io::ErrorKind::ConnectionRefused {
                    return Failure::Refused;
                }
                // rustls hides inside an io::Error, whose `source` skips it.
                if let Some(failure) = io.get_ref().and_then(|inner| of_tls(&inner.to_string())) {
                    return failure;
                }
            }
            // reqwest's own type for this is private.
            if link.to_string() == "dns error" {
                return Failure::NoSuchName;
            }
            cause = link.source();
        }
        if error.is_connect() {
            Failure::NoConnection
        } else {
            Failure::Broken
        }
    }

    /// Whether another try could end better.
    pub(super) fn may_pass(self) -> bool {
        matches!(
            self,
            Failure::Refused
                | Failure::NoSuchName
                | Failure::NoConnection
                | Failure::TlsFailed
                | Failure::Slow
                | Failure::Broken
        )
    }

    pub(super) fn into_error(self, url: &Url, run: &RunContext, tries: u32) -> VaultError {
        use VaultErrorKind::{InvalidAnswer, Timeout, Unavailable};
        let (kind, message) = match self {
            Failure::Refused => (Unavailable, "cannot reach {}: connection refused"),
            Failure::NoSuchName => (Unavailable, "cannot reach {}: the host name is not known"),
            Failure::NoConnection => (Unavailable, "cannot reach {}: no connection"),
            Failure::NotTrusted => (
                Unavailable,
                "cannot reach {}: TLS: the certificate is not trusted",
            ),
            Failure::WrongName => (
                Unavailable,
                "cannot reach {}: TLS: the certificate is for another host name",
            ),
            Failure::Expired => (
                Unavailable,
                "cannot reach {}: TLS: the certificate is not valid today",
            ),
            Failure::NoTls => (
                Unavailable,
                "cannot reach {}: the server does not speak TLS",
            ),
            Failure::TlsFailed => (Unavailable, "cannot reach {}: TLS failed"),
            Failure::Slow => (Unavailable, "cannot reach {}: timed out"),
            Failure::Broken => (Unavailable, "the connection to {} broke off"),
            Failure::CrossOriginRedirect => (
                InvalidAnswer,
                "{} redirects to another host, which is not followed",
            ),
            Failure::TooManyRedirects => (InvalidAnswer, "{} redirects too often"),
            Failure::TooLarge => (InvalidAnswer, "the answer of {} is too large"),
            Failure::Deadline => (Timeout, "no answer from {} in time, which was {}"),
        };
        let error = VaultError::new(kind, message)
            .with_name(origin(url))
            .with_tries(tries);
        match self {
            Failure::Deadline => error
                .with_name(run.shown_timeout())
                .with_hint(run.timeout_hint()),
            Failure::Refused => {
                error.with_hint("check that the server runs there, and the port of the address")
            }
            Failure::NoSuchName => error.with_hint("check the host of the address; the services of a cluster have their names inside of it only, and `kubectl port-forward` leads there"),
            Failure::NotTrusted => error.with_hint("give the CA that signed it"),
            Failure::NoTls => error.with_hint("is it an http:// address?"),
            Failure::CrossOriginRedirect => {
                error.with_hint("set the address it redirects to, if that is right")
            }
            _ => error,
        }
    }
}

/// Sorts what rustls says.
fn of_tls(text: &str) -> Option<Failure> {
    if let Some((_, problem)) = text.split_once("invalid peer certificate: ") {
        return Some(if problem.starts_with("certificate not valid for name") {
            Failure::WrongName
        } else if problem.starts_with("certificate expired")
            || problem.starts_with("certificate not valid yet")
        {
            Failure::Expired
        } else {
            Failure::NotTrusted
        });
    }
    if text.contains("InvalidContentType") {
        return Some(Failure::NoTls);
    }
    text.starts_with("received fatal alert")
        .then_some(Failure::TlsFailed)
}

/// The part of an address that may be shown: neither its path nor a user name.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
