//! What services say when they refuse.

use std::time::Duration;

use serde::Deserialize;

use crate::transport::http::Answer;
use crate::{VaultError, VaultErrorKind};

/// Why a call brought no result.
pub(crate) enum Failed {
    /// The service has refused it, for a reason that the backend knows better.
    Refused(Refused),
    /// Anything else.
    Error(VaultError),
}

/// The refusal of a service. Its reason is compared and never shown.
pub(crate) struct Refused {
    reason: String,
    status: u16,
    tries: u32,
    error: VaultError,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "__type")]
    reason: String,
}

impl Failed {
    /// What it means in general.
    pub(crate) fn into_error(self) -> VaultError {
        match self {
            Failed::Refused(refused) => refused.error,
            Failed::Error(error) => error,
        }
    }
}

impl From<VaultError> for Failed {
    fn from(error: VaultError) -> Self {
        Failed::Error(error)
    }
}

impl Refused {
    /// Whether the reason is one of these, by the name of its exception.
    pub(crate) fn is(&self, reasons: &[&str]) -> bool {
        reasons.contains(&self.reason.as_str())
    }

    /// Whether the login may not do this.
    pub(crate) fn is_denied(&self) -> bool {
        self.error.kind() == VaultErrorKind::PermissionDenied
    }

    /// Whether it is for anything that is asked for: the service cannot serve now, or the login does
    /// not work.
    pub(crate) fn is_for_all(&self) -> bool {
        self.error.kind() == VaultErrorKind::Unavailable || self.is_unauthenticated()
    }

    /// Whether the login does not work.
    pub(super) fn is_unauthenticated(&self) -> bool {
        self.error.kind() == VaultErrorKind::Unauthenticated
    }

    /// An error for this refusal, with the status and the tries of its answer.
    pub(crate) fn as_error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message)
            .with_status(self.status)
            .with_tries(self.tries)
    }
}

/// What an answer other than a success means. Services differ in the status for a reason, so only
/// the reason counts where there is one.
pub(super) fn read(answer: &Answer, title: &'static str) -> Failed {
    let Some(reason) = reason(answer) else {
        return Failed::Error(of_status(answer, title));
    };
    let (kind, message, hint) = meaning(&reason);
    let error = match message {
        Some(message) => VaultError::new(kind, message)
            .with_name(title)
            .with_status(answer.status())
            .with_tries(answer.tries()),
        None => of_status(answer, title),
    };
    let error = match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    };
    Failed::Refused(Refused {
        reason,
        status: answer.status(),
        tries: answer.tries(),
        error,
    })
}

/// Whether the service does not accept the login, whatever is asked for.
pub(super) fn is_of_login(answer: &Answer) -> bool {
    !(200..300).contains(&answer.status())
        && reason(answer)
            .is_some_and(|reason| meaning(&reason).0 == VaultErrorKind::Unauthenticated)
}

/// What a status means without a reason. Taken for a missing secret, a wrong address would switch a
/// default on.
pub(super) fn of_status(answer: &Answer, title: &'static str) -> VaultError {
    match answer.status() {
        404 | 410 => VaultError::invalid_answer("{} is not what answers at its address")
            .with_name(title)
            .with_status(answer.status())
            .with_tries(answer.tries()),
        _ => answer.error(),
    }
}

/// The name of the exception: in the JSON of most services, in the XML of STS, and in the XML that
/// some servers use for all that is wrong with a signature.
fn reason(answer: &Answer) -> Option<String> {
    let text = answer.text().ok()?;
    let reason = match serde_json::from_str::<Body>(text) {
        Ok(body) => body.reason,
        Err(_) => element(text, "Code")?.to_owned(),
    };
    // It may be a part of a longer name: `com.amazonaws.secretsmanager#AccessDeniedException`.
    let reason = reason.rsplit('#').next().unwrap_or_default();
    let reason = reason.split(':').next().unwrap_or_default();
    Some(reason.to_owned()).filter(|reason| !reason.is_empty())
}

/// The text of the first element of a name. What is looked for has neither entities nor children.
pub(super) fn element<'t>(xml: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>"))
        .map(|(text, _)| text.trim())
}

type Meaning = (VaultErrorKind, Option<&'static str>, Option<&'static str>);

fn meaning(reason: &str) -> Meaning {
    use VaultErrorKind as Kind;
    let clock = /* hint */ "check the clock of this machine";
    let key = /* hint */ "check the access key, its secret and, if it is temporary, its token";
    match reason {
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" => {
            (Kind::PermissionDenied, Some("{} does not allow this"), None)
        }
        "RequestExpired" | "RequestInTheFuture" => (
            Kind::Unauthenticated,
            Some("{} does not accept the time of the request"),
            Some(clock),
        ),
        "ExpiredTokenException" | "ExpiredToken" => (
            Kind::Unauthenticated,
            Some("{} says that the login has ended"),
            Some(key),
        ),
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidAccessKeyId"
        | "InvalidIdentityToken"
        | "AuthFailure" => (
            Kind::Unauthenticated,
            Some("{} does not accept the login"),
            Some(key),
        ),
        reason if is_throttling(reason) => (
            Kind::Unavailable,
            Some("{} is getting too many requests"),
            None,
        ),
        "InternalServiceError"
        | "InternalServerError"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "KMSInternalException"
        | "DependencyTimeoutException" => (Kind::Unavailable, Some("{} cannot serve now"), None),
        _ => (Kind::InvalidRequest, None, None),
    }
}

fn is_throttling(reason: &str) -> bool {
    matches!(
        reason,
        "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "SlowDown"
    )
}

/// The wait before a throttled call is sent again: AWS says so with 400, and not how long.
pub(super) fn throttled(answer: &Answer) -> Option<Duration> {
    let is_throttled =
        answer.status() == 400 && reason(answer).is_some_and(|one| is_throttling(&one));
    let longest = 200 << answer.tries().min(5);
    is_throttled.then(|| Duration::from_millis(fastrand::u64(longest / 2..=longest)))
}
