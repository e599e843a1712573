//! Base64 as Kubernetes and AVP read it.
//!
//! AVP looks for placeholders inside the base64 of a Secret's values (its rules 19 and 20), since
//! kustomize and Helm encode what they are given. It decodes with Go's `StdEncoding`: the standard
//! alphabet, padding needed, CR and LF ignored wherever they stand, unused bits of the last
//! character not looked at.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

const GO_STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The text that a value holds in base64, or `None` if it is not base64, is empty, or holds bytes
/// that are not text.
///
/// Many an ordinary word is valid base64. A caller therefore replaces the value only if
/// [`scan`](crate::scan) finds something live in the decoded text, and leaves it as it is otherwise.
///
/// ```
/// use manifill_placeholder::decode_text;
///
/// assert_eq!(decode_text("PGE+\nPGI+").as_deref(), Some("<a><b>"));
/// assert_eq!(decode_text("PGE-"), None);
/// assert_eq!(decode_text("//8="), None);
/// ```
pub fn decode_text(value: &str) -> Option<String> {
    let bytes = decode_bytes(value).filter(|bytes| !bytes.is_empty())?;
    String::from_utf8(bytes).ok()
}

/// The bytes that a value holds in base64, or `None` if it is not base64.
pub fn decode_bytes(value: &str) -> Option<Vec<u8>> {
    let joined = joined(value);
    if joined.len() % 4 != 0 {
        return None;
    }
    GO_STANDARD.decode(joined.as_bytes()).ok()
}

/// Whether the API server would take a value for `data` of a Secret.
pub fn is_base64(value: &str) -> bool {
    decode_bytes(value).is_some()
}

/// Bytes in base64, with the standard alphabet and padding.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A value without its line breaks.
fn joined(value: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\r', b'\n', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(
        value
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n'))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_reads_the_same() {
        let cases = [
            ("", None),
            ("\n", None),
            ("PHVzZXI+", Some("<user>")),
            ("PHVz\r\nZXI+\n", Some("<user>")),
            ("YQ==", Some("a")),
            ("YR==", Some("a")),
            ("YQ=\n=", Some("a")),
            ("YQ", None),
            ("YQ=", None),
            ("YQ===", None),
            ("YQ==YQ==", None),
            ("PHVz ZXI+", None),
            (" YQ==", None),
            ("PGE-", None),
            ("PHBhdGg6dmF1bHRzL1Byb2QvaXRlbXMvRGIjdHdvIHdvcmRzPg", None),
            ("//48AWJpbj4A", None),
            ("äöüß", None),
        ];
        for (value, text) in cases {
            assert_eq!(decode_text(value).as_deref(), text, "{value:?}");
        }
    }

    #[test]
    fn bytes_need_not_be_text() {
        assert_eq!(decode_bytes("//8=").unwrap(), [0xff, 0xff]);
        assert!(is_base64("//8=") && is_base64("") && is_base64("pass") && !is_base64("p@ss"));
        assert_eq!(encode(&[0xff, 0xff]), "//8=");
    }
}
