//! Puts values into a text, and into the base64 within it (rule R3).

use manifill_placeholder::encoded::{self, Coding};
use zeroize::Zeroizing;

use super::checks::Checks;
use super::diagnose::{Missed, Reporter};
use super::field::{Absent, FieldWriter, NewValue};
use crate::diagnostic::DiagnosticKind;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{KeyRef, PlannedPlaceholder};

/// What is wrong with some placeholders of a scalar.
#[derive(Default)]
pub(super) struct Outcome<'a> {
    /// The keys that are missing, where that may take the entry out.
    pub(super) missing: Vec<(&'a PlannedPlaceholder, &'a KeyRef, Missed<'a>)>,
    /// What is told of those in base64 within the text if the entry stays.
    pub(super) missing_within: Vec<PendingDiagnostic>,
    pub(super) failed: bool,
}

impl Outcome<'_> {
    /// Tells what is wrong.
    fn fail(&mut self, finding: PendingDiagnostic, findings: &mut Findings) {
        self.failed = true;
        findings.push(finding);
    }

    /// Takes over that of the placeholders in base64 within the text.
    fn add(&mut self, inner: Outcome<'_>, report: &Reporter<'_>) {
        self.failed |= inner.failed;
        self.missing_within.extend(inner.missing_within);
        for (placeholder, wanted, secret) in inner.missing {
            let finding = report.missing(placeholder, wanted, secret);
            self.missing_within.push(finding);
        }
    }
}

/// What is told of a string of base64 that was read before and no longer is.
pub(super) const UNREADABLE: &str = "base64 cannot be read a second time";

impl<'a> FieldWriter<'a> {
    /// The placeholders of a text, those that stand in one string of base64 together.
    pub(super) fn groups(
        &self,
        placeholders: &'a [PlannedPlaceholder],
    ) -> impl Iterator<Item = &'a [PlannedPlaceholder]> {
        let depth = self.report.depth;
        placeholders.chunk_by(move |one, next| one.range_at(depth) == next.range_at(depth))
    }

    /// The string of base64 that some placeholders stand in.
    pub(super) fn string(&self, placeholders: &[PlannedPlaceholder]) -> Option<Self> {
        self.decoded(placeholders).map(|(inner, _)| inner)
    }

    /// The same, and how it was encoded.
    fn decoded(&self, placeholders: &[PlannedPlaceholder]) -> Option<(Self, Coding)> {
        let report = &self.report;
        let span = placeholders.first()?.range_at(report.depth);
        let written = report.text.get(span.clone()).unwrap_or_default();
        let (text, coding) = encoded::decode_string(written)?;
        let inner = self.within(Reporter {
            text: text.into(),
            encodings: report.encodings + 1,
            depth: report.depth + 1,
            start: if report.encodings == 0 {
                span.start
            } else {
                report.start
            },
            ..*report
        });
        Some((inner, coding))
    }

    /// Puts the values of some placeholders in, those in base64 within the text, too.
    pub(super) fn fill<'c>(
        &self,
        placeholders: &'a [PlannedPlaceholder],
        filled: &mut NewValue,
        checks: &mut Checks<'c>,
        findings: &mut Findings,
    ) -> Outcome<'a>
    where
        'a: 'c,
    {
        let may_remove = self.field.remove_missing && self.removable;
        let mut outcome = Outcome::default();
        let depth = self.report.depth;
        for group in self.groups(placeholders) {
            let placeholder = &group[0];
            if placeholder.layers().len() > depth {
                self.fill_string(group, filled, checks, &mut outcome, findings);
                continue;
            }
            let put = self.value(placeholder).and_then(|value| {
                self.put(placeholder, &value, filled, checks)
                    .map_err(Absent::Failed)
            });
            match put {
                Ok(()) => {}
                Err(Absent::Missing(placeholder, wanted, secret)) if may_remove => {
                    outcome.missing.push((placeholder, wanted, secret));
                }
                Err(Absent::Missing(placeholder, wanted, secret)) => {
                    let finding = self.report.missing(placeholder, wanted, secret);
                    outcome.fail(finding, findings);
                }
                Err(Absent::Failed(finding)) => outcome.fail(finding, findings),
            }
        }
        outcome
    }

    /// Fills the string that some placeholders stand in, and encodes it again as it was.
    fn fill_string<'c>(
        &self,
        placeholders: &'a [PlannedPlaceholder],
        filled: &mut NewValue,
        checks: &mut Checks<'c>,
        outcome: &mut Outcome<'a>,
        findings: &mut Findings,
    ) where
        'a: 'c,
    {
        let report = &self.report;
        let span = placeholders[0].range_at(report.depth);
        let Some((inner, coding)) = self.decoded(placeholders) else {
            let finding = report.finding(&placeholders[0], DiagnosticKind::Value, UNREADABLE);
            return outcome.fail(finding, findings);
        };
        let mut new = NewValue::Base64(Vec::with_capacity(inner.report.text.len()).into(), 0);
        let mut inner_checks = Checks::new(&inner.report);
        let found = inner.fill(placeholders, &mut new, &mut inner_checks, findings);
        outcome.add(found, &inner.report);
        let NewValue::Base64(mut bytes, copied) = new else {
            return;
        };
        bytes.extend_from_slice(&inner.report.text.as_bytes()[copied..]);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            inner_checks.text(text);
        }
        outcome.failed |= inner_checks.finish(findings).is_none();
        let string = Zeroizing::new(coding.encode(&bytes));
        checks.string(span.clone(), &placeholders[0], string.len());
        match filled {
            NewValue::Base64(outer, copied) => {
                outer.extend_from_slice(&report.text.as_bytes()[*copied..span.start]);
                outer.extend_from_slice(string.as_bytes());
                *copied = span.end;
            }
            NewValue::Texts(fills) => fills.push(span, &string),
            NewValue::Whole(_) => {}
        }
    }
}
