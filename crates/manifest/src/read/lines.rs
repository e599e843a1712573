//! From byte positions to lines and columns.

use crate::Span;

/// Finds the line and column of byte positions in one source.
#[derive(Debug)]
pub struct LineIndex<'a> {
    source: &'a str,
    /// What stands before each stretch of [`STRETCH`] bytes. Less would make JSON, which is often
    /// one long line, cost quadratic time; more, such as every line, takes as much memory as a
    /// source of short lines.
    stretches: Vec<Before>,
}

/// How many bytes at most are counted for one position.
const STRETCH: usize = 1024;

/// What stands before a byte.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// How many characters begin there.
    characters: usize,
    /// How many lines begin there or at the byte itself.
    lines: usize,
    /// Where the last of these lines begins.
    line: usize,
}

impl<'a> LineIndex<'a> {
    /// Notes where the lines of `source` begin; `\n`, `\r\n` and a lone `\r` end a line.
    pub fn new(source: &'a str) -> Self {
        let mut before = Before {
            characters: 0,
            lines: 1,
            line: 0,
        };
        let mut stretches = Vec::with_capacity(source.len() / STRETCH + 1);
        for start in (0..=source.len()).step_by(STRETCH) {
            stretches.push(before);
            before = before.moved(source, start..source.len().min(start + STRETCH));
        }
        Self { source, stretches }
    }

    /// The line and column of a byte, both counted from 1, the column in characters.
    ///
    /// A byte-order mark at the start counts as nothing. Positions beyond the end are taken as
    /// the end, positions inside a character as its start.
    ///
    /// ```
    /// let index = manifill_manifest::LineIndex::new("kind: A\r\nä: <x>\n");
    /// assert_eq!(index.line_column(13), (2, 4));
    /// ```
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.source.len());
        let Before {
            characters,
            lines,
            line,
        } = self.before(offset);
        let mut characters = characters - self.before(line).characters;
        if !self.source.is_char_boundary(offset) {
            characters -= 1;
        }
        if lines == 1 && offset > 0 && self.source.starts_with('\u{feff}') {
            characters = characters.saturating_sub(1);
        }
        (lines, characters + 1)
    }

    fn before(&self, offset: usize) -> Before {
        let stretch = offset / STRETCH;
        self.stretches[stretch].moved(self.source, stretch * STRETCH..offset)
    }
}

impl Before {
    /// What stands before the end of `span`, if this is what stands before its start.
    fn moved(mut self, source: &str, span: Span) -> Self {
        let all = source.as_bytes();
        let bytes = &all[span.clone()];
        self.characters += begun(bytes);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let next = span.start + at + 1;
            let crlf = bytes[at] == b'\r' && all.get(next) == Some(&b'\n');
            if !crlf {
                self.lines += 1;
                self.line = next;
            }
        }
        self
    }
}

/// How many characters begin in these bytes: `10xxxxxx` continues one that has begun.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, STRETCH};

    #[test]
    fn counts_lines_of_every_ending() {
        let index = LineIndex::new("a\nb\r\nc\rd");
        assert_eq!(index.line_column(0), (1, 1));
        assert_eq!(index.line_column(2), (2, 1));
        assert_eq!(index.line_column(3), (2, 2));
        assert_eq!(index.line_column(5), (3, 1));
        assert_eq!(index.line_column(7), (4, 1));
        assert_eq!(index.line_column(99), (4, 2));
    }

    #[test]
    fn counts_characters_and_not_the_byte_order_mark() {
        let index = LineIndex::new("\u{feff}äb");
        assert_eq!(index.line_column(0), (1, 1));
        assert_eq!(index.line_column(3), (1, 1));
        assert_eq!(index.line_column(4), (1, 1));
        assert_eq!(index.line_column(5), (1, 2));
        assert_eq!(LineIndex::new("").line_column(0), (1, 1));
    }

    #[test]
    fn counts_on_long_lines_of_wide_characters() {
        let source = format!("a\n{}", "xä€😀".repeat(1000));
        let index = LineIndex::new(&source);
        for (count, (offset, _)) in source[2..].char_indices().enumerate() {
            assert_eq!(index.line_column(2 + offset), (2, count + 1));
        }
        assert_eq!(index.line_column(source.len()), (2, 4001));
        for length in [STRETCH - 1, STRETCH, STRETCH + 1] {
            let source = "x".repeat(length);
            assert_eq!(LineIndex::new(&source).line_column(length), (1, length + 1));
        }
    }

    #[test]
    fn counts_where_a_stretch_ends_as_anywhere_else() {
        for ending in ["\n", "\r", "\r\n"] {
            for length in STRETCH - 3..=STRETCH + 1 {
                let source = format!("{}{ending}ab", "x".repeat(length));
                let index = LineIndex::new(&source);
                assert_eq!(index.line_column(length), (1, length + 1));
                let next = length + ending.len();
                assert_eq!(index.line_column(next), (2, 1));
                assert_eq!(index.line_column(next + 2), (2, 3));
            }
        }
    }
}
