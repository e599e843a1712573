//! Makes a literal block (`|`) of a folded one (`>`) where the value has lines of its own: folded,
//! they would have a blank line behind each.

use crate::edit::in_block::{Ending, fits, push_indented};
use crate::edit::output::Splice;
use crate::read::block::Block;
use crate::read::scalar::Scalar;

/// The block as a literal one that holds the new value, if one can.
pub(crate) fn to_literal(source: &str, scalar: &Scalar<'_>, value: &str) -> Option<Splice> {
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
