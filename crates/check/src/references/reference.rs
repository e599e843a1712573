//! A place that names a Secret or a ConfigMap, and what it wants of it.

use manifill_manifest::{FieldPath, Value};

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
    /// That the name or the key here is text, which it is not: a cluster refuses it.
    Text,
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
        let (text, wants) = if is_misread(name) {
            ("", Wants::Text)
        } else {
            (name.text().filter(|text| is_name(text))?, wants)
        };
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
        let mut reference = Reference::new(object, kind, &name, Wants::Object)?;
        if let Some(key) = map.key("key") {
            reference = reference.key(key).unwrap_or(reference);
        }
        reference.optional = map.is_true("optional");
        Some(reference)
    }

    /// What is wanted is the key at a field; `None` if it is no key yet, such as a placeholder, or if the
    /// name is wrong already.
    pub(super) fn key(&self, key: Field<'_>) -> Option<Self> {
        let wants = if self.wants == Wants::Text {
            return None;
        } else if is_misread(&key) {
            Wants::Text
        } else {
            Wants::Key(key.text().filter(|key| is_key(key))?.to_owned())
        };
        Some(Reference {
            wants,
            path: key.path,
            ..self.clone()
        })
    }
}

/// Whether a name or a key is written so that it is read as a number or as true or false.
fn is_misread(field: &Field<'_>) -> bool {
    matches!(field.value, Value::Bool(_) | Value::Number(_))
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
