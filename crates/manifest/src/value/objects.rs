//! The objects of a document as values.

use crate::error::ManifestError;
use crate::read::resource::{self, AnnotationRules};
use crate::read::split::{is_blank, readable};
use crate::read::tree::Tree;
use crate::value::reader::ValueReader;
use crate::value::types::Value;

/// Reads the objects of a document, in the order of
/// [`Document::resources`](crate::Document::resources): the document itself, then the items of a
/// `kind: List`.
///
/// ```
/// use manifill_manifest::{Value, read_objects};
///
/// let objects = read_objects("kind: List\nitems:\n- {kind: A}\n- {kind: B}\n")?;
/// assert_eq!(objects.len(), 3);
/// assert_eq!(objects[2].get("kind"), Some(&Value::Text("B".into())));
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
///
/// # Errors
///
/// As [`read`](crate::read()).
pub fn read_objects(text: &str) -> Result<Vec<Value>, ManifestError> {
    if is_blank(text) {
        return Ok(Vec::new());
    }
    let readable = readable(text);
    let tree = Tree::parse_readable(&readable, text.len())?;
    let objects = resource::read_any(&tree, 0, &AnnotationRules::default())?;
    let mut nodes: Vec<(usize, u32)> = objects
        .ranges
        .iter()
        .map(|(range, number)| (*number, range.start))
        .collect();
    nodes.sort_unstable();
    let mut reader = ValueReader::new(&tree, text);
    nodes
        .into_iter()
        .map(|(_, node)| reader.value(node, 0))
        .collect()
}
