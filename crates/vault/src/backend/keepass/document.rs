//! The groups and entries of a database, from its XML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::element::Element;
use super::inner::Hider;
use super::markup::{Markup, Step, attribute};
use super::path::Id;
use super::unopened::Unopened;
use crate::SecretValue;

/// More groups, entries, fields and files of entries than this, all together, are not those of a
/// database of passwords (rule R11): each takes many times the memory of what it is written with.
const MOST_PARTS: usize = 1_000_000;

/// What a database holds, as it stands there.
#[derive(Default)]
pub(super) struct Document {
    /// The first of them holds all others.
    pub(super) groups: Vec<Group>,
    pub(super) entries: Vec<Entry>,
    /// The group of what was deleted.
    pub(super) bin: Option<Id>,
}

#[derive(Default)]
pub(super) struct Group {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) parent: Option<usize>,
}

#[derive(Default)]
pub(super) struct Entry {
    pub(super) id: Id,
    /// Its group, by its place in the list.
    pub(super) group: usize,
    pub(super) fields: Vec<(String, SecretValue)>,
    /// Names of attached files, with their numbers.
    pub(super) files: Vec<(String, usize)>,
}

impl Entry {
    /// How people call it.
    pub(super) fn title(&self) -> &str {
        let field = self.fields.iter().find(|(name, _)| name == "Title");
        let text = field.and_then(|(_, value)| value.expose().as_text());
        text.unwrap_or_default()
    }

    /// How many parts it counts for.
    fn parts(&self) -> usize {
        1 + self.fields.len() + self.files.len()
    }

    /// The names of its fields and files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().map(|(name, _)| name.as_str());
        fields.chain(self.files.iter().map(|(name, _)| name.as_str()))
    }
}

impl Document {
    /// Reads the XML.
    ///
    /// # Errors
    /// [`Unopened::Damaged`] if it is malformed, [`Unopened::TooLarge`] if it holds too much.
    pub(super) fn read(text: &[u8], hider: Hider) -> Result<Self, Unopened> {
        Document::read_parts(text, hider, MOST_PARTS)
    }

    /// The same with at most so many parts.
    pub(super) fn read_parts(text: &[u8], hider: Hider, most: usize) -> Result<Self, Unopened> {
        let mut markup = Markup::new(text).ok_or(Unopened::Damaged)?;
        let mut reader = DocumentReader {
            hider,
            found: Document::default(),
            left: most,
            open: Vec::new(),
            group: None,
            entries: Vec::new(),
            key: String::new(),
            value: None,
            file: None,
        };
        while let Some(step) = markup.next()? {
            match step {
                Step::Open(element) => {
                    // KeePass writes `True`; KeePassXC takes the others for it, too.
                    let is_hidden = attribute(&element, "Protected")
                        .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
                    let kind = Element::called(element.name().as_ref());
                    if kind == Element::Value {
                        reader.file = attribute(&element, "Ref");
                    }
                    reader.begin(kind, is_hidden)?;
                }
                Step::Close(text) => reader.end(text)?,
            }
        }
        Ok(reader.found)
    }
}

struct DocumentReader {
    hider: Hider,
    found: Document,
    /// How many more parts there may be.
    left: usize,
    /// The elements that are open, and whether their text is hidden.
    open: Vec<(Element, bool)>,
    /// The group that is open.
    group: Option<usize>,
    /// The entries that are open: one within its own history is an earlier version of it.
    entries: Vec<Entry>,
    /// The parts of a field.
    key: String,
    value: Option<SecretValue>,
    file: Option<String>,
}

impl DocumentReader {
    fn begin(&mut self, element: Element, is_hidden: bool) -> Result<(), Unopened> {
        if element.is_part() {
            self.left = self.left.checked_sub(1).ok_or(Unopened::TooLarge)?;
        }
        match element {
            Element::Group => {
                self.found.groups.push(Group {
                    parent: self.group,
                    ..Group::default()
                });
                self.group = Some(self.found.groups.len() - 1);
            }
            Element::Entry => self.entries.push(Entry {
                group: self.group.unwrap_or_default(),
                ..Entry::default()
            }),
            Element::Field | Element::File => {
                self.key.clear();
                self.value = None;
                self.file = None;
            }
            _ => {}
        }
        self.open.push((element, is_hidden));
        Ok(())
    }

    fn end(&mut self, text: Zeroizing<Vec<u8>>) -> Result<(), Unopened> {
        let Some((element, is_hidden)) = self.open.pop() else {
            return Err(Unopened::Damaged);
        };
        // Every hidden value moves the stream, whether it matters or not.
        let text = if is_hidden { self.shown(&text)? } else { text };
        let parent = self.open.last().map(|(parent, _)| *parent);
        match (parent, element) {
            (Some(Element::Meta), Element::RecycleBin) => {
                // Zeros say that there is none.
                self.found.bin = Some(id(&text)?).filter(|bin| *bin != Id::default());
            }
            (Some(Element::Group), Element::Id) => self.open_group()?.id = id(&text)?,
            (Some(Element::Group), Element::Name) => self.open_group()?.name = words(&text)?,
            (Some(Element::Entry), Element::Id) => self.entry()?.id = id(&text)?,
            (Some(Element::Field | Element::File), Element::Key) => self.key = words(&text)?,
            (Some(Element::Field | Element::File), Element::Value) => {
                self.value = Some(SecretValue::text(words(&text)?));
            }
            (Some(Element::Entry), Element::Field) => {
                let (key, value) = (std::mem::take(&mut self.key), self.value.take());
                let value = value.unwrap_or_else(|| SecretValue::text(""));
                self.entry()?.fields.push((key, value));
            }
            (Some(Element::Entry), Element::File) => {
                let number = self.file.take().and_then(|number| number.parse().ok());
                let file = (
                    std::mem::take(&mut self.key),
                    number.ok_or(Unopened::Damaged)?,
                );
                self.entry()?.files.push(file);
            }
            (_, Element::Group) => {
                let group = self.open_group()?.parent;
                self.group = group;
            }
            (parent, Element::Entry) => {
                let entry = self.entries.pop().ok_or(Unopened::Damaged)?;
                if parent == Some(Element::Group) {
                    self.found.entries.push(entry);
                } else {
                    // An earlier version, which is not kept.
                    self.left += entry.parts();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn open_group(&mut self) -> Result<&mut Group, Unopened> {
        let group = self
            .group
            .and_then(|group| self.found.groups.get_mut(group));
        group.ok_or(Unopened::Damaged)
    }

    fn entry(&mut self) -> Result<&mut Entry, Unopened> {
        self.entries.last_mut().ok_or(Unopened::Damaged)
    }

    fn shown(&mut self, text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let mut value = Zeroizing::new(decoded(text)?);
        self.hider.apply(&mut value)?;
        Ok(value)
    }
}

fn decoded(text: &[u8]) -> Result<Vec<u8>, Unopened> {
    STANDARD
        .decode(text.trim_ascii())
        .map_err(|_| Unopened::Damaged)
}

/// An id; nothing at all is that of nothing, as zeros are.
fn id(text: &[u8]) -> Result<Id, Unopened> {
    let bytes = decoded(text)?;
    if bytes.is_empty() {
        return Ok(Id::default());
    }
    bytes.try_into().map(Id).map_err(|_| Unopened::Damaged)
}

fn words(text: &[u8]) -> Result<String, Unopened> {
    let text = std::str::from_utf8(text).map_err(|_| Unopened::Damaged)?;
    Ok(text.to_owned())
}
