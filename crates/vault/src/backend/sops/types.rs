//! The type of a plain YAML scalar as go-yaml 3 sees it.
//!
//! sops hashes a value that it leaves in clear text by its type: `0o14` counts as `12`, `1.50` as
//! `1.5`, and a date as a point in time. Whoever checks the hash must see the same types. They are
//! neither those of YAML 1.1 (`yes` is text) nor those of YAML 1.2 (`0b1` and `010` are numbers).

use std::str::FromStr;

use time::{Date, Month, Time};
use zeroize::Zeroizing;

use super::tree::Leaf;

pub(super) fn text(text: &str) -> Leaf {
    Leaf::Text(Zeroizing::new(text.to_owned()))
}

/// A scalar without quotes and without a tag.
pub(super) fn plain(source: &str) -> Leaf {
    match source {
        "" | "~" | "null" | "Null" | "NULL" => return Leaf::Null,
        "true" | "True" | "TRUE" => return Leaf::bool(true),
        "false" | "False" | "FALSE" => return Leaf::bool(false),
        ".nan" | ".NaN" | ".NAN" => return Leaf::float(source, f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Leaf::float(source, f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Leaf::float(source, f64::NEG_INFINITY),
        _ => {}
    }
    match source.as_bytes().first() {
        Some(b'.') => float(source).unwrap_or_else(|| text(source)),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if let Some(form) = time(source) {
                return Leaf::time(form);
            }
            let digits = source.replace('_', "");
            let found = integer(&digits).or_else(|| float(&digits));
            found.unwrap_or_else(|| text(source))
        }
        _ => text(source),
    }
}

/// An integer with the prefixes of Go's `ParseInt`; one beyond 64 bits is left to [`float`].
fn integer(digits: &str) -> Option<Leaf> {
    let (negative, rest) = match digits.as_bytes().first()? {
        b'-' => (true, &digits[1..]),
        b'+' => (false, &digits[1..]),
        _ => (false, digits),
    };
    let prefix = rest.get(..2).unwrap_or_default().to_ascii_lowercase();
    let (radix, rest) = match prefix.as_str() {
        "0x" => (16, &rest[2..]),
        "0o" => (8, &rest[2..]),
        "0b" => (2, &rest[2..]),
        _ if rest.len() > 1 && rest.starts_with('0') => (8, &rest[1..]),
        _ => (10, rest),
    };
    if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(rest, radix).ok()?);
    let value = if negative { -value } else { value };
    if let Ok(value) = i64::try_from(value) {
        return Some(Leaf::integer(value));
    }
    None
}

/// A number with a point or an exponent, in the one form that go-yaml takes.
fn float(digits: &str) -> Option<Leaf> {
    let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    let well_formed = !(whole.is_empty() && part.is_empty())
        && is_digits(whole)
        && is_digits(part)
        && exponent.is_none_or(|text| !text.is_empty() && is_digits(text));
    let value: f64 = well_formed.then(|| digits.parse().ok()).flatten()?;
    // Go refuses what is too large.
    value.is_finite().then(|| Leaf::float(digits, value))
}

/// A point in time as RFC 3339, which is how sops writes and hashes it: `2024-2-3` is
/// `2024-02-03T00:00:00Z`. Without a zone it is UTC. The spelling is go-yaml's own, and more
/// forgiving than RFC 3339; which days and hours there are the calendar says.
pub(super) fn time(source: &str) -> Option<String> {
    let (date, clock) = match source.split_once(['T', 't', ' ']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (source, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day): (u16, u8, u8) = (
        number(year, 4)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    );
    Date::from_calendar_date(year.into(), Month::try_from(month).ok()?, day).ok()?;
    if parts.next().is_some() {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let Some(clock) = clock else {
        return Some(date + "T00:00:00Z");
    };
    // With a `T` there is a zone, with a blank there is none.
    let (clock, zone) = if source.contains(' ') {
        (clock, "Z".to_owned())
    } else {
        zoned(clock)?
    };
    let (clock, part) = match clock.split_once('.') {
        Some((clock, part)) => {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            (clock, fraction(digits.then_some(part)?))
        }
        None => (clock, String::new()),
    };
    let mut parts = clock.split(':');
    let (hour, minute, second): (u8, u8, u8) = (
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    );
    Time::from_hms(hour, minute, second).ok()?;
    let form = format!("{date}T{hour:02}:{minute:02}:{second:02}{part}{zone}");
    parts.next().is_none().then_some(form)
}

/// A part of a second as Go writes it: nanoseconds at most, and no zeros at the end.
fn fraction(digits: &str) -> String {
    match digits[..digits.len().min(9)].trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    }
}

/// The time of day and its zone: `Z`, `+01:00`.
fn zoned(clock: &str) -> Option<(&str, String)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, "Z".to_owned()));
    }
    let (clock, zone) = clock.split_at_checked(clock.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let both = hours.len() == 2 && minutes.len() == 2;
    let zone = match (number::<u8>(hours, 2)?, number::<u8>(minutes, 2)?) {
        (0, 0) => "Z",
        // More than the calendar has; Go takes it.
        (0..=24, 0..=60) => zone,
        _ => return None,
    };
    both.then(|| (clock, zone.to_owned()))
}

