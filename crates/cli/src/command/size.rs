//! Sizes, as Kubernetes writes them.

/// The bytes of a size, as Kubernetes writes it.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return None,
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse::<u64>()
        .ok()
        .filter(|_| is_number)?
        .checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("512Mi", Some(512 << 20)),
            ("2Gi", Some(2 << 30)),
            ("1k", Some(1_000)),
            ("3Ki", Some(3 << 10)),
            ("64M", Some(64_000_000)),
            ("1G", Some(1_000_000_000)),
            ("", None),
            ("Mi", None),
            ("+1Mi", None),
            ("1.5Gi", None),
            ("512m", None),
            ("512MB", None),
            ("99999999999999999999Gi", None),
            ("9999999999999Gi", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }
}
