//! The clock, and its spelling in RFC 3339.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// Spells a moment in UTC, such as `2026-01-10T12:00:00Z`.
pub(crate) fn rfc3339(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok();
    let moment = moment.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let spelled = moment.and_then(|moment| moment.format(&Rfc3339).ok());
    // Only the year 10,000 and what comes after has no spelling.
    spelled.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn moments() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (1_768_046_400, "2026-01-10T12:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
