//! The objects of a list, found again by the places that messages have.

use manifill::{Diagnostic, Place};
use manifill_manifest::{Document, LineIndex, ParseOptions, Resource, Span, Value, read_objects};

/// The annotations with which orchestrators say where an item comes from, the older name behind.
const PATH: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];
const INDEX: [&str; 2] = [
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
];
/// What kustomize says of it, if it is asked to.
const ORIGIN: &str = "config.kubernetes.io/origin";
/// Where kustomize runs a function, it makes up the paths of items.
const KUSTOMIZE: &str = "kustomize.config.k8s.io/id";

/// The items of a list, and its `functionConfig`.
#[derive(Debug, Default)]
pub(crate) struct Items(Vec<Item>);

/// An object of the list.
#[derive(Debug)]
pub(crate) struct Item {
    /// The line and column of its first byte, and of that behind its last one.
    start: (usize, usize),
    end: (usize, usize),
    /// What tells it from others.
    pub(crate) reference: Value,
    /// Its file, as the orchestrator knows it.
    pub(crate) path: Option<String>,
    /// Its number in that file.
    pub(crate) index: Option<String>,
    /// The file that people know, if that is known.
    rendered_from: Option<String>,
}

impl Items {
    /// The items of the list at `span` of `source`; none if it cannot be read, which is told elsewhere.
    pub(crate) fn read(source: &str, span: &Span) -> Self {
        let text = &source[span.clone()];
        let document =
            Document::parse_any(source, span.clone(), &ParseOptions::new(), |_, _| false);
        let (Ok(document), Ok(objects)) = (document, read_objects(text)) else {
            return Items::default();
        };
        let lines = LineIndex::new(source);
        let all = document.resources().iter().zip(objects).enumerate();
        // What is in no list is the list itself, and `functionConfig`.
        let own = all.filter(|(number, (one, _))| *number > 0 && one.list.unwrap_or(0) == 0);
        Items(
            own.map(|(_, (resource, object))| Item::new(resource, &object, &lines))
                .collect(),
        )
    }

    /// The object that a place is in.
    pub(crate) fn at(&self, place: &Place) -> Option<&Item> {
        let at = (place.line, place.column);
        self.0.iter().find(|one| one.start <= at && at < one.end)
    }

    /// Says of a place in the list where it is in its object, and which file people know it by.
    pub(crate) fn place(&self, place: &mut Place) {
        let Some(item) = self.at(place) else { return };
        place.rendered_from.clone_from(&item.rendered_from);
        place.field = place.field.take().map(|field| own_field(&field).to_owned());
        if place.field.as_deref() == Some("") {
            place.field = None;
        }
    }

    /// The same for all places of a finding.
    pub(crate) fn place_all(&self, diagnostic: &mut Diagnostic) {
        let further = diagnostic.further_places.iter_mut();
        std::iter::once(&mut diagnostic.place)
            .chain(further)
            .for_each(|place| self.place(place));
    }
}

impl Item {
    fn new(resource: &Resource, object: &Value, lines: &LineIndex<'_>) -> Self {
        let at = |keys: &[&str]| {
            let found = keys.iter().try_fold(object, |value, key| value.get(key));
            match found {
                Some(Value::Text(text)) => Some(text.as_str()),
                _ => None,
            }
        };
        let annotation = |name: &str| at(&["metadata", "annotations", name]);
        let first = |names: [&str; 2]| names.into_iter().find_map(annotation).map(str::to_owned);
        let parts = [
            ("apiVersion", at(&["apiVersion"])),
            ("kind", at(&["kind"])),
            ("name", at(&["metadata", "name"])),
            ("namespace", at(&["metadata", "namespace"])),
        ];
        let path = first(PATH);
        let made_up = annotation(KUSTOMIZE).is_some();
        let origin = annotation(ORIGIN).and_then(origin);
        Item {
            start: lines.line_column(resource.span.start),
            end: lines.line_column(resource.span.end),
            reference: reference(parts),
            rendered_from: origin.or_else(|| path.clone().filter(|_| !made_up)),
            path,
            index: first(INDEX),
        }
    }
}

/// The parts of a reference that there are.
pub(crate) fn reference<'p>(parts: impl IntoIterator<Item = (&'p str, Option<&'p str>)>) -> Value {
    let part =
        |(key, text): (&str, Option<&str>)| Some((key.to_owned(), Value::Text(text?.to_owned())));
    Value::Map(parts.into_iter().filter_map(part).collect())
}

/// A field as its object has it, without the way from the list.
fn own_field(field: &str) -> &str {
    if let Some(field) = field.strip_prefix("functionConfig") {
        return field.trim_start_matches('.');
    }
    let behind = field.strip_prefix("items[");
    let behind = behind.map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let own = behind.and_then(|rest| rest.strip_prefix(']'));
    own.map_or(field, |own| own.strip_prefix('.').unwrap_or(own))
}

/// The file in kustomize's annotation, whose value is YAML of a few lines.
fn origin(value: &str) -> Option<String> {
    let file = |line: &str| {
        let file = line
            .strip_prefix("path: ")
            .or_else(|| line.strip_prefix("configuredIn: "))?;
        Some(file.trim().to_owned())
    };
    value.lines().find_map(file)
}
