//! Putting the values in: from a plan and its answers to the finished texts.

mod budget;
mod checks;
mod diagnose;
mod field;
mod fill;
mod key_hint;
mod look;
mod mark;
mod mock;
mod only_text;
mod restart;
#[cfg(feature = "fill")]
mod text;

use std::borrow::Cow;

use manifill_manifest::{ManifestError, Replacement, ScalarIndex, Span};

use crate::diagnostic::{self, DiagnosticKind, RenderError};
use crate::fetch::Answers;
use crate::input::Input;
use crate::parallel;
use crate::pending::{Findings, PendingDiagnostic, Shared};
use crate::plan::{Index, Locator, PlannedDocument, PlannedField};
use crate::rendered::{Rendered, Stats};
use budget::Budget;

/// How many documents are finished in one go: enough to make the text of a single small document
/// cost no memory of its own.
const BATCH: usize = 64;

/// What is told of a run whose values are none.
const MOCKED: &str =
    "the values are mock values; objects with one have the annotation manifill.dev/mock";

impl<'i> Answers<'_, 'i> {
    /// Puts the values in.
    ///
    /// # Errors
    /// Everything that is wrong with any document, and then no text at all; a result that is larger
    /// than the renderer may write (rule R11).
    pub fn apply(self) -> Result<Rendered<'i>, RenderError> {
        let plan = self.plan;
        let (most, room) = (plan.renderer.max_output(), plan.renderer.room());
        let budget = Budget::new(most, room, plan.inputs);
        self.apply_with(budget.as_ref().map_err(Clone::clone))
    }

    /// The same for a result of at most so many bytes; `None` if it would be larger, whatever else is
    /// wrong, and may be.
    pub(crate) fn apply_within(&self, bytes: u64) -> Option<Result<Rendered<'i>, RenderError>> {
        let plan = self.plan;
        let (most, room) = (plan.renderer.max_output(), plan.renderer.room());
        match Budget::new(most, room, plan.inputs) {
            Ok(own) if own.is_within(bytes) => return Some(self.apply_with(Ok(&own))),
            Err(finding) => return Some(self.apply_with(Err(finding))),
            Ok(_) => {}
        }
        let budget = Budget::new(Some(bytes), None, plan.inputs).ok()?;
        let applied = self.apply_with(Ok(&budget));
        (applied.is_ok() || !budget.is_spent()).then_some(applied)
    }

    fn apply_with(
        &self,
        budget: Result<&Budget, PendingDiagnostic>,
    ) -> Result<Rendered<'i>, RenderError> {
        let plan = self.plan;
        let mut notes = plan.notes.clone();
        notes.extend(self.run().notes());
        if self.is_mocked() && plan.placeholder_count() > 0 {
            notes.push(MOCKED.to_owned());
        }
        // Nothing that was to be told is lost with the run (rule R12).
        let failed = |error: RenderError| {
            let error = error.with_warnings(&plan.warnings);
            error.with_notes(notes.iter().cloned())
        };
        let budget = budget.map_err(|finding| failed(finding.into_error(plan.inputs)))?;
        let findings = Shared::default();
        let spans = plan.documents.iter().map(|planned| planned.index.span());
        let bytes = spans.map(|span| span.len()).sum();
        let batches = plan
            .documents
            .chunk_by(|one, next| one.input == next.input)
            .flat_map(|documents| documents.chunks(BATCH));
        let mut texts = Texts::new(plan.inputs);
        parallel::each(
            batches,
            bytes,
            |batch| batch.iter().map(|planned| planned.index.span().len()).sum(),
            |batch| self.apply_batch(batch, budget, &findings),
            |batch| texts.add(batch),
        );
        let complete = |finding: &mut PendingDiagnostic| diagnose::suggest(finding, self);
        let mut warnings = findings.settle(plan.inputs, complete).map_err(failed)?;
        warnings.extend_from_slice(&plan.warnings);
        let mut texts = texts.finish();
        let mut followed = Findings::default();
        self.follow(&mut texts, &mut followed);
        let followed = followed.settle(plan.inputs, |_| {}).map_err(failed)?;
        warnings.extend(followed);
        diagnostic::sort(&mut warnings);
        Ok(Rendered {
            texts,
            warnings,
            notes,
            stats: Stats {
                requests: self.run().requests_sent(),
                secrets: if self.is_mocked() {
                    0
                } else {
                    plan.reads.len()
                },
                ..plan.stats()
            },
        })
    }

    /// Finishes some documents of an input, one behind the other.
    fn apply_batch(
        &self,
        documents: &[PlannedDocument],
        budget: &Budget,
        shared: &Shared,
    ) -> Option<Batch> {
        let (first, last) = (documents.first()?, documents.last()?);
        let (input, span) = (first.input, first.index.span().start..last.index.span().end);
        let mut findings = Findings::default();
        let source = self.plan.inputs[input].source.as_str();
        let mut text = String::with_capacity(likely_len(span.len()));
        let mut copied = span.start;
        for planned in documents {
            text.push_str(&source[copied..planned.index.span().start]);
            copied = planned.index.span().end;
            let finished = self.apply_document(planned, text, budget, &mut findings);
            // Without a text the run has failed; what follows is read for its mistakes only.
            text = finished.unwrap_or_default();
        }
        shared.add(findings);
        Some(Batch { input, span, text })
    }

    /// Appends the finished text of a document to a text; without one, the findings say why.
    fn apply_document(
        &self,
        planned: &PlannedDocument,
        text: String,
        budget: &Budget,
        findings: &mut Findings,
    ) -> Option<String> {
        if planned.is_left_out() {
            return Some(text);
        }
        let source = self.plan.inputs[planned.input].source.as_str();
        let locator = Locator::new(source, self.plan.renderer.options(), planned);
        match &planned.index {
            Index::Document(index) => {
                self.apply_scalars(planned, index, &locator, text, budget, findings)
            }
            #[cfg(feature = "fill")]
            Index::Text(slots) => self.apply_text(planned, slots, &locator, text, budget, findings),
        }
    }

    /// The same for a document in YAML.
    fn apply_scalars(
        &self,
        planned: &PlannedDocument,
        index: &ScalarIndex,
        locator: &Locator<'_>,
        text: String,
        budget: &Budget,
        findings: &mut Findings,
    ) -> Option<String> {
        let source = self.plan.inputs[planned.input].source.as_str();
        // What a manifest holds is in quotes for every reader of YAML 1.1, whatever it looks like.
        let of_object = || locator.steps(0).is_none_or(|(kind, _)| !kind.is_empty());
        let bare = !self.plan.inputs[planned.input].holds_objects() && !of_object();
        let start = text.len();
        let mut editor = index.edit(source, text);
        let mut complete = true;
        for field in &planned.fields {
            let writer = field::FieldWriter::new(self, planned, field, locator, budget);
            let changed = writer
                .change(findings)
                .map(|change| match change {
                    Replacement::Text(fills) if bare => Replacement::Bare(fills),
                    change => change,
                })
                .map(|change| editor.change(field.scalar as usize, &change));
            complete &= matches!(changed, Some(Ok(())));
            if let Some(Err(error)) = changed {
                findings.push(refused(&error, planned, locator, Some(field)));
            }
        }
        if !complete {
            return None;
        }
        let finished = editor.finish();
        if let Err(error) = &finished {
            // What is wrong at the start of a scalar is wrong with that field.
            let field = planned.fields.iter().find(|field| {
                let start = planned.index.start(source, field.scalar as usize);
                start == Some(error.offset())
            });
            findings.push(refused(error, planned, locator, field));
        }
        let mut finished = finished.ok()?;
        if self.is_mocked() {
            let marked = self.mark(planned, index, locator, &finished[start..], findings)?;
            finished.replace_range(start.., &marked);
        }
        Some(finished)
    }
}

