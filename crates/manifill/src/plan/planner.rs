//! Planning the texts of one document: which of their parts are placeholders, and what they want.

use manifill_manifest::{Document, Span, Step};
use manifill_placeholder::escaped::{self, Escape};
use manifill_placeholder::{
    self as placeholder, Grammar, Placeholder, PlaceholderError, Reference,
};
use smallvec::SmallVec;

use super::directives::{Directives, PathAnnotation, name_of};
use super::encoded;
use super::leftovers::Leftovers;
use super::planned::{HIDDEN, shown};
use super::planned_placeholder::{PlannedPlaceholder, PlannedPlaceholders};
use super::reads::Reads;
use super::target::Target;
use crate::diagnostic::DiagnosticKind;
use crate::finding::{Cause, cause};
#[cfg(feature = "fill")]
use crate::formats::Slots;
use crate::input::Options;
use crate::pending::{Findings, PendingDiagnostic};
use crate::transform;

/// What is known while the texts of a document are looked at.
pub(super) struct Planner<'p, 'c> {
    pub(super) source: &'p str,
    pub(super) input: usize,
    pub(super) options: Options,
    pub(super) reads: &'p Reads<'c>,
    pub(super) directives: Vec<Directives>,
    pub(super) document: &'p Document,
    /// The values of a text that is no YAML; the document is empty then.
    #[cfg(feature = "fill")]
    pub(super) slots: Option<&'p Slots>,
    /// Whether documents have to be objects of Kubernetes.
    pub(super) objects: bool,
    /// Whether base64 of a reference may stand in the document.
    pub(super) spelled: bool,
    pub(super) findings: &'p mut Findings,
    /// Findings about the scalar under way; their offsets are still those in its text.
    pub(super) in_text: Findings,
}

/// A text in which placeholders are looked for: a scalar's, or what base64 in it holds.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) scalar: usize,
    pub(super) resource: usize,
    pub(super) text: &'t str,
    /// Whether base64 in it is filled (AVP rule 19).
    pub(super) looked_into: bool,
    /// How often it was encoded: not at all if it is the scalar's own.
    pub(super) encodings: usize,
    /// The JSON strings that it stands in, see [`PlannedPlaceholder::layers`].
    pub(super) layers: &'t [Span],
    /// Where what base64 holds stands in the scalar's text.
    pub(super) start: usize,
}

impl Planner<'_, '_> {
    pub(super) fn target(&self, scalar: usize, kind: &str) -> Target {
        #[cfg(feature = "fill")]
        if self.slots.is_some() {
            return Target::Text;
        }
        let up = || self.document.steps(self.source, scalar);
        if let Some(target) = Target::at_once(kind, up()) {
            return target;
        }
        let mut steps: Vec<Step<'_>> = up().collect();
        steps.reverse();
        Target::of(kind, &steps)
    }

    pub(super) fn placeholders(&mut self, text: &Text<'_>) -> PlannedPlaceholders {
        let grammar = Grammar::new()
            .with_annotated(self.directives[text.resource].path.is_some())
            .with_strict(self.options.strict);
        // A long text can hold very many, and a list that grows is moved.
        let mut placeholders = PlannedPlaceholders::with_capacity(text.text.matches('<').count());
        for found in placeholder::scan(text.text, grammar) {
            match found {
                Ok(placeholder) => placeholders.extend(self.placeholder(text, placeholder, None)),
                Err(error) if error.is_escaped() && self.options.escaped => {}
                Err(error) => self.malformed(text, &error),
            }
        }
        if self.options.escaped {
            for found in escaped::scan_escaped(text.text, grammar) {
                match found {
                    Ok((placeholder, escape)) => {
                        placeholders.extend(self.placeholder(text, placeholder, Some(escape)));
                    }
                    Err(error) => self.malformed(text, &error),
                }
            }
            placeholders.sort_by_key(|placeholder| placeholder.range().start);
        }
        self.encoded(text, &mut placeholders);
        let leftovers = Leftovers {
            text: text.text,
            decoded: text.encodings > 0,
            kind: &self.document.resources()[text.resource].kind,
            annotated: grammar.annotated,
            path: self.directives[text.resource].path_text(),
        };
        if text.layers.is_empty() {
            for (at, pending) in leftovers.find(self.options) {
                self.report_in(text, at, pending);
            }
        }
        placeholders
    }

    /// Adds the placeholders in base64 within a text to those of the text itself, and tells what is
    /// not filled.
    fn encoded(&mut self, text: &Text<'_>, placeholders: &mut PlannedPlaceholders) {
        if !self.spelled && !text.looked_into && text.encodings == 0 {
            return;
        }
        let resource = &self.document.resources()[text.resource];
        let strings = encoded::strings(text.looked_into, text.text, text.encodings, placeholders);
        for string in &strings {
            let layers: Vec<Span> = text.layers.iter().chain([&string.span]).cloned().collect();
            placeholders.extend(self.placeholders(&Text {
                text: &string.text,
                layers: &layers,
                encodings: text.encodings + 1,
                // What base64 holds has no place of its own.
                start: if text.encodings == 0 {
                    string.span.start
                } else {
                    text.start
                },
                ..*text
            }));
        }
        if !strings.is_empty() {
            placeholders.sort_by_key(|one| one.range_at(text.layers.len()).start);
        }
        if self.options.allow_unresolved {
            return;
        }
        for span in encoded::left_in(text.text, &strings) {
            let whole = text.encodings == 0 && span == (0..text.text.trim_ascii_end().len());
            let refused = whole && self.target(text.scalar, &resource.kind) == Target::SecretData;
            self.report_in(text, span.start, encoded::unfilled(refused));
        }
    }

