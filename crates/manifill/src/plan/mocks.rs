//! Objects that say that their values are mock values.

use manifill_manifest::{Document, Resource};
use manifill_vault::settings::parse_bool;

use super::directives::{MOCK, name_of};
use crate::diagnostic::DiagnosticKind;
use crate::pending::{Findings, PendingDiagnostic};

/// Where an object says so. What is neither true nor false counts, too.
pub(super) fn places(resource: &Resource) -> impl Iterator<Item = usize> {
    let own = resource.annotations.iter();
    let own = own.filter(|one| one.name == MOCK && parse_bool(&one.value) != Some(false));
    let odd = resource.odd_annotations.iter();
    let odd = odd.filter(|one| one.name == MOCK);
    own.map(|one| one.span.start)
        .chain(odd.map(|one| one.span.start))
}

/// Refuses such objects where Argo CD applies what is rendered: mocked manifests may have been
/// committed.
pub(super) fn refuse(document: &Document, input: usize, findings: &mut Findings) {
    for resource in document.resources() {
        for at in places(resource) {
            let message = "this object is filled with mock values, which no cluster should get";
            let error = PendingDiagnostic::error(DiagnosticKind::Value, message);
            findings.push(
                error
                    .at(input, at)
                    .with_hint("render it again without --mock")
                    .with_place(Some(name_of(resource)), None),
            );
        }
    }
}
