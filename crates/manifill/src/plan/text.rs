//! Planning a text that is no YAML: which of its values hold placeholders, and what they want.

use manifill_manifest::{Document, ParseOptions};
use manifill_placeholder as placeholder;
use smallvec::SmallVec;

use super::directives::Directives;
use super::encoded;
use super::index::Index;
use super::planned::{PlannedDocument, PlannedField};
use super::planner::{Planner, Text};
use super::reads::Reads;
use super::target::Target;
use crate::diagnostic::DiagnosticKind;
use crate::formats;
use crate::input::{Input, Options};
use crate::pending::{Findings, PendingDiagnostic};

/// Stands for the object that such a text does not have.
const NOTHING: &str = "{}";

/// Plans the text of an input; `None` if it has nothing to fill.
pub(super) fn plan(
    inputs: &[Input],
    input: usize,
    options: Options,
    reads: &Reads<'_>,
    findings: &mut Findings,
) -> Option<PlannedDocument> {
    let file = inputs.get(input)?;
    let spelled = encoded::may_be_spelled(&file.source);
    let keep = |text: &str| {
        text.contains('<')
            || placeholder::may_contain(text)
            || encoded::may_hold(false, text, spelled)
    };
    let slots = match formats::read(&file.source, file.format, &keep) {
        Ok(slots) => slots,
        Err(wrong) => {
            let pending = PendingDiagnostic::error(DiagnosticKind::Manifest, wrong.message);
            findings.push(pending.at(input, wrong.at).with_hint_of(wrong.hint));
            return None;
        }
    };
    let nothing = Document::parse_any(NOTHING, 0..NOTHING.len(), &ParseOptions::new(), |_, _| {
        false
    });
    let document = nothing.ok()?;
    let mut planner = Planner {
        source: &file.source,
        input,
        options,
        reads,
        directives: vec![Directives::default()],
        document: &document,
        slots: Some(&slots),
        objects: false,
        spelled,
        findings,
        in_text: Findings::default(),
    };
    let mut fields = SmallVec::new();
    for number in 0..slots.len() {
        let placeholders = planner.placeholders(&Text {
            looked_into: false,
            scalar: number,
            resource: 0,
            text: slots.text(number).unwrap_or_default(),
            encodings: 0,
            layers: &[],
            start: 0,
        });
        let in_text = std::mem::take(&mut planner.in_text);
        planner.settle(in_text, |offsets| slots.locate_all(number, offsets));
        if placeholders.is_empty() {
            continue;
        }
        fields.push(PlannedField {
            scalar: number as u32,
            target: if slots.style(number).is_typed() {
                Target::Other
            } else {
                Target::Text
            },
            base64: false,
            annotated: false,
            remove_missing: false,
            placeholders,
        });
    }
    (!fields.is_empty()).then(|| PlannedDocument {
        input,
        index: Index::Text(Box::new(slots)),
        fields,
    })
}

impl Planner<'_, '_> {
    /// Takes over what was found in a value.
    fn settle(&mut self, mut in_text: Findings, locate: impl FnOnce(&[usize]) -> Vec<usize>) {
        if !in_text.is_empty() {
            in_text.locate(locate);
            self.findings.append(in_text);
        }
    }
}