/// What is told of a document, or of one of its scalars, that cannot be edited.
fn refused(
    error: &ManifestError,
    planned: &PlannedDocument,
    locator: &Locator<'_>,
    field: Option<&PlannedField>,
) -> PendingDiagnostic {
    let scalar = field.map(|field| field.scalar as usize);
    PendingDiagnostic::error(DiagnosticKind::Manifest, error.to_string())
        .at(planned.input, error.offset())
        .with_hint_of(error.hint())
        .with_place(
            locator.resource(scalar.unwrap_or(0)),
            scalar.and_then(|scalar| locator.field(scalar)),
        )
}

/// How long the new text for some bytes of a source is going to be: most values are about as long
/// as their placeholders.
fn likely_len(bytes: usize) -> usize {
    bytes + bytes / 16
}

/// The finished text of some documents of an input and of all that is between them.
struct Batch {
    input: usize,
    span: Span,
    text: String,
}

/// The finished texts as they come about.
struct Texts<'i> {
    inputs: &'i [Input],
    finished: Vec<Cow<'i, str>>,
    /// The text of the input that is under way, if any of it has changed, and how much of the
    /// input it stands for.
    text: String,
    copied: usize,
}

impl<'i> Texts<'i> {
    fn new(inputs: &'i [Input]) -> Self {
        Texts {
            inputs,
            finished: Vec::with_capacity(inputs.len()),
            text: String::new(),
            copied: 0,
        }
    }

    /// Adds the next batch, in the order of the sources.
    fn add(&mut self, batch: Batch) {
        while self.finished.len() < batch.input {
            self.finish_input();
        }
        let source = self.inputs[batch.input].source.as_str();
        let between = &source[self.copied..batch.span.start];
        if self.copied == 0 && batch.span.len() > source.len() / 2 {
            // Most of the input is this one text, of which there need be no copy.
            self.text = batch.text;
            self.text.insert_str(0, between);
        } else {
            if self.copied == 0 {
                self.text.reserve_exact(likely_len(source.len()));
            }
            self.text.push_str(between);
            self.text.push_str(&batch.text);
        }
        self.copied = batch.span.end;
    }

    fn finish_input(&mut self) {
        let source = self.inputs[self.finished.len()].source.as_str();
        let mut text = std::mem::take(&mut self.text);
        self.finished.push(match std::mem::take(&mut self.copied) {
            0 => Cow::Borrowed(source),
            copied => {
                text.push_str(&source[copied..]);
                Cow::Owned(text)
            }
        });
    }

    fn finish(mut self) -> Vec<Cow<'i, str>> {
        while self.finished.len() < self.inputs.len() {
            self.finish_input();
        }
        self.finished
    }
}
