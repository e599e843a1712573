//! Planning one document: which of its scalars hold placeholders, and what they want.

use std::cell::LazyCell;

use manifill_manifest::{
    Document, LineIndex, ManifestError, ParseOptions, RepeatedKey, Resource, Scalar, Span, Step,
    Style,
};
use manifill_placeholder::escaped::{self, Escape};
use manifill_placeholder::{
    self as placeholder, Grammar, Placeholder, PlaceholderError, Reference,
};
use memchr::memchr;
use smallvec::SmallVec;

use super::directives::{self, Directives, PathAnnotation, is_ignored, name_of};
use super::leftovers::{self, Leftovers};
use super::planned::{HIDDEN, PlannedDocument, PlannedField, shown};
use super::planned_placeholder::{PlannedPlaceholder, PlannedPlaceholders};
use super::reads::Reads;
use super::target::Target;
use super::{encoded, kustomization, no_manifest, strays};
use crate::diagnostic::DiagnosticKind;
use crate::finding::{Cause, cause};
use crate::input::{Input, Options};
use crate::pending::{Findings, PendingDiagnostic};
use crate::transform;

/// Reads one document of an input with the scalars that may hold placeholders: each time the same,
/// in the same order.
pub(super) fn read(source: &str, span: Span, options: Options) -> Result<Document, ManifestError> {
    let spelled = encoded::may_be_spelled(source.get(span.clone()).unwrap_or_default());
    read_with(source, span, options, spelled)
}

/// Reads one document; `spelled` says whether base64 of a reference may stand in it.
fn read_with(
    source: &str,
    span: Span,
    options: Options,
    spelled: bool,
) -> Result<Document, ManifestError> {
    let text = source.get(span.clone()).unwrap_or_default();
    let has_binary_data = LazyCell::new(|| text.contains("binaryData"));
    let holds_base64 = |resource: &Resource| match resource.kind.as_str() {
        "Secret" => true,
        "ConfigMap" => *has_binary_data,
        _ => false,
    };
    let keep = |resource: &Resource, value: &str| {
        !is_ignored(resource)
            && (value.contains('<')
                || placeholder::may_contain(value)
                || encoded::may_hold(holds_base64(resource), value, spelled)
                || leftovers::may_be(resource, value))
    };
    let options = ParseOptions::new()
        .with_strict(options.strict)
        .with_annotations(directives::annotation_rules())
        .with_mentions(strays::mentions(text))
        .with_key_mark(memchr(b'<', text.as_bytes()).map(|_| '<'));
    Document::parse(source, span, &options, keep)
}

/// Plans one document of an input; `None` if it has nothing to fill.
pub(crate) fn plan(
    inputs: &[Input],
    input: usize,
    span: Span,
    options: Options,
    reads: &Reads<'_>,
    findings: &mut Findings,
) -> Option<PlannedDocument> {
    let file = inputs.get(input)?;
    let source = file.source.as_str();
    let text = source.get(span.clone())?;
    if !options.strict && !directives::may_need_filling(text) {
        return None;
    }
    let spelled = encoded::may_be_spelled(text);
    match read_with(source, span.clone(), options, spelled) {
        Ok(document) if kustomization::is(&document, text) => {
            findings.push(kustomization::left_out(file).at(input, span.start));
            Some(PlannedDocument::left_out(input, document.into_index()))
        }
        Ok(document) => {
            strays::tell(&document, input, reads.backends(), findings);
            if let Some(key) = document.repeated_key() {
                findings.push(repeated(key, source, input, &document));
            }
            let mut planner = Planner {
                source,
                input,
                options,
                reads,
                directives: Directives::of(&document, input, findings),
                document: &document,
                spelled,
                findings,
                in_text: Findings::default(),
            };
            let mut fields = planner.fields();
            fields.shrink_to_fit();
            (!fields.is_empty()).then(|| PlannedDocument {
                input,
                index: document.into_index(),
                fields,
            })
        }
        Err(error) if kustomization::is_without_kind(&error, &file.name) => {
            findings.push(kustomization::left_out(file).at(input, span.start));
            let options = ParseOptions::new();
            let document = Document::parse_any(source, span, &options, |_, _| false).ok()?;
            Some(PlannedDocument::left_out(input, document.into_index()))
        }
        Err(error) => {
            let told = unreadable(&error, file, span);
            findings.push(told.at(input, error.offset()));
            None
        }
    }
}

