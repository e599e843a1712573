//! What a plan says of itself: names, never values, and of what base64 holds only what is plainly
//! a reference (rule R9).

use std::collections::HashSet;

use manifill_placeholder::{self as placeholder, Placeholder};
use manifill_vault::Keys;

use super::Plan;
use super::locator::Locator;
use super::planned::{HIDDEN, PlannedDocument, PlannedField};
use super::planned_placeholder::PlannedPlaceholder;
use super::planned_reads::KeyRef;
use super::spelling::spelling;
use crate::rendered_from::Located;

/// A read that a plan holds, for reports: names, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The backend's name.
    pub backend: String,
    /// The path, in the backend's plain spelling.
    pub path: String,
    /// The version, where one is asked for.
    pub version: Option<String>,
    /// The keys that are wanted, sorted. `‹…›` stands for those that only base64 names: they may
    /// be secrets that look like placeholders.
    pub keys: Vec<String>,
}

/// A place that will be filled, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldReport {
    /// The name of the input.
    pub file: String,
    /// The line of the scalar, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The file that the document was made from, as Helm and kustomize say in it.
    pub rendered_from: Option<String>,
    /// `Kind/name` or `Kind/namespace/name`.
    pub resource: String,
    /// The field, such as `stringData.apiKey`.
    pub field: String,
    /// Whether the placeholders are inside base64.
    pub base64: bool,
    /// What is read for it: an index into [`Plan::reads`] and a key, for every placeholder and
    /// each of its alternatives. In base64, the key is `‹…›` unless the placeholder begins with
    /// `path:` or `op://`.
    pub wants: Vec<(usize, String)>,
}

impl<'i> Plan<'_, 'i> {
    /// The reads, sorted by backend and path; each is one
    /// [`SecretRequest`](manifill_vault::SecretRequest).
    pub fn reads(&self) -> impl Iterator<Item = ReadReport> {
        let shown = self.shown_keys();
        self.reads.iter().enumerate().map(move |(number, read)| {
            let mut keys: Vec<String> = match &read.request.keys {
                Keys::Names(names) => names.iter().map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            if let Some(shown) = &shown {
                let all = keys.len();
                keys.retain(|key| shown.contains(&(number, key.as_str())));
                if keys.len() < all {
                    keys.push(HIDDEN.to_owned());
                }
            }
            ReadReport {
                backend: read.backend_name.to_owned(),
                path: read.request.path.as_str().to_owned(),
                version: read.request.version.clone(),
                keys,
            }
        })
    }

    /// The places that will be filled, in the order of the sources.
    pub fn fields(&self) -> impl Iterator<Item = FieldReport> {
        let mut located: Vec<Located<'i>> = self
            .inputs
            .iter()
            .map(|input| Located::new(&input.source))
            .collect();
        self.documents.iter().flat_map(move |planned| {
            let source = &self.inputs[planned.input].source;
            let locator = Locator::new(source, self.renderer.options(), planned);
            let located = &mut located[planned.input];
            let report = |field| self.report(planned, field, &locator, located);
            planned.fields.iter().map(report).collect::<Vec<_>>()
        })
    }

    fn report(
        &self,
        planned: &PlannedDocument,
        field: &PlannedField,
        locator: &Locator<'_>,
        located: &mut Located<'_>,
    ) -> FieldReport {
        let input = &self.inputs[planned.input];
        let scalar = field.scalar as usize;
        let offset = planned.index.start(&input.source, scalar).unwrap_or(0);
        let (line, column) = located.line_column(offset);
        let wants = self.wants(planned, field).map(|(wanted, is_shown)| {
            let key = if is_shown {
                wanted.key(&self.reads)
            } else {
                HIDDEN
            };
            (wanted.read(), key.to_owned())
        });
        FieldReport {
            file: input.name.clone(),
            line,
            column,
            rendered_from: located.rendered_from(offset),
            resource: locator.resource(scalar).unwrap_or_default(),
            field: locator.field(scalar).unwrap_or_default(),
            base64: is_encoded(field),
            wants: wants.collect(),
        }
    }

    /// What a field wants, and whether its keys may be shown.
    fn wants<'f>(
        &self,
        planned: &PlannedDocument,
        field: &'f PlannedField,
    ) -> impl Iterator<Item = (&'f KeyRef, bool)> {
        let strict = self.renderer.options().strict;
        let text = is_encoded(field).then(|| {
            let source = &self.inputs[planned.input].source;
            let value = planned.index.value(source, field.scalar as usize);
            let text = value.and_then(|value| {
                if field.base64 {
                    placeholder::decode_text(value)
                } else {
                    Some(value.to_owned())
                }
            });
            text.unwrap_or_default()
        });
        field.placeholders.iter().flat_map(move |wanted| {
            let is_shown = text.as_ref().is_none_or(|text| {
                spelling(text, 0, field, wanted, strict, Placeholder::label) != HIDDEN
            });
            let refs = PlannedPlaceholder::wanted(wanted);
            refs.map(move |wanted| (wanted, is_shown))
        })
    }

    /// The keys of each read that may be shown; `None` if all of them may.
    fn shown_keys(&self) -> Option<HashSet<(usize, &str)>> {
        let fields = || {
            let documents = self.documents.iter();
            documents.flat_map(|planned| planned.fields.iter().map(move |field| (planned, field)))
        };
        if !fields().any(|(_, field)| is_encoded(field)) {
            return None;
        }
        let wants = fields().flat_map(|(planned, field)| self.wants(planned, field));
        let shown = wants.filter(|(_, is_shown)| *is_shown);
        Some(
            shown
                .map(|(wanted, _)| (wanted.read(), wanted.key(&self.reads)))
                .collect(),
        )
    }
}

/// Whether any placeholder of a field stands in base64.
fn is_encoded(field: &PlannedField) -> bool {
    let within = |one: &PlannedPlaceholder| !one.layers().is_empty();
    field.base64 || field.placeholders.iter().any(within)
}
