//! Putting the values in: from a plan and its answers to the finished texts.

mod site;

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, DiagnosticKind, RenderError};
use crate::fetch::Fetched;
use crate::finding::{self, Finding};
use crate::parallel;
use crate::plan::{Plan, PlannedDocument, name_of};

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

impl<'i> Plan<'i> {
    /// Puts the values in.
    ///
    /// # Errors
    /// Everything that is wrong with any document, and then no text at all.
    pub fn apply(&self, fetched: &Fetched) -> Result<Rendered<'i>, RenderError> {
        let bytes = self.documents.iter().map(|planned| planned.span.len()).sum();
        let outcomes =
            parallel::map(&self.documents, bytes, |planned| self.apply_document(planned, fetched));
        let mut findings = Vec::new();
        let mut finished = Vec::with_capacity(outcomes.len());
        for (text, found) in outcomes {
            finished.push(text);
            findings.extend(found);
        }
        let mut warnings = finding::settle(findings, self.inputs)?;
        warnings.extend(self.warnings.iter().cloned());
        crate::diagnostic::sort(&mut warnings);
        Ok(Rendered { texts: self.assemble(finished), warnings })
    }

    /// The new text of a document, with what was found on the way; no text if that is an error.
    fn apply_document(
        &self,
        planned: &PlannedDocument,
        fetched: &Fetched,
    ) -> (Option<String>, Vec<Finding>) {
        let source = self.inputs[planned.input].source.as_str();
        let mut findings = Vec::new();
        let mut edits = Vec::with_capacity(planned.sites.len());
        for site in &planned.sites {
            let filling = site::Filling { plan: self, planned, site, source, fetched };
            edits.extend(filling.edit(&mut findings));
        }
        if edits.len() < planned.sites.len() {
            return (None, findings);
        }
        match planned.document.apply(source, &edits) {
            Ok(text) => (Some(text), findings),
            Err(error) => {
                let resource = planned.document.resources().first().map(name_of);
                findings.push(
                    Finding::error(
                        planned.input,
                        error.offset(),
                        DiagnosticKind::Manifest,
                        error.to_string(),
                    )
                    .with_hint(error.hint())
                    .with_place(resource, None),
                );
                (None, findings)
            }
        }
    }

    /// Each input with the finished documents in place of theirs.
    fn assemble(&self, finished: Vec<Option<String>>) -> Vec<Cow<'i, str>> {
        let mut documents = self.documents.iter().zip(finished).peekable();
        self.inputs
            .iter()
            .enumerate()
            .map(|(index, input)| {
                let mut text = String::new();
                let mut copied = 0;
                while let Some((planned, new)) =
                    documents.next_if(|(planned, _)| planned.input == index)
                {
                    if text.capacity() == 0 {
                        text.reserve_exact(input.source.len() + input.source.len() / 8);
                    }
                    text.push_str(&input.source[copied..planned.span.start]);
                    text.push_str(new.as_deref().unwrap_or(&input.source[planned.span.clone()]));
                    copied = planned.span.end;
                }
                if copied == 0 {
                    return Cow::Borrowed(input.source.as_str());
                }
                text.push_str(&input.source[copied..]);
                Cow::Owned(text)
            })
            .collect()
    }
}
