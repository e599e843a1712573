//! Properties files, as `java.util.Properties` reads them. Some programs read them as Latin-1 and
//! others as UTF-8, so what is written is ASCII, with `\u` and four digits for everything else.

use std::fmt::Write as _;

use manifill_manifest::{Span, TextEdits};
use manifill_placeholder::OPENERS;

use super::decoded::{Decoded, unicode};
use super::opener::opener_in;
use super::slot::{Expected, Refused, Slot, Style};
use super::unreadable::Unreadable;

/// An entry: its key, and its value with the bytes it takes.
struct Entry {
    start: usize,
    key: Decoded,
    value: Decoded,
    span: Span,
}

/// The values that `keep` keeps.
pub(super) fn read(source: &str, keep: &dyn Fn(&str) -> bool) -> Result<Vec<Slot>, Unreadable> {
    let mut slots = Vec::new();
    for entry in entries(source) {
        // The `:` of an opener ends a key.
        let begins = OPENERS.iter().any(|opener| {
            let scheme = opener.split(':').next().unwrap_or_default();
            let before = entry.key.text.strip_suffix(scheme);
            before.is_some_and(|before| before.ends_with('<'))
        });
        if begins || opener_in(&entry.key.text).is_some() {
            return Err(Unreadable::key(entry.start));
        }
        if keep(&entry.value.text) {
            slots.push(Slot {
                span: entry.span,
                field: entry.key.text,
                decoded: entry.value,
                style: Style::Property,
            });
        }
    }
    Ok(slots)
}

fn entries(source: &str) -> Vec<Entry> {
    let mark = '\u{feff}';
    let at = if source.starts_with(mark) {
        mark.len_utf8()
    } else {
        0
    };
    let mut reader = Reader { source, at };
    let mut entries = Vec::new();
    while reader.at < source.len() {
        reader.skip(is_space);
        match reader.byte() {
            Some(b'#' | b'!') => reader.skip(|byte| !is_break(byte)),
            Some(byte) if !is_break(byte) => entries.push(reader.entry()),
            _ => {}
        }
        reader.line_break();
    }
    entries
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, what: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&what) {
            self.at += 1;
        }
    }

    fn line_break(&mut self) {
        if self.byte() == Some(b'\r') {
            self.at += 1;
        }
        if self.byte() == Some(b'\n') {
            self.at += 1;
        }
    }

    /// Goes on in the next line if a backslash ends this one.
    fn join(&mut self) {
        while self.byte() == Some(b'\\') {
            match self.source.as_bytes().get(self.at + 1) {
                Some(byte) if !is_break(*byte) => return,
                _ => self.at += 1,
            }
            self.line_break();
            self.skip(is_space);
        }
    }

    /// Skips spaces, over the ends of lines that go on.
    fn spaces(&mut self) {
        self.join();
        while self.byte().is_some_and(is_space) {
            self.at += 1;
            self.join();
        }
    }

    fn entry(&mut self) -> Entry {
        let start = self.at;
        let key = self.text(|byte| is_space(byte) || matches!(byte, b'=' | b':'));
        self.spaces();
        if matches!(self.byte(), Some(b'=' | b':')) {
            self.at += 1;
            self.spaces();
        }
        let from = self.at;
        let value = self.text(|_| false);
        Entry {
            start,
            key,
            value,
            span: from..self.at,
        }
    }

    /// What stands here until one of these bytes without an escape, or the end of the line.
    fn text(&mut self, ends: impl Fn(u8) -> bool) -> Decoded {
        let mut text = Decoded::default();
        loop {
            self.join();
            let start = self.at;
            match self.byte() {
                None => return text,
                Some(byte) if is_break(byte) || ends(byte) => return text,
                Some(b'\\') => {
                    let (c, length) = escape(&self.source[start + 1..]);
                    self.at += 1 + length;
                    text.escape(c, start..self.at);
                }
                Some(_) => {
                    let c = self.source[start..].chars().next();
                    self.at += c.map_or(1, char::len_utf8);
                    text.same(self.source, start..self.at);
                }
            }
        }
    }
}

/// What stands behind a backslash, and its length. A `\u` without digits, which Java refuses, is not
/// ours to mend.
fn escape(rest: &str) -> (char, usize) {
    let c = rest.chars().next().unwrap_or('\\');
    match c {
        'n' => ('\n', 1),
        't' => ('\t', 1),
        'r' => ('\r', 1),
        'f' => ('\u{c}', 1),
        'u' => match unicode(&rest[1..]) {
            Some((c, digits)) => (c, 1 + digits),
            None => ('u', 1),
        },
        c => (c, c.len_utf8()),
    }
}

/// What is written in the place of a value.
pub(super) fn write(slot: &Slot, source: &str, fills: &TextEdits) -> Result<String, Refused> {
    let before = source[..slot.span.start].trim_end_matches([' ', '\t', '\u{c}']);
    // Behind a key and spaces alone, these would be what separates it from its value. The key may end
    // in one of them itself, behind a backslash.
    let key = before.strip_suffix(['=', ':']);
    let separates = key.is_none_or(ends_in_escape);
    slot.in_place(source, fills, |out, text| {
        let is_first = out.is_empty();
        push(out, text, is_first && separates);
    })
}

/// Whether the next byte is escaped: of two backslashes one is escaped itself.
fn ends_in_escape(text: &str) -> bool {
    let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\');
    backslashes.count() % 2 == 1
}

/// Appends a value: what would be skipped, or is not ASCII, as an escape.
fn push(out: &mut String, text: &str, separates: bool) {
    let last = text.chars().count();
    for (at, c) in text.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            ' ' if at == 0 || at + 1 == last => out.push_str("\\ "),
            '=' | ':' if at == 0 && separates => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
}

/// Whether the new text is the source with these values.
pub(super) fn reads_back(source: &str, expected: &[(&Slot, Expected)], new: &str) -> bool {
    let mut expected = expected.iter().peekable();
    let (before, after) = (entries(source), entries(new));
    before.len() == after.len()
        && before.iter().zip(&after).all(|(before, after)| {
            let new = expected.next_if(|(slot, _)| slot.span == before.span);
            let value = match new {
                Some((_, Expected::Text(text))) => text,
                Some((_, Expected::Json(_))) => return false,
                None => &before.value.text,
            };
            before.key.text == after.key.text && *value == after.value.text
        })
        && expected.next().is_none()
}
