//! Writes into a folded block (`>`). It stays one where each new part is a piece of a line, and
//! becomes a literal block (`|`) where the value has lines of its own: folded, they would have a
//! blank line behind each.

use crate::Span;
use crate::edit::edits::TextEdits;
use crate::edit::in_block::{Ending, fits, push_indented};
use crate::edit::output::{Splice, ranges};
use crate::read::block::Block;
use crate::read::raw;
use crate::read::scalar::Scalar;

/// Whether a folded block stays as it is around these parts: its lines stay lines of text.
pub(crate) fn stays(fills: &TextEdits, old: &str) -> bool {
    let end = old.trim_end_matches('\n').len();
    fills.iter().all(|(part, text)| {
        let text = if part.end == end {
            text.trim_end_matches('\n')
        } else {
            text
        };
        let blank = [' ', '\t', '\n'];
        !text.is_empty()
            && !text.starts_with(blank)
            && !text.ends_with(blank)
            && !text.contains('\n')
    })
}

/// Where the parts stand in the source. What is not white space is the same there as in the value,
/// so a part that is not folded itself can be found by counting.
pub(crate) fn places(
    source: &str,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Option<std::vec::IntoIter<Span>> {
    if let Some(exact) = ranges(source, scalar, fills) {
        return Some(exact.collect::<Vec<Span>>().into_iter());
    }
    let ends = |(part, _): (Span, &str)| [part.start, part.end.saturating_sub(1)];
    let offsets: Vec<usize> = fills.iter().flat_map(ends).collect();
    let found = raw::locate(source, scalar, &offsets);
    let spans: Vec<Span> = found.chunks(2).map(|ends| ends[0]..ends[1] + 1).collect();
    let same = spans
        .iter()
        .zip(fills.iter())
        .all(|(span, (part, _))| source.get(span.clone()) == scalar.value.get(part));
    same.then(|| spans.into_iter())
}

/// The block as a literal one that holds the new value, if one can.
pub(crate) fn literal(source: &str, scalar: &Scalar<'_>, value: &str) -> Option<Splice> {
    let block = Block::read(source, &scalar.span);
    let indentation = block
        .indentation(source, scalar.value)
        .filter(|it| *it > 0)?;
    let old = source.get(block.indicators.clone())?;
    let has_digit = old.contains(|c: char| c.is_ascii_digit());
    let text = value.trim_end_matches('\n');
    if text.is_empty() || block.text_end <= block.body || !fits(value, scalar.value, has_digit) {
        return None;
    }
    // A line of more spaces than the indentation is text, too.
    let says = |(start, end): &(usize, usize)| {
        let line = source.get(*start..*end).unwrap_or_default();
        line.len() > indentation || !line.trim_start_matches(' ').is_empty()
    };
    let (_, end) = block.lines(source).filter(says).last()?;
    let ending = Ending::of(value, source, &block, indentation)?;
    let mut literal = "|".to_owned();
    literal.push_str(ending.indicators.as_deref().unwrap_or(old));
    literal.push_str(source.get(block.indicators.end..block.header_end)?);
    literal.push_str(block.eol);
    let indent = " ".repeat(indentation);
    if !text.starts_with('\n') {
        literal.push_str(&indent);
    }
    push_indented(&mut literal, text, block.eol, &indent, false);
    (0..ending.breaks).for_each(|_| literal.push_str(block.eol));
    Some(Splice {
        range: scalar.span.start..end,
        text: literal,
    })
}