/// A number of so many digits at most, and of nothing else.
fn number<N: FromStr>(text: &str, longest: usize) -> Option<N> {
    let digits = (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What sops hashes for a plain scalar: nothing for null, `"` before what is text.
    fn hashed(source: &str) -> String {
        match plain(source) {
            Leaf::Null => "null".to_owned(),
            Leaf::Text(text) => format!("\"{}", *text),
            Leaf::Typed { hashed, .. } => String::from_utf8_lossy(&hashed).into_owned(),
        }
    }

    #[test]
    fn numbers_count_by_their_value() {
        for (source, expected) in [
            ("12", "12"),
            ("-7", "-7"),
            ("+7", "7"),
            ("0o14", "12"),
            ("014", "12"),
            ("0x1F", "31"),
            ("-0b11", "-3"),
            ("1_000", "1000"),
            ("9223372036854775807", "9223372036854775807"),
            ("1.50", "1.5"),
            ("1e-07", "0.0000001"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-.5", "-0.5"),
            ("-0.0", "-0"),
            ("089", "89"),
            (".inf", "+Inf"),
            ("-.Inf", "-Inf"),
            (".nan", "NaN"),
        ] {
            assert_eq!(hashed(source), expected, "{source}");
        }
    }

    #[test]
    fn words_have_the_types_of_go_yaml() {
        for (source, expected) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("true", "True"),
            ("FALSE", "False"),
            ("yes", "\"yes"),
            ("nil", "\"nil"),
            ("0x", "\"0x"),
            ("0xg", "\"0xg"),
            ("1e", "\"1e"),
            ("1.2.3", "\"1.2.3"),
            ("-", "\"-"),
            ("+", "\"+"),
            ("1e999", "\"1e999"),
            (".", "\"."),
            ("12 apples", "\"12 apples"),
            ("é1", "\"é1"),
            ("1é", "\"1é"),
        ] {
            assert_eq!(hashed(source), expected, "{source}");
        }
    }

    #[test]
    fn times_have_one_form() {
        for (source, expected) in [
            ("2024-02-03", "2024-02-03T00:00:00Z"),
            ("2024-2-3", "2024-02-03T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("2023-02-29", "\"2023-02-29"),
            ("2024-13-01", "\"2024-13-01"),
            ("2024-00-01", "\"2024-00-01"),
            ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z"),
            ("2024-02-03t4:5:6.789Z", "2024-02-03T04:05:06.789Z"),
            (
                "2024-02-03T04:05:06.500+01:00",
                "2024-02-03T04:05:06.5+01:00",
            ),
            ("2024-02-03 04:05:06.000", "2024-02-03T04:05:06Z"),
            (
                "2024-02-03T04:05:06.0123456789Z",
                "2024-02-03T04:05:06.012345678Z",
            ),
            ("2024-02-03T04:05:06.Z", "\"2024-02-03T04:05:06.Z"),
            ("2024-02-03T04:05:06+01:00", "2024-02-03T04:05:06+01:00"),
            ("2024-02-03T04:05:06-00:00", "2024-02-03T04:05:06Z"),
            ("2024-02-03 04:05:06", "2024-02-03T04:05:06Z"),
            ("2024-02-03T04:05:06", "\"2024-02-03T04:05:06"),
            ("2024-02-03 04:05:06Z", "\"2024-02-03 04:05:06Z"),
            ("2024-02-03T24:05:06Z", "\"2024-02-03T24:05:06Z"),
            ("2024-02-03Té", "\"2024-02-03Té"),
            ("24-02-03", "\"24-02-03"),
            ("1900-02-29", "\"1900-02-29"),
            ("2000-02-29", "2000-02-29T00:00:00Z"),
            ("2024-04-31", "\"2024-04-31"),
            ("2024-01-00", "\"2024-01-00"),
            ("2024-02-03T04:05:60Z", "\"2024-02-03T04:05:60Z"),
            ("2024-02-03T04:05:06+24:60", "2024-02-03T04:05:06+24:60"),
            ("2024-02-03T04:05:06+25:00", "\"2024-02-03T04:05:06+25:00"),
        ] {
            assert_eq!(hashed(source), expected, "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9a-fxo_.:eTZt é]{0,24}") {
            plain(&text);
        }
    }
}
