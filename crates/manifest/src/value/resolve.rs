//! What a plain scalar means under YAML 1.1, as Go's yaml.v2 reads it.
//!
//! Kubernetes and AVP read manifests with that library: `yes` is true, `0755` is 493, `1_000` is
//! a thousand, while dates and `1:30` stay text.

use crate::value::types::Value;
use manifill_yaml::Tag;

/// Whether a scalar is text for Kubernetes.
pub(crate) fn is_text(value: &str, plain: bool, tag: Tag) -> bool {
    match tag {
        Tag::None => !plain || matches!(resolve(value), Some(Value::Text(_))),
        Tag::Int | Tag::Float | Tag::Bool | Tag::Null => false,
        _ => true,
    }
}

/// The value of an untagged plain scalar, `None` for the floats that JSON cannot write.
pub(crate) fn resolve(text: &str) -> Option<Value> {
    let word = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF"
        | ".nan" | ".NaN" | ".NAN" => return None,
        _ => match number(text) {
            Some(number) => Value::Number(number),
            None => Value::Text(text.to_owned()),
        },
    };
    Some(word)
}

/// A number as JSON writes it, if the text is one.
pub(crate) fn number(text: &str) -> Option<String> {
    let first = text.bytes().next()?;
    match first {
        b'.' => float(text),
        b'+' | b'-' | b'0'..=b'9' => {
            let digits: String = text.chars().filter(|c| *c != '_').collect();
            integer(&digits).or_else(|| float(&digits))
        }
        _ => None,
    }
}

/// Integers with `0x`, `0o`, `0b`, a leading `0` for octal, or decimal of any size.
fn integer(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let text = if radix == 10 {
        digits.to_owned()
    } else {
        u64::from_str_radix(digits, radix).ok()?.to_string()
    };
    Some(if negative && text != "0" {
        format!("-{text}")
    } else {
        text
    })
}

/// Decimal floats, written with the digits that Go writes.
fn float(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 || !exponent_fits {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| write_float(number))
}

/// The shortest digits that read back, with an exponent below 1e-6 and from 1e21 on.
fn write_float(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return format!("{number}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_text, resolve};
    use crate::value::types::Value;
    use manifill_yaml::Tag;

    #[test]
    fn reads_numbers_as_go_does() {
        for (text, number) in [
            ("0", "0"),
            ("-0", "0"),
            ("+5", "5"),
            ("0755", "493"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("-0x1F", "-31"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("018", "18"),
            ("1e3", "1000"),
            ("1.0", "1"),
            ("-1.5", "-1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e21", "1e+21"),
            ("1.5e-7", "1.5e-7"),
            ("12345678.5", "12345678.5"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("-0.0", "0"),
        ] {
            assert_eq!(resolve(text), Some(Value::Number(number.into())), "{text}");
        }
    }

    #[test]
    fn leaves_the_rest_as_text() {
        for text in [
            "1:30",
            "2021-05-06",
            "0x",
            "0xg",
            "1e",
            "e3",
            ".",
            "+",
            "-",
            "1.2.3",
            "1e999",
            "tRue",
            "_1",
            "=",
            "<<",
            "0b2",
            "1__.a",
            "٣",
        ] {
            assert_eq!(resolve(text), Some(Value::Text(text.into())), "{text}");
        }
        assert_eq!(resolve(".inf"), None);
    }

    #[test]
    fn tags_decide_before_looks() {
        assert!(is_text("5", true, Tag::Str));
        assert!(is_text("5", false, Tag::None));
        assert!(!is_text("5", true, Tag::None));
        assert!(!is_text("x", false, Tag::Int));
    }
}
