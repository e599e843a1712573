//! A piece of text that knows where it stands.

use crate::Span;

/// A piece of a placeholder without white space around it, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Where the text stands.
    pub span: Span,
}

/// A piece of a text and its offset in that text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
}

impl<'t> Piece<'t> {
    pub(crate) fn new(text: &'t str, start: usize) -> Self {
        Piece { text, start }
    }

    pub(crate) fn span(self) -> Span {
        self.start..self.start + self.text.len()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// Splits at an offset; nothing is lost if the offset is outside or inside of a character,
    /// as the second piece is then empty.
    pub(crate) fn split_at(self, at: usize) -> (Self, Self) {
        let (left, right) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        (
            Piece::new(left, self.start),
            Piece::new(right, self.start + left.len()),
        )
    }

    /// The piece without its first `count` bytes.
    pub(crate) fn after(self, count: usize) -> Self {
        self.split_at(count).1
    }

    /// Splits at the first of a character, which is left out.
    pub(crate) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let (left, right) = self.text.split_once(separator)?;
        let start = self.start + left.len() + separator.len_utf8();
        Some((Piece::new(left, self.start), Piece::new(right, start)))
    }

    /// Splits at each of a character, which are left out.
    pub(crate) fn split(self, separator: char) -> impl Iterator<Item = Piece<'t>> {
        let mut start = self.start;
        self.text.split(separator).map(move |text| {
            let piece = Piece::new(text, start);
            start += text.len() + separator.len_utf8();
            piece
        })
    }

    pub(crate) fn strip_prefix(self, prefix: &str) -> Option<Self> {
        let text = self.text.strip_prefix(prefix)?;
        Some(Piece::new(text, self.start + prefix.len()))
    }

    /// The piece without ASCII white space at its ends.
    pub(crate) fn trim(self) -> Self {
        let text = self.text.trim_ascii_start();
        Piece::new(
            text.trim_ascii_end(),
            self.start + self.text.len() - text.len(),
        )
    }

    pub(crate) fn part(self) -> Part {
        let trimmed = self.trim();
        Part {
            text: trimmed.text.to_owned(),
            span: trimmed.span(),
        }
    }
}
