//! What is looked at when a value goes to its place: each kind of mistake has a file.
//!
//! The cheap test of each decides by a byte or two; only where it fires is more done.

pub(super) mod base64;
mod expansion;
mod json;
mod lines;
mod pem;

pub(super) use expansion::is_expanded;
pub(super) use pem::is_escaped as is_escaped_pem;

use manifill_manifest::{Span, TextEdits};
use zeroize::Zeroizing;

use super::diagnose::Reporter;
use crate::diagnostic::Severity;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{PlannedPlaceholder, Target};

/// Looks at the values of one scalar, one after the other, and at what becomes of it.
pub(super) struct Checks<'c> {
    report: &'c Reporter<'c>,
    found: Vec<PendingDiagnostic>,
    /// Whether lines that fall out of their indentation are told: once a field.
    lines: bool,
    /// Whether the kubelet may expand a part of the text.
    expands: bool,
    json: Option<json::Values<'c>>,
}

impl<'c> Checks<'c> {
    pub(super) fn new(report: &'c Reporter<'c>) -> Self {
        Checks {
            report,
            found: Vec::new(),
            lines: false,
            expands: false,
            json: json::Values::of(&report.text),
        }
    }

    /// Looks at the text that takes the place of the next placeholder.
    #[inline]
    pub(super) fn value(&mut self, placeholder: &'c PlannedPlaceholder, value: &str) {
        let alone = placeholder.range().start == 0 && self.json.is_none();
        let target = self.report.field.target;
        // Nearly all values, of which nothing can be said.
        if alone && target != Target::Container && !pem::may_begin(value) {
            return;
        }
        self.look(placeholder, value);
    }

    fn look(&mut self, placeholder: &'c PlannedPlaceholder, value: &str) {
        if pem::may_begin(value) {
            let finding = pem::check(self.report, placeholder, value);
            self.found.extend(finding);
        }
        if !self.lines {
            let finding = lines::check(self.report, placeholder, value);
            self.lines = finding.is_some();
            self.found.extend(finding);
        }
        if self.report.field.target == Target::Container {
            self.expands |= expansion::may_expand(&self.report.text, placeholder, value);
        }
        if let Some(json) = &mut self.json {
            json.push(&self.report.text, placeholder, value);
        }
    }

    /// Takes note of a string of base64 that was filled, by its first placeholder.
    pub(super) fn string(
        &mut self,
        span: Span,
        placeholder: &'c PlannedPlaceholder,
        length: usize,
    ) {
        if let Some(json) = &mut self.json {
            json.push_string(span, placeholder, length);
        }
    }

    /// Looks at a value that is the whole field and no text, in which the kubelet expands something.
    pub(super) fn expanded(&mut self, placeholder: &PlannedPlaceholder) {
        self.found
            .push(expansion::warning(self.report, placeholder));
    }

    /// Looks at the finished text.
    #[inline]
    pub(super) fn fills(&mut self, fills: &TextEdits) {
        if self.report.field.target.base64_place().is_some() {
            let text = Zeroizing::new(fills.filled(&self.report.text).unwrap_or_default());
            self.found.extend(base64::check(self.report, &text));
        }
        if self.expands {
            self.found.extend(expansion::check(self.report, fills));
        }
        if self.json.as_ref().is_some_and(json::Values::may_break) {
            if let Some(text) = fills.filled(&self.report.text).map(Zeroizing::new) {
                self.text(&text);
            }
        }
    }

    /// Looks at the finished text, which goes into base64 again.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(json) = self.json.as_ref().filter(|json| json.may_break()) {
            self.found.extend(json.check(self.report, text));
        }
    }

    /// Hands over what was found; `None` if there is an error among it.
    #[inline]
    pub(super) fn finish(self, findings: &mut Findings) -> Option<()> {
        if self.found.is_empty() {
            Some(())
        } else {
            hand_over(self.found, findings)
        }
    }
}

fn hand_over(found: Vec<PendingDiagnostic>, findings: &mut Findings) -> Option<()> {
    let mut fine = Some(());
    for finding in found {
        if finding.diagnostic.severity == Severity::Error {
            fine = None;
        }
        findings.push(finding);
    }
    fine
}
