//! Things that go wrong on demand.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use crate::response::Response;

/// What goes wrong with a request under `/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Any status, in Connect's error body.
    Status(u16, String),
    /// The 403 that servers before 1.8.2 gave now and then for a vault the token covers. Only
    /// requests about a vault meet it.
    TransientForbidden,
    /// 429 with the header `Retry-After`, in seconds.
    TooManyRequests {
        /// The value of the header.
        retry_after: u64,
    },
    /// 502 with a page of a proxy instead of JSON.
    HtmlBadGateway,
    /// The right status, with the first half of the body.
    TruncatedJson,
    /// The connection is closed without an answer.
    DroppedConnection,
    /// The answer comes late. Other faults still apply.
    Delay(Duration),
    /// The content of a file is not there yet, told with 500 or 503. Only requests for the
    /// content of a file meet it.
    FileNotSynced(u16),
}

/// A fault and the requests that meet it.
///
/// The command line spells it `KIND[xTIMES][@TEXT]`: without `xTIMES` it lasts for ever, with
/// `@TEXT` it meets only requests whose target holds the text.
///
/// | kind | fault |
/// |---|---|
/// | `400` to `599` | that status with a message; `401x1` is the first request to a fresh server, `408` a slow sync |
/// | `403` | [`Fault::TransientForbidden`] |
/// | `429`, `429=SECONDS` | [`Fault::TooManyRequests`], after 1 second if not told |
/// | `html` | [`Fault::HtmlBadGateway`] |
/// | `truncated` | [`Fault::TruncatedJson`] |
/// | `drop` | [`Fault::DroppedConnection`] |
/// | `delay=200ms`, `delay=2s` | [`Fault::Delay`] |
/// | `file-not-synced`, `file-not-synced=503` | [`Fault::FileNotSynced`], 500 if not told |
///
/// ```
/// use manifill_connect_fake::{Fault, FaultRule};
///
/// let rule: FaultRule = "429=2x3@/items/".parse()?;
/// assert_eq!(rule.fault, Fault::TooManyRequests { retry_after: 2 });
/// assert_eq!(rule.times, Some(3));
/// assert_eq!(rule.target.as_deref(), Some("/items/"));
/// # Ok::<(), manifill_connect_fake::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// For how many requests; `None` is for ever.
    pub times: Option<u32>,
    /// A text that the target must hold.
    pub target: Option<String>,
}

/// A fault that is spelled in no known way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not a fault; write a status from 400 to 599, 429=SECONDS, html, truncated, drop, \
     delay=200ms or file-not-synced[=503], then xTIMES, then @TEXT"
)]
pub struct FaultError {
    text: String,
}

impl Fault {
    fn parse(text: &str) -> Option<Fault> {
        let (kind, value) = match text.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (text, None),
        };
        Some(match (kind, value) {
            ("403", None) => Fault::TransientForbidden,
            ("429", _) => Fault::TooManyRequests {
                retry_after: value.unwrap_or("1").parse().ok()?,
            },
            ("html", None) => Fault::HtmlBadGateway,
            ("truncated", None) => Fault::TruncatedJson,
            ("drop", None) => Fault::DroppedConnection,
            ("delay", Some(value)) => Fault::Delay(duration(value)?),
            ("file-not-synced", None | Some("500")) => Fault::FileNotSynced(500),
            ("file-not-synced", Some("503")) => Fault::FileNotSynced(503),
            (status, None) => {
                let status = status.parse().ok()?;
                Fault::Status(status, message(status)?.to_owned())
            }
            _ => return None,
        })
    }

    fn meets(&self, path: &str) -> bool {
        match self {
            Fault::TransientForbidden => vault_of(path).is_some(),
            Fault::FileNotSynced(_) => path.ends_with("/content"),
            _ => path.starts_with("/v1/"),
        }
    }

    /// The answer instead of the right one; `None` if there is none at all.
    pub(crate) fn answer(&self, path: &str, right: impl FnOnce() -> Response) -> Option<Response> {
        Some(match self {
            Fault::Status(status, message) => Response::error(*status, message),
            Fault::TransientForbidden => Response::error(
                403,
                format!(
                    "Authorization: token does not have access to vault {}",
                    vault_of(path).unwrap_or_default()
                ),
            ),
            Fault::TooManyRequests { retry_after } => Response::error(429, "Too Many Requests")
                .with_header("retry-after", retry_after.to_string()),
            Fault::HtmlBadGateway => Response::typed(
                502,
                "text/html",
                "<html><head><title>502 Bad Gateway</title></head><body>proxy</body></html>",
            ),
            Fault::TruncatedJson => {
                let mut answer = right();
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            Fault::FileNotSynced(status) => Response::error(
                *status,
                "file content is not available yet, please try again",
            ),
            Fault::DroppedConnection => return None,
            Fault::Delay(_) => right(),
        })
    }
}

