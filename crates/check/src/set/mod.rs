//! A whole set of manifests as objects.

mod field;
mod holders;
mod object;

pub(crate) use field::Field;
pub(crate) use holders::{Holder, Holders, Keys, Kind};
pub(crate) use object::Object;

use manifill::Input;
use manifill_manifest::{FieldPath, Span, Value, contents, read_one};

/// The objects of inputs, those in lists, too. What cannot be read is left out: planning tells it.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) objects: Vec<Object>,
}

impl Set {
    /// Reads the objects of these inputs.
    pub(crate) fn read(inputs: &[Input]) -> Self {
        Set::of_texts(inputs.iter().map(|input| input.source.as_str()))
    }

    /// Reads the objects of these texts.
    pub(crate) fn of_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut objects = Vec::new();
        for (input, text) in texts.into_iter().enumerate() {
            for span in contents(text) {
                if let Ok(value) = read_one(&text[span.clone()]) {
                    add(&mut objects, input, &span, FieldPath::new(), value);
                }
            }
        }
        Set { objects }
    }
}

/// Adds an object; of a list its items.
fn add(objects: &mut Vec<Object>, input: usize, document: &Span, at: FieldPath, value: Value) {
    let root = Field::new(&value);
    let is_list = root
        .text_at(&["kind"])
        .is_some_and(|kind| kind.ends_with("List"));
    let items = root.down(&["items"]).map(|items| items.value);
    if let (true, Some(Value::List(items))) = (is_list, items) {
        for (number, item) in items.iter().enumerate() {
            let at = at.clone().key("items").item(number);
            add(objects, input, document, at, item.clone());
        }
        return;
    }
    if root.text_at(&["kind"]).is_some() {
        objects.push(Object::new(input, document.clone(), at, value));
    }
}
