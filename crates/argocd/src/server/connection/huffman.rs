//! The code by which HPACK packs texts (RFC 7541, appendix B).

use std::sync::LazyLock;

/// How many bits each byte has in the code. Codes of one length follow each other, in the order of
/// their bytes, so this says all of it. The end has thirty ones.
#[rustfmt::skip]
const BITS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// The bits of the end of a text, which no text has in it.
const END: u32 = 30;

/// The bytes that are packed there; `None` if that is not a text.
pub(super) fn decode(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(packed.len() * 8 / 5);
    let (mut code, mut bits) = (0u32, 0u32);
    for byte in packed {
        for shift in (0..8).rev() {
            code = code << 1 | u32::from(byte >> shift & 1);
            bits += 1;
            if let Some(byte) = byte_of(code, bits) {
                text.push(byte);
                (code, bits) = (0, 0);
            } else if bits >= END {
                return None;
            }
        }
    }
    // Ones fill the last byte.
    let is_filling = bits < 8 && code == (1 << bits) - 1;
    is_filling.then_some(text)
}

/// For each number of bits the first code, and the bytes whose codes it and the following ones are.
static CODES: LazyLock<Vec<(u32, Vec<u8>)>> = LazyLock::new(|| {
    let mut first = 0;
    let mut codes = Vec::new();
    for bits in 0..=END {
        let has = |byte: &u8| u32::from(BITS[usize::from(*byte)]) == bits;
        let bytes: Vec<u8> = (0..=u8::MAX).filter(has).collect();
        let next = (first + bytes.len() as u32) << 1;
        codes.push((first, bytes));
        first = next;
    }
    codes
});

/// The byte whose code this is.
fn byte_of(code: u32, bits: u32) -> Option<u8> {
    let (first, bytes) = CODES.get(bits as usize)?;
    let nth = code.checked_sub(*first)?;
    bytes.get(nth as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_read() {
        for (packed, text) in [
            (&b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"[..], "www.example.com"),
            (b"\xa8\xeb\x10\x64\x9c\xbf", "no-cache"),
            (b"\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf", "custom-value"),
            (b"\x64\x02", "302"),
            (
                b"\xd0\x7a\xbe\x94\x10\x54\xd4\x44\xa8\x20\x05\x95\x04\x0b\x81\x66\xe0\x82\xa6\x2d\x1b\xff",
                "Mon, 21 Oct 2013 20:13:21 GMT",
            ),
            (b"", ""),
        ] {
            assert_eq!(decode(packed).as_deref(), Some(text.as_bytes()), "{text}");
        }
        // Filled with zeros, with a whole byte, and with the end itself.
        for broken in [&b"\x08"[..], b"\x64\x02\xff", b"\xff\xff\xff\xff"] {
            assert_eq!(decode(broken), None, "{broken:x?}");
        }
    }

    #[test]
    fn every_byte_has_a_code_of_its_own() {
        // Shorter codes take their share of the longer ones; what is left is that of the end.
        let taken: u64 = BITS
            .iter()
            .map(|bits| 1u64 << (END - u32::from(*bits)))
            .sum();
        assert_eq!(taken, (1 << END) - 1);
    }
}
