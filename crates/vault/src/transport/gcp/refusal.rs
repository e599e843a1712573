//! What services say when they refuse.
//!
//! <https://google.aip.dev/193>

use serde::Deserialize;

use crate::transport::http::Answer;
use crate::{VaultError, VaultErrorKind};

/// The API is not enabled.
const DISABLED: &str = "SERVICE_DISABLED";

/// The token is for other services.
const NARROW: &str = "ACCESS_TOKEN_SCOPE_INSUFFICIENT";

/// The login may not have requests counted for the project that the credentials or a setting name.
const NOT_COUNTED: &str = "USER_PROJECT_DENIED";

/// A perimeter of VPC Service Controls is around the service.
const OUTSIDE: &str = "SECURITY_POLICY_VIOLATED";

/// The refusal of a service. Its words are compared and never shown.
pub(crate) struct Refused {
    /// The name of a code of gRPC, such as `NOT_FOUND`.
    status: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    error: Told,
}

#[derive(Deserialize)]
struct Told {
    status: String,
    #[serde(default)]
    details: Vec<Detail>,
}

/// Details are of many types; that with a reason is wanted.
#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    reason: Option<String>,
}

impl Refused {
    /// Whether the code is this one.
    pub(crate) fn is(&self, status: &str) -> bool {
        self.status == status
    }

    /// Whether nothing is wrong but that the login may not do this.
    pub(crate) fn is_plain_denial(&self) -> bool {
        let is_other = |reason: &str| matches!(reason, DISABLED | NARROW | NOT_COUNTED | OUTSIDE);
        !self.reason.as_deref().is_some_and(is_other)
    }
}

/// What an answer says that is no success; `None` if no service of Google says so.
pub(crate) fn refused(answer: &Answer) -> Option<Refused> {
    let Body { error } = answer.json().ok()?;
    let reason = error.details.into_iter().find_map(|detail| detail.reason);
    Some(Refused {
        status: error.status,
        reason,
    })
}

/// What an answer means that is no success, for a service with nothing better to say. Taken for a
/// missing secret, a wrong address would switch a default on.
pub(crate) fn general(
    answer: &Answer,
    refused: Option<&Refused>,
    title: &'static str,
) -> VaultError {
    use VaultErrorKind as Kind;
    let told = |kind, message| {
        VaultError::new(kind, message)
            .with_name(title)
            .with_status(answer.status())
            .with_tries(answer.tries())
    };
    let reason = refused.and_then(|refused| refused.reason.as_deref());
    match (answer.status(), reason) {
        (401, _) => told(Kind::Unauthenticated, "{} does not accept the token of the login")
            .with_hint("check GOOGLE_OAUTH_ACCESS_TOKEN if it is set: it is good for an hour"),
        (403, Some(DISABLED)) => {
            told(Kind::PermissionDenied, "{} is not enabled in the project")
                .with_hint("enable its API in the project of the secret, or in that of GOOGLE_CLOUD_QUOTA_PROJECT")
        }
        (403, Some(NARROW)) => told(
            Kind::PermissionDenied,
            "the token of this machine is not for {}",
        )
        .with_hint("the machine must have been made with the scope cloud-platform"),
        (403, Some(NOT_COUNTED)) => told(
            Kind::PermissionDenied,
            "the login may not have requests to {} counted for its quota project",
        )
        .with_hint("it needs the role serviceusage.serviceUsageConsumer in that project; GOOGLE_CLOUD_QUOTA_PROJECT says another one"),
        (403, Some(OUTSIDE)) => told(
            Kind::PermissionDenied,
            "{} takes no requests from this network or this login",
        )
        .with_hint("the perimeter of VPC Service Controls around the project must let them in"),
        (404 | 410, _) if refused.is_none() => {
            told(Kind::InvalidAnswer, "{} is not what answers at its address")
        }
        _ => answer.error(),
    }
}
