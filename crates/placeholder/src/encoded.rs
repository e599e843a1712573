//! Base64 within a text: where it holds a reference, and the JSON strings that it fills.
//!
//! A pull secret holds `user:password` as base64 in JSON, and in the manifest all of that is base64
//! once more. Whoever templates the outer text gets placeholders that nobody sees.
//!
//! ```
//! use manifill_placeholder::encoded;
//!
//! let text = r#"{"auth": "PHBhdGg6YSN1PjpwdwA="}"#;
//! let found = encoded::strings(text).next().unwrap();
//! assert_eq!(found.text, "<path:a#u>:pw\0");
//! assert_eq!(&text[found.span.clone()], "PHBhdGg6YSN1PjpwdwA=");
//! assert_eq!(found.coding.encode(b"svc:pw"), "c3ZjOnB3");
//! assert_eq!(encoded::references(text).next(), Some(found.span));
//! ```

use base64::alphabet;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};
use base64::engine::{DecodePaddingMode, Engine};
use memchr::{memchr2, memchr3_iter};

use crate::Span;
use crate::escape::Escape;
use crate::escape::decode::decode as unescape;
use crate::grammar::begins_reference;
use crate::scan::may_contain;

/// What base64 of `<path:` and of `<op://` holds, for each place that a bracket has in a group of
/// three bytes: text without any of these is no base64 of a reference.
pub const SPELLINGS: [&str; 6] = [
    "PHBhdGg6", "xwYXRoO", "8cGF0aD", "PG9wOi8v", "xvcDovL", "8b3A6Ly",
];

/// How many characters of its group of four stand before a spelling.
const BEFORE: [usize; 6] = [0, 2, 3, 0, 2, 3];

/// How many encodings are looked into, one inside of the other.
pub const MAX_ENCODINGS: usize = 3;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which base64 a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    url_safe: bool,
    padded: bool,
}

impl Coding {
    /// Bytes in this base64.
    pub fn encode(self, bytes: &[u8]) -> String {
        match (self.url_safe, self.padded) {
            (false, true) => STANDARD.encode(bytes),
            (false, false) => STANDARD_NO_PAD.encode(bytes),
            (true, true) => URL_SAFE.encode(bytes),
            (true, false) => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
}

/// A JSON string that holds text in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedString {
    /// What stands between the quotes.
    pub span: Span,
    /// The text that it holds.
    pub text: String,
    /// How it is written.
    pub coding: Coding,
}

/// The text that a JSON string holds in base64, by what stands between its quotes; `None` if it is
/// not base64, or holds bytes that are not text.
pub fn decode_string(written: &str) -> Option<(String, Coding)> {
    let unescaped = if written.contains('\\') {
        Some(unescape(written, Escape::Json)?.text)
    } else {
        None
    };
    let written = unescaped.as_deref().unwrap_or(written);
    let digits = written
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut plain = Vec::with_capacity(written.len());
    let mut url_safe = false;
    for byte in digits {
        plain.push(match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => byte,
            b'-' | b'_' => {
                url_safe = true;
                if byte == b'-' { b'+' } else { b'/' }
            }
            _ => return None,
        });
    }
    if url_safe && written.contains(['+', '/']) {
        return None;
    }
    // Where the length does not tell, most readers want padding.
    let padded = plain.len() % 4 == 0;
    let bytes = LENIENT.decode(plain).ok().filter(|it| !it.is_empty())?;
    let text = String::from_utf8(bytes).ok()?;
    Some((text, Coding { url_safe, padded }))
}

/// The strings of a JSON text, but no keys, that hold text in base64 that may hold placeholders, at
/// any depth up to [`MAX_ENCODINGS`].
///
/// Nothing is found in a text that does not begin as JSON does; whether the rest of it is JSON is
/// not looked at.
pub fn strings(text: &str) -> impl Iterator<Item = EncodedString> {
    strings_within(text, MAX_ENCODINGS)
}

