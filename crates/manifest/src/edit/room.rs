//! What a text takes where it is put.

use crate::chars::is_plain_text;
use crate::read::block::Block;
use crate::read::scalar::Scalar;

/// What texts take in the place of a scalar or of parts of it: more than their bytes, since escapes
/// and the indentation of a block come with them.
///
/// ```
/// use manifill_manifest::{Document, ParseOptions};
///
/// let source = "kind: A\na: |\n    <x>\n";
/// let document = Document::parse(source, 0..source.len(), &ParseOptions::default(), |_, _| true)?;
/// let room = document.into_index().room(source, 1);
/// assert_eq!(room.taken_by("ab"), 2);
/// assert_eq!(room.taken_by("a\nb"), 2 + "\r\n    ".len());
/// # Ok::<(), manifill_manifest::ManifestError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Room {
    line: usize,
}

impl Room {
    pub(crate) fn of(source: &str, scalar: Option<&Scalar<'_>>) -> Self {
        let block = scalar.filter(|scalar| scalar.style.is_block());
        let indentation =
            block.map(|scalar| Block::read(source, &scalar.span).indentation(source, scalar.value));
        Room {
            line: "\r\n".len() + indentation.flatten().unwrap_or(0),
        }
    }

    /// The bytes that a text takes at most.
    pub fn taken_by(&self, text: &str) -> usize {
        let taken = |c: char| match c {
            '\n' => self.line,
            '"' | '\'' | '\\' => 2,
            c if is_plain_text(c) => c.len_utf8(),
            _ => "\\u0000".len(),
        };
        text.chars().map(taken).sum()
    }
}
