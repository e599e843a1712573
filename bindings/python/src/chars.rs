//! Positions in characters, as Python counts, for positions in bytes, as Rust does.

use std::ops::Range;

use pyo3::prelude::*;
use pyo3::types::PySlice;

/// How many bytes are counted at a time.
const BLOCK: usize = 256;

/// The characters before every block of a text; nothing for ASCII, where both counts agree.
#[derive(Debug)]
pub(crate) struct Chars(Option<Vec<usize>>);

impl Chars {
    pub(crate) fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Chars(None);
        }
        let mut before = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let here = before;
            before += starts(block);
            here
        });
        Chars(Some(blocks.collect()))
    }

    /// The number of characters before a byte of `text`.
    pub(crate) fn of_byte(&self, text: &str, byte: usize) -> usize {
        let byte = byte.min(text.len());
        let Some(blocks) = &self.0 else { return byte };
        let block = (byte / BLOCK).min(blocks.len() - 1);
        let rest = text.as_bytes().get(block * BLOCK..byte).unwrap_or_default();
        blocks[block] + starts(rest)
    }

    /// The byte of `text` at which a character begins; the end of the text for those beyond it.
    pub(crate) fn to_byte(&self, text: &str, char: usize) -> usize {
        let Some(blocks) = &self.0 else {
            return char.min(text.len());
        };
        let block = blocks
            .partition_point(|before| *before <= char)
            .saturating_sub(1);
        let mut left = char - blocks[block];
        for (offset, byte) in text.as_bytes().iter().enumerate().skip(block * BLOCK) {
            if byte & 0xc0 != 0x80 {
                if left == 0 {
                    return offset;
                }
                left -= 1;
            }
        }
        text.len()
    }

    /// A range of bytes as a Python slice of characters.
    pub(crate) fn slice<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        span: &Range<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ends = (self.of_byte(text, span.start), self.of_byte(text, span.end));
        py.get_type::<PySlice>().call1(ends)
    }
}

/// How many characters begin in these bytes.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
