//! A value within an object, and the way to it.

use manifill_manifest::{FieldPath, Value};

/// A value, and the way from its object to it.
#[derive(Clone, Debug)]
pub(crate) struct Field<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: FieldPath,
}

impl<'v> Field<'v> {
    /// An object itself.
    pub(crate) fn new(value: &'v Value) -> Self {
        Field {
            value,
            path: FieldPath::new(),
        }
    }

    /// The value of a key.
    pub(crate) fn key(&self, name: &str) -> Option<Field<'v>> {
        let Value::Map(entries) = self.value else {
            return None;
        };
        let (_, value) = entries.iter().find(|(key, _)| key == name)?;
        Some(Field {
            value,
            path: self.path.clone().key(name),
        })
    }

    /// The value behind several keys.
    pub(crate) fn down(&self, names: &[&str]) -> Option<Field<'v>> {
        let mut field = self.clone();
        for name in names {
            field = field.key(name)?;
        }
        Some(field)
    }

    /// The items of a list; nothing else has any.
    pub(crate) fn items(&self) -> impl Iterator<Item = Field<'v>> + use<'v> {
        let items = match self.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        let path = self.path.clone();
        items.iter().enumerate().map(move |(number, value)| Field {
            value,
            path: path.clone().item(number),
        })
    }

    /// The items of the list behind a key.
    pub(crate) fn each(&self, name: &str) -> impl Iterator<Item = Field<'v>> + use<'v> {
        let list = self.key(name);
        list.into_iter().flat_map(|list| list.items())
    }

    /// The entries of a map; nothing else has any.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'v str, Field<'v>)> + use<'v> {
        let entries = match self.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        let path = self.path.clone();
        entries.iter().map(move |(name, value)| {
            let path = path.clone().key(name.as_str());
            (name.as_str(), Field { value, path })
        })
    }

    /// The text, if it is text.
    pub(crate) fn text(&self) -> Option<&'v str> {
        match self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text behind several keys.
    pub(crate) fn text_at(&self, names: &[&str]) -> Option<&'v str> {
        self.down(names)?.text()
    }

    /// Whether a key says `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(
            self.key(name),
            Some(Field {
                value: Value::Bool(true),
                ..
            })
        )
    }
}
