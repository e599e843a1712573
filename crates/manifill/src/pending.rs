//! The findings of a run while it is under way: the first of them, and how many others.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::causes::Causes;
use crate::diagnostic::{self, Diagnostic, RenderError, Severity};
pub(crate) use crate::finding::PendingDiagnostic;
use crate::input::Input;
use crate::sync::{into_inner, lock};

/// How many errors a run tells, and how many warnings: more than anybody reads. A text can hold
/// millions of mistakes, and each takes far more memory than the few bytes it is made of.
const TOLD: usize = 1000;

/// The findings of a run or of a part of it: the first in the order of the sources, and the number
/// of the others.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: First,
    warnings: First,
    /// The errors that have a cause, each told once.
    causes: Causes,
    /// The same for what does not end the run.
    mild_causes: Causes,
}

/// The first of very many findings. Which they are does not depend on the order they come in.
#[derive(Debug, Default)]
struct First {
    found: Vec<PendingDiagnostic>,
    left_off: usize,
}

impl First {
    fn push(&mut self, finding: PendingDiagnostic) {
        self.found.push(finding);
        // Sorting now and then is cheaper than keeping them sorted.
        if self.found.len() == 2 * TOLD {
            self.cut();
        }
    }

    /// Sorts them, drops repetitions, and keeps the first.
    fn cut(&mut self) {
        self.found.sort_by(|a, b| a.order().cmp(&b.order()));
        self.found.dedup();
        self.left_off += self.found.len().saturating_sub(TOLD);
        self.found.truncate(TOLD);
    }
}

impl Findings {
    pub(crate) fn push(&mut self, mut finding: PendingDiagnostic) {
        for other in finding.take_others() {
            self.push(other);
        }
        let is_error = finding.diagnostic.severity == Severity::Error;
        match (finding.cause.take(), is_error) {
            (Some(cause), true) => self.causes.push(cause, finding),
            (Some(cause), false) => self.mild_causes.push(cause, finding),
            (None, true) => self.errors.push(finding),
            (None, false) => self.warnings.push(finding),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.found.is_empty()
            && self.warnings.found.is_empty()
            && self.causes.is_empty()
            && self.mild_causes.is_empty()
    }

    /// Keeps the first, without repetitions.
    fn cut(&mut self) {
        self.errors.cut();
        self.warnings.cut();
        self.causes.cut();
        self.mild_causes.cut();
    }

    /// Adds the findings of another part of the run.
    pub(crate) fn append(&mut self, other: Findings) {
        for (mine, other) in [
            (&mut self.errors, other.errors),
            (&mut self.warnings, other.warnings),
        ] {
            mine.left_off += other.left_off;
            other.found.into_iter().for_each(|one| mine.push(one));
        }
        self.causes.append(other.causes);
        self.mild_causes.append(other.mild_causes);
    }

    /// Turns offsets in the text of a scalar into those in the input: of all findings in one pass,
    /// since a long text can have very many.
    pub(crate) fn locate(&mut self, locate: impl FnOnce(&[usize]) -> Vec<usize>) {
        if self.is_empty() {
            return;
        }
        let single = self.errors.found.iter_mut().chain(&mut self.warnings.found);
        let mut offsets: Vec<&mut Option<usize>> = single
            .map(|finding| &mut finding.offset)
            .chain(self.causes.offsets())
            .chain(self.mild_causes.offsets())
            .collect();
        offsets.sort_unstable_by_key(|offset| **offset);
        let in_text: Vec<usize> = offsets.iter().map(|offset| offset.unwrap_or(0)).collect();
        let located = locate(&in_text);
        for (offset, located) in offsets.into_iter().zip(located) {
            *offset = Some(located);
        }
    }

    /// The warnings of a run that goes on, or the error that ends it.
    /// `complete` adds to those that are told what is too costly for all.
    pub(crate) fn settle(
        mut self,
        inputs: &[Input],
        complete: impl Fn(&mut PendingDiagnostic),
    ) -> Result<Vec<Diagnostic>, RenderError> {
        let causes = [
            (std::mem::take(&mut self.causes), &mut self.errors),
            (std::mem::take(&mut self.mild_causes), &mut self.warnings),
        ];
        for (causes, told) in causes {
            let (found, left_off) = causes.settle();
            told.left_off += left_off;
            found.into_iter().for_each(|one| told.push(one));
        }
        self.cut();
        let failed = !self.errors.found.is_empty();
        let mut findings = self.errors.found;
        findings.append(&mut self.warnings.found);
        let mut lines = HashMap::new();
        findings.iter_mut().for_each(complete);
        let mut diagnostics: Vec<Diagnostic> = findings
            .into_iter()
            .map(|finding| finding.resolve(inputs, &mut lines))
            .collect();
        if self.warnings.left_off > 0 {
            diagnostics.push(Diagnostic::more_warnings(self.warnings.left_off));
        }
        if failed {
            return Err(RenderError::new(diagnostics, self.errors.left_off));
        }
        diagnostic::sort(&mut diagnostics);
        Ok(diagnostics)
    }
}

/// The findings of documents that several threads work on.
///
/// Each thread adds its own at once: if they waited for the turn of their document, there could
/// be any number of them.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Findings>);

impl Shared {
    pub(crate) fn add(&self, mut findings: Findings) {
        if !findings.is_empty() {
            // Repetitions stand in one document. Between those of others some could be left off
            // and counted before the rest of them comes.
            findings.cut();
            lock(&self.0).append(findings);
        }
    }

    /// All of them.
    pub(crate) fn into_findings(self) -> Findings {
        into_inner(self.0)
    }

    /// See [`Findings::settle`].
    pub(crate) fn settle(
        self,
        inputs: &[Input],
        complete: impl Fn(&mut PendingDiagnostic),
    ) -> Result<Vec<Diagnostic>, RenderError> {
        self.into_findings().settle(inputs, complete)
    }
}
