//! Times as Kubernetes writes them (RFC 3339).

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads `2026-11-23T12:00:00Z`, with a fraction or another offset too. A time before 1970 is the
/// beginning of 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    let seconds = u64::try_from(time.unix_timestamp()).unwrap_or(0);
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-11-23T12:00:00Z", 1_795_435_200),
            ("2026-11-23T12:00:00.123456789Z", 1_795_435_200),
            ("2026-11-23T14:00:00+02:00", 1_795_435_200),
            ("2026-11-23T08:30:00-03:30", 1_795_435_200),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("1900-01-01T00:00:00Z", 0),
        ] {
            let time = parse(text).unwrap();
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            assert_eq!(since.as_secs(), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "2026-11-23",
            "2026-11-23T12:00:00",
            "2026-13-23T12:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T12:00Z",
            "2026-11-23T12:00:00+2",
            "2026-11-23T12:00:00+02:0x",
            "2026-11-23T12:00:00é",
            "+026-11-23T12:00:00Z",
            "2026-1é-23T12:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
