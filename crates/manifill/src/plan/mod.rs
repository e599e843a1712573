//! What a run will read and where the values will go, decided without I/O.
//!
//! Deciding is kept apart from doing: every mistake of syntax, path, policy and modifier is found
//! here, before anything is sent, and the reads of all documents are known at once, so that each
//! of them is sent once.

mod directives;
mod document;
mod kustomization;
mod locator;
mod no_manifest;
mod planned;
mod planned_placeholder;
mod planned_reads;
mod read_key;
mod read_table;
mod reads;
mod route;
#[cfg(test)]
mod test_reads;

use manifill_manifest::{LineIndex, Span};
use manifill_vault::{Keys, RunContext};

pub use directives::{annotation_rules, may_need_filling};
pub(crate) use locator::Locator;
pub(crate) use planned::{HIDDEN, PlannedDocument, PlannedField, Target, shown};
pub(crate) use planned_placeholder::PlannedPlaceholder;
pub(crate) use planned_reads::{KeyRef, PlannedReads};
pub(crate) use reads::Reads;

use crate::diagnostic::{Diagnostic, RenderError};
use crate::input::Input;
use crate::parallel;
use crate::pending::{Findings, PendingDiagnostic, Shared};
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

/// A read that a plan holds, for reports: names, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The backend's name.
    pub backend: String,
    /// The path, in the backend's plain spelling.
    pub path: String,
    /// The version, where one is asked for.
    pub version: Option<String>,
    /// The keys that are wanted, sorted.
    pub keys: Vec<String>,
}

/// A place that will be filled, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldReport {
    /// The name of the input.
    pub file: String,
    /// The line of the scalar, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// `Kind/name` or `Kind/namespace/name`.
    pub resource: String,
    /// The field, such as `stringData.apiKey`.
    pub field: String,
    /// Whether the placeholders are inside base64.
    pub base64: bool,
    /// What is read for it: an index into [`Plan::reads`] and a key, for every placeholder and
    /// each of its alternatives.
    pub wants: Vec<(usize, String)>,
}

const LATE: &str = "the time of the run was over before its documents were read";

impl<'r, 'i> Plan<'r, 'i> {
    /// Plans the rendering of these inputs; the error has every mistake that shows without reading
    /// a secret, of all inputs.
    pub(crate) fn new(
        renderer: &'r Renderer,
        inputs: &'i [Input],
        run: &RunContext,
    ) -> Result<Self, RenderError> {
        let options = renderer.options();
        let texts = inputs.iter().enumerate().flat_map(|(input, text)| {
            manifill_manifest::contents(&text.source).map(move |span| (input, span))
        });
        let bytes = inputs.iter().map(|input| input.source.len()).sum();
        let reads = Reads::new(renderer.backends(), renderer.rules());
        let findings = Shared::default();
        let mut documents: Vec<PlannedDocument> = Vec::new();
        let mut document_count = 0;
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
                let planned = document::plan(inputs, input, span, options, &reads, &mut found);
                findings.add(found);
                planned
            },
            |planned| {
                let left_out = planned.as_ref().is_some_and(PlannedDocument::is_left_out);
                document_count += usize::from(!left_out);
                documents.extend(planned);
            },
        );
        let warnings = findings.settle(inputs, |_| {})?;
        let notes = reads.notes();
        let reads = reads.into_sorted(&mut documents);
        Ok(Plan {
            renderer,
            inputs,
            documents,
            reads,
            warnings,
            notes,
            document_count,
        })
    }

    /// The reads, sorted by backend and path; each is one
    /// [`SecretRequest`](manifill_vault::SecretRequest).
    pub fn reads(&self) -> impl Iterator<Item = ReadReport> {
        self.reads.iter().map(|read| ReadReport {
            backend: read.backend_name.to_owned(),
            path: read.request.path.as_str().to_owned(),
            version: read.request.version.clone(),
            keys: match &read.request.keys {
                Keys::Names(names) => names.iter().map(str::to_owned).collect(),
                _ => Vec::new(),
            },
        })
    }

    /// The places that will be filled, in the order of the sources.
    pub fn fields(&self) -> impl Iterator<Item = FieldReport> {
        let lines: Vec<LineIndex<'i>> = self
            .inputs
            .iter()
            .map(|input| LineIndex::new(&input.source))
            .collect();
        self.documents.iter().flat_map(move |planned| {
            let source = &self.inputs[planned.input].source;
            let locator = Locator::new(source, self.renderer.options(), planned);
            let report = |field| self.report(planned, field, &locator, &lines[planned.input]);
            planned.fields.iter().map(report).collect::<Vec<_>>()
        })
    }

    fn report(
        &self,
        planned: &PlannedDocument,
        field: &PlannedField,
        locator: &Locator<'_>,
        lines: &LineIndex<'_>,
    ) -> FieldReport {
        let input = &self.inputs[planned.input];
        let scalar = field.scalar as usize;
        let span = planned
            .index
            .scalar(&input.source, scalar)
            .map(|it| it.span);
        let (line, column) = lines.line_column(span.map_or(0, |span| span.start));
        let wanted = field
            .placeholders
            .iter()
            .flat_map(PlannedPlaceholder::wanted);
        FieldReport {
            file: input.name.clone(),
            line,
            column,
            resource: locator.resource(scalar).unwrap_or_default(),
            field: locator.field(scalar).unwrap_or_default(),
            base64: field.base64,
            wants: wanted
                .map(|wanted| (wanted.read(), wanted.key(&self.reads).to_owned()))
                .collect(),
        }
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

    /// How many placeholders will be filled.
    pub fn placeholder_count(&self) -> usize {
        self.documents
            .iter()
            .flat_map(|planned| planned.fields.iter())
            .map(|field| field.placeholders.len())
            .sum()
    }
}
