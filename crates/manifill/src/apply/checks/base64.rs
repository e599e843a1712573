//! What goes into `data` of a Secret and `binaryData` of a ConfigMap: the API server takes only
//! base64 there, so anything else is a mistake that is better found now.

use manifill_placeholder::{DeriveForm, ModifierKind, decode_bytes};
use manifill_vault::Exposed;
use zeroize::Zeroizing;

use crate::apply::diagnose::Reporter;
use crate::diagnostic::DiagnosticKind;
use crate::pending::PendingDiagnostic;
use crate::plan::{PlannedPlaceholder, Target};

/// The longest text that may be base64 by accident. Of texts with anything else than letters and
/// digits hardly any of this length is base64: 64 of the 95 characters of a keyboard are, which
/// leaves one in 10^22 of this length. But keys and digests are often of letters and digits alone,
/// and the longest of these in use are the 128 digits of a SHA-512.
const MAX_ACCIDENT: usize = 128;

/// What keystores, keytabs and compressed files begin with: a clear text whose base64 does is one in
/// 65,000 at most.
const MAGIC: [&[u8]; 7] = [
    &[0xfe, 0xed, 0xfe, 0xed], // JKS
    &[0xce, 0xce, 0xce, 0xce], // JCEKS
    &[0x1f, 0x8b, 0x08],       // gzip
    b"PK\x03\x04",             // zip
    &[0x28, 0xb5, 0x2f, 0xfd], // zstd
    &[0x05, 0x02],             // a keytab
    &[0x89, b'P', b'N', b'G'],
];

/// The field that takes the text as it is.
fn clear_field(target: Target) -> &'static str {
    match target {
        Target::BinaryData => "data",
        _ => "stringData",
    }
}

/// A value that is neither text nor bytes.
pub(crate) fn wrong_type(
    report: &Reporter<'_>,
    placeholder: &PlannedPlaceholder,
    value: Exposed<'_>,
    target: Target,
) -> PendingDiagnostic {
    let place = target.base64_place().unwrap_or_default();
    let type_name = value.type_name();
    let message = format!("the value is of type {type_name}, and {place} takes base64 text");
    let field = clear_field(target);
    report
        .finding(placeholder, DiagnosticKind::Value, message)
        .with_hint(format!("use {field}, or add | toJson | base64encode"))
}

/// What is told of the finished text of a field that takes base64.
pub(super) fn check(report: &Reporter<'_>, result: &str) -> Option<PendingDiagnostic> {
    let target = report.field.target;
    let (Some(place), Some(placeholder)) =
        (target.base64_place(), report.field.placeholders.first())
    else {
        return None;
    };
    let is_encoded = |placeholder: &&PlannedPlaceholder| {
        let mut modifiers = placeholder.modifiers().iter();
        modifiers.any(|modifier| {
            matches!(
                modifier.kind,
                ModifierKind::Base64Encode
                    | ModifierKind::Derive {
                        form: DeriveForm::Base64(_),
                        ..
                    }
            )
        })
    };
    let encoded = report.field.placeholders.iter().find(is_encoded);
    let field = clear_field(target);
    let Some(bytes) = decode_bytes(result).map(Zeroizing::new) else {
        let is_whole = placeholder.range() == (0..report.text.len());
        let (placeholder, what, hint) = match encoded {
            Some(encoded) if !is_whole => (
                encoded,
                "base64 beside other text, and base64 cannot be joined",
                /* hint */
                format!(
                    "encode the whole text with the placeholder in it, without | base64encode, or write it into {field}"
                ),
            ),
            _ if is_whole => (
                placeholder,
                "clear text, and PLACE takes base64",
                /* hint */ format!("use {field} or | base64encode"),
            ),
            _ => (
                placeholder,
                "clear text, and PLACE takes base64",
                /* hint */
                format!("use {field}, or encode the whole text with the placeholder in it"),
            ),
        };
        let what = what.replace("PLACE", place);
        let message = format!(
            "the value of placeholder {} is {what}",
            report.head(placeholder)
        );
        let finding = report.finding(placeholder, DiagnosticKind::Value, message);
        return Some(finding.with_hint(hint));
    };
    let by_accident = result.len() <= MAX_ACCIDENT
        && encoded.is_none()
        && std::str::from_utf8(&bytes).is_err()
        && !is_known(&bytes);
    by_accident.then(|| {
        let message = format!(
            "the value of placeholder {} is base64 perhaps only by accident: it decodes to bytes that are not text",
            report.head(placeholder)
        );
        let hint = format!("if it is clear text, use {field} or | base64encode");
        report.warning(placeholder, message).with_hint(hint)
    })
}

/// Whether bytes are of a kind that Secrets hold: a keystore, something in DER (a key, a
/// certificate, PKCS #12), something compressed.
fn is_known(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || is_der(bytes)
}

/// Whether bytes are exactly one sequence of DER.
fn is_der(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, length, rest @ ..] if *length < 0x80 => usize::from(*length) == rest.len(),
        [0x30, 0x81, length, rest @ ..] => usize::from(*length) == rest.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_no_accident() {
        assert!(is_known(&[0xfe, 0xed, 0xfe, 0xed, 0, 0]) && is_known(b"PK\x03\x04x"));
        assert!(is_der(&[0x30, 2, 5, 0]) && is_der(&[&[0x30, 0x81, 130][..], &[7; 130]].concat()));
        assert!(!is_der(&[0x30, 3, 5, 0]) && !is_der(&[0x30]) && !is_der(&[]));
        assert!(!is_known(&[0xff, 0xfe, 0]));
    }
}
