//! The values that a Secret has, as they are written.

use std::borrow::Cow;

use manifill_placeholder::{decode_bytes, may_contain};

use crate::set::{Field, Object};

/// A value of a Secret.
pub(crate) struct Written<'o> {
    pub(crate) key: &'o str,
    pub(crate) field: Field<'o>,
    /// What it says, of base64 what it holds; `None` if that cannot be read.
    pub(crate) bytes: Option<Cow<'o, [u8]>>,
    /// Whether there is a placeholder in it, or what reads like one.
    pub(crate) is_to_be_filled: bool,
    /// Whether it has to be base64 and is not.
    pub(crate) is_refused: bool,
}

impl Written<'_> {
    /// What it says; `None` if that is still to be filled or cannot be read.
    pub(crate) fn finished(&self) -> Option<&[u8]> {
        self.bytes.as_deref().filter(|_| !self.is_to_be_filled)
    }
}

/// The values of a Secret; what is in `stringData` hides what is in `data`.
pub(crate) fn values(secret: &Object) -> Vec<Written<'_>> {
    let root = secret.root();
    let mut found: Vec<Written<'_>> = Vec::new();
    for (map, encoded) in [("stringData", false), ("data", true)] {
        for (key, field) in root.key(map).iter().flat_map(Field::entries) {
            if found.iter().any(|one| one.key == key) {
                continue;
            }
            let text = field.text();
            let open = text.is_some_and(is_to_be_filled);
            let bytes = text.and_then(|text| {
                if encoded && !open {
                    decode_bytes(text).map(Cow::Owned)
                } else {
                    Some(Cow::Borrowed(text.as_bytes()))
                }
            });
            let holds = bytes.as_deref().map(std::str::from_utf8);
            let is_to_be_filled = holds.and_then(Result::ok).is_some_and(is_to_be_filled);
            let is_refused = encoded && text.is_some() && bytes.is_none();
            found.push(Written {
                key,
                field,
                bytes,
                is_to_be_filled,
                is_refused,
            });
        }
    }
    found
}

/// Whether a text has a placeholder in it, or what reads like a generic one.
pub(crate) fn is_to_be_filled(text: &str) -> bool {
    let generic = || {
        let open = text.find('<');
        open.is_some_and(|open| text[open..].contains('>'))
    };
    may_contain(text) || generic()
}
