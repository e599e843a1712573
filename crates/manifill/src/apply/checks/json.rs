//! JSON inside a text, which a value can break: the quote of a password ends the string around it.

use manifill_manifest::{Span, Step};
use manifill_placeholder::ModifierKind;

use crate::apply::diagnose::Reporter;
use crate::diagnostic::Severity;
use crate::pending::PendingDiagnostic;
use crate::plan::{PlannedPlaceholder, Target};
use crate::stand_ins::{is_json, stand_ins};

/// What the API server reads as JSON.
const PULL_SECRETS: [&str; 2] = [".dockerconfigjson", ".dockercfg"];

/// The values that went into a text that begins as JSON does.
pub(super) struct Values<'c> {
    /// What each of them has taken the place of, with its placeholder, and how long it is.
    values: Vec<(Span, &'c PlannedPlaceholder, usize)>,
    may_break: bool,
}

impl<'c> Values<'c> {
    /// None yet; `None` if the text does not begin as an object or a list does.
    pub(super) fn of(text: &str) -> Option<Self> {
        let first = text.bytes().find(|byte| !byte.is_ascii_whitespace())?;
        matches!(first, b'{' | b'[').then_some(Values {
            values: Vec::new(),
            may_break: false,
        })
    }

    /// Adds a string of base64, which breaks nothing.
    pub(super) fn push_string(
        &mut self,
        span: Span,
        placeholder: &'c PlannedPlaceholder,
        length: usize,
    ) {
        self.values.push((span, placeholder, length));
    }

    pub(super) fn push(&mut self, text: &str, placeholder: &'c PlannedPlaceholder, value: &str) {
        self.values
            .push((placeholder.range(), placeholder, value.len()));
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
        let ranges = self.values.iter().map(|(range, ..)| range.clone());
        let (before, inside) = stand_ins(&report.text, ranges)?;
        if !is_json(&before) {
            return None;
        }
        let was_broken = !is_json(after);
        let (mut from, mut end) = (0, 0);
        let mut breaking = self.values.iter().zip(&inside).filter(|(value, inside)| {
            let (range, _, length) = value;
            let start = end + (range.start - from);
            (from, end) = (range.end, start + *length);
            let value = after.get(start..end).unwrap_or_default();
            if **inside {
                !is_json(&format!("\"{value}\""))
            } else {
                was_broken && !is_json(value)
            }
        });
        let ((_, placeholder, _), inside) = breaking.next()?;
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

/// Whether it is the login of a registry, which the API server refuses if it is no JSON.
fn is_pull_secret(report: &Reporter<'_>) -> bool {
    let is_secret = matches!(report.field.target, Target::SecretData | Target::StringData);
    let steps = is_secret.then(|| report.locator.steps(report.field.scalar as usize));
    matches!(
        steps.flatten().as_ref().and_then(|(_, steps)| steps.last()),
        Some(Step::Key(key)) if PULL_SECRETS.contains(&key.as_ref())
    )
}
