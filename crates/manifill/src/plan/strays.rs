//! Annotations that do nothing: those that do not exist, that have a slip in their name, or that
//! stand in the wrong place (rule R3).

use std::sync::LazyLock;

use manifill_manifest::{Document, Resource, Span, StrayPlace};
use memchr::memmem::Finder;
use strsim::levenshtein;

use super::directives::{KNOWN, PREFIXES, is_ignored, name_of};
use crate::backends::Backends;
use crate::diagnostic::DiagnosticKind;
use crate::pending::{Findings, PendingDiagnostic};

/// How often a text names an annotation.
pub(super) fn mentions(text: &str) -> usize {
    static FINDERS: LazyLock<Vec<Finder<'static>>> =
        LazyLock::new(|| PREFIXES.iter().map(Finder::new).collect());
    let count = |finder: &Finder<'_>| finder.find_iter(text.as_bytes()).count();
    FINDERS.iter().map(count).sum()
}

/// Tells what is wrong with the names of a document's annotations.
pub(super) fn tell(
    document: &Document,
    input: usize,
    backends: &Backends,
    findings: &mut Findings,
) {
    for resource in document.resources().iter().filter(|one| !is_ignored(one)) {
        let place = |finding: PendingDiagnostic, span: &Span| {
            finding
                .at(input, span.start)
                .with_place(Some(name_of(resource)), None)
        };
        for (name, span) in names(resource) {
            if !KNOWN.contains(&name) && !backends.understand(name) {
                let message = format!("no annotation is called `{name}`");
                let finding = PendingDiagnostic::error(DiagnosticKind::Manifest, message);
                findings.push(place(finding.with_hint(meant(name)), span));
            }
        }
        for stray in &resource.strays {
            let (name, meant) = (&stray.name, stray.meant);
            let (what, hint) = match stray.place {
                StrayPlace::Annotations => (
                    format!("`{name}` is no annotation of manifill and does nothing"),
                    /* hint */ format!("did you mean `{meant}`?"),
                ),
                StrayPlace::Labels => (
                    format!("`{name}` does nothing among the labels"),
                    /* hint */ "put it under metadata.annotations".to_owned(),
                ),
                StrayPlace::Template => (
                    format!("`{name}` does nothing in a pod template"),
                    /* hint */ "put it under metadata.annotations of the object".to_owned(),
                ),
                _ => (
                    format!("`{name}` does nothing outside of metadata"),
                    /* hint */ "put it under metadata.annotations".to_owned(),
                ),
            };
            let finding = PendingDiagnostic::warning(DiagnosticKind::Manifest, what);
            findings.push(place(finding.with_hint(hint), &stray.span));
        }
    }
}

/// The annotations of an object that begin as those of manifill do.
fn names(resource: &Resource) -> impl Iterator<Item = (&str, &Span)> {
    let odd = resource.odd_annotations.iter();
    let odd = odd.map(|one| (one.name.as_str(), &one.span));
    let all = resource.annotations.iter();
    all.map(|one| (one.name.as_str(), &one.span))
        .chain(odd)
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// What was meant by the name of an annotation that does not exist.
fn meant(name: &str) -> String {
    let last = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or_default();
        let start: String = last.chars().take(100).collect();
        start.to_ascii_lowercase().replace('_', "-")
    };
    let written = last(name);
    let nearest = KNOWN
        .iter()
        .map(|known| (levenshtein(&written, &last(known)), *known))
        .min();
    match nearest {
        Some((distance, known)) if distance <= 2 && distance < written.len() => {
            format!("did you mean `{known}`?")
        }
        _ => format!("annotations are `{}`", KNOWN.join("`, `")),
    }
}
