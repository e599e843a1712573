//! The cases, what they hold and what is expected of them.

use std::time::Duration;

use super::{Fault, Reply, SENTINEL, Server, TOKEN};
use crate::{SecretValue, VaultErrorKind};

/// A situation that every backend must handle.
///
/// For each, the fixture makes a backend that reads [`value`](Case::value) at the path and key of
/// its [`Setup`](super::Setup), unless the case says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// The value is there.
    Found,
    /// The path names nothing.
    MissingPath,
    /// The secret is there, the key is not.
    MissingKey,
    /// The version holds the value; without a version there is another one, or none.
    Version,
    /// The path is there, the version is not.
    MissingVersion,
    /// Several requests of one call for the same secret.
    Several,
    /// The value is the empty text.
    EmptyValue,
    /// The value has lines.
    MultiLine,
    /// The value has 1 MB.
    Large,
    /// The value goes beyond ASCII, and beyond 16 bits.
    Unicode,
    /// The value is bytes that are not text.
    Binary,
    /// Two different values go by the same key.
    SameName,
    /// The value is the [`TOKEN`](super::TOKEN) that the backend sends. Where an app's author whom
    /// no policy binds chooses the paths it must not be given out, and the suite lets the backend
    /// read so. A backend that sends no login declares this unsupported.
    OwnLogin,
    /// The server knows no such login.
    WrongToken,
    /// The login does not allow it.
    Denied,
    /// The first request meets a 429.
    TooManyRequests,
    /// The connection of the first request is closed without an answer.
    Dropped,
    /// The server cannot serve, however often it is asked.
    ServerError,
    /// The server never answers.
    Silence,
    /// Each answer ends in the middle of its JSON.
    Truncated,
    /// The connection ends in the middle of each answer.
    CutOff,
    /// Each answer is JSON of another form.
    WrongType,
    /// Each answer is a page, as a proxy sends it.
    Page,
    /// The server redirects to another host, which must never be asked.
    Redirect,
}

impl Case {
    /// Every case, in the order of the enum; those of [`NETWORK`](Case::NETWORK) come last.
    pub const ALL: &'static [Case] = &[
        Case::Found,
        Case::MissingPath,
        Case::MissingKey,
        Case::Version,
        Case::MissingVersion,
        Case::Several,
        Case::EmptyValue,
        Case::MultiLine,
        Case::Large,
        Case::Unicode,
        Case::Binary,
        Case::SameName,
        Case::OwnLogin,
        Case::WrongToken,
        Case::Denied,
        Case::TooManyRequests,
        Case::Dropped,
        Case::ServerError,
        Case::Silence,
        Case::Truncated,
        Case::CutOff,
        Case::WrongType,
        Case::Page,
        Case::Redirect,
    ];

    /// The cases in which a server fails; a backend without one declares them unsupported.
    pub const NETWORK: &'static [Case] = Case::ALL.split_at(Case::WrongToken as usize).1;

    /// A stable word for reports: `found`, `missing-path`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Case::Found => "found",
            Case::MissingPath => "missing-path",
            Case::MissingKey => "missing-key",
            Case::Version => "version",
            Case::MissingVersion => "missing-version",
            Case::Several => "several",
            Case::EmptyValue => "empty-value",
            Case::MultiLine => "multi-line",
            Case::Large => "large",
            Case::Unicode => "unicode",
            Case::Binary => "binary",
            Case::SameName => "same-name",
            Case::OwnLogin => "own-login",
            Case::WrongToken => "wrong-token",
            Case::Denied => "denied",
            Case::TooManyRequests => "too-many-requests",
            Case::Dropped => "dropped",
            Case::ServerError => "server-error",
            Case::Silence => "silence",
            Case::Truncated => "truncated",
            Case::CutOff => "cut-off",
            Case::WrongType => "wrong-type",
            Case::Page => "page",
            Case::Redirect => "redirect",
        }
    }

    /// The value that the fixture puts behind the path and the key.
    pub fn value(self) -> SecretValue {
        match self {
            Case::EmptyValue => SecretValue::text(""),
            Case::OwnLogin => SecretValue::text(TOKEN),
            Case::MultiLine => {
                let body = format!("-----BEGIN X-----\n{SENTINEL}\n\n  indented\t\r\n");
                SecretValue::text(body + "-----END X-----\n")
            }
            Case::Large => SecretValue::text(SENTINEL.repeat(1_000_000 / SENTINEL.len() + 1)),
            Case::Unicode => {
                SecretValue::text(format!("pässwörd 密码 🔑 \u{202e}\u{feff} {SENTINEL}"))
            }
            Case::Binary => {
                let bytes: Vec<u8> = (0..=255).chain(SENTINEL.bytes()).collect();
                SecretValue::bytes(bytes)
            }
            other => SecretValue::text(format!("{}-{SENTINEL}", other.as_str())),
        }
    }

    /// What breaks the server.
    pub(super) fn fault(self, elsewhere: Option<&Server>) -> Option<Fault> {
        let refusal = |status| {
            let body = format!(r#"{{"status":{status},"message":"{SENTINEL}"}}"#);
            Fault::Answer(Reply::json(body).with_status(status))
        };
        Some(match self {
            Case::WrongToken => refusal(401),
            Case::Denied => refusal(403),
            Case::TooManyRequests => {
                let reply = Reply::json(format!(r#"{{"message":"{SENTINEL}"}}"#));
                Fault::Answer(reply.with_status(429).with_header("Retry-After", "0"))
            }
            Case::Dropped => Fault::Drop,
            Case::ServerError => Fault::Answer(page().with_status(503)),
            Case::Silence => Fault::Silence,
            Case::Truncated => Fault::Truncate,
            Case::CutOff => Fault::CutOff,
            Case::WrongType => Fault::Answer(Reply::json(format!("\"{SENTINEL}\""))),
            Case::Page => Fault::Answer(page()),
            Case::Redirect => {
                let target = format!(
                    "{}/{SENTINEL}",
                    elsewhere.map(Server::url).unwrap_or_default()
                );
                Fault::Answer(Reply::new(302).with_header("Location", &target))
            }
            _ => return None,
        })
    }

    /// Whether the server is well again after one request.
    pub(super) fn recovers(self) -> bool {
        matches!(self, Case::TooManyRequests | Case::Dropped)
    }

    /// The error that is expected, where it is always the same one.
    pub(super) fn expected(self) -> Option<VaultErrorKind> {
        Some(match self {
            Case::MissingPath | Case::MissingVersion => VaultErrorKind::NotFound,
            Case::WrongToken => VaultErrorKind::Unauthenticated,
            Case::Denied => VaultErrorKind::PermissionDenied,
            Case::ServerError | Case::CutOff => VaultErrorKind::Unavailable,
            Case::Silence => VaultErrorKind::Timeout,
            Case::Truncated | Case::WrongType | Case::Page | Case::Redirect => {
                VaultErrorKind::InvalidAnswer
            }
            _ => return None,
        })
    }

    /// The deadline of the run: short only where it is meant to pass.
    pub(super) fn timeout(self) -> Duration {
        match self {
            Case::Silence => Duration::from_millis(1500),
            _ => Duration::from_secs(60),
        }
    }
}

fn page() -> Reply {
    let page = format!("<!DOCTYPE html><html><body>{SENTINEL}</body></html>");
    Reply::new(200)
        .with_header("Content-Type", "text/html")
        .with_body(page)
}
