//! YAML read into values with types.

use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::split::{is_blank, split};
use crate::read::tree::{Data, TOO_MANY_VALUES, Tree};
use crate::value::resolve::{number, resolve};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use manifill_yaml::{Style, Tag};
use std::collections::HashMap;

use crate::value::types::Value;

/// How deep values may be nested once aliases stand for what they mean.
const DEPTH: usize = 512;

/// What a value weighs beside its text.
const VALUE: usize = 32;

/// Reads all documents of a source; blank ones are [`Value::Null`].
///
/// Types are those of Go's yaml.v2, on which Kubernetes and AVP build: anchors, aliases and merge
/// keys are expanded, of a key that a map has twice the last one counts, `!!binary` is decoded,
/// dates stay text. Keys stay as written, where AVP turns `y:` into `true:`.
///
/// ```
/// use manifill_manifest::{Value, read};
/// let value = Value::Map(vec![("a".into(), Value::Bool(true))]);
/// assert_eq!(read("a: yes\n---\n# nothing\n")?, [value, Value::Null]);
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
///
/// # Errors
///
/// Text that is not YAML, values that JSON cannot hold (`.inf`, maps as keys), tags that do not
/// fit, and aliases that multiply the document.
pub fn read(source: &str) -> Result<Vec<Value>, ManifestError> {
    split(source)
        .into_iter()
        .map(|span| {
            let base = span.start;
            read_document(&source[span]).map_err(|error| error.shifted(base))
        })
        .collect()
}

/// Reads all documents of a source as [`read`] does, whose values may weigh so much together: 32 for
/// each, 64 for a list or a map, and the bytes of texts. Aliases weigh what they stand for. What is
/// read takes a few times as much memory, whoever wrote it.
///
/// ```
/// use manifill_manifest::{read, read_within};
/// assert_eq!(read_within("a: [1, 2]\n", 1 << 10)?, read("a: [1, 2]\n")?);
/// assert!(read_within(&"[1, 2]\n---\n".repeat(100), 1 << 10).is_err());
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
///
/// # Errors
///
/// As [`read`], and more values than that.
pub fn read_within(source: &str, most: usize) -> Result<Vec<Value>, ManifestError> {
    let mut left = most;
    split(source)
        .into_iter()
        .map(|span| {
            let base = span.start;
            let read = read_document_within(&source[span], &mut left);
            read.map_err(|error| error.shifted(base))
        })
        .collect()
}

/// Reads the first document of a text, [`Value::Null`] if there is none.
///
/// # Errors
///
/// As [`read`].
pub fn read_one(text: &str) -> Result<Value, ManifestError> {
    match split(text).into_iter().next() {
        Some(span) => read_document(&text[span]),
        None => Ok(Value::Null),
    }
}

/// Reads the first document of a text as [`read_one`] does, whose values may weigh so much together, as
/// for [`read_within`].
///
/// # Errors
///
/// As [`read_within`].
pub fn read_one_within(text: &str, most: usize) -> Result<Value, ManifestError> {
    match split(text).into_iter().next() {
        Some(span) => read_document_within(&text[span], &mut { most }),
        None => Ok(Value::Null),
    }
}

/// Reads a document whose values may weigh what is left, and takes away what they do.
fn read_document_within(text: &str, left: &mut usize) -> Result<Value, ManifestError> {
    *left = left.saturating_sub(VALUE);
    let value = if is_blank(text) {
        Value::Null
    } else {
        let tree = Tree::parse_within(text, *left / VALUE)?;
        let mut reader = ValueReader {
            tree: &tree,
            budget: *left,
            told: TOO_MANY_VALUES,
        };
        let value = reader.value(0, 0)?;
        *left = reader.budget;
        value
    };
    if *left == 0 {
        let kind = ManifestErrorKind::Limit;
        return Err(ManifestError::new(kind, TOO_MANY_VALUES, 0));
    }
    Ok(value)
}

fn read_document(text: &str) -> Result<Value, ManifestError> {
    if is_blank(text) {
        return Ok(Value::Null);
    }
    let tree = Tree::parse(text)?;
    ValueReader::new(&tree, text).value(0, 0)
}

