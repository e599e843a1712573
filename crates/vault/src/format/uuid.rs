//! UUIDs, which many services call things by.

/// Whether a text is a UUID, in whichever letter case.
pub(crate) fn is_uuid(text: &str) -> bool {
    let mut bytes = text.bytes().enumerate();
    let fits = bytes.all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    fits && text.len() == 36
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_five_parts_of_hexadecimal_digits() {
        for id in [
            "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6",
            "8F2C1B7E-3A4D-4C5E-9F60-718293A4B5C6",
        ] {
            assert!(is_uuid(id), "{id}");
        }
        for text in [
            "",
            "shop-x7k2",
            "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c",
            "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6a",
            "8f2c1b7e33a4d-4c5e-9f60-718293a4b5c6",
            "zf2c1b7e-3a4d-4c5e-9f60-718293a4b5c6",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