/// What is told of a document that cannot be read.
pub(super) fn unreadable(error: &ManifestError, file: &Input, span: Span) -> PendingDiagnostic {
    let mut message = error.to_string();
    if let Some(other) = error.other_offset() {
        message.push_str(&first_in(&file.source, other));
    }
    let hint = no_manifest::hint(error, file, span).or_else(|| error.hint().map(str::to_owned));
    PendingDiagnostic::error(DiagnosticKind::Manifest, message).with_hint_of(hint)
}

/// A key that a map has more than once is told once a document.
fn repeated(
    key: &RepeatedKey,
    source: &str,
    input: usize,
    document: &Document,
) -> PendingDiagnostic {
    let mut message = format!("this map has a key twice: `{}`", key.name);
    message.push_str(&first_in(source, key.first));
    match key.others {
        0 => {}
        1 => message.push_str("; 1 more key of this document is duplicate"),
        more => message.push_str(&format!("; {more} more keys of this document stand twice")),
    }
    PendingDiagnostic::warning(DiagnosticKind::Manifest, message)
        .at(input, key.offset)
        .with_hint("the last value counts; remove the others")
        .with_place(document.resources().first().map(name_of), None)
}

fn first_in(source: &str, offset: usize) -> String {
    let (line, _) = LineIndex::new(source).line_column(offset);
    format!(", first on line {line}")
}

struct Planner<'p, 'c> {
    source: &'p str,
    input: usize,
    options: Options,
    reads: &'p Reads<'c>,
    directives: Vec<Directives>,
    document: &'p Document,
    /// Whether base64 of a reference may stand in the document.
    spelled: bool,
    findings: &'p mut Findings,
    /// Findings about the scalar under way; their offsets are still those in its text.
    in_text: Findings,
}

/// A text in which placeholders are looked for: a scalar's, or what base64 in it holds.
#[derive(Clone, Copy)]
struct Text<'t> {
    scalar: usize,
    resource: usize,
    text: &'t str,
    /// Whether base64 in it is filled (AVP rule 19).
    looked_into: bool,
    /// How often it was encoded: not at all if it is the scalar's own.
    encodings: usize,
    /// The JSON strings that it stands in, see [`PlannedPlaceholder::layers`].
    layers: &'t [Span],
    /// Where what base64 holds stands in the scalar's text.
    start: usize,
}

impl Planner<'_, '_> {
    fn fields(&mut self) -> SmallVec<[PlannedField; 1]> {
        self.judge_paths();
        self.judge_keys();
        let (document, source) = (self.document, self.source);
        let mut fields = SmallVec::with_capacity(document.scalar_count());
        for (index, scalar) in document.scalars(source).enumerate() {
            // Items of an ignored List; other ignored resources keep no scalars.
            if self.directives[scalar.resource].ignore {
                continue;
            }
            if self.eaten_by_comment(index, &scalar) || self.is_broken_path(&scalar) {
                continue;
            }
            let kind = document.resources()[scalar.resource].kind.as_str();
            let target = self.target(index, kind);
            let inner = if kind == "Secret" || target == Target::BinaryData {
                placeholder::decode_text(scalar.value)
            } else {
                None
            };
            let mut placeholders = self.placeholders(&Text {
                looked_into: kind == "Secret" || target == Target::BinaryData,
                scalar: index,
                resource: scalar.resource,
                text: inner.as_deref().unwrap_or(scalar.value),
                encodings: usize::from(inner.is_some()),
                layers: &[],
                start: 0,
            });
            if !self.in_text.is_empty() {
                self.in_text.locate(document.as_index(), source, index);
                self.findings.append(std::mem::take(&mut self.in_text));
            }
            if placeholders.is_empty() {
                continue;
            }
            placeholders.shrink_to_fit();
            let directives = &self.directives[scalar.resource];
            fields.push(PlannedField {
                scalar: index as u32,
                target,
                base64: inner.is_some(),
                annotated: directives.path.is_some(),
                remove_missing: directives.remove_missing,
                placeholders,
            });
        }
        fields
    }