fn strings_within(text: &str, depth: usize) -> impl Iterator<Item = EncodedString> {
    let starts = text.trim_ascii_start().starts_with(['{', '[', '"']);
    let mut at = if starts && depth > 0 { 0 } else { text.len() };
    std::iter::from_fn(move || {
        loop {
            let span = next_string(text, &mut at)?;
            let written = &text[span.clone()];
            // Base64 of the shortest placeholder, `<a>`, has four characters.
            let worth = written.len() >= 4 && !text[at..].trim_ascii_start().starts_with(':');
            let Some((inner, coding)) = worth.then(|| decode_string(written)).flatten() else {
                continue;
            };
            if may_contain(&inner) || holds(&inner, depth - 1) {
                return Some(EncodedString {
                    span,
                    text: inner,
                    coding,
                });
            }
        }
    })
}

/// What stands between the next quotes, and after that goes behind them.
fn next_string(text: &str, at: &mut usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let start = *at + memchr::memchr(b'"', bytes.get(*at..)?)? + 1;
    let mut end = start;
    loop {
        end += memchr2(b'"', b'\\', bytes.get(end..)?)?;
        if bytes[end] == b'"' {
            *at = end + 1;
            return Some(start..end);
        }
        end += 2;
    }
}

/// Whether a text of a Secret can hold base64 with placeholders, as [`strings`] and [`references`]
/// find it.
pub fn may_hold(text: &str) -> bool {
    holds(text, MAX_ENCODINGS)
}

fn holds(text: &str, depth: usize) -> bool {
    strings_within(text, depth).next().is_some() || references(text).next().is_some()
}

/// Whether a text holds one of the [`SPELLINGS`].
pub fn has_spelling(text: &str) -> bool {
    spellings(text.as_bytes(), 0).next().is_some()
}

/// Where the spellings begin behind an offset, each with its number.
fn spellings(bytes: &[u8], from: usize) -> impl Iterator<Item = (usize, usize)> {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr3_iter(b'P', b'x', b'8', rest).filter_map(move |at| {
        let begins = |spelling: &str| rest[at..].starts_with(spelling.as_bytes());
        let number = SPELLINGS.iter().position(|it| begins(it))?;
        Some((from + at, number))
    })
}

/// The runs of base64 in a text that hold text with `<path:` or `<op://`, with their padding.
pub fn references(text: &str) -> impl Iterator<Item = Span> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let (hit, _) = spellings(bytes, at).next()?;
            let before = bytes[at..hit].iter().rev().take_while(|it| is_digit(it));
            let start = hit - before.count();
            let length = bytes[start..].iter().take_while(|it| is_digit(it)).count();
            let digits = start + length;
            let padding = bytes[digits..].iter().take_while(|it| **it == b'=').count();
            at = digits + padding;
            if is_reference(&bytes[start..digits]) {
                return Some(start..at);
            }
        }
    })
}

/// Whether a byte is a digit of base64, in one of its alphabets.
pub(crate) fn is_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Whether a run of base64 digits holds text with a reference: as a whole, or from the group of the
/// first spelling on, if other text stands right before it.
pub(crate) fn is_reference(digits: &[u8]) -> bool {
    let mut tried = [false; 4];
    spellings(digits, 0).any(|(at, number)| {
        let Some(group) = at.checked_sub(BEFORE[number]) else {
            return false;
        };
        let shift = group % 4;
        if std::mem::replace(&mut tried[shift], true) {
            return false;
        }
        let from = if shift == 0 { 0 } else { group };
        let text = decode_digits(&digits[from..]).map(String::from_utf8);
        text.and_then(Result::ok).is_some_and(|text| {
            memchr::memchr_iter(b'<', text.as_bytes()).any(|at| begins_reference(&text[at + 1..]))
        })
    })
}

