//! Comparing values in filters.

use std::cmp::Ordering;

use manifill_vault::Exposed;

use super::JsonPathError as Error;
use super::parse::Operator;

/// Compares two values as kubectl does, but numbers by their exact value.
pub(super) fn compare(
    left: Exposed<'_>,
    operator: Operator,
    right: Exposed<'_>,
) -> Result<bool, Error> {
    let order = match (left, right) {
        (Exposed::Number(left), Exposed::Number(right)) => {
            Decimal::read(left).compare(&Decimal::read(right))
        }
        (Exposed::Text(left), Exposed::Text(right)) => left.cmp(right),
        (Exposed::Bool(left), Exposed::Bool(right)) => match operator {
            Operator::Equal | Operator::NotEqual => left.cmp(&right),
            _ => return Err(Error::Incomparable),
        },
        _ if is_scalar(left) && is_scalar(right) => return Err(Error::Incompatible),
        _ => return Err(Error::Incomparable),
    };
    Ok(match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
    })
}

fn is_scalar(value: Exposed<'_>) -> bool {
    matches!(
        value,
        Exposed::Number(_) | Exposed::Text(_) | Exposed::Bool(_)
    )
}

/// A JSON number taken apart: `0.d1d2d3… × 10^exponent`, without zeros at either end of the digits,
/// so that equal numbers are equal however they are written.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i128,
}

impl Decimal {
    fn read(text: &str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        // An exponent beyond i128 has more digits than any number that means something.
        let extreme = if exponent.starts_with('-') {
            i128::MIN
        } else {
            i128::MAX
        };
        let exponent = exponent
            .parse::<i128>()
            .unwrap_or(extreme)
            .saturating_add(whole.len() as i128 - zeros as i128);
        let negative = negative && !digits.is_empty();
        Decimal {
            negative,
            digits,
            exponent,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, true) => other.compare_size(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.compare_size(other),
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self
                .exponent
                .cmp(&other.exponent)
                .then_with(|| self.digits.cmp(&other.digits)),
            (zero, other_zero) => other_zero.cmp(&zero),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        let rising = [
            "-1e400",
            "-9007199254740993",
            "-9007199254740992",
            "-1.5",
            "-1",
            "-1e-400",
            "0",
            "1e-400",
            "0.1",
            "0.10000000000000001",
            "1",
            "1.5",
            "2",
            "10",
            "9007199254740992",
            "9007199254740993",
            "1e400",
        ];
        for (i, left) in rising.iter().enumerate() {
            for (j, right) in rising.iter().enumerate() {
                let order = Decimal::read(left).compare(&Decimal::read(right));
                assert_eq!(order, i.cmp(&j), "{left} {right}");
            }
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        for (left, right) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0.001", "1E-3"),
            ("-0", "0.00"),
            ("0e9", "0"),
            ("120", "1.20e+2"),
            ("1e0", "1"),
            (
                "1e99999999999999999999999999999999999999999",
                "1e99999999999999999999999999999999999999999",
            ),
        ] {
            assert!(
                Decimal::read(left).compare(&Decimal::read(right)).is_eq(),
                "{left} {right}"
            );
        }
    }
}