/// The vault a path is about.
fn vault_of(path: &str) -> Option<&str> {
    let (vault, _) = path
        .strip_prefix("/v1/vaults/")
        .map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    (!vault.is_empty()).then_some(vault)
}

/// The message that goes with a status, as far as one was ever seen.
fn message(status: u16) -> Option<&'static str> {
    Some(match status {
        401 => "Invalid bearer token",
        404 => "not found",
        408 => "sync did not complete within timeout, please retry the request",
        500 => "Something went wrong",
        503 => "Service Unavailable",
        400..=599 => "fault on demand",
        _ => return None,
    })
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?
        .parse()
        .ok()
        .map(Duration::from_secs)
}

impl From<Fault> for FaultRule {
    /// The fault for every request, for ever.
    fn from(fault: Fault) -> FaultRule {
        FaultRule {
            fault,
            times: None,
            target: None,
        }
    }
}

impl FromStr for FaultRule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<FaultRule, FaultError> {
        let error = || FaultError {
            text: text.to_owned(),
        };
        let (rest, target) = match text.split_once('@') {
            Some((_, "")) => return Err(error()),
            Some((rest, target)) => (rest, Some(target.to_owned())),
            None => (text, None),
        };
        let (kind, times) = match rest.rsplit_once('x') {
            Some((kind, times)) => (kind, Some(times.parse().map_err(|_| error())?)),
            None => (rest, None),
        };
        Ok(FaultRule {
            fault: Fault::parse(kind).ok_or_else(error)?,
            times,
            target,
        })
    }
}

/// The rules in force, in the order they were given.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    pub(crate) fn push(&self, rule: FaultRule) {
        self.lock().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Takes what a request meets: the sum of delays, and the first other fault.
    pub(crate) fn take(&self, target: &str) -> (Duration, Option<Fault>) {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let mut delay = Duration::ZERO;
        let mut taken = None;
        for rule in self.lock().iter_mut() {
            let is_spent = rule.times == Some(0);
            let holds = rule
                .target
                .as_deref()
                .is_none_or(|text| target.contains(text));
            if is_spent || !holds || !rule.fault.meets(path) {
                continue;
            }
            match &rule.fault {
                Fault::Delay(duration) => delay += *duration,
                _ if taken.is_some() => continue,
                fault => taken = Some(fault.clone()),
            }
            rule.times = rule.times.map(|times| times - 1);
        }
        (delay, taken)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn spellings() {
        for (text, fault, times) in [
            ("403x2", Fault::TransientForbidden, Some(2)),
            ("429", Fault::TooManyRequests { retry_after: 1 }, None),
            ("429=7", Fault::TooManyRequests { retry_after: 7 }, None),
            ("html", Fault::HtmlBadGateway, None),
            ("truncatedx1", Fault::TruncatedJson, Some(1)),
            ("drop", Fault::DroppedConnection, None),
            (
                "delay=200ms",
                Fault::Delay(Duration::from_millis(200)),
                None,
            ),
            (
                "delay=2sx10",
                Fault::Delay(Duration::from_secs(2)),
                Some(10),
            ),
            ("file-not-synced", Fault::FileNotSynced(500), None),
            ("file-not-synced=503x2", Fault::FileNotSynced(503), Some(2)),
        ] {
            let rule: FaultRule = text.parse().unwrap();
            assert_eq!((rule.fault, rule.times), (fault, times), "{text}");
        }
        let rule: FaultRule = "503x3@/items/".parse().unwrap();
        assert!(matches!(rule.fault, Fault::Status(503, _)));
        assert_eq!(rule.target.as_deref(), Some("/items/"));
    }

    #[test]
    fn misspellings_are_told() {
        for text in [
            "",
            "x3",
            "200",
            "600",
            "50",
            "503x",
            "503x-1",
            "503=1",
            "403=1",
            "429=soon",
            "delay",
            "delay=5",
            "delay=ms",
            "file-not-synced=404",
            "html=1",
            "503@",
            "rubbish",
        ] {
            let error = text.parse::<FaultRule>().unwrap_err();
            assert!(
                error.to_string().starts_with(&format!("`{text}` is not")),
                "{text}"
            );
        }
    }

    #[test]
    fn faults_are_taken_in_order_and_delays_add_up() {
        let faults = Faults::default();
        for text in ["delay=5msx2", "500x1", "delay=10ms", "503x1@/items"] {
            faults.push(text.parse().unwrap());
        }
        let take = |target: &str| {
            let (delay, fault) = faults.take(target);
            let status = match fault {
                Some(Fault::Status(status, _)) => Some(status),
                _ => None,
            };
            (delay.as_millis(), status)
        };
        assert_eq!(take("/heartbeat"), (0, None));
        assert_eq!(take("/v1/vaults/v/items"), (15, Some(500)));
        assert_eq!(take("/v1/vaults"), (15, None));
        assert_eq!(take("/v1/vaults/v/items"), (10, Some(503)));
        assert_eq!(take("/v1/vaults/v/items"), (10, None));
    }
}
