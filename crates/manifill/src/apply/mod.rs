//! Putting the values in: from a plan and its answers to the finished texts.

mod findings;
mod site;

use std::borrow::Cow;

use manifill_manifest::Span;

use crate::diagnostic::{self, Diagnostic, DiagnosticKind, RenderError};
use crate::fetch::Fetched;
use crate::finding::{Finding, Findings, Shared};
use crate::input::Input;
use crate::parallel;
use crate::plan::{Plan, PlannedDocument, PlannedDocuments, name_of};

/// The finished texts.
#[derive(Debug)]
pub struct Rendered<'i> {
    texts: Vec<Cow<'i, str>>,
    warnings: Vec<Diagnostic>,
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
        let documents = std::mem::take(&mut self.documents);
        let bytes = documents.iter().map(|planned| planned.span.len()).sum();
        let findings = Shared::default();
        let mut texts = Texts::new(self.inputs);
        parallel::each(
            stretches(documents),
            bytes,
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

    /// Finishes some documents of an input, one behind the other, and drops them.
    fn apply_stretch(
        &self,
        documents: PlannedDocuments,
        fetched: &Fetched,
        shared: &Shared,
    ) -> Option<Stretch> {
        let (first, last) = (documents.first()?, documents.last()?);
        let (input, span) = (first.input, first.span.start..last.span.end);
        let mut findings = Findings::default();
        let source = self.inputs[input].source.as_str();
        let mut text = String::new();
        let mut copied = span.start;
        for planned in documents {
            text.push_str(&source[copied..planned.span.start]);
            copied = planned.span.end;
            match self.apply_document(*planned, fetched, &mut findings) {
                // A single large document need not be copied.
                Some(finished) if text.is_empty() => text = finished,
                Some(finished) => text.push_str(&finished),
                None => {}
            }
        }
        shared.add(findings);
        Some(Stretch { input, span, text })
    }

    /// The finished text of a document; without one, the findings say why.
    fn apply_document(
        &self,
        planned: PlannedDocument,
        fetched: &Fetched,
        findings: &mut Findings,
    ) -> Option<String> {
        let PlannedDocument {
            input,
            document,
            sites,
            ..
        } = planned;
        let source = self.inputs[input].source.as_str();
        let mut edits = Vec::with_capacity(sites.len());
        for site in &sites {
            let filling = site::Filling {
                plan: self,
                document: &document,
                input,
                site,
                source,
                fetched,
            };
            edits.extend(filling.edit(findings));
        }
        if edits.len() < sites.len() {
            return None;
        }
        // A document can have very many of them, and the check by parsing again wants memory, too.
        drop(sites);
        match document.apply(source, &edits) {
            Ok(text) => Some(text),
            Err(error) => {
                // What is wrong at the start of a scalar is wrong with that field.
                let scalar = document
                    .scalars()
                    .iter()
                    .position(|scalar| scalar.span.start == error.offset());
                let resource = scalar.map_or(0, |scalar| document.scalars()[scalar].resource);
                let resource = document.resources().get(resource).map(name_of);
                let field = scalar.map(|scalar| document.field_path(source, scalar));
                findings.push(
                    Finding::error(
                        input,
                        error.offset(),
                        DiagnosticKind::Manifest,
                        error.to_string(),
                    )
                    .with_hint(error.hint())
                    .with_place(resource, field),
                );
                None
            }
        }
    }
}

/// The finished text of some documents of an input and of all that is between them.
struct Stretch {
    input: usize,
    span: Span,
    text: String,
}

/// Cuts the documents into stretches, none of which goes from one input to the next.
fn stretches(documents: PlannedDocuments) -> Vec<PlannedDocuments> {
    let mut stretches: Vec<PlannedDocuments> = Vec::new();
    for planned in documents {
        match stretches.last_mut() {
            Some(stretch)
                if stretch.len() < STRETCH
                    && stretch
                        .last()
                        .is_some_and(|last| last.input == planned.input) =>
            {
                stretch.push(planned);
            }
            _ => stretches.push(vec![planned]),
        }
    }
    stretches
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
        if self.copied == 0 {
            // Most values are about as long as their placeholders.
            self.text.reserve_exact(source.len() + source.len() / 16);
        }
        self.text.push_str(&source[self.copied..stretch.span.start]);
        self.text.push_str(&stretch.text);
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
