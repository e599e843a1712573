//! What the kubelet expands in the variables and arguments of containers: `$$` becomes `$`, and
//! `$(NAME)` the variable of that name, so that a password arrives as another one.

use std::ops::Range;

use manifill_manifest::TextEdits;

use crate::apply::diagnose::Reporter;
use crate::pending::PendingDiagnostic;
use crate::plan::PlannedPlaceholder;

/// Whether a value may be expanded where it is put, alone or with what stands before it.
pub(super) fn may_expand(text: &str, placeholder: &PlannedPlaceholder, value: &str) -> bool {
    let before = text.get(..placeholder.range().start);
    value.contains('$') || before.is_some_and(|before| before.ends_with('$'))
}

/// What is told of the first value of which a part is expanded.
pub(super) fn check(report: &Reporter<'_>, fills: &TextEdits) -> Option<PendingDiagnostic> {
    let text = zeroize::Zeroizing::new(fills.filled(&report.text)?);
    let parts: Vec<Range<usize>> = expanded(&text).collect();
    let (mut from, mut end) = (0, 0);
    let mut placeholders = report.field.placeholders.iter();
    let expanded = fills
        .iter()
        .zip(&mut placeholders)
        .find(|((range, value), _)| {
            let start = end + (range.start - from);
            (from, end) = (range.end, start + value.len());
            let mut parts = parts.iter();
            parts.any(|part| part.start < end && start < part.end)
        });
    expanded.map(|(_, placeholder)| warning(report, placeholder))
}

/// What is told of such a value.
pub(super) fn warning(
    report: &Reporter<'_>,
    placeholder: &PlannedPlaceholder,
) -> PendingDiagnostic {
    let field = report.locator.field(report.field.scalar as usize);
    let message = format!(
        "the value of placeholder {} has `$$` or `$(NAME)` in it, which Kubernetes expands in {}",
        report.head(placeholder),
        field.unwrap_or_default()
    );
    report
        .warning(placeholder, message)
        .with_hint("keep it in a Secret and use secretKeyRef, where nothing is expanded")
}

/// Whether a part of a text is expanded.
pub(crate) fn is_expanded(text: &str) -> bool {
    expanded(text).next().is_some()
}

/// The parts of a text that are expanded.
pub(super) fn expanded(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find('$')?;
            let rest = &bytes[start + 1..];
            let length = match rest.first() {
                Some(b'$') => 2,
                Some(b'(') => {
                    let name = |byte: &u8| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
                    };
                    let count = rest[1..].iter().take_while(|byte| name(byte)).count();
                    match rest.get(1 + count) {
                        Some(b')') if count > 0 => count + 3,
                        _ => 0,
                    }
                }
                _ => 0,
            };
            at = start + length.max(1);
            if length > 0 {
                return Some(start..at);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kubelet_expands_is_found() {
        for (text, parts) in [
            ("", &[][..]),
            ("a$b $1 ${x} $", &[]),
            ("a$$b", &["$$"]),
            ("$$$$", &["$$", "$$"]),
            ("$$$(A)", &["$$", "$(A)"]),
            ("abc$(HOME)def", &["$(HOME)"]),
            ("$(a.b-c_1)", &["$(a.b-c_1)"]),
            ("$() $( $(a b) $(a", &[]),
            ("$($(A))", &["$(A)"]),
        ] {
            let found: Vec<&str> = expanded(text).map(|range| &text[range]).collect();
            assert_eq!(found, parts, "{text}");
            assert_eq!(is_expanded(text), !parts.is_empty());
        }
    }
}
