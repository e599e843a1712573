//! The new text of a document while it is written.

use crate::Span;
use crate::edit::edits::TextEdits;
use crate::error::ManifestError;
use crate::read::raw;
use crate::read::scalar::Scalar;

/// New text for a range of the source.
pub(crate) struct Splice {
    pub(crate) range: Span,
    pub(crate) text: String,
}

/// A text in which ranges of the source are replaced, one behind the other.
pub(crate) struct Output<'s> {
    pub(crate) source: &'s str,
    pub(crate) text: String,
    /// How much of the source the text stands for.
    pub(crate) copied: usize,
}

impl Output<'_> {
    /// Goes on behind a range; what is appended stands in its place.
    pub(crate) fn replace(&mut self, range: &Span) -> Result<&mut String, ManifestError> {
        self.copy(range.start)?;
        self.copied = range.end;
        Ok(&mut self.text)
    }

    /// Puts a text in place of a range.
    pub(crate) fn splice(&mut self, splice: &Splice) -> Result<(), ManifestError> {
        self.replace(&splice.range)?.push_str(&splice.text);
        Ok(())
    }

    /// Copies the source up to a position.
    pub(crate) fn copy(&mut self, until: usize) -> Result<(), ManifestError> {
        let between = self.source.get(self.copied..until);
        let between = between.ok_or_else(|| ManifestError::internal("edits overlap", until))?;
        self.text.push_str(between);
        self.copied = until;
        Ok(())
    }
}

/// The source ranges of the fills, where they can be told exactly.
pub(crate) fn ranges(
    source: &str,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Option<impl Iterator<Item = Span> + use<>> {
    let offsets = fills.iter().flat_map(|(range, _)| [range.start, range.end]);
    let mut found = raw::exact(source, scalar, offsets, 2 * fills.len())?.into_iter();
    let start = scalar.span.start;
    let mut next = move || Some(start + found.next()? as usize);
    Some(std::iter::from_fn(move || Some(next()?..next()?)))
}
