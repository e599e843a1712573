//! Modifiers that turn text into other text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use manifill_vault::SecretValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use super::TransformErrorKind;
use super::bounded::{Bounded, fits};

/// Go's `base64.StdEncoding`: padding required, trailing bits not looked at.
const GO_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// RFC 3986 section 2.3: everything but these is encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn base64_encode(bytes: &[u8]) -> Result<String, TransformErrorKind> {
    fits(bytes.len().div_ceil(3).saturating_mul(4))?;
    Ok(GO_BASE64.encode(bytes))
}

/// Decodes base64 in which line breaks are skipped, as Go does; the result is text if it is UTF-8.
pub(super) fn base64_decode(encoded: &[u8]) -> Result<SecretValue, TransformErrorKind> {
    let compact: Zeroizing<Vec<u8>> = Zeroizing::new(
        encoded
            .iter()
            .copied()
            .filter(|byte| !is_line_break(*byte))
            .collect(),
    );
    let decoded = GO_BASE64.decode(compact.as_slice()).map_err(|error| {
        let place = match error {
            base64::DecodeError::InvalidByte(place, _)
            | base64::DecodeError::InvalidLastSymbol { offset: place, .. } => place,
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                compact.len().saturating_sub(1) / 4 * 4
            }
        };
        TransformErrorKind::Base64(place_in(encoded, place))
    })?;
    Ok(match String::from_utf8(decoded) {
        Ok(text) => SecretValue::text(text),
        Err(error) => SecretValue::bytes(error.into_bytes()),
    })
}

/// Where the n-th byte that is no line break stands.
fn place_in(encoded: &[u8], place: usize) -> usize {
    encoded
        .iter()
        .enumerate()
        .filter(|(_, byte)| !is_line_break(**byte))
        .nth(place)
        .map_or(encoded.len(), |(index, _)| index)
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

pub(super) fn url_encode(bytes: &[u8]) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::value();
    for part in percent_encode(bytes, RESERVED) {
        out.push(part)?;
    }
    Ok(out.finish())
}

/// Puts blanks before every line but the first, which stands where the placeholder stood.
///
/// AVP's rule 35, but blanks inside the text and blank lines are kept (AVP's issues 297, 451, 633,
/// 650). As there, a line break is one LF, and an empty line gets no blanks.
pub(super) fn indent(text: &str, blanks: usize) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::value();
    push_lines(text, blanks, false, &mut out)?;
    Ok(out.finish())
}

/// A line break, then every line with blanks before it: Helm's `nindent`, but an empty line stays
/// empty.
pub(super) fn nindent(text: &str, blanks: usize) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::value();
    out.push("\n")?;
    push_lines(text, blanks, true, &mut out)?;
    Ok(out.finish())
}

fn push_lines(
    text: &str,
    blanks: usize,
    first: bool,
    out: &mut Bounded,
) -> Result<(), TransformErrorKind> {
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if index > 0 {
            out.push("\n")?;
        }
        let line = match line.strip_suffix('\r') {
            Some(line) if lines.peek().is_some() => line,
            _ => line,
        };
        if !line.is_empty() && (index > 0 || first) {
            out.pad(blanks)?;
        }
        out.push(line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use manifill_vault::Exposed;

    use super::*;

    const PEM: &str = "-----BEGIN KEY-----\nQUJD\nREVG\n-----END KEY-----\n";

    #[test]
    fn pem_is_indented_as_avp_does_it() {
        let want = "-----BEGIN KEY-----\n    QUJD\n    REVG\n    -----END KEY-----\n";
        assert_eq!(indent(PEM, 4).unwrap(), want);
        assert_eq!(indent(&PEM.replace('\n', "\r\n"), 4).unwrap(), want);
        assert_eq!(indent(PEM.trim_end(), 4).unwrap(), want.trim_end());
    }

    #[test]
    fn indent_keeps_inner_blanks_and_blank_lines() {
        assert_eq!(indent("a\n\n  b\n\tc\n", 2).unwrap(), "a\n\n    b\n  \tc\n");
        assert_eq!(
            indent("  two\n    four\n", 4).unwrap(),
            "  two\n        four\n"
        );
        assert_eq!(indent("one", 4).unwrap(), "one");
        assert_eq!(indent("", 4).unwrap(), "");
        assert_eq!(indent("a\n\n", 1).unwrap(), "a\n\n");
        assert_eq!(indent("a\rb\r", 1).unwrap(), "a\rb\r");
    }

    #[test]
    fn nindent_starts_on_its_own_line() {
        assert_eq!(nindent("a\n\n  b\n", 2).unwrap(), "\n  a\n\n    b\n");
        assert_eq!(nindent("a", 0).unwrap(), "\na");
    }

    #[test]
    fn indentation_that_explodes_is_refused() {
        let lines = "a\n".repeat(20_000);
        assert_eq!(indent(&lines, 1000), Err(TransformErrorKind::TooLarge));
        assert_eq!(nindent("a", usize::MAX), Err(TransformErrorKind::TooLarge));
    }

    #[test]
    fn urlencode_keeps_what_rfc_3986_calls_unreserved() {
        let kept = "AZaz09-._~";
        assert_eq!(url_encode(kept.as_bytes()).unwrap(), kept);
        assert_eq!(
            url_encode("p@ss:w0rd#1 +/%é".as_bytes()).unwrap(),
            "p%40ss%3Aw0rd%231%20%2B%2F%25%C3%A9"
        );
        assert_eq!(url_encode(&[0xff]).unwrap(), "%FF");
    }

    #[test]
    fn base64_reads_what_go_reads() {
        for (encoded, want) in [
            ("Z3JlZW4=", "green"),
            ("Z3Jl\r\nZW4=\n", "green"),
            ("Z3JlZW5=", "green"),
            ("", ""),
            ("\n", ""),
        ] {
            let value = base64_decode(encoded.as_bytes()).unwrap();
            assert_eq!(value.expose().as_text(), Some(want), "{encoded:?}");
        }
        let value = base64_decode(b"/wA=").unwrap();
        assert!(matches!(value.expose(), Exposed::Bytes([0xff, 0])));
    }

    #[test]
    fn base64_says_where_it_is_illegal() {
        for (encoded, place) in [
            ("Z3Jl!ZW4=", 4),
            ("Z3\nJl!ZW4=", 5),
            ("Z3JlZW4", 4),
            ("abc", 0),
            ("a", 0),
            ("Z3-_", 2),
            (" Z3Jl", 0),
        ] {
            let error = base64_decode(encoded.as_bytes()).unwrap_err();
            assert_eq!(error, TransformErrorKind::Base64(place), "{encoded:?}");
        }
    }
}
