//! Placeholders in base64 within a text (rule R3): the JSON strings of Secrets that are filled, and
//! what is left in anywhere else.

use manifill_manifest::{Resource, Span};
use manifill_placeholder as placeholder;
use manifill_placeholder::encoded::{self, EncodedString};
use manifill_vault::SecretValue;

use super::leftovers::bare_reference;
use super::planned_placeholder::PlannedPlaceholders;
use crate::diagnostic::DiagnosticKind;
use crate::pending::PendingDiagnostic;

/// Whether the values of an object may be base64 with placeholders in it (AVP rule 19).
fn is_looked_into(resource: &Resource) -> bool {
    resource.kind == "Secret"
}

/// Whether a value may hold placeholders in base64. `spelled` says whether a reference in base64
/// stands anywhere in its document.
pub(super) fn may_hold(resource: &Resource, value: &str, spelled: bool) -> bool {
    if is_looked_into(resource) {
        match placeholder::decode_text(value) {
            Some(text) => {
                placeholder::may_contain(&text)
                    || encoded::may_hold(&text)
                    || bare_reference(&text).is_some()
            }
            None => encoded::may_hold(value),
        }
    } else {
        spelled && encoded::has_spelling(value)
    }
}

/// Whether base64 of a reference may stand in a document: as it is, or spelled with escapes.
pub(super) fn may_be_spelled(document: &str) -> bool {
    document.contains('\\') || encoded::has_spelling(document)
}

/// The JSON strings of a text that are filled; the text has been encoded so many times already.
pub(super) fn strings(
    resource: &Resource,
    text: &str,
    encodings: usize,
    placeholders: &PlannedPlaceholders,
) -> Vec<EncodedString> {
    if !is_looked_into(resource) || encodings >= encoded::MAX_ENCODINGS {
        return Vec::new();
    }
    let ranges = || placeholders.iter().map(|one| one.range());
    let mut taken = ranges().peekable();
    let mut strings: Vec<_> = encoded::strings(text)
        .filter(|string| {
            while taken.next_if(|one| one.end <= string.span.start).is_some() {}
            taken.peek().is_none_or(|one| one.start >= string.span.end)
        })
        .collect();
    if !strings.is_empty() && !is_json(text, ranges()) {
        strings.clear();
    }
    strings
}

/// The base64 of references in a text that is in none of the strings that are filled.
pub(super) fn left_in<'t>(
    text: &'t str,
    strings: &'t [EncodedString],
) -> impl Iterator<Item = Span> + 't {
    encoded::references(text).filter(|span| {
        !strings
            .iter()
            .any(|string| string.span.start <= span.start && span.end <= string.span.end)
    })
}

/// What is told of base64 that is not filled: `refused` if Kubernetes does not take it.
pub(super) fn unfilled(refused: bool) -> PendingDiagnostic {
    if refused {
        // The case T45 of AVP's rule 20. It can do no harm.
        return PendingDiagnostic::warning(
            DiagnosticKind::Placeholder,
            "a placeholder in this base64 is not filled, since it has no padding or another alphabet; Kubernetes refuses it in `data`",
        )
        .with_hint("write the placeholder itself into stringData");
    }
    PendingDiagnostic::error(
        DiagnosticKind::Placeholder,
        "a placeholder in base64 is not filled here",
    )
    .with_hint("base64 is filled in Secrets, where it is a whole value or a whole string of JSON; anywhere else, write the placeholder itself, with | base64encode")
}

/// Whether a text is JSON, if a placeholder inside of quotes is read as letters and one outside as
/// a value.
fn is_json(text: &str, placeholders: impl Iterator<Item = Span>) -> bool {
    let mut filled = String::with_capacity(text.len());
    let mut copied = 0;
    let mut quoted = false;
    for range in placeholders {
        let Some(between) = text.get(copied..range.start) else {
            continue;
        };
        let mut bytes = between.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    bytes.next();
                }
                _ => {}
            }
        }
        filled.push_str(between);
        filled.push(if quoted { 'x' } else { '0' });
        copied = range.end;
    }
    filled.push_str(text.get(copied..).unwrap_or_default());
    SecretValue::from_json(&filled).is_some()
}

#[cfg(test)]
mod tests {
    #[test]
    fn placeholders_are_letters_or_values() {
        let is_json = |text: &str| {
            let ranges = text.match_indices("<x>").map(|(at, _)| at..at + 3);
            super::is_json(text, ranges)
        };
        assert!(is_json(r#"{"a": "\"<x>", "b": <x>, "c": [<x>, "d"]}"#));
        assert!(!is_json(r#"{"a": "" <x>}"#));
        assert!(!is_json("{a: <x>}"));
    }
}
