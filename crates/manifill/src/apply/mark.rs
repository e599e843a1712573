//! Marks the objects that mock values went into: a guard refuses them, and no cluster gets them.

use std::collections::BTreeMap;

use manifill_manifest::{ManifestError, NewEntry, NewValue, Resource, ScalarIndex, set_entries};

use crate::diagnostic::DiagnosticKind;
use crate::fetch::Answers;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{Locator, MOCK, PlannedDocument, name_of};

/// Where the annotations of an object are.
const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

impl Answers<'_, '_> {
    /// Marks the objects of a finished document that were touched. What has no kind is no object and
    /// has no place for that.
    pub(super) fn mark(
        &self,
        planned: &PlannedDocument,
        index: &ScalarIndex,
        locator: &Locator<'_>,
        text: &str,
        findings: &mut Findings,
    ) -> Option<String> {
        let source = self.plan.inputs[planned.input].source.as_str();
        let mut touched: BTreeMap<usize, &Resource> = BTreeMap::new();
        for field in &planned.fields {
            let number = field.scalar as usize;
            let object = locator.object(number).filter(|one| !one.kind.is_empty());
            if let Some((scalar, object)) = index.scalar(source, number).zip(object) {
                touched.insert(scalar.resource, object);
            }
        }
        let entry = |object| NewEntry {
            object,
            path: &ANNOTATIONS,
            key: MOCK,
            value: NewValue::Text("true"),
        };
        let entries: Vec<_> = touched.keys().copied().map(entry).collect();
        let marked = set_entries(text, &entries);
        if marked.is_err() {
            for (number, object) in touched {
                if let Err(error) = set_entries(text, &[entry(number)]) {
                    findings.push(unmarked(&error, planned.input, object));
                }
            }
        }
        marked.ok()
    }
}

/// What is told of an object that cannot be marked.
fn unmarked(error: &ManifestError, input: usize, object: &Resource) -> PendingDiagnostic {
    let message = format!("the object cannot be marked with {MOCK}: {error}");
    PendingDiagnostic::error(DiagnosticKind::Manifest, message)
        .at(input, object.span.start)
        .with_hint_of(error.hint())
        .with_place(Some(name_of(object)), None)
}
