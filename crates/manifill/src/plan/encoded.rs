//! Placeholders in base64 within a text (rule R3): the JSON strings of Secrets that are filled, and
//! what is left in anywhere else.

use manifill_manifest::Span;
use manifill_placeholder as placeholder;
use manifill_placeholder::encoded::{self, EncodedString};
use memchr::memchr;

use super::leftovers::bare_reference;
use super::planned_placeholder::PlannedPlaceholders;
use crate::diagnostic::DiagnosticKind;
use crate::pending::PendingDiagnostic;
use crate::stand_ins::{is_json, stand_ins};

/// Whether a value may hold placeholders in base64, if it is looked into; else whether one may be
/// left in. `spelled` says whether a reference in base64 stands anywhere in its document.
pub(super) fn may_hold(looked_into: bool, value: &str, spelled: bool) -> bool {
    if looked_into {
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
    memchr(b'\\', document.as_bytes()).is_some() || encoded::has_spelling(document)
}

/// The JSON strings of a text that are filled; the text has been encoded so many times already.
pub(super) fn strings(
    looked_into: bool,
    text: &str,
    encodings: usize,
    placeholders: &PlannedPlaceholders,
) -> Vec<EncodedString> {
    if !looked_into || encodings >= encoded::MAX_ENCODINGS {
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
    if !strings.is_empty() && !stand_ins(text, ranges()).is_some_and(|(text, _)| is_json(&text)) {
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
