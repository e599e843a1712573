//! From byte positions to lines and columns.

/// Finds the line and column of byte positions in one source.
#[derive(Debug)]
pub struct LineIndex<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

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
        Self { source, starts }
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
        let text = self
            .source
            .as_bytes()
            .get(start..offset)
            .unwrap_or_default();
        // Bytes 10xxxxxx continue a character that has been counted.
        let mut characters = text.iter().filter(|&&b| b & 0xc0 != 0x80).count();
        if !self.source.is_char_boundary(offset) {
            characters -= 1;
        }
        if line == 1 && offset > 0 && self.source.starts_with('\u{feff}') {
            characters = characters.saturating_sub(1);
        }
        (line, characters + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

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
}
