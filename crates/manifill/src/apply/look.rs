//! Looks for the values that a plan wants, and fills none: no modifier runs.

use std::collections::BTreeSet;

use manifill_vault::SecretValue;

use super::budget::Budget;
use super::diagnose;
use super::field::{Absent, FieldWriter, Source};
use crate::diagnostic::{DiagnosticKind, RenderError};
use crate::fetch::Answers;
use crate::inspection::{FoundValue, KeyReport};
use crate::pending::Findings;
use crate::plan::{HIDDEN, KeyRef, Locator, PlannedPlaceholder};

impl Answers<'_, '_> {
    /// Says whether every placeholder has a value.
    ///
    /// # Errors
    /// Each placeholder that has none, as [`apply`](Answers::apply) tells it.
    pub(crate) fn look(&self) -> Result<(), RenderError> {
        let mut findings = Findings::default();
        self.each_field(|writer| writer.look(&mut findings));
        let complete = |finding: &mut _| diagnose::suggest(finding, self);
        let settled = findings.settle(self.plan.inputs, complete);
        settled.map(drop).map_err(|error| {
            let error = error.with_warnings(&self.plan.warnings);
            error.with_notes(self.plan.notes.iter().cloned().chain(self.run().notes()))
        })
    }

    /// The keys that are wanted, each of them once, and what is there.
    pub(crate) fn keys(&self) -> Vec<KeyReport> {
        let mut keys = BTreeSet::new();
        self.each_field(|writer| writer.keys(&mut keys));
        keys.into_iter().collect()
    }

    fn each_field(&self, mut visit: impl FnMut(&FieldWriter<'_>)) {
        // Nothing is written.
        let budget = Budget::unlimited();
        for planned in &self.plan.documents {
            let source = self.plan.inputs[planned.input].source.as_str();
            let locator = Locator::new(source, self.plan.renderer.options(), planned);
            for field in &planned.fields {
                visit(&FieldWriter::new(self, planned, field, &locator, &budget));
            }
        }
    }
}

impl<'a> FieldWriter<'a> {
    /// Tells what has no value.
    fn look(&self, findings: &mut Findings) {
        let mut in_text = Findings::default();
        self.look_at(&self.field.placeholders, &mut in_text);
        self.locate(in_text, findings);
    }

    fn look_at(&self, placeholders: &'a [PlannedPlaceholder], findings: &mut Findings) {
        let may_remove = self.field.remove_missing && self.removable;
        for group in self.groups(placeholders) {
            let placeholder = &group[0];
            if placeholder.layers().len() > self.report.depth {
                match self.string(group) {
                    Some(inner) => inner.look_at(group, findings),
                    None => findings.push(self.report.finding(
                        placeholder,
                        DiagnosticKind::Value,
                        super::fill::UNREADABLE,
                    )),
                }
                continue;
            }
            match self.source(placeholder) {
                Ok(_) => {}
                Err(Absent::Missing(..)) if may_remove => {}
                Err(Absent::Missing(placeholder, wanted, secret)) => {
                    findings.push(self.report.missing(placeholder, wanted, secret));
                }
                Err(Absent::Failed(finding)) => findings.push(finding),
            }
        }
    }

    /// Adds the keys of its placeholders.
    fn keys(&self, keys: &mut BTreeSet<KeyReport>) {
        self.keys_of(&self.field.placeholders, keys);
    }

    fn keys_of(&self, placeholders: &'a [PlannedPlaceholder], keys: &mut BTreeSet<KeyReport>) {
        for group in self.groups(placeholders) {
            let placeholder = &group[0];
            if placeholder.layers().len() > self.report.depth {
                if let Some(inner) = self.string(group) {
                    inner.keys_of(group, keys);
                }
                continue;
            }
            let report = match self.source(placeholder) {
                Ok(Source::Value(wanted, value)) => self.key(placeholder, wanted, Some(value)),
                Ok(Source::Default(wanted, _)) | Err(Absent::Missing(_, wanted, _)) => {
                    self.key(placeholder, wanted, None)
                }
                Err(Absent::Failed(_)) => continue,
            };
            keys.insert(report);
        }
    }

    fn key(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        value: Option<&SecretValue>,
    ) -> KeyReport {
        let read = self.report.plan.reads.get(wanted.read());
        let hidden = self.report.label(placeholder).contains(HIDDEN);
        let key = if hidden {
            HIDDEN
        } else {
            self.report.key(wanted)
        };
        KeyReport {
            backend: read.backend_name.to_owned(),
            path: read.request.path.as_str().to_owned(),
            version: read.request.version.clone(),
            key: key.to_owned(),
            found: value.map(FoundValue::of),
        }
    }
}
