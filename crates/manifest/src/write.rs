//! Writes a value into the source in the style that is there, or in double quotes.
//!
//! A filled value is always a string for every reader, so it never stays plain. What may stay in
//! single quotes or in a literal block is decided by what every reader of YAML 1.1 and 1.2 reads
//! alike; everything else becomes one line in double quotes.

use crate::Span;
use crate::block::Block;
use crate::chars::{double_quoted, is_plain_text, push_escaped, single_quoted};
use crate::document::Scalar;
use crate::edit::Fill;
use crate::error::ManifestError;
use crate::parse::Style;
use crate::raw;

/// New text for a range of the source.
#[derive(Debug)]
pub(crate) struct Splice {
    pub(crate) range: Span,
    pub(crate) text: String,
}

/// A scalar's changes and what it reads as afterwards.
pub(crate) struct Written {
    pub(crate) splices: Vec<Splice>,
    pub(crate) value: String,
}

/// Puts text in place of parts of a scalar's value.
pub(crate) fn fill(
    source: &str,
    scalar: &Scalar,
    fills: &[Fill],
) -> Result<Written, ManifestError> {
    let mut fills: Vec<&Fill> = fills.iter().collect();
    fills.sort_by_key(|fill| (fill.range.start, fill.range.end));
    let value = filled(scalar, &fills)?;
    let in_place = match scalar.style {
        Style::DoubleQuoted => in_double_quotes(source, scalar, &fills),
        Style::Literal => in_literal(source, scalar, &fills, &value),
        _ => None,
    };
    let splices = in_place.unwrap_or_else(|| {
        let text = match scalar.style {
            Style::SingleQuoted => single_quoted(&value),
            _ => None,
        };
        let text = text.unwrap_or_else(|| double_quoted(&value));
        vec![whole(source, scalar, text)]
    });
    Ok(Written { splices, value })
}

/// Puts `text`, which is one line, in place of a whole scalar.
///
/// A block scalar leaves behind the comment of its header, the line break of its last line and
/// the blank lines below.
pub(crate) fn whole(source: &str, scalar: &Scalar, mut text: String) -> Splice {
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

fn filled(scalar: &Scalar, fills: &[&Fill]) -> Result<String, ManifestError> {
    let old = &scalar.value;
    let added: usize = fills.iter().map(|fill| fill.text.len()).sum();
    let mut value = String::with_capacity(old.len() + added);
    let mut at = 0;
    for fill in fills {
        let misfit = || {
            ManifestError::internal(
                "the parts to fill overlap or are not parts",
                scalar.span.start,
            )
        };
        value.push_str(old.get(at..fill.range.start).ok_or_else(misfit)?);
        value.push_str(&fill.text);
        old.get(fill.range.clone()).ok_or_else(misfit)?;
        at = fill.range.end;
    }
    value.push_str(&old[at..]);
    Ok(value)
}

/// The source ranges of the fills, where they can be told exactly.
fn ranges(source: &str, scalar: &Scalar, fills: &[&Fill]) -> Option<Vec<Span>> {
    let offsets: Vec<usize> = fills
        .iter()
        .flat_map(|fill| [fill.range.start, fill.range.end])
        .collect();
    let found = raw::exact(source, scalar, &offsets)?;
    Some(found.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect())
}

/// Fills inside double quotes on one line; all other escapes stay as they are.
fn in_double_quotes(source: &str, scalar: &Scalar, fills: &[&Fill]) -> Option<Vec<Splice>> {
    let ranges = ranges(source, scalar, fills)?;
    let splices = ranges.into_iter().zip(fills).map(|(range, fill)| {
        let mut text = String::with_capacity(fill.text.len());
        push_escaped(&mut text, &fill.text);
        Splice { range, text }
    });
    Some(splices.collect())
}

/// Fills inside a literal block, if the new value can be written there.
fn in_literal(source: &str, scalar: &Scalar, fills: &[&Fill], value: &str) -> Option<Vec<Splice>> {
    let block = Block::read(source, &scalar.span);
    let indentation = block.indentation(source, &scalar.value)?;
    let indicators = source.get(block.indicators.clone())?;
    let digit = indicators.bytes().any(|b| b.is_ascii_digit());
    if indentation == 0 || !fits_literal(value, &scalar.value, digit) {
        return None;
    }
    let chomping = chomping(source, scalar, &block, indicators, value)?;
    let ranges = ranges(source, scalar, fills)?;
    let mut splices: Vec<Splice> = chomping.into_iter().collect();
    let indent = " ".repeat(indentation);
    for (n, (range, fill)) in ranges.into_iter().zip(fills).enumerate() {
        // Whether the line goes on behind this part.
        let next = scalar.value.as_bytes().get(fill.range.end);
        let goes_on = next.is_some_and(|b| *b != b'\n')
            || fills
                .get(n + 1)
                .is_some_and(|other| other.range.start == fill.range.end);
        let text = indented(&fill.text, block.eol, &indent, goes_on);
        splices.push(Splice { range, text });
    }
    Some(splices)
}

/// `text` with the block's line breaks, each followed by its indentation unless the line is empty.
fn indented(text: &str, eol: &str, indent: &str, goes_on: bool) -> String {
    let mut out = String::with_capacity(text.len());
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
    out
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
    scalar: &Scalar,
    block: &Block,
    indicators: &str,
    value: &str,
) -> Option<Option<Splice>> {
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let (now, then) = (count(&scalar.value), count(value));
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
