//! From bytes of a decoded value to bytes of the source.

use crate::chars::line_break;
use crate::read::block::Block;
use crate::read::scalar::Scalar;
use manifill_yaml::Style;
use std::iter::Peekable;

/// Bytes of the source that stand for bytes of the value one by one, or an escape.
#[derive(Clone, Copy, Default)]
struct ByteRun {
    decoded: usize,
    written: usize,
    length: usize,
}

impl ByteRun {
    fn place(self, offset: usize) -> usize {
        self.written + offset.saturating_sub(self.decoded).min(self.length)
    }
}

/// Finds ascending offsets in runs that come one behind the other. A text can have very many of
/// both, so the runs are not kept, and the positions are counted from the start of the scalar.
struct Finder<I: Iterator<Item = usize>> {
    offsets: Peekable<I>,
    start: usize,
    found: Vec<u32>,
    run: ByteRun,
}

impl<I: Iterator<Item = usize>> Finder<I> {
    fn new(offsets: I, count: usize, start: usize) -> Self {
        Self {
            offsets: offsets.peekable(),
            start,
            found: Vec::with_capacity(count),
            run: ByteRun::default(),
        }
    }

    /// The next run; the first one begins at 0.
    fn pass(&mut self, next: ByteRun) {
        while let Some(offset) = self.offsets.next_if(|&offset| offset < next.decoded) {
            self.push(offset);
        }
        self.run = next;
    }

    fn push(&mut self, offset: usize) {
        let place = self.run.place(offset).saturating_sub(self.start);
        self.found.push(place as u32);
    }

    /// How much of the value the runs stand for.
    fn total(&self) -> usize {
        self.run.decoded + self.run.length
    }

    fn finish(mut self) -> Vec<u32> {
        while let Some(offset) = self.offsets.next() {
            self.push(offset);
        }
        self.found
    }
}

/// The positions of `count` ascending decoded offsets, counted from the start of the scalar, if the way
/// from one to the other is exact: plain and quoted text on one line, and literal blocks.
pub(crate) fn exact(
    source: &str,
    scalar: &Scalar<'_>,
    offsets: impl Iterator<Item = usize>,
    count: usize,
) -> Option<Vec<u32>> {
    let span = &scalar.span;
    let text = source.get(span.clone())?;
    let mut finder = Finder::new(offsets, count, span.start);
    match scalar.style {
        Style::Literal => literal(source, scalar, &mut finder)?,
        Style::Folded if is_plainly_folded(source, scalar) => literal(source, scalar, &mut finder)?,
        Style::Folded => return None,
        _ if text.contains(['\n', '\r']) => return None,
        Style::Plain => finder.pass(ByteRun {
            decoded: 0,
            written: span.start,
            length: text.len(),
        }),
        Style::SingleQuoted => quoted(text, span.start, single_escape, &mut finder)?,
        Style::DoubleQuoted => quoted(text, span.start, double_escape, &mut finder)?,
    }
    let fits = match scalar.style {
        Style::Literal | Style::Folded => finder.total() >= scalar.value.len(),
        _ => finder.total() == scalar.value.len(),
    };
    fits.then(|| finder.finish())
}

/// The positions of ascending decoded offsets in the source, as exact as the style allows.
///
/// Where lines are folded, the characters that are not white space are the same in source and
/// value, so they are counted.
pub(crate) fn locate(source: &str, scalar: &Scalar<'_>, offsets: &[usize]) -> Vec<usize> {
    let span = &scalar.span;
    if let Some(found) = exact(source, scalar, offsets.iter().copied(), offsets.len()) {
        let place = |at: u32| span.start + at as usize;
        return found.into_iter().map(place).collect();
    }
    let start = match scalar.style {
        Style::Plain => span.start,
        Style::Folded | Style::Literal => Block::read(source, span).body,
        _ => span.start + 1,
    };
    let escape = match scalar.style {
        Style::SingleQuoted => single_escape,
        Style::DoubleQuoted => double_escape,
        _ => no_escape,
    };
    let text = source.get(start..span.end).unwrap_or_default();
    let mut at = 0;
    let mut seen = 0;
    let mut written = start;
    let mut found = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        let more = scalar.value.get(seen..offset).unwrap_or_default();
        seen = offset.max(seen);
        let mut wanted = more.chars().filter(|c| !c.is_whitespace()).count();
        while at < text.len() {
            let (length, c) = next_character(&text[at..], escape);
            if c.is_some_and(|c| !c.is_whitespace()) {
                written = start + at;
                if wanted == 0 {
                    break;
                }
                wanted -= 1;
            }
            at += length;
        }
        found.push(written);
    }
    found
}