    fn target(&self, scalar: usize, kind: &str) -> Target {
        let up = || self.document.steps(self.source, scalar);
        if let Some(target) = Target::at_once(kind, up()) {
            return target;
        }
        let mut steps: Vec<Step<'_>> = up().collect();
        steps.reverse();
        Target::of(kind, &steps)
    }

    fn judge_keys(&mut self) {
        for (number, span) in self.document.marked_keys() {
            let directives = &self.directives[*number];
            let key = self.source.get(span.clone()).unwrap_or_default();
            let key = key.trim_matches(['"', '\'']);
            let told = leftovers::in_key(key, directives.path.is_some());
            if let Some(pending) = told.filter(|_| !directives.ignore) {
                let resource = &self.document.resources()[*number];
                let pending = pending.at(self.input, span.start);
                self.findings
                    .push(pending.with_place(Some(name_of(resource)), None));
            }
        }
    }

    /// A path annotation is judged whether a placeholder uses it or not.
    fn judge_paths(&mut self) {
        for (index, directives) in self.directives.iter().enumerate() {
            let Some(path) = directives
                .path
                .as_ref()
                .filter(|path| !path.path.is_empty())
            else {
                continue;
            };
            if directives.ignore {
                continue;
            }
            if let Err(pending) = self.reads.judge(&path.path, directives) {
                let resource = &self.document.resources()[index];
                let offset = pending.offset.unwrap_or(path.offset);
                self.findings.push(
                    pending
                        .at(self.input, offset)
                        .with_place(Some(name_of(resource)), None),
                );
            }
        }
    }

    /// A path annotation with `<…>` in it is reported as a path. Its own text is not scanned for
    /// placeholders, which would report it once more as something else.
    fn is_broken_path(&self, scalar: &Scalar<'_>) -> bool {
        let path = self.directives[scalar.resource].path.as_ref();
        path.is_some_and(|path| scalar.span.contains(&path.offset) && path.has_brackets())
    }

    /// Rule R3: in a plain scalar, a blank and `#` start a comment; a placeholder that goes on in
    /// that comment was meant to be one.
    fn eaten_by_comment(&mut self, index: usize, scalar: &Scalar<'_>) -> bool {
        let Some(comment) = scalar.comment_after(self.source) else {
            return false;
        };
        let annotated = self.directives[scalar.resource].path.is_some();
        let Some(open) = placeholder::unclosed_opener(scalar.value, annotated) else {
            return false;
        };
        let closes = self
            .source
            .get(comment)
            .is_some_and(|comment| comment.contains('>'));
        if scalar.style != Style::Plain || !closes {
            return false;
        }
        let offset = self.document.locate(self.source, index, open);
        let pending = PendingDiagnostic::error(
            DiagnosticKind::Placeholder,
            "a comment cuts this placeholder in two",
        )
        .with_hint("a space followed by # starts a YAML comment; quote the value");
        self.report(index, offset, pending);
        true
    }

    fn placeholders(&mut self, text: &Text<'_>) -> PlannedPlaceholders {
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
            .with_hint_of(transform::hint(error));
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
    fn report(&mut self, scalar: usize, at: usize, pending: PendingDiagnostic) {
        self.findings.push(self.placed(scalar, at, pending));
    }

    fn placed(&self, scalar: usize, at: usize, pending: PendingDiagnostic) -> PendingDiagnostic {
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
