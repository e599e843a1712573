//! Texts that hold nothing.

use manifill_manifest::{Value, contents, read_one};

use crate::set::Field;

/// The bytes that a List without items has at most. To read a longer one only for this would cost as
/// much as everything else.
const EMPTY_LIST: usize = 4096;

/// Whether a text holds nothing that a cluster could get: no document, or none but Lists without items,
/// which whoever applies them takes for everything that there is.
///
/// ```
/// use manifill_check::is_blank;
///
/// for blank in ["", "---\n# Source: a.yaml\n", "apiVersion: v1\nkind: List\nitems: []\n"] {
///     assert!(is_blank(blank), "{blank}");
/// }
/// for other in ["kind: A\n", "kind: AllowList\nspec: {}\n", "{}"] {
///     assert!(!is_blank(other), "{other}");
/// }
/// ```
pub fn is_blank(text: &str) -> bool {
    contents(text).all(|span| text.get(span).is_some_and(is_empty_list))
}

fn is_empty_list(document: &str) -> bool {
    if document.len() > EMPTY_LIST || !document.contains("items") {
        return false;
    }
    read_one(document).is_ok_and(|value| is_empty(&Field::new(&value)))
}

/// Whether an object is a List that has no item but other such Lists.
fn is_empty(object: &Field<'_>) -> bool {
    let kind = object.text_at(&["kind"]);
    let items = object.key("items").map(|items| items.value);
    kind.is_some_and(|kind| kind.ends_with("List"))
        && match items {
            Some(Value::List(items)) => items.iter().all(|item| is_empty(&Field::new(item))),
            Some(Value::Null) => true,
            _ => false,
        }
}
