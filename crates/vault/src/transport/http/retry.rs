//! When to try again, and after how long.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::Answer;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

type Rule<'a> = Box<dyn Fn(&Answer) -> Option<Duration> + Send + Sync + 'a>;

/// When a request is sent again.
///
/// The default is four more tries after connection errors and after 408, 425, 429, 500, 502, 503
/// and 504, for GET only. The wait before each is what `Retry-After` says, else 100 ms, doubled
/// each time up to 5 s, less a random part of up to half. A wait that would outlast the run is
/// not begun.
pub struct Retry<'a> {
    more: u32,
    any_method: bool,
    rule: Option<Rule<'a>>,
}

impl<'a> Retry<'a> {
    /// Sends a request once.
    pub fn never() -> Self {
        Retry {
            more: 0,
            any_method: false,
            rule: None,
        }
    }

    /// Sets how many more tries there may be, whatever they are for.
    pub fn with_more(mut self, more: u32) -> Self {
        self.more = more;
        self
    }

    /// Tries again whatever the method; for a POST that changes nothing, such as a login.
    pub fn with_any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Adds a rule of the backend, asked before the others: `Some` is the wait before the next
    /// try. [`Answer::tries`] says how many there have been.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manifill_vault::transport::http::Retry;
    /// let retry = Retry::default().with_rule(|answer| {
    ///     (answer.status() == 403 && answer.tries() == 1).then_some(Duration::from_millis(100))
    /// });
    /// # let _ = retry;
    /// ```
    pub fn with_rule(
        mut self,
        rule: impl Fn(&Answer) -> Option<Duration> + Send + Sync + 'a,
    ) -> Self {
        self.rule = Some(Box::new(rule));
        self
    }

    /// Whether a request may be sent again after so many tries.
    pub(super) fn may_repeat(&self, method: &reqwest::Method, tries: u32) -> bool {
        tries <= self.more && (self.any_method || method == reqwest::Method::GET)
    }

    /// The wait before the next try, if this answer calls for one.
    pub(super) fn wait_after(&self, answer: &Answer) -> Option<Duration> {
        if let Some(wait) = self.rule.as_ref().and_then(|rule| rule(answer)) {
            return Some(wait);
        }
        matches!(answer.status(), 408 | 425 | 429 | 500 | 502 | 503 | 504).then(|| {
            answer
                .header("retry-after")
                .and_then(|text| retry_after(text, SystemTime::now()))
                .unwrap_or_else(|| backoff(answer.tries()))
        })
    }
}

impl Default for Retry<'_> {
    fn default() -> Self {
        Retry::never().with_more(4)
    }
}

impl fmt::Debug for Retry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("more", &self.more)
            .field("any_method", &self.any_method)
            .field("rule", &self.rule.is_some())
            .finish()
    }
}

/// The wait after so many tries: doubled each time, between half of it and all of it.
pub(super) fn backoff(tries: u32) -> Duration {
    let longest = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
        .min(LONGEST_WAIT);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What `Retry-After` says: seconds or a date (RFC 9110 section 10.2.3).
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_differ() {
        for (tries, longest) in [(1, 100), (2, 200), (4, 800), (7, 5000), (u32::MAX, 5000)] {
            let longest = Duration::from_millis(longest);
            for _ in 0..50 {
                let wait = backoff(tries);
                assert!(longest / 2 <= wait && wait <= longest, "{tries}: {wait:?}");
            }
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| backoff(7)).collect();
        assert!(waits.len() > 1);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(retry_after("7", now), seconds(7));
        assert_eq!(retry_after(" 0 ", now), seconds(0));
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:28:30 GMT", now),
            seconds(30)
        );
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:00:00 GMT", now),
            seconds(0)
        );
        for text in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(retry_after(text, now), None, "{text:?}");
        }
    }

    #[test]
    fn only_a_get_is_repeated_unless_asked() {
        let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
        let retry = Retry::default();
        assert!(retry.may_repeat(&get, 1) && retry.may_repeat(&get, 4));
        assert!(!retry.may_repeat(&get, 5) && !retry.may_repeat(&post, 1));
        assert!(Retry::default().with_any_method().may_repeat(&post, 1));
        assert!(!Retry::never().may_repeat(&get, 1));
    }
}