    fn placeholder(
        &mut self,
        text: &Text<'_>,
        placeholder: Placeholder,
        escape: Option<Escape>,
    ) -> Option<PlannedPlaceholder> {
        if let Err(error) = transform::check(&placeholder.modifiers) {
            let at = placeholder
                .modifiers
                .get(error.modifier)
                .map_or(0, |found| found.span.start);
            let label = label(text, &placeholder);
            // The words of an error can come from the modifier's argument.
            let message = if label == HIDDEN {
                format!("{}: the argument is wrong", error.name)
            } else {
                format!("{error} for placeholder {}", placeholder.head())
            };
            let about = self.modifier_cause(text, &format!("{message} {label}"));
            let pending = PendingDiagnostic::error(DiagnosticKind::Modifier, message)
                .with_hint_of(error.hint())
                .with_placeholder(&label)
                .with_cause(about);
            self.report_in(text, at, pending);
            return None;
        }
        let mut wanted: SmallVec<[_; 1]> = SmallVec::new();
        let resource = &self.document.resources()[text.resource];
        for reference in &placeholder.alternatives {
            let directives = &self.directives[text.resource];
            let annotation = match reference {
                Reference::Key { .. } => directives.path.as_ref(),
                _ => None,
            };
            if annotation.is_some_and(PathAnnotation::has_brackets) {
                // That is reported already, where the annotation is.
                return None;
            }
            match self
                .reads
                .want(reference, &placeholder.modifiers, directives, resource)
            {
                Ok(want) => wanted.push(want),
                Err(pending) => {
                    let annotation = annotation.filter(|path| !path.path.is_empty());
                    let elsewhere = pending.offset.or(annotation.map(|path| path.offset));
                    let pending = pending.with_placeholder(&label(text, &placeholder));
                    match elsewhere {
                        Some(offset) => self.report(text.scalar, offset, pending),
                        None => self.report_in(text, reference.start(), pending),
                    }
                }
            }
        }
        let all = wanted.len() == placeholder.alternatives.len();
        let wanted = all.then_some(wanted)?;
        let planned =
            PlannedPlaceholder::new(placeholder.span, wanted, placeholder.modifiers, escape)?;
        Some(planned.within(text.layers))
    }

    fn malformed(&mut self, text: &Text<'_>, error: &PlaceholderError) {
        if error.survives() && self.options.allow_unresolved {
            return;
        }
        let offset = error.span().start;
        let message = if text.encodings > 0 {
            // What base64 holds may be a secret already (rule R9).
            error.summary().to_owned()
        } else {
            error.to_string()
        };
        let about = (error.unknown_modifier().is_some() && text.encodings == 0)
            .then(|| self.modifier_cause(text, &message));
        let mut pending = PendingDiagnostic::error(DiagnosticKind::Placeholder, message)
            .with_hint_of(transform::hint(error).map(|hint| self.options.door.reworded(hint)));
        if let Some(about) = about {
            pending = pending.with_cause(about);
        }
        self.report_in(text, offset, pending);
    }

    /// A wrong modifier is about the placeholder as its words spell it, and about its path.
    fn modifier_cause(&self, text: &Text<'_>, words: &str) -> Cause {
        let path = self.directives[text.resource].path.as_ref();
        cause([words, path.map_or("", |path| path.path.as_str())])
    }

    /// Reports what stands at a byte of a text; for base64 that is where the base64 begins.
    fn report_in(&mut self, text: &Text<'_>, at: usize, pending: PendingDiagnostic) {
        let at = if text.encodings > 0 { text.start } else { at };
        self.in_text.push(self.placed(text.scalar, at, pending));
    }

    /// Reports what stands at a byte of the input.
    pub(super) fn report(&mut self, scalar: usize, at: usize, pending: PendingDiagnostic) {
        self.findings.push(self.placed(scalar, at, pending));
    }

    fn placed(&self, scalar: usize, at: usize, pending: PendingDiagnostic) -> PendingDiagnostic {
        #[cfg(feature = "fill")]
        if let Some(slots) = self.slots {
            let field = slots.field(scalar).map(str::to_owned);
            return pending.at(self.input, at).with_place(None, field);
        }
        let resource = self
            .document
            .scalar(self.source, scalar)
            .map(|scalar| name_of(&self.document.resources()[scalar.resource]));
        let field = self.document.field_path(self.source, scalar);
        pending.at(self.input, at).with_place(resource, Some(field))
    }
}

/// The placeholder as it may be shown (rule R9).
fn label(text: &Text<'_>, placeholder: &Placeholder) -> String {
    shown(placeholder.label(), text.encodings > 0)
}
