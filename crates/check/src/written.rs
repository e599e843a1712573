//! The values that a Secret has, as they are written.

use std::borrow::Cow;

use manifill_placeholder::{decode_bytes, may_contain};

use crate::set::{Field, Object};

/// A value of a Secret.
pub(crate) struct Written<'o> {
    pub(crate) key: &'o str,
    pub(crate) field: Field<'o>,
    /// What it says, of base64 what it holds; `None` if that is still to be filled or cannot be read.
    pub(crate) bytes: Option<Cow<'o, [u8]>>,
    /// Whether it has to be base64 and is not.
    pub(crate) is_refused: bool,
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
            let bytes = text.and_then(|text| bytes(text, encoded));
            let is_refused = text.is_some_and(|text| {
                encoded && !is_to_be_filled(text) && decode_bytes(text).is_none()
            });
            found.push(Written {
                key,
                field,
                bytes,
                is_refused,
            });
        }
    }
    found
}

fn bytes(text: &str, encoded: bool) -> Option<Cow<'_, [u8]>> {
    if is_to_be_filled(text) {
        return None;
    }
    if !encoded {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    let bytes = decode_bytes(text)?;
    let inner = std::str::from_utf8(&bytes).is_ok_and(is_to_be_filled);
    (!inner).then_some(Cow::Owned(bytes))
}

/// Whether a text has a placeholder in it, or what reads like a generic one.
pub(crate) fn is_to_be_filled(text: &str) -> bool {
    let generic = || {
        let open = text.find('<');
        open.is_some_and(|open| text[open..].contains('>'))
    };
    may_contain(text) || generic()
}
