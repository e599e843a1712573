//! XML as KeePass writes it: elements that hold either text or others.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zeroize::Zeroizing;

use super::unopened::Unopened;
use crate::files;

/// Elements within elements, at most; KeePass itself allows fewer groups in groups.
const DEEPEST: usize = 256;

/// An element begins or ends.
pub(super) enum Step<'x> {
    Open(BytesStart<'x>),
    /// The end, with the text since the last beginning or end.
    Close(Zeroizing<Vec<u8>>),
}

/// A text of XML, step by step. What it has read is wiped.
pub(super) struct Markup<'x> {
    reader: Reader<&'x [u8]>,
    depth: usize,
    text: Zeroizing<Vec<u8>>,
}

impl<'x> Markup<'x> {
    /// `None` if it is not UTF-8 text.
    pub(super) fn new(text: &'x [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        Some(Markup {
            reader,
            depth: 0,
            text: Zeroizing::default(),
        })
    }

    /// The next step; `None` at the end of the text.
    ///
    /// # Errors
    /// If it is malformed, or refers to anything that KeePass never refers to.
    pub(super) fn next(&mut self) -> Result<Option<Step<'x>>, Unopened> {
        loop {
            match self.reader.read_event().map_err(|_| Unopened::Damaged)? {
                Event::Start(element) => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(Unopened::Damaged);
                    }
                    self.text = Zeroizing::default();
                    return Ok(Some(Step::Open(element)));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Step::Close(std::mem::take(&mut self.text))));
                }
                Event::Text(text) => self.push(text.xml10_content())?,
                Event::CData(text) => self.push(text.xml10_content())?,
                Event::GeneralRef(name) => {
                    if let Some(letter) = name.resolve_char_ref().map_err(|_| Unopened::Damaged)? {
                        let mut buffer = Zeroizing::new([0; 4]);
                        let letter = letter.encode_utf8(&mut *buffer);
                        files::push(&mut self.text, letter.as_bytes());
                    } else {
                        let name = name.decode().map_err(|_| Unopened::Damaged)?;
                        let text = resolve_predefined_entity(&name).ok_or(Unopened::Damaged)?;
                        files::push(&mut self.text, text.as_bytes());
                    }
                }
                Event::DocType(_) => return Err(Unopened::Damaged),
                Event::Eof if self.depth > 0 => return Err(Unopened::Damaged),
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn push<E>(&mut self, text: Result<Cow<'_, str>, E>) -> Result<(), Unopened> {
        match text.map_err(|_| Unopened::Damaged)? {
            Cow::Borrowed(text) => files::push(&mut self.text, text.as_bytes()),
            Cow::Owned(text) => files::push(&mut self.text, Zeroizing::new(text).as_bytes()),
        }
        Ok(())
    }
}

/// The value of an attribute, which KeePass never needs to escape.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    String::from_utf8(attribute.value.into_owned()).ok()
}
