//! What is wrong with an object, until it is told.

use manifill::{Finding, Findings, Input};
use manifill_manifest::{Document, FieldPath, ParseOptions, Span};

use crate::set::{Object, Set};

/// How many problems are put at their exact places, for which their documents are read again: as
/// many as are told.
const PLACED: usize = 1000;

/// A finding, and what it is about.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The object, by its number.
    pub(crate) object: usize,
    /// The way from the object.
    pub(crate) path: FieldPath,
    /// The part of the field's text that it is about.
    pub(crate) part: Option<String>,
    pub(crate) finding: Finding,
}

impl Problem {
    pub(crate) fn new(object: usize, path: FieldPath, finding: Finding) -> Self {
        Problem {
            object,
            path,
            part: None,
            finding,
        }
    }
}

/// Tells problems where they stand in the set.
pub(crate) fn tell(
    problems: Vec<Problem>,
    set: &Set,
    inputs: &[Input],
    findings: &mut Findings<'_>,
) {
    for (number, problem) in problems.into_iter().enumerate() {
        let Some(object) = set.objects.get(problem.object) else {
            continue;
        };
        let path = object.at.clone().join(&problem.path);
        let offset = if number < PLACED {
            offset(inputs, object, &path, problem.part.as_deref())
        } else {
            object.document.start
        };
        let shown = path.to_string();
        let mut finding = problem.finding.with_object(object.shown());
        if !shown.is_empty() {
            finding = finding.with_field(shown);
        }
        findings.push(finding.at(object.input, offset));
    }
}

/// The byte of a field, or of a part of its text.
fn offset(inputs: &[Input], object: &Object, path: &FieldPath, part: Option<&str>) -> usize {
    let source = inputs.get(object.input).map_or("", |input| &input.source);
    let span = path.find(source, object.document.clone());
    let start = span.map_or(object.document.start, |span| span.start);
    let within = part.and_then(|part| offset_of_part(source, &object.document, start, part));
    within.unwrap_or(start)
}

/// The byte at which a part of a scalar's text is written.
fn offset_of_part(source: &str, document: &Span, start: usize, part: &str) -> Option<usize> {
    let options = ParseOptions::new();
    let keep = |_: &_, text: &str| text.contains(part);
    let document = Document::parse_any(source, document.clone(), &options, keep).ok()?;
    let mut scalars = document.scalars(source).enumerate();
    let (number, scalar) = scalars.find(|(_, scalar)| scalar.span.contains(&start))?;
    Some(document.locate(source, number, scalar.value.find(part)?))
}
