//! What is left of placeholders in manifests that should hold none any more.
//!
//! This is the plan's search, for whoever comes last: every document is parsed, whatever looks like
//! a placeholder counts, in base64 at any depth, and nothing of a text is shown, since each may be a
//! secret by now.

use std::borrow::Cow;
use std::convert::Infallible;

use manifill_manifest::{Document, ManifestError, ManifestErrorKind, ParseOptions, Resource, Span};
use manifill_placeholder::{self as placeholder, Grammar, buried, encoded, layered};

use super::directives::{self, Directives, is_annotated, is_ignored};
use super::document::unreadable;
use super::leftovers::{self, Leftovers};
use super::mocks;
use crate::door::Door;
use crate::findings::{self, Finding};
use crate::input::{Input, Options};
use crate::parallel;
use crate::pending::{Findings, Shared};

/// What is left in, of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftInKind {
    /// A placeholder, or text that begins as one.
    Placeholder,
    /// A placeholder with escaped brackets.
    Escaped,
    /// A placeholder in base64.
    InBase64,
    /// Text that was meant as a placeholder: half of one, a reference without brackets, a slip in
    /// what it begins with, `<name>` alone in a Secret.
    Meant,
    /// A placeholder in a key.
    InKey,
    /// An object that says that its values are mock values.
    Mock,
}

/// Something that is left in, and where.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeftIn<'d> {
    /// What it is.
    pub kind: LeftInKind,
    /// The object; its kind is empty where a document has none.
    pub resource: Option<&'d Resource>,
    /// The field, such as `stringData.apiKey`: of an item of a List, seen from the List.
    pub field: Option<String>,
    /// The same field, seen from its object.
    pub own_field: Option<String>,
}

/// Looks through inputs for what is left of placeholders: what `judge` makes of it, at its places,
/// and each document that looks like an object and cannot be read.
///
/// A document without a `kind` is looked through as one with a kind is, and so is the whole text of
/// one that is neither YAML nor an object. Comments are exempt, and so are objects with the
/// annotation `avp.kubernetes.io/ignore`, but for what says that they are mocked.
pub fn find_left_in<'i>(
    inputs: &'i [Input],
    judge: impl Fn(&LeftIn<'_>) -> Option<Finding> + Sync,
) -> findings::Findings<'i> {
    let texts = inputs.iter().enumerate().flat_map(|(input, text)| {
        manifill_manifest::contents(&text.source).map(move |span| (input, span))
    });
    let bytes = inputs.iter().map(|input| input.source.len()).sum();
    let found = Shared::default();
    parallel::each(
        texts,
        bytes,
        |(_, span): &(usize, Span)| span.len(),
        |(input, span)| {
            let mut findings = Findings::default();
            let mut search = Search {
                inputs,
                input,
                judge: &judge,
                findings: &mut findings,
            };
            search.document(span);
            found.add(findings);
            None::<Infallible>
        },
        |never| match never {},
    );
    findings::Findings::of(inputs, found.into_findings())
}

struct Search<'s, J> {
    inputs: &'s [Input],
    input: usize,
    judge: &'s J,
    findings: &'s mut Findings,
}

