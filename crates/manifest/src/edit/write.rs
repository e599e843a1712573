//! Writes a value into the source in the style that is there, or in double quotes.
//!
//! A filled value is always a string for every reader, so it never stays plain. What may stay in
//! single quotes or in a literal block is decided by what every reader of YAML 1.1 and 1.2 reads
//! alike; everything else becomes one line in double quotes.

use crate::Span;
use crate::chars::{double_quoted, is_plain_text, push_escaped, single_quoted};
use crate::edit::edits::TextEdits;
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
        Style::Literal => in_literal(out, scalar, fills, &value)?,
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
fn ranges(
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

/// Fills inside a literal block, if the new value can be written there.
fn in_literal(
    out: &mut Output<'_>,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
    value: &str,
) -> Result<bool, ManifestError> {
    let block = Block::read(out.source, &scalar.span);
    let Some((indentation, chomping)) = literal(out.source, scalar, &block, value) else {
        return Ok(false);
    };
    let Some(ranges) = ranges(out.source, scalar, fills) else {
        return Ok(false);
    };
    if let Some(splice) = chomping {
        out.splice(&splice)?;
    }
    let indent = " ".repeat(indentation);
    let mut following = fills.iter().skip(1);
    for (range, (part, text)) in ranges.zip(fills.iter()) {
        // Whether the line goes on behind this part.
        let next = scalar.value.as_bytes().get(part.end);
        let touching = following
            .next()
            .is_some_and(|(next, _)| next.start == part.end);
        let goes_on = touching || next.is_some_and(|b| *b != b'\n');
        push_indented(out.replace(&range)?, text, block.eol, &indent, goes_on);
    }
    Ok(true)
}

/// The indentation of a literal block and the change of its header, if it can hold a value.
fn literal(
    source: &str,
    scalar: &Scalar<'_>,
    block: &Block,
    value: &str,
) -> Option<(usize, Option<Splice>)> {
    let indentation = block.indentation(source, scalar.value)?;
    let indicators = source.get(block.indicators.clone())?;
    let digit = indicators.bytes().any(|b| b.is_ascii_digit());
    if indentation == 0 || !fits_literal(value, scalar.value, digit) {
        return None;
    }
    let chomping = chomping(source, scalar, block, indicators, value)?;
    Some((indentation, chomping))
}

/// Appends `text` with the block's line breaks, each followed by its indentation unless the line
/// is empty.
fn push_indented(out: &mut String, text: &str, eol: &str, indent: &str, goes_on: bool) {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        out.push_str(line);
        out.push_str(eol);
        let empty = match after.chars().next() {
            Some(c) => c == '\n',
            None => !goes_on,
        };
        if !empty {
            out.push_str(indent);
        }
        rest = after;
    }
    out.push_str(rest);
}

/// Whether a literal block can hold a value, its final line breaks aside.
fn fits_literal(value: &str, old: &str, digit: bool) -> bool {
    let blank = |line: &&str| !line.is_empty() && line.trim_matches([' ', '\t']).is_empty();
    let blanks = |text: &str| text.split('\n').filter(blank).count();
    let first = value.trim_start_matches('\n');
    value
        .chars()
        .all(|c| matches!(c, '\t' | '\n') || is_plain_text(c))
        && !first.is_empty()
        && !first.starts_with('\t')
        && (digit || !first.starts_with(' '))
        && blanks(value) <= blanks(old)
}

/// The change of the chomping indicator that a value's final line breaks need: `None` if no
/// indicator fits, `Some(None)` if the present one does.
fn chomping(
    source: &str,
    scalar: &Scalar<'_>,
    block: &Block,
    indicators: &str,
    value: &str,
) -> Option<Option<Splice>> {
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let (now, then) = (count(scalar.value), count(value));
    if now == then || (indicators.contains('+') && then > now) {
        return Some(None);
    }
    // From here on the text grows by line breaks at its end, so its last line must have one, and
    // for `+` no blank lines may follow that were not part of the value.
    let tail = source.get(block.text_end..block.end)?;
    let breaks = tail.matches(['\n', '\r']).count() - tail.matches("\r\n").count();
    let keep: String = indicators.chars().filter(char::is_ascii_digit).collect();
    let text = match then {
        _ if then < now || breaks == 0 => return None,
        1 => keep,
        _ if breaks == 1 && now == 1 => keep + "+",
        _ => return None,
    };
    Some(Some(Splice {
        range: block.indicators.clone(),
        text,
    }))
}
