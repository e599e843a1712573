//! A place that names a Secret or a ConfigMap, and what it wants of it.

use manifill_manifest::FieldPath;

use crate::set::{Field, Kind};

/// What is wanted of a Secret or a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// That it is there.
    Object,
    /// This key.
    Key(String),
    /// One of these keys at least.
    OneOf(&'static [&'static str]),
    /// All of these keys.
    AllOf(&'static [&'static str]),
}

/// A place that names a Secret or a ConfigMap.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The object that has it, by its number.
    pub(super) object: usize,
    /// The way from that object.
    pub(super) path: FieldPath,
    /// The part of the field's text that it is.
    pub(super) part: Option<String>,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) wants: Wants,
    /// Whether nothing need be there.
    pub(super) optional: bool,
    /// The label that the object needs to be read, with what reads it.
    pub(super) label: Option<Label>,
}

/// A label that a Secret needs, and who wants it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) key: &'static str,
    pub(super) value: &'static str,
    pub(super) wanted_by: &'static str,
}

impl Reference {
    /// A reference at a field; `None` if the name is no name yet, such as a placeholder.
    pub(super) fn new(object: usize, kind: Kind, name: &Field<'_>, wants: Wants) -> Option<Self> {
        let text = name.text().filter(|text| is_name(text))?;
        Some(Reference {
            object,
            path: name.path.clone(),
            part: None,
            kind,
            name: text.to_owned(),
            wants,
            optional: false,
            label: None,
        })
    }

    /// A reference as `{name: …, key: …, optional: …}` in one map. It is told where the key is, else
    /// where the name is.
    pub(super) fn selector(object: usize, kind: Kind, map: &Field<'_>) -> Option<Self> {
        let name = map.key("name")?;
        let key = map.key("key").filter(|key| key.text().is_some_and(is_key));
        let wants = key.as_ref().and_then(Field::text);
        let wants = wants.map_or(Wants::Object, |key| Wants::Key(key.to_owned()));
        let mut reference = Reference::new(object, kind, &name, wants)?;
        if let Some(key) = key {
            reference.path = key.path;
        }
        reference.optional = map.is_true("optional");
        Some(reference)
    }
}

/// Whether a text can be the name of an object: what is still to be filled cannot.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    !text.is_empty() && text.chars().all(allowed)
}

/// Whether a text can be a key.
pub(super) fn is_key(text: &str) -> bool {
    is_name(text) && !text.contains(':')
}
