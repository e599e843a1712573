//! Planning one document: which of its scalars hold placeholders, and what they want.

use std::cell::LazyCell;

use manifill_manifest::{
    Document, LineIndex, ManifestError, ParseOptions, RepeatedKey, Resource, Scalar, Span, Style,
};
use manifill_placeholder as placeholder;
use memchr::memchr;
use smallvec::SmallVec;

use super::directives::{self, Directives, is_ignored, name_of};
use super::index::Index;
use super::leftovers;
use super::planned::{PlannedDocument, PlannedField};
use super::planner::{Planner, Text};
use super::reads::Reads;
use super::target::Target;
use super::{encoded, kustomization, mocks, no_manifest, strays};
use crate::diagnostic::{DiagnosticKind, Severity};
use crate::door::Door;
use crate::input::{Input, Options};
use crate::pending::{Findings, PendingDiagnostic};

/// Reads one document of an input with the scalars that may hold placeholders: each time the same,
/// in the same order.
///
/// `objects` says whether it has to be an object of Kubernetes.
pub(super) fn read(
    source: &str,
    span: Span,
    options: Options,
    objects: bool,
) -> Result<Document, ManifestError> {
    let spelled = encoded::may_be_spelled(source.get(span.clone()).unwrap_or_default());
    read_with(source, span, options, objects, spelled)
}

/// Reads one document; `spelled` says whether base64 of a reference may stand in it.
fn read_with(
    source: &str,
    span: Span,
    options: Options,
    objects: bool,
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
    if objects {
        Document::parse(source, span, &options, keep)
    } else {
        Document::parse_any(source, span, &options, keep)
    }
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
    let parse = options.strict || options.every_document;
    if !parse && !directives::may_need_filling(text) {
        return None;
    }
    let spelled = encoded::may_be_spelled(text);
    let objects = file.holds_objects();
    match read_with(source, span.clone(), options, objects, spelled) {
        Ok(document) if objects && kustomization::is(&document, text) => {
            findings.push(kustomization::left_out(file, options.door).at(input, span.start));
            Some(PlannedDocument::left_out(input, document.into_index()))
        }
        Ok(document) => {
            strays::tell(&document, input, reads.backends(), findings);
            if options.for_app {
                mocks::refuse(&document, input, findings);
            }
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
                #[cfg(feature = "fill")]
                slots: None,
                objects,
                spelled,
                findings,
                in_text: Findings::default(),
            };
            let mut fields = planner.fields();
            fields.shrink_to_fit();
            (!fields.is_empty()).then(|| PlannedDocument {
                input,
                index: Index::Document(document.into_index()),
                fields,
            })
        }
        Err(error) if kustomization::is_without_kind(&error, &file.name) => {
            findings.push(kustomization::left_out(file, options.door).at(input, span.start));
            let options = ParseOptions::new();
            let document = Document::parse_any(source, span, &options, |_, _| false).ok()?;
            Some(PlannedDocument::left_out(input, document.into_index()))
        }
        Err(error) => {
            let told = unreadable(&error, file, span, options.door);
            findings.push(told.at(input, error.offset()));
            None
        }
    }
}

/// What is told of a document that cannot be read.
pub(super) fn unreadable(
    error: &ManifestError,
    file: &Input,
    span: Span,
    door: Door,
) -> PendingDiagnostic {
    let mut message = error.to_string();
    if let Some(other) = error.other_offset() {
        message.push_str(&first_in(&file.source, other));
    }
    let hint =
        no_manifest::hint(error, file, span, door).or_else(|| error.hint().map(str::to_owned));
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
                let at = |offsets: &[usize]| document.as_index().locate_all(source, index, offsets);
                self.in_text.locate(at);
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

    fn judge_keys(&mut self) {
        for (number, span) in self.document.marked_keys() {
            let directives = &self.directives[*number];
            let key = self.source.get(span.clone()).unwrap_or_default();
            let key = key.trim_matches(['"', '\'']);
            let told = leftovers::in_key(key, directives.path.is_some());
            if let Some(mut pending) = told.filter(|_| !directives.ignore) {
                let resource = &self.document.resources()[*number];
                if !self.objects && resource.kind.is_empty() {
                    // What it is for is not known, so nobody else will see it.
                    pending.diagnostic.severity = Severity::Error;
                }
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
}
