//! Times as Kubernetes writes them (RFC 3339).

use std::time::{Duration, SystemTime};

/// Reads `2026-11-23T12:00:00Z`, with a fraction or another offset too. A time before 1970 is the
/// beginning of 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.trim().split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    let offset = match rest.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        - offset_seconds(offset)?;
    let since_1970 = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    in_range.then(|| SystemTime::UNIX_EPOCH + since_1970)
}

/// `Z`, `+02:00`, `-03:30`.
fn offset_seconds(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(text.get(1..)?, ':')?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let parts: Vec<i64> = text
        .split(separator)
        .map(|part| {
            if part.bytes().all(|b| b.is_ascii_digit()) {
                part.parse().ok()
            } else {
                None
            }
        })
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// The days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let (year, month) = match month {
        ..=2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
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