/// Length and meaning of an escape at the start of a text; `None` if there is none.
type Escape = fn(&str) -> Option<(usize, Option<char>)>;

fn no_escape(_: &str) -> Option<(usize, Option<char>)> {
    None
}

fn next_character(text: &str, escape: Escape) -> (usize, Option<char>) {
    escape(text).unwrap_or_else(|| {
        let c = text.chars().next();
        (c.map_or(1, char::len_utf8), c)
    })
}

fn single_escape(text: &str) -> Option<(usize, Option<char>)> {
    text.starts_with("''").then_some((2, Some('\'')))
}

fn double_escape(text: &str) -> Option<(usize, Option<char>)> {
    let rest = text.strip_prefix('\\')?;
    let code = |digits: usize| u32::from_str_radix(rest.get(1..1 + digits)?, 16).ok();
    let c = match rest.bytes().next()? {
        b'n' => '\n',
        b't' | b'\t' => '\t',
        b'r' => '\r',
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b'e' => '\u{1b}',
        b'f' => '\u{c}',
        b'v' => '\u{b}',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return Some((4, char::from_u32(code(2)?))),
        b'U' => return Some((10, char::from_u32(code(8)?))),
        b'u' => {
            let high = code(4)?;
            if !(0xd800..0xdc00).contains(&high) {
                return Some((6, char::from_u32(high)));
            }
            let low = u32::from_str_radix(rest.get(7..11)?, 16).ok()?;
            let low = low.checked_sub(0xdc00)?;
            let c = char::from_u32(0x10000 + ((high - 0xd800) << 10) + low);
            return Some((12, c));
        }
        b'\n' | b'\r' => return Some((1 + line_break(rest.as_bytes()), None)),
        _ => rest.chars().next()?,
    };
    Some((1 + c_len(rest), Some(c)))
}

fn c_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The runs of quoted text on one line.
fn quoted(
    text: &str,
    start: usize,
    escape: Escape,
    runs: &mut Finder<impl Iterator<Item = usize>>,
) -> Option<()> {
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let mark = text.chars().next()?;
    let mark = if mark == '"' { '\\' } else { mark };
    let (mut decoded, mut at) = (0, 0);
    while at < inner.len() {
        let length = inner[at..].find(mark).unwrap_or(inner.len() - at);
        if length > 0 {
            runs.pass(ByteRun {
                decoded,
                written: start + 1 + at,
                length,
            });
            decoded += length;
            at += length;
            continue;
        }
        let (length, c) = escape(&inner[at..])?;
        let width = c?.len_utf8();
        runs.pass(ByteRun {
            decoded,
            written: start + 1 + at,
            length: width,
        });
        decoded += width;
        at += length;
    }
    runs.pass(ByteRun {
        decoded,
        written: start + 1 + inner.len(),
        length: 0,
    });
    Some(())
}

/// Whether each line break inside a folded block stands for one space: there are no empty lines in
/// it, and none that is indented more than the others.
fn is_plainly_folded(source: &str, scalar: &Scalar<'_>) -> bool {
    let block = Block::read(source, &scalar.span);
    let Some(indentation) = block.indentation(source, scalar.value) else {
        return false;
    };
    let mut below = false;
    block.lines(source).all(|(start, end)| {
        let line = source.as_bytes().get(start..end).unwrap_or_default();
        let text = line.get(indentation..).unwrap_or_default();
        match text.first() {
            None => {
                below = true;
                true
            }
            Some(first) => !below && !matches!(first, b' ' | b'\t'),
        }
    })
}

fn literal(
    source: &str,
    scalar: &Scalar<'_>,
    runs: &mut Finder<impl Iterator<Item = usize>>,
) -> Option<()> {
    let block = Block::read(source, &scalar.span);
    let indentation = block.indentation(source, scalar.value)?;
    let mut decoded = 0;
    for (start, end) in block.lines(source) {
        let line = source.get(start..end)?;
        let blanks = line.bytes().take_while(|b| *b == b' ').count();
        let skipped = blanks.min(indentation);
        let length = line.len() - skipped;
        runs.pass(ByteRun {
            decoded,
            written: start + skipped,
            length,
        });
        decoded += length;
        if end < block.end {
            runs.pass(ByteRun {
                decoded,
                written: end,
                length: 1,
            });
            decoded += 1;
        }
    }
    // The line break that a file may lack at its end stands for nothing that is written.
    if decoded + 1 == scalar.value.len() {
        decoded += 1;
    }
    runs.pass(ByteRun {
        decoded,
        written: block.end,
        length: 0,
    });
    Some(())
}
