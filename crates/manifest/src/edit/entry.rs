//! Sets entries of maps, such as an annotation of an object, without touching anything else.
//!
//! Where an entry goes, case by case:
//!
//! - *An entry that is there* gets the new value in its place, in double quotes.
//! - *A map in lines* gets it as its first line, below the line of the map's own key. The object
//!   itself has no such line: there it goes below `kind`.
//! - *A map in braces* gets it behind the brace, spaced as its first entry is, so that JSON stays JSON.
//! - *Maps that are missing* on the way are made, indented as the document indents; one that is empty
//!   or null becomes one in braces.
//!
//! A map that an alias stands for, or that a merge key brings, is refused: to write into it would
//! change what others share.

use crate::edit::new_value::NewValue;
use crate::edit::output::Output;
use crate::edit::place::{Change, plan};
use crate::error::ManifestError;
use crate::read::fingerprint::{Fingerprint, Sum, hash_event};
use crate::read::resource::{self, AnnotationRules};
use crate::read::split::readable;
use crate::read::tree::Tree;
use manifill_yaml::Events;
use std::collections::HashSet;

/// A value for an entry of a map of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry<'e> {
    /// The object, by its number in [`Document::resources`](crate::Document::resources).
    pub object: usize,
    /// The keys that lead from the object to the map; maps that are missing are made.
    pub path: &'e [&'e str],
    /// The key.
    pub key: &'e str,
    /// The value.
    pub value: NewValue<'e>,
}

impl<'e> NewEntry<'e> {
    /// The keys that lead to the entry, its own behind the others.
    fn keys(&self) -> Vec<&'e str> {
        self.path.iter().copied().chain([self.key]).collect()
    }
}

/// Sets entries of the objects of the document `text`, and returns its new text.
///
/// Nothing else changes, and the result is parsed again and compared with what was intended.
///
/// ```
/// use manifill_manifest::{NewEntry, NewValue, set_entries};
///
/// let value = NewValue::Text("true");
/// let entry = NewEntry { object: 0, path: &["metadata", "annotations"], key: "a/b", value };
/// let source = "kind: A\nmetadata: # mine\n    name: x\n";
/// assert_eq!(
///     set_entries(source, &[entry])?,
///     "kind: A\nmetadata: # mine\n    annotations:\n        a/b: \"true\"\n    name: x\n"
/// );
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
///
/// # Errors
///
/// A text that is not YAML; [`AliasedAnchor`](crate::ManifestErrorKind::AliasedAnchor) for a map that others share,
/// [`Type`](crate::ManifestErrorKind::Type) for something on the way that is not a map, or an entry that is not
/// text where a text is to be set; [`Internal`](crate::ManifestErrorKind::Internal) for an object that does not exist and if the result does not
/// read back.
pub fn set_entries(text: &str, entries: &[NewEntry<'_>]) -> Result<String, ManifestError> {
    let readable = readable(text);
    let tree = Tree::parse_readable(&readable, text.len())?;
    let objects = resource::read_any(&tree, 0, &AnnotationRules::default())?;
    let (mut changes, mut later) = (Vec::new(), Vec::new());
    let mut made = HashSet::new();
    for entry in entries {
        let mut ranges = objects.ranges.iter();
        let object = ranges.find(|(_, number)| *number == entry.object);
        let (nodes, _) =
            object.ok_or_else(|| ManifestError::internal("there is no such object", 0))?;
        match plan(text, &tree, nodes.start, &entry.keys(), entry.value)? {
            // What another entry makes is there when it is written.
            Some(change) if !made.insert(change.target()) => later.push(entry.clone()),
            change => changes.extend(change),
        }
    }
    changes.sort_by_key(|change| change.event);
    let written = write(text, &readable, &changes)?;
    if later.is_empty() {
        return Ok(written);
    }
    set_entries(&written, &later)
}

fn write(text: &str, readable: &str, changes: &[Change]) -> Result<String, ManifestError> {
    let mut out = Output {
        source: text,
        text: String::with_capacity(text.len() + 64 * changes.len()),
        copied: 0,
    };
    for change in changes {
        out.splice(&change.splice)?;
    }
    out.copy(text.len())?;
    let mut expected = Sum::default();
    let mut events = Events::new(readable);
    let mut changes = changes.iter().peekable();
    let (mut position, mut skip) = (0, 0);
    while let Some(event) = events.next()? {
        while let Some(change) = changes.next_if(|change| change.event == position) {
            change.hashes.iter().for_each(|hash| expected.push(*hash));
            skip += change.replaced;
        }
        if skip == 0 {
            expected.push(hash_event(&event, readable));
        } else {
            skip -= 1;
        }
        position += 1;
    }
    match Fingerprint::of(&out.text) {
        Ok(read) if read == expected.finish() => Ok(out.text),
        _ => Err(ManifestError::internal(
            "the new entry did not read back; nothing was written",
            0,
        )),
    }
}