/// The bytes that digits of base64 hold, in whichever alphabet; what the last of them leave open is
/// cut off.
pub(crate) fn decode_digits(digits: &[u8]) -> Option<Vec<u8>> {
    let mut plain: Vec<u8> = digits
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    if plain.len() % 4 == 1 {
        plain.pop();
    }
    LENIENT.decode(plain).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grammar::OPENERS;

    #[test]
    fn the_spellings_are_those_of_the_openers() {
        let mut found = Vec::new();
        for opener in OPENERS {
            for place in 0..3 {
                // What the bytes before and behind leave open is cut off.
                let encoded = |other: u8| {
                    let mut bytes = vec![other; place];
                    bytes.extend_from_slice(format!("<{opener}").as_bytes());
                    bytes.extend([other; 3]);
                    STANDARD.encode(bytes)
                };
                let (one, two) = (encoded(0), encoded(0xff));
                let same: String = one
                    .chars()
                    .zip(two.chars())
                    .map(|(one, two)| if one == two { one } else { ' ' })
                    .collect();
                found.push(same.trim_matches([' ', '=']).to_owned());
                assert_eq!(
                    same.len() - same.trim_start().len(),
                    BEFORE[found.len() - 1],
                    "{same}"
                );
            }
        }
        assert_eq!(found, SPELLINGS);
    }

    fn found(text: &str) -> Vec<&str> {
        references(text).map(|span| &text[span]).collect()
    }

    #[test]
    fn references_are_told_by_what_they_decode_to() {
        // a: "<path:x#y>", b: "ab<path:x#y>", c: "…" in the alphabet of addresses
        assert_eq!(found("PHBhdGg6eCN5Pg=="), ["PHBhdGg6eCN5Pg=="]);
        assert_eq!(found("x: PHBhdGg6eCN5Pg, y"), ["PHBhdGg6eCN5Pg"]);
        assert_eq!(found("YWI8cGF0aDp4I3k+"), ["YWI8cGF0aDp4I3k+"]);
        assert_eq!(found("/PHBhdGg6eCN5Pg=="), ["/PHBhdGg6eCN5Pg=="]);
        // The letters alone, with bytes before them, or bytes behind: T43.
        for text in ["xwYXRoO", "PHBhdGg4", "//88cGF0aDp4I3k+", "PHBhdGg6/w=="] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn strings_are_read_as_json_has_them() {
        let texts = |text| strings(text).map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(texts(r#"{"a":"PHVzZXI+","PGI+":1}"#), ["<user>"]);
        assert_eq!(
            texts(r#"["PD8\/Pz4\u003d", "PD8_Pz4"]"#),
            ["<???>", "<???>"]
        );
        assert_eq!(texts(r#" "PHVzZXI+""#), ["<user>"]);
        assert!(texts("PHVzZXI+").is_empty());
        assert!(texts(r#"{"a":"PHVzZXI+"#).is_empty());
        assert!(texts(r#"{"a":"cGxhaW4="}"#).is_empty());
    }

    #[test]
    fn so_many_encodings_are_looked_into() {
        let mut text = "<user>".to_owned();
        for depth in 0..=MAX_ENCODINGS {
            assert_eq!(may_hold(&text), (1..=3).contains(&depth), "{depth}");
            text = format!("{{\"a\":\"{}\"}}", STANDARD.encode(text));
        }
    }

    proptest! {
        /// However it is written, it is read, and written again in the same way.
        #[test]
        fn a_string_keeps_its_alphabet_and_padding(text in "[a-zé<>?~]{1,9}", url_safe: bool, padded: bool) {
            let written = Coding { url_safe, padded }.encode(text.as_bytes());
            let (read, coding) = decode_string(&written).unwrap();
            prop_assert_eq!(&read, &text);
            prop_assert_eq!(coding.encode(text.as_bytes()), written);
        }

        /// No reference hides from the search, wherever it stands.
        #[test]
        fn every_reference_in_base64_is_found(before in "[a-zé ]{0,9}", op: bool, after in "[a-z#> ]{0,9}", url_safe: bool, padded: bool) {
            let text = format!("{before}<{}{after}", if op { "op://" } else { "path:" });
            let written = Coding { url_safe, padded }.encode(text.as_bytes());
            let whole = format!("x: {written};");
            prop_assert_eq!(found(&whole), [written.as_str()]);
        }
    }
}
