//! Values of several lines in a block whose lines are indented, such as YAML in a ConfigMap: only
//! the first line stands where the placeholder stood.

use manifill_placeholder::{MAX_INDENT, ModifierKind};

use crate::apply::diagnose::Reporter;
use crate::pending::PendingDiagnostic;
use crate::plan::PlannedPlaceholder;

/// How many spaces stand for a tab in a hint.
const TAB: usize = 4;

/// What is told of a value that stands alone on an indented line and whose other lines do not.
pub(super) fn check(
    report: &Reporter<'_>,
    placeholder: &PlannedPlaceholder,
    value: &str,
) -> Option<PendingDiagnostic> {
    let range = placeholder.range();
    let before = report
        .text
        .get(..range.start)
        .filter(|it| it.ends_with([' ', '\t']))?;
    let (_, others) = value.split_once('\n')?;
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    let after = report.text.get(range.end..)?;
    let after = after.find('\n').map_or(after, |end| &after[..end]);
    let alone = line.bytes().all(|byte| b" \t".contains(&byte)) && after.trim_ascii().is_empty();
    let indents =
        |kind: &ModifierKind| matches!(kind, ModifierKind::Indent(_) | ModifierKind::NIndent(_));
    let mut modifiers = placeholder.modifiers().iter();
    let tabs = line.bytes().filter(|byte| *byte == b'\t').count();
    let width = line.len() + tabs * (TAB - 1);
    if !alone || width > MAX_INDENT || modifiers.any(|modifier| indents(&modifier.kind)) {
        return None;
    }
    let mut others = others.lines().filter(|other| !other.is_empty());
    // It may be kept with the indentation that it is to have.
    if others.all(|other| other.starts_with(line)) {
        return None;
    }
    let message = format!(
        "the value of placeholder {} has several lines, and only the first is indented",
        report.head(placeholder)
    );
    let hint = match tabs {
        0 => format!("add | indent {width}"),
        // The modifier writes spaces.
        _ => format!(
            "indent this line with {width} spaces instead of tabs, and add | indent {width}"
        ),
    };
    Some(report.warning(placeholder, message).with_hint(hint))
}
