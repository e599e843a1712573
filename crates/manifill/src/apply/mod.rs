//! Putting the values in: from a plan and its answers to the finished texts.

mod findings;
mod site;

use std::borrow::Cow;
use std::fmt;

use manifill_manifest::{ManifestError, Span};

use crate::diagnostic::{self, Diagnostic, DiagnosticKind, RenderError};
use crate::fetch::Fetched;
use crate::finding::{Finding, Findings, Shared};
use crate::input::Input;
use crate::parallel;
use crate::plan::{Places, Plan, PlannedDocument, PlannedSite};

/// The finished texts. They hold secrets, so `Debug` does not show them.
///
/// ```
/// use manifill::vault::backend::memory::Memory;
/// use manifill::{Input, Renderer};
///
/// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
/// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
/// let rendered = futures_util::future::FutureExt::now_or_never(renderer.render(&inputs));
/// let rendered = rendered.unwrap().unwrap();
/// assert!(rendered.texts()[0].contains("svc"));
/// assert_eq!(format!("{rendered:?}"), "Rendered { texts: 1, warnings: [] }");
/// ```
pub struct Rendered<'i> {
    texts: Vec<Cow<'i, str>>,
    warnings: Vec<Diagnostic>,
}

impl fmt::Debug for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("texts", &self.texts.len())
            .field("warnings", &self.warnings)
            .finish()
    }
}

impl<'i> Rendered<'i> {
    /// The finished text of each input, in their order.
    pub fn texts(&self) -> &[Cow<'i, str>] {
        &self.texts
    }

    /// The finished texts themselves; one in which nothing was filled is still the input's.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use manifill::vault::backend::memory::Memory;
    /// use manifill::{Input, Renderer};
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new());
    /// let inputs = [Input::new("a.yaml", "kind: A\n")];
    /// let rendered = futures_util::future::FutureExt::now_or_never(renderer.render(&inputs));
    /// assert!(matches!(rendered.unwrap().unwrap().into_texts()[0], Cow::Borrowed("kind: A\n")));
    /// ```
    pub fn into_texts(self) -> Vec<Cow<'i, str>> {
        self.texts
    }

    /// The finished texts as one stream of documents: `---` between them unless one is there.
    pub fn joined(&self) -> Cow<'_, str> {
        match self.texts.as_slice() {
            [only] => Cow::Borrowed(only),
            several => {
                let several: Vec<&str> = several.iter().map(AsRef::as_ref).collect();
                Cow::Owned(manifill_manifest::join(&several))
            }
        }
    }

    /// What is remarkable but did not stop the run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// How many documents are finished in one go: enough to make the text of a single small document
/// cost no memory of its own.
const STRETCH: usize = 64;

impl<'i> Plan<'i> {
    /// Puts the values in.
    ///
    /// # Errors
    /// Everything that is wrong with any document, and then no text at all.
    pub fn apply(mut self, fetched: &Fetched) -> Result<Rendered<'i>, RenderError> {
        let spans = self.documents.iter().map(|planned| planned.draft.span());
        let bytes = spans.map(|span| span.len()).sum();
        let stretches = self
            .documents
            .chunk_by(|one, next| one.input == next.input)
            .flat_map(|documents| documents.chunks(STRETCH));
        let findings = Shared::default();
        let mut texts = Texts::new(self.inputs);
        parallel::each(
            stretches,
            bytes,
            |stretch| {
                stretch
                    .iter()
                    .map(|planned| planned.draft.span().len())
                    .sum()
            },
            |stretch| self.apply_stretch(stretch, fetched, &findings),
            |stretch| {
                if let Some(stretch) = stretch {
                    texts.add(stretch);
                }
            },
        );
        let mut warnings = findings.settle(self.inputs)?;
        warnings.append(&mut self.warnings);
        diagnostic::sort(&mut warnings);
        Ok(Rendered {
            texts: texts.finish(),
            warnings,
        })
    }

    /// Finishes some documents of an input, one behind the other.
    fn apply_stretch(
        &self,
        documents: &[PlannedDocument],
        fetched: &Fetched,
        shared: &Shared,
    ) -> Option<Stretch> {
        let (first, last) = (documents.first()?, documents.last()?);
        let (input, span) = (first.input, first.draft.span().start..last.draft.span().end);
        let mut findings = Findings::default();
        let source = self.inputs[input].source.as_str();
        let mut text = String::with_capacity(likely_len(span.len()));
        let mut copied = span.start;
        for planned in documents {
            text.push_str(&source[copied..planned.draft.span().start]);
            copied = planned.draft.span().end;
            let finished = self.apply_document(planned, text, fetched, &mut findings);
            // Without a text the run has failed; what follows is read for its mistakes only.
            text = finished.unwrap_or_default();
        }
        shared.add(findings);
        Some(Stretch { input, span, text })
    }

    /// Appends the finished text of a document to a text; without one, the findings say why.
    fn apply_document(
        &self,
        planned: &PlannedDocument,
        text: String,
        fetched: &Fetched,
        findings: &mut Findings,
    ) -> Option<String> {
        let source = self.inputs[planned.input].source.as_str();
        let places = Places::new(self, planned);
        let mut editor = planned.draft.edit(source, text);
        let mut complete = true;
        for site in &planned.sites {
            let filling = site::Filling::new(self, planned, site, &places, fetched);
            let changed = filling
                .change(findings)
                .map(|change| editor.change(site.scalar as usize, &change));
            complete &= matches!(changed, Some(Ok(())));
            if let Some(Err(error)) = changed {
                findings.push(refused(&error, planned, &places, Some(site)));
            }
        }
        if !complete {
            return None;
        }
        let finished = editor.finish();
        if let Err(error) = &finished {
            // What is wrong at the start of a scalar is wrong with that field.
            let site = planned.sites.iter().find(|site| {
                let scalar = planned.draft.scalar(source, site.scalar as usize);
                scalar.is_some_and(|scalar| scalar.span.start == error.offset())
            });
            findings.push(refused(error, planned, &places, site));
        }
        finished.ok()
    }
}

/// What is told of a document, or of one of its scalars, that cannot be edited.
fn refused(
    error: &ManifestError,
    planned: &PlannedDocument,
    places: &Places<'_>,
    site: Option<&PlannedSite>,
) -> Finding {
    let kind = DiagnosticKind::Manifest;
    let scalar = site.map(|site| site.scalar as usize);
    Finding::error(planned.input, error.offset(), kind, error.to_string())
        .with_hint(error.hint())
        .with_place(
            places.resource(scalar.unwrap_or(0)),
            scalar.and_then(|scalar| places.field(scalar)),
        )
}

/// How long the new text for some bytes of a source is going to be: most values are about as long
/// as their placeholders.
fn likely_len(bytes: usize) -> usize {
    bytes + bytes / 16
}

/// The finished text of some documents of an input and of all that is between them.
struct Stretch {
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

    /// Adds the next stretch, in the order of the sources.
    fn add(&mut self, stretch: Stretch) {
        while self.finished.len() < stretch.input {
            self.finish_input();
        }
        let source = self.inputs[stretch.input].source.as_str();
        let between = &source[self.copied..stretch.span.start];
        if self.copied == 0 && stretch.span.len() > source.len() / 2 {
            // Most of the input is this one text, of which there need be no copy.
            self.text = stretch.text;
            self.text.insert_str(0, between);
        } else {
            if self.copied == 0 {
                self.text.reserve_exact(likely_len(source.len()));
            }
            self.text.push_str(between);
            self.text.push_str(&stretch.text);
        }
        self.copied = stretch.span.end;
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
