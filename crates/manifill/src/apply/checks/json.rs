//! JSON inside a text, which a value can break: the quote of a password ends the string around it.

use manifill_manifest::Step;
use manifill_placeholder::ModifierKind;
use manifill_vault::SecretValue;

use crate::apply::diagnose::Reporter;
use crate::diagnostic::Severity;
use crate::pending::PendingDiagnostic;
use crate::plan::{PlannedPlaceholder, Target};

/// What the API server reads as JSON.
const PULL_SECRETS: [&str; 2] = [".dockerconfigjson", ".dockercfg"];

/// The values that went into a text that begins as JSON does.
pub(super) struct Values {
    /// How long each of them is.
    lengths: Vec<usize>,
    may_break: bool,
}

impl Values {
    /// None yet; `None` if the text does not begin as an object or a list does.
    pub(super) fn of(text: &str) -> Option<Self> {
        let first = text.bytes().find(|byte| !byte.is_ascii_whitespace())?;
        matches!(first, b'{' | b'[').then_some(Values {
            lengths: Vec::new(),
            may_break: false,
        })
    }

    pub(super) fn push(&mut self, text: &str, placeholder: &PlannedPlaceholder, value: &str) {
        self.lengths.push(value.len());
        // Between two quotes, a value without these leaves a string a string.
        let range = placeholder.range();
        let byte = |at: Option<usize>| text.as_bytes().get(at?);
        let quoted =
            byte(range.start.checked_sub(1)) == Some(&b'"') && byte(Some(range.end)) == Some(&b'"');
        let odd = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        self.may_break |= !quoted || value.bytes().any(odd);
    }

    /// Whether the text must be looked at as a whole.
    pub(super) fn may_break(&self) -> bool {
        self.may_break
    }

    /// What is told of a text that was JSON before and is none any more, or other JSON: a quote in a
    /// value can also begin another entry.
    pub(super) fn check(&self, report: &Reporter<'_>, after: &str) -> Option<PendingDiagnostic> {
        let placeholders = &report.field.placeholders;
        if self.lengths.len() != placeholders.len() {
            return None;
        }
        let (before, inside) = stand_ins(&report.text, placeholders)?;
        if !is_json(&before) {
            return None;
        }
        let was_broken = !is_json(after);
        let (mut from, mut end) = (0, 0);
        let values = placeholders.iter().zip(&self.lengths).zip(&inside);
        let mut breaking = values.filter(|((placeholder, length), inside)| {
            let range = placeholder.range();
            let start = end + (range.start - from);
            (from, end) = (range.end, start + *length);
            let value = after.get(start..end).unwrap_or_default();
            if **inside {
                !is_json(&format!("\"{value}\""))
            } else {
                was_broken && !is_json(value)
            }
        });
        let ((placeholder, _), inside) = breaking.next()?;
        let message = format!(
            "the value of placeholder {} breaks the JSON around it",
            report.head(placeholder)
        );
        let mut finding = report.warning(placeholder, message);
        if is_pull_secret(report) {
            finding.diagnostic.severity = Severity::Error;
        }
        Some(finding.with_hint(hint(&report.text, placeholder, *inside)))
    }
}

/// What makes the value fit where it stands.
fn hint(text: &str, placeholder: &PlannedPlaceholder, inside: bool) -> &'static str {
    let last = placeholder.modifiers().last().map(|last| &last.kind);
    let range = placeholder.range();
    let alone = |text: &str| {
        text.get(..range.start).is_some_and(|it| it.ends_with('"'))
            && text.get(range.end..).is_some_and(|it| it.starts_with('"'))
    };
    match (inside, last) {
        (true, Some(ModifierKind::ToJson)) if alone(text) => {
            "take the quotes around it away, or use | jsonEscape in place of | toJson"
        }
        (true, Some(ModifierKind::ToJson)) => "use | jsonEscape in place of | toJson",
        (true, _) if alone(text) => {
            "add | jsonEscape, or take the quotes around it away and add | toJson"
        }
        (true, _) => "add | jsonEscape",
        (false, Some(ModifierKind::JsonEscape)) => "use | toJson in place of | jsonEscape",
        (false, _) => "add | toJson, or put quotes around it and add | jsonEscape",
    }
}

fn is_json(text: &str) -> bool {
    SecretValue::from_json(text).is_some()
}

/// The text with letters for placeholders inside of strings and numbers for the others, and of each
/// placeholder whether it is inside of a string.
fn stand_ins(text: &str, placeholders: &[PlannedPlaceholder]) -> Option<(String, Vec<bool>)> {
    let mut out = String::with_capacity(text.len());
    let mut all = Vec::with_capacity(placeholders.len());
    let (mut at, mut inside, mut escaped) = (0, false, false);
    for placeholder in placeholders {
        let range = placeholder.range();
        let between = text.get(at..range.start)?;
        for byte in between.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if inside => escaped = true,
                b'"' => inside = !inside,
                _ => {}
            }
        }
        out.push_str(between);
        out.push(if inside { 'x' } else { '0' });
        all.push(inside);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some((out, all))
}

/// Whether it is the login of a registry, which the API server refuses if it is no JSON.
fn is_pull_secret(report: &Reporter<'_>) -> bool {
    let is_secret = matches!(report.field.target, Target::SecretData | Target::StringData);
    let steps = is_secret.then(|| report.locator.steps(report.field.scalar as usize));
    matches!(
        steps.flatten().as_ref().and_then(|(_, steps)| steps.last()),
        Some(Step::Key(key)) if PULL_SECRETS.contains(&key.as_ref())
    )
}
