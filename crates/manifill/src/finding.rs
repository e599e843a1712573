//! Findings on their way to becoming diagnostics: byte offsets first, lines at the end.

use std::collections::HashMap;

use manifill_manifest::LineIndex;

use crate::diagnostic::{self, Diagnostic, DiagnosticKind, Place, RenderError, Severity};
use crate::input::Input;

/// A diagnostic whose place is still a byte offset of an input.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) input: usize,
    pub(crate) offset: usize,
    /// Whether the cause is one for the whole run, such as a backend that cannot be reached: it is
    /// told once, at its first place, with the number of the others.
    pub(crate) once: bool,
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
            diagnostic,
        }
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

/// Gives findings their lines and columns, in the order of the sources.
pub(crate) fn diagnostics(mut findings: Vec<Finding>, inputs: &[Input]) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| (finding.input, finding.offset));
    let mut firsts: HashMap<String, usize> = HashMap::new();
    let mut more: HashMap<usize, usize> = HashMap::new();
    let mut lines: HashMap<usize, LineIndex<'_>> = HashMap::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        if finding.once {
            if let Some(first) = firsts.get(&finding.diagnostic.message) {
                *more.entry(*first).or_default() += 1;
                continue;
            }
            firsts.insert(finding.diagnostic.message.clone(), diagnostics.len());
        }
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
        diagnostics.push(diagnostic);
    }
    for (first, others) in more {
        let places = if others == 1 { "place" } else { "places" };
        diagnostics[first]
            .message
            .push_str(&format!(" (needed in {others} more {places})"));
    }
    diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Splits findings into the warnings of a run that goes on, or the error that ends it.
pub(crate) fn settle(
    findings: Vec<Finding>,
    inputs: &[Input],
) -> Result<Vec<Diagnostic>, RenderError> {
    let diagnostics = diagnostics(findings, inputs);
    if diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
    {
        return Err(RenderError::new(diagnostics));
    }
    Ok(diagnostics)
}
