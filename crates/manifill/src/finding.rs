//! Findings on their way to becoming diagnostics: byte offsets first, lines at the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use manifill_manifest::{LineIndex, ScalarIndex};

use crate::diagnostic::{self, Diagnostic, DiagnosticKind, Place, RenderError, Severity};
use crate::input::Input;
use crate::plan::KeyRef;

/// A diagnostic whose place is still a byte offset of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) input: usize,
    pub(crate) offset: usize,
    /// Whether the cause is one for the whole run, such as a backend that cannot be reached: it is
    /// told once, at its first place, with the number of the others.
    pub(crate) once: bool,
    /// The key that is missing: if this is told, the keys that could have been meant are, too.
    pub(crate) missing: Option<KeyRef>,
    pub(crate) diagnostic: Diagnostic,
}

impl Finding {
    pub(crate) fn error(
        input: usize,
        offset: usize,
        kind: DiagnosticKind,
        message: impl Into<String>,
    ) -> Self {
        let diagnostic = Diagnostic::error(kind, Place::default(), message);
        Finding {
            input,
            offset,
            once: false,
            missing: None,
            diagnostic,
        }
    }

    pub(crate) fn warning(
        input: usize,
        offset: usize,
        kind: DiagnosticKind,
        message: impl Into<String>,
    ) -> Self {
        let diagnostic = Diagnostic::warning(kind, Place::default(), message);
        Finding {
            input,
            offset,
            once: false,
            missing: None,
            diagnostic,
        }
    }

    /// The time of the run is over; it is told once.
    pub(crate) fn late(input: usize, offset: usize, message: &str) -> Self {
        Finding {
            once: true,
            ..Finding::error(input, offset, DiagnosticKind::Unavailable, message)
        }
    }

    /// The error of a run that ends with this finding alone.
    pub(crate) fn into_error(self, inputs: &[Input]) -> RenderError {
        RenderError::new(located(vec![self], inputs), 0)
    }

    pub(crate) fn with_hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.diagnostic = self.diagnostic.with_hint(hint);
        self
    }

    pub(crate) fn with_place(mut self, resource: Option<String>, field: Option<String>) -> Self {
        self.diagnostic.place.resource = resource;
        self.diagnostic.place.field = field;
        self
    }

    pub(crate) fn with_placeholder(mut self, placeholder: Option<String>) -> Self {
        self.diagnostic = self.diagnostic.with_placeholder(placeholder);
        self
    }
}

/// How many errors a run tells, and how many warnings: more than anybody reads. A text can hold
/// millions of mistakes, and each takes far more memory than the few bytes it is made of.
const TOLD: usize = 1000;

/// The findings of a run or of a part of it: the first in the order of the sources, and the number
/// of the others.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: First,
    warnings: First,
    /// Those that concern the whole run, by their message: the first of each, with the number of
    /// its other places.
    once: BTreeMap<String, (Finding, usize)>,
}

/// The first of very many findings. Which they are does not depend on the order they come in.
#[derive(Debug, Default)]
struct First {
    found: Vec<Finding>,
    left_off: usize,
}

impl First {
    fn push(&mut self, finding: Finding) {
        self.found.push(finding);
        // Sorting now and then is cheaper than keeping them sorted.
        if self.found.len() == 2 * TOLD {
            self.cut();
        }
    }

    /// Sorts them, drops repetitions, and keeps the first.
    fn cut(&mut self) {
        self.found.sort_by(|a, b| order(a).cmp(&order(b)));
        self.found.dedup();
        self.left_off += self.found.len().saturating_sub(TOLD);
        self.found.truncate(TOLD);
    }
}

fn order(finding: &Finding) -> (usize, usize, &str) {
    let message = finding.diagnostic.message.as_str();
    (finding.input, finding.offset, message)
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if finding.once {
            self.push_once(finding, 0);
        } else if finding.diagnostic.severity == Severity::Error {
            self.errors.push(finding);
        } else {
            self.warnings.push(finding);
        }
    }

    fn push_once(&mut self, finding: Finding, others: usize) {
        match self.once.get_mut(&finding.diagnostic.message) {
            None => {
                let message = finding.diagnostic.message.clone();
                self.once.insert(message, (finding, others));
            }
            Some((first, more)) => {
                *more += others + 1;
                if order(&finding) < order(first) {
                    *first = finding;
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.found.is_empty() && self.warnings.found.is_empty() && self.once.is_empty()
    }

    /// Keeps the first, without repetitions.
    fn cut(&mut self) {
        self.errors.cut();
        self.warnings.cut();
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
        for (finding, others) in other.once.into_values() {
            self.push_once(finding, others);
        }
    }

    /// Turns offsets in the text of a scalar into those in the input: of all findings in one pass,
    /// since a long text can have very many.
    pub(crate) fn locate(&mut self, index: &ScalarIndex, source: &str, scalar: usize) {
        if self.is_empty() {
            return;
        }
        let mut findings: Vec<&mut Finding> = self
            .errors
            .found
            .iter_mut()
            .chain(&mut self.warnings.found)
            .chain(self.once.values_mut().map(|(finding, _)| finding))
            .collect();
        findings.sort_by_key(|finding| finding.offset);
        let offsets: Vec<usize> = findings.iter().map(|finding| finding.offset).collect();
        let located = index.locate_all(source, scalar, &offsets);
        for (finding, offset) in findings.into_iter().zip(located) {
            finding.offset = offset;
        }
    }

    /// The warnings of a run that goes on, or the error that ends it.
    /// `complete` adds to those that are told what is too costly for all.
    pub(crate) fn settle(
        mut self,
        inputs: &[Input],
        complete: impl Fn(&mut Finding),
    ) -> Result<Vec<Diagnostic>, RenderError> {
        for (mut finding, others) in std::mem::take(&mut self.once).into_values() {
            if others > 0 {
                let places = if others == 1 { "place" } else { "places" };
                let message = &mut finding.diagnostic.message;
                message.push_str(&format!(" (needed in {others} more {places})"));
            }
            self.errors.push(finding);
        }
        self.cut();
        let failed = !self.errors.found.is_empty();
        let mut findings = self.errors.found;
        findings.append(&mut self.warnings.found);
        findings.iter_mut().for_each(complete);
        let mut diagnostics = located(findings, inputs);
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
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.append(findings);
        }
    }

    /// See [`Findings::settle`].
    pub(crate) fn settle(
        self,
        inputs: &[Input],
        complete: impl Fn(&mut Finding),
    ) -> Result<Vec<Diagnostic>, RenderError> {
        let all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.settle(inputs, complete)
    }
}

/// Gives findings their lines and columns.
fn located(findings: Vec<Finding>, inputs: &[Input]) -> Vec<Diagnostic> {
    let mut lines: HashMap<usize, LineIndex<'_>> = HashMap::new();
    let located = findings.into_iter().map(|finding| {
        let mut diagnostic = finding.diagnostic;
        if let Some(input) = inputs.get(finding.input) {
            let index = lines
                .entry(finding.input)
                .or_insert_with(|| LineIndex::new(&input.source));
            let (line, column) = index.line_column(finding.offset);
            diagnostic.place = Place {
                input: finding.input,
                file: input.name.clone(),
                line,
                column,
                ..diagnostic.place
            };
        }
        diagnostic
    });
    located.collect()
}
