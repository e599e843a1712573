//! What a run will read and where the values will go, decided without I/O.
//!
//! Deciding is kept apart from doing: every mistake of syntax, path, policy and modifier is found
//! here, before anything is sent, and the reads of all documents are known at once, so that each
//! of them is sent once.

mod directives;
mod document;
mod encoded;
mod index;
mod kustomization;
mod left_in;
mod leftovers;
mod locator;
mod mocks;
mod no_manifest;
mod other_output;
mod planned;
mod planned_placeholder;
mod planned_reads;
mod planner;
mod read_key;
mod read_table;
mod reads;
mod report;
mod route;
#[cfg(feature = "files")]
mod signs;
mod spelling;
mod strays;
mod target;
#[cfg(test)]
mod test_reads;
#[cfg(feature = "fill")]
mod text;

use manifill_manifest::Span;
use manifill_vault::RunContext;

pub(crate) use directives::{CHECKSUM, MOCK, RESTART, is_ignored, name_of};
pub use directives::{annotation_rules, may_need_filling};
pub(crate) use index::{Index, Space};
#[cfg(feature = "files")]
pub(crate) use kustomization::NAMES as KUSTOMIZATIONS;
pub use left_in::{LeftIn, LeftInKind, find_left_in};
pub(crate) use locator::Locator;
pub(crate) use planned::{HIDDEN, PlannedDocument, PlannedField};
pub(crate) use planned_placeholder::PlannedPlaceholder;
pub(crate) use planned_reads::{KeyRef, PlannedReads};
pub(crate) use reads::Reads;
pub use report::{FieldReport, ReadReport};
#[cfg(feature = "files")]
pub(crate) use signs::shows_placeholder;
pub(crate) use spelling::{parsed, spelling};
pub(crate) use target::Target;

use crate::diagnostic::{Diagnostic, RenderError};
use crate::input::{Input, Options};
use crate::parallel;
use crate::pending::{Findings, PendingDiagnostic, Shared};
use crate::rendered::Stats;
use crate::renderer::Renderer;

/// What a run will read and where the values will go.
///
/// Only [`Renderer::plan`] makes one, and it belongs to that renderer: [`fetch`](Plan::fetch) reads
/// from its backends, and what comes back can be put into this plan only. It can be sent to another
/// thread.
///
/// ```
/// use manifill::{Input, Renderer};
/// use manifill::vault::backend::memory::Memory;
///
/// let renderer = Renderer::with_backend("memory", Memory::new());
/// let inputs = [Input::new("a.yaml", "kind: Secret\nstringData:\n  key: <path:db#user>\n")];
/// let plan = renderer.plan(&inputs)?;
/// assert_eq!(plan.reads().count(), 1);
/// assert_eq!(plan.fields().next().unwrap().field, "stringData.key");
/// # Ok::<(), manifill::RenderError>(())
/// ```
///
/// ```compile_fail
/// let plan = manifill::Plan::default();
/// ```
///
/// ```compile_fail
/// let plan = manifill::Plan { inputs: &[] };
/// ```
#[derive(Debug)]
#[must_use = "a plan has read nothing yet"]
pub struct Plan<'r, 'i> {
    pub(crate) renderer: &'r Renderer,
    pub(crate) inputs: &'i [Input],
    pub(crate) documents: Vec<PlannedDocument>,
    pub(crate) reads: PlannedReads,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) notes: Vec<String>,
    pub(crate) document_count: usize,
}

const LATE: &str = "the time of the run was over before its documents were read";

impl<'r, 'i> Plan<'r, 'i> {
    /// Plans the rendering of these inputs; the error has every mistake that shows without reading
    /// a secret, of all inputs.
    pub(crate) fn new(
        renderer: &'r Renderer,
        inputs: &'i [Input],
        options: Options,
        run: &RunContext,
    ) -> Result<Self, RenderError> {
        let options = options.with_for_app(renderer.is_for_app());
        let texts = inputs.iter().enumerate().flat_map(|(input, text)| {
            let documents = text
                .is_yaml()
                .then(|| manifill_manifest::contents(&text.source));
            let whole = (!text.is_yaml()).then_some(0..text.source.len());
            let parts = documents.into_iter().flatten().chain(whole);
            parts.map(move |span| (input, span))
        });
        let mut document_count = 0;
        let texts = texts.inspect(|_| document_count += 1);
        let bytes = inputs.iter().map(|input| input.source.len()).sum();
        let reads = Reads::new(renderer.backends(), renderer.rules());
        let findings = Shared::default();
        let mut documents: Vec<PlannedDocument> = Vec::new();
        let mut left_out = 0;
        parallel::each(
            texts,
            bytes,
            |(_, span): &(usize, Span)| span.len(),
            |(input, span)| {
                let mut found = Findings::default();
                if run.is_late() {
                    found.push(PendingDiagnostic::late(LATE).at(input, span.start));
                    findings.add(found);
                    return None;
                }
                #[cfg(feature = "fill")]
                if !inputs[input].is_yaml() {
                    let planned = text::plan(inputs, input, options, &reads, &mut found);
                    findings.add(found);
                    return planned;
                }
                let planned = document::plan(inputs, input, span, options, &reads, &mut found);
                findings.add(found);
                planned
            },
            |planned| {
                left_out += usize::from(planned.is_left_out());
                documents.push(planned);
            },
        );
        let warnings = findings
            .settle(inputs, |_| {})
            .map_err(|error| error.with_unread(reads.len()).with_notes(reads.notes()))?;
        let notes = reads.notes();
        let reads = reads.into_sorted(&mut documents);
        Ok(Plan {
            renderer,
            inputs,
            documents,
            reads,
            warnings,
            notes,
            document_count: document_count - left_out,
        })
    }

    /// What is remarkable but does not stop the run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Remarks for the user, names only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many documents the inputs hold, empty ones not counted.
    pub fn document_count(&self) -> usize {
        self.document_count
    }

    /// What the run is made of; it has cost nothing yet.
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            requests: 0,
            secrets: self.reads.len(),
            placeholders: self.placeholder_count(),
            documents: self.document_count(),
        }
    }

    /// How many placeholders will be filled.
    pub fn placeholder_count(&self) -> usize {
        self.documents
            .iter()
            .flat_map(|planned| planned.fields.iter())
            .map(|field| field.placeholders.len())
            .sum()
    }
}
