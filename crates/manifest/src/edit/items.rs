//! Whole documents as new items of a list of objects.

use crate::chars::skip_space_and_comments;
use crate::edit::entry::{NewEntry, set_entries};
use crate::edit::layout::column;
use crate::edit::new_value::NewValue;
use crate::edit::place::own_entry;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::split::{is_marker, readable};
use crate::read::tree::{Data, Tree};
use crate::value::reader::read_one;
use crate::value::types::Value;
use manifill_yaml::line_start;

/// Adds documents to the end of the `items` of the document `text`, and returns its new text.
///
/// Comments and layout stay, those of the documents, too; blank documents are left out. Where items
/// cannot stand in lines, as in JSON, the list becomes JSON on one line. Either way the result is
/// read again and compared with what was intended.
///
/// ```
/// use manifill_manifest::add_items;
///
/// let list = "kind: List\nitems: # mine\n- kind: A\nx: y\n";
/// assert_eq!(
///     add_items(list, &["---\nkind: B # new\ndata: {}\n"])?,
///     "kind: List\nitems: # mine\n- kind: A\n- kind: B # new\n  data: {}\nx: y\n"
/// );
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
///
/// # Errors
///
/// Texts that are not YAML; [`Type`](ManifestErrorKind::Type) for `items` that are not a list, and what
/// [`set_entries`] says of them.
pub fn add_items(text: &str, documents: &[&str]) -> Result<String, ManifestError> {
    let mut wanted = read_one(text)?;
    let mut new = Vec::new();
    for document in documents {
        match read_one(document)? {
            Value::Null => {}
            value => new.push((*document, value)),
        }
    }
    let items = match wanted.get("items") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(items)) => items.clone(),
        Some(_) => {
            let message = "`items` is not a list";
            return Err(ManifestError::new(ManifestErrorKind::Type, message, 0));
        }
    };
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let added = new.iter().map(|(_, value)| value.clone());
    let items = Value::List(items.into_iter().chain(added).collect());
    if let Value::Map(entries) = &mut wanted {
        for (_, value) in entries.iter_mut().filter(|(key, _)| key == "items") {
            *value = items.clone();
        }
    }
    let documents: Vec<&str> = new.iter().map(|(document, _)| *document).collect();
    match in_lines(text, &documents)? {
        Some(added) if read_one(&added).is_ok_and(|read| read == wanted) => Ok(added),
        _ => {
            let entry = NewEntry {
                object: 0,
                path: &[],
                key: "items",
                value: NewValue::Any(&items),
            };
            set_entries(text, &[entry])
        }
    }
}

/// The text with documents behind the items that it has, if these stand in lines.
fn in_lines(text: &str, documents: &[&str]) -> Result<Option<String>, ManifestError> {
    let readable = readable(text);
    let tree = Tree::parse_readable(&readable, text.len())?;
    let Some((key, items)) = own_entry(&tree, 0, "items") else {
        return Ok(None);
    };
    let list = &tree.nodes[items as usize];
    let colon = skip_space_and_comments(text, tree.nodes[key as usize].span().end);
    let dash = skip_space_and_comments(text, colon + 1);
    let is_in_lines = !list.flow && matches!(tree.data(items), Some(Data::List));
    let has_dash = text.get(dash..).is_some_and(|list| list.starts_with('-'));
    if !(is_in_lines && has_dash) {
        return Ok(None);
    }
    let indent = column(text, dash);
    // The next entry, or the end: what stands between may belong to the last item.
    let next = tree.nodes.get(list.next as usize);
    let at = next.map_or(text.len(), |next| line_start(text, next.head as usize));
    let Some((before, behind)) = text.split_at_checked(at) else {
        return Ok(None);
    };
    let mut out = before.to_owned();
    for document in documents {
        if !out.ends_with(['\n', '\r']) {
            out.push('\n');
        }
        push_item(&mut out, document, indent);
    }
    if !(behind.is_empty() || out.ends_with(['\n', '\r'])) {
        out.push('\n');
    }
    out.push_str(behind);
    Ok(Some(out))
}

/// What a document says, below its `---` if it has one.
fn content(document: &str) -> &str {
    let document = document.trim_start_matches('\u{feff}');
    let mut at = 0;
    for line in document.split_inclusive('\n') {
        if is_marker(line.as_bytes()) {
            let below = document[at + 3..].trim_start_matches([' ', '\t']);
            return below.trim_start_matches(['\n', '\r']);
        }
        if !line.trim().is_empty() && !line.starts_with('#') {
            break;
        }
        at += line.len();
    }
    document.trim_start_matches(['\n', '\r'])
}

/// Adds a document as an item whose dash is indented this far.
fn push_item(out: &mut String, document: &str, indent: usize) {
    let content = content(document);
    for (number, line) in content.split_inclusive('\n').enumerate() {
        if number == 0 {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str("- ");
        } else if !line.trim_end_matches(['\n', '\r']).is_empty() {
            out.extend(std::iter::repeat_n(' ', indent + 2));
        }
        out.push_str(line);
    }
}
