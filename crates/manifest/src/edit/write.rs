//! Writes a value into the source in the style that is there, or in double quotes.
//!
//! A filled value is always a string for every reader, so it never stays plain. What may stay in
//! single quotes or in a literal block is decided by what every reader of YAML 1.1 and 1.2 reads
//! alike; everything else becomes one line in double quotes.

use crate::Span;
use crate::chars::{double_quoted, push_escaped, single_quoted};
use crate::edit::edits::TextEdits;
use crate::edit::in_block;
use crate::error::ManifestError;
use crate::read::block::Block;
use crate::read::raw;
use crate::read::scalar::Scalar;
use manifill_yaml::Style;

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

/// Puts text in place of parts of a scalar's value, and returns what it reads as afterwards.
pub(crate) fn fill(
    out: &mut Output<'_>,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Result<String, ManifestError> {
    let value = fills.filled(scalar.value).ok_or_else(|| {
        let message = "the parts to fill overlap or are not parts";
        ManifestError::internal(message, scalar.span.start)
    })?;
    let in_place = match scalar.style {
        Style::DoubleQuoted => in_double_quotes(out, scalar, fills)?,
        Style::Literal | Style::Folded => in_block::fill(out, scalar, fills, &value)?,
        _ => false,
    };
    if in_place {
        return Ok(value);
    }
    let text = match scalar.style {
        Style::SingleQuoted => single_quoted(&value),
        _ => None,
    };
    let text = text.unwrap_or_else(|| double_quoted(&value));
    out.splice(&whole(out.source, scalar, text))?;
    Ok(value)
}

/// Puts `text`, which is one line, in place of a whole scalar.
///
/// A block scalar leaves behind the comment of its header, the line break of its last line and
/// the blank lines below.
pub(crate) fn whole(source: &str, scalar: &Scalar<'_>, mut text: String) -> Splice {
    let span = &scalar.span;
    if !scalar.style.is_block() {
        return Splice {
            range: span.clone(),
            text,
        };
    }
    let block = Block::read(source, span);
    let comment = source
        .get(block.indicators.end..block.header_end)
        .unwrap_or_default();
    text.push_str(comment.trim_end_matches([' ', '\t']));
    let end = if block.text_end > block.body {
        block.text_end
    } else {
        block.header_end
    };
    Splice {
        range: span.start..end,
        text,
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

/// Fills inside double quotes on one line; all other escapes stay as they are.
fn in_double_quotes(
    out: &mut Output<'_>,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Result<bool, ManifestError> {
    let Some(ranges) = ranges(out.source, scalar, fills) else {
        return Ok(false);
    };
    for (range, (_, text)) in ranges.zip(fills.iter()) {
        push_escaped(out.replace(&range)?, text);
    }
    Ok(true)
}
