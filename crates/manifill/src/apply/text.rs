//! Finishes a text that is no YAML.

use super::budget::Budget;
use super::field::FieldWriter;
use crate::diagnostic::DiagnosticKind;
use crate::fetch::Answers;
use crate::formats::Slots;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{Locator, PlannedDocument};

impl Answers<'_, '_> {
    /// Appends the finished text to a text; without one, the findings say why.
    pub(super) fn apply_text(
        &self,
        planned: &PlannedDocument,
        slots: &Slots,
        locator: &Locator<'_>,
        mut text: String,
        budget: &Budget,
        findings: &mut Findings,
    ) -> Option<String> {
        let source = self.plan.inputs[planned.input].source.as_str();
        let mut changes = Vec::with_capacity(planned.fields.len());
        for field in &planned.fields {
            let writer = FieldWriter::new(self, planned, field, locator, budget);
            let change = writer.change(findings);
            changes.extend(change.map(|change| (field.scalar as usize, change)));
        }
        if changes.len() < planned.fields.len() {
            return None;
        }
        // Each value is tried alone, so that all that do not fit are told.
        let mut fits = true;
        for change in &changes {
            if let Err((number, refused)) = slots.written(source, change) {
                let pending = PendingDiagnostic::error(DiagnosticKind::Value, refused.message)
                    .at(planned.input, slots.start(number).unwrap_or(0))
                    .with_hint_of(refused.hint)
                    .with_place(None, locator.field(number));
                findings.push(pending);
                fits = false;
            }
        }
        if !fits {
            return None;
        }
        match slots.apply(source, &changes) {
            Ok(finished) => {
                text.push_str(&finished);
                Some(text)
            }
            Err((number, refused)) => {
                let pending = PendingDiagnostic::error(DiagnosticKind::Value, refused.message)
                    .at(planned.input, slots.start(number).unwrap_or(0))
                    .with_place(None, locator.field(number));
                findings.push(pending);
                None
            }
        }
    }
}