impl<J: Fn(&LeftIn<'_>) -> Option<Finding>> Search<'_, J> {
    fn document(&mut self, span: Span) {
        let Some(file) = self.inputs.get(self.input) else {
            return;
        };
        let source = file.source.as_str();
        match read(source, span.clone()) {
            Ok(document) => self.objects(source, &document),
            Err(error) if is_object(&source[span.clone()]) => {
                let told = unreadable(&error, file, span, Door::CommandLine);
                self.findings.push(told.at(self.input, error.offset()));
            }
            Err(_) => {
                for (at, kind) in in_text(&source[span.clone()], Grammar::new()) {
                    self.tell(kind, None, None, span.start + at);
                }
            }
        }
    }

    fn objects(&mut self, source: &str, document: &Document) {
        let directives = Directives::of(document, self.input, &mut Findings::default());
        let resources = || document.resources().iter();
        for resource in resources() {
            for at in mocks::places(resource) {
                self.tell(LeftInKind::Mock, Some(resource), None, at);
            }
        }
        for (number, key) in document.marked_keys() {
            let name = source[key.clone()].trim_matches(['"', '\'']);
            let directives = &directives[*number];
            let told = leftovers::in_key(name, directives.path.is_some());
            if told.is_some() && !directives.ignore {
                let resource = resources().nth(*number);
                self.tell(LeftInKind::InKey, resource, None, key.start);
            }
        }
        for (number, scalar) in document.scalars(source).enumerate() {
            let directives = &directives[scalar.resource];
            let Some(resource) = resources().nth(scalar.resource) else {
                continue;
            };
            if directives.ignore {
                continue;
            }
            let field = || document.field_path(source, number);
            let mut found = in_value(resource, scalar.value, directives.path.is_some());
            found.sort_unstable_by_key(|(at, _)| *at);
            let offsets: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
            let places = document.locate_all(source, number, &offsets);
            for ((_, kind), at) in found.into_iter().zip(places) {
                let lists = std::iter::successors(resource.list, |&list| {
                    document.resources().get(list)?.list
                });
                let field = (field(), lists.count());
                self.tell(kind, Some(resource), Some(field), at);
            }
        }
    }

    /// Tells what the caller makes of it. A field comes with the number of Lists round its object.
    fn tell(
        &mut self,
        kind: LeftInKind,
        resource: Option<&Resource>,
        field: Option<(String, usize)>,
        offset: usize,
    ) {
        let own_field = field.as_ref().map(|(field, lists)| {
            // Each List has `items[n].` before what is in it.
            let parts = field.splitn(lists + 1, "].");
            parts.last().unwrap_or_default().to_owned()
        });
        let left = LeftIn {
            kind,
            resource: resource.filter(|one| !one.kind.is_empty()),
            field: field.map(|(field, _)| field),
            own_field,
        };
        if let Some(mut finding) = (self.judge)(&left) {
            if let Some(resource) = left.resource {
                finding = finding.with_resource(resource);
            }
            if let Some(field) = left.field.filter(|field| !field.is_empty()) {
                finding = finding.with_field(field);
            }
            self.findings.push(finding.at(self.input, offset).0);
        }
    }
}

/// Reads a document with every scalar in which something may be left.
fn read(source: &str, span: Span) -> Result<Document, ManifestError> {
    let keep = |resource: &Resource, value: &str| {
        !is_ignored(resource) && !in_value(resource, value, is_annotated(resource)).is_empty()
    };
    let options = ParseOptions::new()
        .with_annotations(directives::annotation_rules())
        .with_key_mark(Some('<'));
    match Document::parse(source, span.clone(), &options, keep) {
        Err(error) if error.kind() == ManifestErrorKind::MissingKind => {
            Document::parse_any(source, span, &options, keep)
        }
        read => read,
    }
}

/// Whether a text that is not YAML was meant as an object of Kubernetes.
fn is_object(text: &str) -> bool {
    let keys = ["kind", "apiVersion"];
    keys.iter().any(|key| {
        text.match_indices(key).any(|(at, _)| {
            let before = text[..at].trim_end_matches(['"', '\'']);
            let behind = text[at + key.len()..].trim_start_matches(['"', '\'']);
            before
                .chars()
                .next_back()
                .is_none_or(|c| " \t\r\n{[,-\u{feff}".contains(c))
                && behind.trim_start_matches([' ', '\t']).starts_with(':')
        })
    })
}

/// What is left in a value, each with its byte. A Secret's value may be base64 as a whole, however
/// often it was encoded.
fn in_value(resource: &Resource, value: &str, annotated: bool) -> Vec<(usize, LeftInKind)> {
    let mut text = Cow::Borrowed(value);
    let mut decoded = false;
    let may_be_encoded = matches!(resource.kind.as_str(), "Secret" | "ConfigMap");
    loop {
        let inner = may_be_encoded.then(|| placeholder::decode_text(&text));
        let inner = inner.flatten();
        // What reads as base64 is looked at as what it holds.
        if let (Some(inner), false) = (&inner, decoded) {
            (text, decoded) = (Cow::Owned(inner.clone()), true);
            continue;
        }
        let found = in_one(resource, &text, decoded, annotated);
        match inner {
            Some(inner) if found.is_empty() => text = Cow::Owned(inner),
            // What base64 holds has no place of its own.
            _ if decoded && !found.is_empty() => return vec![(0, LeftInKind::InBase64)],
            _ => return found,
        }
    }
}

/// What is left in a value as it is, or in what its base64 holds.
fn in_one(
    resource: &Resource,
    text: &str,
    decoded: bool,
    annotated: bool,
) -> Vec<(usize, LeftInKind)> {
    let mut found = in_text(text, Grammar::new().with_annotated(annotated));
    let leftovers = Leftovers {
        text,
        decoded,
        kind: &resource.kind,
        annotated,
        path: directives::path_of(resource),
    };
    if found.is_empty() && leftovers::may_hold(resource, text) {
        let meant = leftovers.find(Options::new());
        found.extend(meant.into_iter().map(|(at, _)| (at, LeftInKind::Meant)));
    }
    found
}

/// The placeholders in a text, as they are, escaped, and in base64.
fn in_text(text: &str, grammar: Grammar) -> Vec<(usize, LeftInKind)> {
    let mut found: Vec<(usize, LeftInKind)> = Vec::new();
    if placeholder::may_contain(text) {
        found.extend(placeholder::scan(text, grammar).map(|one| match one {
            Ok(one) => (one.span.start, LeftInKind::Placeholder),
            Err(error) if error.is_escaped() => (error.span().start, LeftInKind::Escaped),
            Err(error) => (bracket(text, error.span().start), LeftInKind::Placeholder),
        }));
    }
    let layered = layered::find(text).filter(|_| found.is_empty());
    found.extend(layered.map(|at| (at, LeftInKind::Escaped)));
    let wanted = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => shows(text, grammar),
        // Any bytes could hold a word in brackets.
        Err(_) => shows(&String::from_utf8_lossy(bytes), Grammar::new()),
    };
    let least = if grammar.annotated {
        buried::OF_NAMES
    } else {
        buried::OF_REFERENCES
    };
    let references = encoded::references(text).map(|span| span.start);
    let buried = buried::find(text.as_bytes(), least, &wanted).map(|span| span.start);
    let mut encoded: Vec<usize> = references.chain(buried).collect();
    encoded.sort_unstable();
    encoded.dedup();
    found.extend(encoded.into_iter().map(|at| (at, LeftInKind::InBase64)));
    found
}

/// Where the bracket stands before what is wrong with a placeholder.
fn bracket(text: &str, wrong: usize) -> usize {
    let end = (wrong + 1).min(text.len());
    let head = text.as_bytes().get(..end).unwrap_or_default();
    memchr::memrchr(b'<', head).unwrap_or(wrong)
}

fn shows(text: &str, grammar: Grammar) -> bool {
    let scanned = || placeholder::scan(text, grammar).next().is_some();
    placeholder::may_contain(text) && scanned() || layered::find(text).is_some()
}
