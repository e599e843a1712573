//! Diagnostics on their way: byte offsets first, lines at the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use manifill_manifest::{LineIndex, ScalarIndex};

use crate::diagnostic::{self, Diagnostic, DiagnosticKind, Place, RenderError, Severity};
use crate::input::Input;
use crate::plan::KeyRef;
use crate::sync::{into_inner, lock};

/// A diagnostic whose place is not resolved yet: its line and column are told when all is known,
/// and until then it has at most a byte offset. Whoever finds a mistake without knowing where it
/// stands leaves that to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingDiagnostic {
    pub(crate) input: usize,
    /// A byte of the input, or of the text of a scalar until [`Findings::locate`]; `None` as long
    /// as nobody has said where it is.
    pub(crate) offset: Option<usize>,
    /// Whether the cause is one for the whole run, such as a backend that cannot be reached: it is
    /// told once, at its first place, with the number of the others.
    once: bool,
    /// The key that is missing: if this is told, the keys that could have been meant are, too.
    missing: Option<KeyRef>,
    /// Boxed, since it is handed on in results.
    pub(crate) diagnostic: Box<Diagnostic>,
}

impl From<Diagnostic> for PendingDiagnostic {
    fn from(diagnostic: Diagnostic) -> Self {
        PendingDiagnostic {
            input: 0,
            offset: None,
            once: false,
            missing: None,
            diagnostic: Box::new(diagnostic),
        }
    }
}

impl PendingDiagnostic {
    pub(crate) fn error(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic::error(kind, message).into()
    }

    pub(crate) fn warning(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic::warning(kind, message).into()
    }

    /// Says where it stands.
    pub(crate) fn at(mut self, input: usize, offset: usize) -> Self {
        self.input = input;
        self.offset = Some(offset);
        self
    }

    /// Says where it stands in an input that whoever asked knows.
    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The time of the run is over; it is told once.
    pub(crate) fn late(message: &str) -> Self {
        PendingDiagnostic::error(DiagnosticKind::Unavailable, message).once()
    }

    /// The error of a run that ends with this alone.
    pub(crate) fn into_error(self, inputs: &[Input]) -> RenderError {
        RenderError::new(vec![self.resolve(inputs, &mut HashMap::new())], 0)
    }

    /// Says which key is missing.
    pub(crate) fn with_missing(mut self, key: KeyRef) -> Self {
        self.missing = Some(key);
        self
    }

    /// The key that is missing, if that is what is wrong.
    pub(crate) fn missing(&self) -> Option<KeyRef> {
        self.missing
    }

    /// Says that it concerns the whole run, not only its place.
    pub(crate) fn once(mut self) -> Self {
        self.once = true;
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.diagnostic.hint = Some(hint.into());
        self
    }

    /// Takes over what an error has for a hint.
    pub(crate) fn with_hint_of(mut self, hint: Option<impl Into<String>>) -> Self {
        self.diagnostic.hint = hint.map(Into::into);
        self
    }

    pub(crate) fn with_place(mut self, resource: Option<String>, field: Option<String>) -> Self {
        self.diagnostic.place.resource = resource;
        self.diagnostic.place.field = field;
        self
    }

    /// Says which placeholder it is about, by its label.
    pub(crate) fn with_placeholder(mut self, label: &str) -> Self {
        self.diagnostic.placeholder = Some(format!("<{label}>"));
        self
    }

    /// The diagnostic with its line and column; `lines` are those of the inputs seen so far.
    fn resolve<'i>(
        self,
        inputs: &'i [Input],
        lines: &mut HashMap<usize, LineIndex<'i>>,
    ) -> Diagnostic {
        let mut diagnostic = *self.diagnostic;
        if let Some(input) = inputs.get(self.input) {
            let index = lines
                .entry(self.input)
                .or_insert_with(|| LineIndex::new(&input.source));
            let (line, column) = index.line_column(self.offset.unwrap_or(0));
            diagnostic.place = Place {
                input: self.input,
                file: input.name.clone(),
                line,
                column,
                ..diagnostic.place
            };
        }
        diagnostic
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
    once: BTreeMap<String, (PendingDiagnostic, usize)>,
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
        self.found.sort_by(|a, b| order(a).cmp(&order(b)));
        self.found.dedup();
        self.left_off += self.found.len().saturating_sub(TOLD);
        self.found.truncate(TOLD);
    }
}

fn order(finding: &PendingDiagnostic) -> (usize, Option<usize>, &str) {
    let message = finding.diagnostic.message.as_str();
    (finding.input, finding.offset, message)
}

impl Findings {
    pub(crate) fn push(&mut self, finding: PendingDiagnostic) {
        if finding.once {
            self.push_once(finding, 0);
        } else if finding.diagnostic.severity == Severity::Error {
            self.errors.push(finding);
        } else {
            self.warnings.push(finding);
        }
    }

    fn push_once(&mut self, finding: PendingDiagnostic, others: usize) {
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
        let mut findings: Vec<&mut PendingDiagnostic> = self
            .errors
            .found
            .iter_mut()
            .chain(&mut self.warnings.found)
            .chain(self.once.values_mut().map(|(finding, _)| finding))
            .collect();
        findings.sort_by_key(|finding| finding.offset);
        let offset = |finding: &&mut PendingDiagnostic| finding.offset.unwrap_or(0);
        let offsets: Vec<usize> = findings.iter().map(offset).collect();
        let located = index.locate_all(source, scalar, &offsets);
        for (finding, offset) in findings.into_iter().zip(located) {
            finding.offset = Some(offset);
        }
    }

    /// The warnings of a run that goes on, or the error that ends it.
    /// `complete` adds to those that are told what is too costly for all.
    pub(crate) fn settle(
        mut self,
        inputs: &[Input],
        complete: impl Fn(&mut PendingDiagnostic),
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

    /// See [`Findings::settle`].
    pub(crate) fn settle(
        self,
        inputs: &[Input],
        complete: impl Fn(&mut PendingDiagnostic),
    ) -> Result<Vec<Diagnostic>, RenderError> {
        into_inner(self.0).settle(inputs, complete)
    }
}
