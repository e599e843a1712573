//! How long a request may take.

use std::time::{Duration, Instant};

use tonic::metadata::MetadataMap;

/// How long a request takes at most if its client does not say.
const UNSAID: Duration = Duration::from_secs(90);

/// The longest time that a client can ask for; more than that is a mistake.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long before its client an answer gives up, so that the client hears why; Argo CD's own
/// server does the same.
const BEFORE: Duration = Duration::from_millis(100);

/// When a request must be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// When it is answered at the latest.
    pub(crate) answer: Instant,
    /// When work ends, so that it can still say where it was.
    pub(crate) work: Instant,
}

impl Deadline {
    /// The deadline of a request that comes in now.
    pub(crate) fn new(metadata: &MetadataMap) -> Self {
        let header = metadata.get("grpc-timeout");
        let asked = header.and_then(|value| parse(value.to_str().ok()?));
        let time = asked.unwrap_or(UNSAID).min(LONGEST);
        let before = BEFORE.min(time / 10);
        let start = Instant::now();
        Deadline {
            answer: start + (time - before),
            work: start + (time - 2 * before),
        }
    }
}

/// The header of gRPC: up to eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_digits_and_a_unit() {
        for (text, wanted) in [
            ("60S", Some(Duration::from_secs(60))),
            ("2M", Some(Duration::from_secs(120))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("1500m", Some(Duration::from_millis(1500))),
            ("7u", Some(Duration::from_micros(7))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("60", None),
            ("-1S", None),
            ("999999999S", None),
            ("60é", None),
        ] {
            assert_eq!(parse(text), wanted, "{text}");
        }
    }

    #[test]
    fn work_ends_before_the_answer_and_the_answer_before_the_client() {
        for (header, most) in [
            (None, UNSAID),
            (Some("99999999H"), LONGEST),
            (Some("10m"), Duration::from_millis(10)),
        ] {
            let mut metadata = MetadataMap::new();
            if let Some(header) = header {
                metadata.insert("grpc-timeout", header.parse().unwrap());
            }
            let before = Instant::now();
            let deadline = Deadline::new(&metadata);
            let after = Instant::now();
            let early = BEFORE.min(most / 10);
            assert!(
                deadline.answer >= before + most - early && deadline.answer <= after + most - early
            );
            assert_eq!(deadline.answer - deadline.work, early);
        }
    }
}
