//! Fields by their names, and where they stand.

use std::fmt;

use crate::Span;
use crate::error::ManifestError;
use crate::read::path::{push_item, push_key};
use crate::read::split::readable;
use crate::read::tree::{Data, Tree};

/// The way from a document to one of its fields.
///
/// It is shown as messages show it:
///
/// ```
/// use manifill_manifest::FieldPath;
///
/// let path = FieldPath::new().key("data").key("tls.key").item(2);
/// assert_eq!(path.to_string(), "data[\"tls.key\"][2]");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use]
pub struct FieldPath {
    steps: Vec<FieldStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum FieldStep {
    Key(String),
    Item(usize),
}

impl FieldPath {
    /// The document itself.
    pub fn new() -> Self {
        FieldPath::default()
    }

    /// Into the value of a key.
    pub fn key(mut self, name: impl Into<String>) -> Self {
        self.steps.push(FieldStep::Key(name.into()));
        self
    }

    /// Into an item of a list, from 0.
    pub fn item(mut self, number: usize) -> Self {
        self.steps.push(FieldStep::Item(number));
        self
    }

    /// The way on to a field of this field.
    pub fn join(mut self, inner: &FieldPath) -> Self {
        self.steps.extend_from_slice(&inner.steps);
        self
    }

    /// Where the field stands in the document at `span` of `source`, or the last one on the way to it
    /// that is there. What an alias stands for is looked for where its anchor is.
    ///
    /// ```
    /// use manifill_manifest::FieldPath;
    ///
    /// let source = "kind: A\nenv:\n  - name: a\n";
    /// let path = FieldPath::new().key("env").item(0).key("name");
    /// assert_eq!(&source[path.find(source, 0..source.len())?], "a");
    /// let path = FieldPath::new().key("kind").key("x");
    /// assert_eq!(&source[path.find(source, 0..source.len())?], "A");
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is not YAML.
    pub fn find(&self, source: &str, span: Span) -> Result<Span, ManifestError> {
        let text = source.get(span.clone()).unwrap_or_default();
        let readable = readable(text);
        let tree = Tree::parse_readable(&readable, text.len())?;
        let (mut at, mut shown) = (0, 0);
        for step in &self.steps {
            let next = match step {
                FieldStep::Key(name) => entry(&tree, at, name)?,
                FieldStep::Item(number) => match tree.data(at) {
                    Some(Data::List) => tree.children(at).nth(*number),
                    _ => None,
                },
            };
            let Some(next) = next else { break };
            // An alias is shown where it stands, and looked into where its anchor is.
            (at, shown) = (tree.real(next), next);
        }
        let found = tree.nodes.get(shown as usize).map(|node| node.span());
        let found = found.unwrap_or(0..0);
        Ok(span.start + found.start..span.start + found.end)
    }
}

/// The value of a key of a map as it stands; the last one counts.
fn entry(tree: &Tree<'_>, map: u32, name: &str) -> Result<Option<u32>, ManifestError> {
    let mut found = None;
    tree.entries(map, &mut |key, value| {
        if tree.text(key) == Some(name) {
            found = Some(value);
        }
    })?;
    Ok(found)
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for step in &self.steps {
            match step {
                FieldStep::Key(name) => push_key(&mut out, name),
                FieldStep::Item(number) => push_item(&mut out, *number),
            }
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'s>(source: &'s str, path: &FieldPath) -> &'s str {
        &source[path.find(source, 0..source.len()).unwrap()]
    }

    #[test]
    fn a_field_is_found_through_aliases_and_merge_keys() {
        let source = "kind: A\na: &a {x: [1, two]}\nb: *a\nc:\n  <<: *a\n";
        for top in ["a", "b", "c"] {
            let path = FieldPath::new().key(top).key("x").item(1);
            assert_eq!(found(source, &path), "two", "{top}");
        }
        assert_eq!(found(source, &FieldPath::new().key("b")), "*a");
    }

    #[test]
    fn what_is_not_there_is_found_where_the_way_ends() {
        let source = "--- # x\nkind: A\nlist: [a]\n";
        let list = FieldPath::new().key("list");
        assert_eq!(found(source, &list.clone().item(7)), "[a]");
        assert_eq!(found(source, &list.item(0).key("x")), "a");
        assert!(found(source, &FieldPath::new().key("no")).starts_with("kind"));
    }

    #[test]
    fn a_document_of_several_is_looked_at_in_its_own_place() {
        let source = "kind: A\n---\nkind: B\n";
        let path = FieldPath::new().key("kind");
        let span = path.find(source, 8..source.len()).unwrap();
        assert_eq!((span.start, &source[span]), (18, "B"));
    }
}