pub(crate) struct ValueReader<'a> {
    tree: &'a Tree<'a>,
    budget: usize,
    /// What is said if that is not enough.
    told: &'static str,
}

impl<'a> ValueReader<'a> {
    pub(crate) fn new(tree: &'a Tree<'a>, text: &str) -> Self {
        ValueReader {
            tree,
            // Enough for any honest use of aliases, too little to fill the memory.
            budget: 10 * text.len() + (16 << 20),
            told: "document contains excessive aliasing",
        }
    }

    pub(crate) fn value(&mut self, node: u32, depth: usize) -> Result<Value, ManifestError> {
        let at = self.tree.real(node);
        let node = self.tree.nodes.get(at as usize);
        let (Some(node), Some(data)) = (node, self.tree.data(at)) else {
            return Ok(Value::Null);
        };
        let offset = node.span().start;
        let cost = match data {
            Data::Scalar(text, _) => VALUE + text.len(),
            _ => 2 * VALUE,
        };
        self.budget = self.budget.saturating_sub(cost);
        if self.budget == 0 || depth > DEPTH {
            return Err(ManifestError::new(
                ManifestErrorKind::Limit,
                self.told,
                offset,
            ));
        }
        match data {
            Data::Scalar(text, style) => scalar(text, style, node.tag, offset),
            Data::List => {
                let tree = self.tree;
                let items: Result<_, _> = tree
                    .children(at)
                    .map(|item| self.value(item, depth + 1))
                    .collect();
                Ok(Value::List(items?))
            }
            Data::Map => self.map(at, depth),
            // What an alias stands for is never an alias.
            Data::Alias(_) => Ok(Value::Null),
        }
    }

    fn map(&mut self, map: u32, depth: usize) -> Result<Value, ManifestError> {
        let tree = self.tree;
        let mut pairs = Vec::new();
        tree.entries(map, &mut |key, value| pairs.push((key, value)))?;
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (key, value) in pairs {
            let Some(name) = tree.text(key) else {
                let offset = tree.nodes[key as usize].span().start;
                return Err(ManifestError::new(
                    ManifestErrorKind::Type,
                    "a list or map is used as a key",
                    offset,
                ));
            };
            let value = self.value(value, depth + 1)?;
            match places.get(name) {
                Some(&place) => entries[place].1 = value,
                None => {
                    places.insert(name, entries.len());
                    entries.push((name.to_owned(), value));
                }
            }
        }
        Ok(Value::Map(entries))
    }
}

fn scalar(text: &str, style: Style, tag: Tag, offset: usize) -> Result<Value, ManifestError> {
    let bad = |message| ManifestError::new(ManifestErrorKind::Type, message, offset);
    let infinite = || bad("infinity and not-a-number have no form in JSON");
    let found = match tag {
        Tag::None if style != Style::Plain => Value::Text(text.to_owned()),
        Tag::Str | Tag::Timestamp | Tag::List | Tag::Map | Tag::Bare | Tag::Rare | Tag::Other => {
            Value::Text(text.to_owned())
        }
        Tag::Binary => Value::Text(
            binary(text).ok_or_else(|| bad("this `!!binary` value is not base64 of UTF-8 text"))?,
        ),
        Tag::Float => match number(text) {
            Some(number) => Value::Number(number),
            None => resolve(text).ok_or_else(infinite)?,
        },
        _ => resolve(text).ok_or_else(infinite)?,
    };
    let fits = match tag {
        Tag::Int => matches!(&found, Value::Number(text) if !text.contains(['.', 'e'])),
        Tag::Float => matches!(found, Value::Number(_)),
        Tag::Bool => matches!(found, Value::Bool(_)),
        Tag::Null => matches!(found, Value::Null),
        _ => true,
    };
    if fits {
        Ok(found)
    } else {
        Err(bad("the value does not fit its tag"))
    }
}

fn binary(text: &str) -> Option<String> {
    let engine = GeneralPurpose::new(&STANDARD, PAD);
    let digits: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    String::from_utf8(engine.decode(digits).ok()?).ok()
}
