//! From byte positions to lines and columns.

/// Finds the line and column of byte positions in one source.
#[derive(Debug)]
pub struct LineIndex<'a> {
    source: &'a str,
    starts: Vec<usize>,
    /// How many characters begin before each stretch of [`STRETCH`] bytes: JSON is often one long
    /// line, and counting from its start for each of many positions would be quadratic.
    characters: Vec<usize>,
}

/// How many bytes at most are counted for one position.
const STRETCH: usize = 1024;

impl<'a> LineIndex<'a> {
    /// Notes where the lines of `source` begin; `\n`, `\r\n` and a lone `\r` end a line.
    pub fn new(source: &'a str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(at + 1);
            }
        }
        let mut characters = Vec::with_capacity(bytes.len() / STRETCH + 2);
        let mut count = 0;
        characters.push(count);
        for stretch in bytes.chunks(STRETCH) {
            count += begun(stretch);
            characters.push(count);
        }
        Self {
            source,
            starts,
            characters,
        }
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
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line - 1];
        let mut characters = self.before(offset) - self.before(start);
        if !self.source.is_char_boundary(offset) {
            characters -= 1;
        }
        if line == 1 && offset > 0 && self.source.starts_with('\u{feff}') {
            characters = characters.saturating_sub(1);
        }
        (line, characters + 1)
    }

    /// How many characters begin before a byte.
    fn before(&self, offset: usize) -> usize {
        let stretch = offset / STRETCH;
        let counted = self.characters.get(stretch).copied().unwrap_or_default();
        let rest = self.source.as_bytes().get(stretch * STRETCH..offset);
        counted + rest.map_or(0, begun)
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
}
