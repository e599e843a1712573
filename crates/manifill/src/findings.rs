//! Findings of other crates about inputs, put at their places.

use manifill_manifest::Resource;

use crate::diagnostic::{Diagnostic, DiagnosticKind, RenderError};
use crate::input::Input;
use crate::pending::{self, PendingDiagnostic};
use crate::plan::name_of;

/// What is found in inputs by whoever looks through them: of very many the first in the order of
/// the sources, and the number of the others.
///
/// ```
/// use manifill::{DiagnosticKind, Finding, Findings, Input};
///
/// let inputs = [Input::new("a.yaml", "kind: A\nname: web\n")];
/// let mut findings = Findings::new(&inputs);
/// findings.push(Finding::error(DiagnosticKind::Manifest, "this is odd").at(0, 14));
/// let error = findings.settle("nothing was printed").unwrap_err();
/// assert_eq!(error.to_string(), "a.yaml:2:7: this is odd");
/// ```
#[derive(Debug)]
pub struct Findings<'i> {
    inputs: &'i [Input],
    pending: pending::Findings,
}

impl<'i> Findings<'i> {
    /// No findings about these inputs yet.
    pub fn new(inputs: &'i [Input]) -> Self {
        Findings::of(inputs, pending::Findings::default())
    }

    pub(crate) fn of(inputs: &'i [Input], pending: pending::Findings) -> Self {
        Findings { inputs, pending }
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.pending.push(finding.0);
    }

    /// The warnings, sorted.
    ///
    /// # Errors
    /// If an error is among the findings: all of them. `nothing` says what did not come about, such
    /// as `nothing was printed`, for the last line of a report.
    pub fn settle(self, nothing: &'static str) -> Result<Vec<Diagnostic>, RenderError> {
        let settled = self.pending.settle(self.inputs, |_| {});
        settled.map_err(|error| error.with_nothing(nothing))
    }
}

/// One finding about an input, on its way to a [`Diagnostic`].
///
/// It holds names, never a value of a secret.
#[derive(Clone, Debug)]
#[must_use]
pub struct Finding(pub(crate) PendingDiagnostic);

impl Finding {
    /// Something that ends the run.
    pub fn error(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Finding(PendingDiagnostic::error(kind, message))
    }

    /// Something that does not end the run.
    pub fn warning(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Finding(PendingDiagnostic::warning(kind, message))
    }

    /// Something that is good to know.
    pub fn note(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Finding(PendingDiagnostic::note(kind, message))
    }

    /// Says at which byte of which input it is.
    pub fn at(self, input: usize, offset: usize) -> Self {
        Finding(self.0.at(input, offset))
    }

    /// The error of a look that ends with this alone. `nothing` says what did not come about, as for
    /// [`Findings::settle`].
    ///
    /// ```
    /// use manifill::{DiagnosticKind, Finding, Input};
    ///
    /// let inputs = [Input::new("a.yaml", "kind: A\n")];
    /// let finding = Finding::error(DiagnosticKind::Manifest, "this is odd").at(0, 6);
    /// let error = finding.into_error(&inputs, "nothing was printed");
    /// assert_eq!(error.to_string(), "a.yaml:1:7: this is odd");
    /// ```
    pub fn into_error(self, inputs: &[Input], nothing: &'static str) -> RenderError {
        self.0.into_error(inputs).with_nothing(nothing)
    }

    /// Says what to do about it.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Finding(self.0.with_hint(hint))
    }

    /// Says which object it is about.
    pub fn with_resource(mut self, resource: &Resource) -> Self {
        self.0.diagnostic.place.resource = Some(name_of(resource));
        self
    }

    /// Says which object it is about, as `Kind/name` or `Kind/namespace/name`.
    pub fn with_object(mut self, name: impl Into<String>) -> Self {
        self.0.diagnostic.place.resource = Some(name.into());
        self
    }

    /// Says which field it is about.
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.diagnostic.place.field = Some(field.into());
        self
    }

    /// Says what it is about: of all findings with the same cause one is told, with its other places
    /// (rule R12).
    pub fn with_cause(self, cause: &str) -> Self {
        Finding(self.0.with_cause(cause.into()))
    }
}
