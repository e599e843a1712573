//! Keys and certificates whose line breaks were kept as `\n`, two characters: nothing reads them.

use manifill_placeholder::{ModifierKind, decode_text};

use crate::apply::diagnose::Reporter;
use crate::pending::PendingDiagnostic;
use crate::plan::PlannedPlaceholder;

const BEGIN: &str = "-----BEGIN";

/// What the base64 of a text that begins so begins with.
const BEGIN_IN_BASE64: &str = "LS0tLS1CRUdJT";

/// Whether a text is like that.
pub(crate) fn is_escaped(text: &str) -> bool {
    text.trim_ascii_start().starts_with(BEGIN)
        && text.contains(r"\n")
        && !text.trim_ascii().contains('\n')
}

/// Whether a value can begin so, encoded or not, as its first byte tells.
#[inline]
pub(super) fn may_begin(value: &str) -> bool {
    let first = value.as_bytes().first();
    first.is_some_and(|byte| matches!(byte, b'-' | b'L') || byte.is_ascii_whitespace())
}

/// What is told of such a value. Inside a JSON string, or other double quotes, it is as it should be.
pub(super) fn check(
    report: &Reporter<'_>,
    placeholder: &PlannedPlaceholder,
    value: &str,
) -> Option<PendingDiagnostic> {
    let has = |wanted: fn(&ModifierKind) -> bool| {
        let mut modifiers = placeholder.modifiers().iter();
        modifiers.any(|modifier| wanted(&modifier.kind))
    };
    let encoded = value.starts_with(BEGIN_IN_BASE64)
        && has(|kind| matches!(kind, ModifierKind::Base64Encode));
    let is_escaped = if encoded {
        decode_text(value).is_some_and(|text| is_escaped(&text))
    } else {
        is_escaped(value)
    };
    let before = report.text.get(..placeholder.range().start);
    let in_quotes = before.is_some_and(|before| before.ends_with('"'));
    if !is_escaped || in_quotes || has(|kind| matches!(kind, ModifierKind::JsonEscape)) {
        return None;
    }
    let message = format!(
        "the value of placeholder {} has \\n as two characters where a PEM text has line breaks",
        report.head(placeholder)
    );
    let hint = if encoded {
        "put | unescape before | base64encode"
    } else {
        "add | unescape"
    };
    Some(report.warning(placeholder, message).with_hint(hint))
}
