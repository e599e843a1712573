//! Writes a value into the source in the style that is there, or in double quotes.
//!
//! A filled value is always a string for every reader, so it never stays plain. What may stay in
//! single quotes or in a block is decided by what every reader of YAML 1.1 and 1.2 reads
//! alike; everything else becomes one line in double quotes.

use crate::chars::{double_quoted, push_escaped, single_quoted};
use crate::edit::edits::TextEdits;
use crate::edit::in_block;
use crate::edit::output::{Output, Splice, ranges};
use crate::edit::to_literal::to_literal;
use crate::error::ManifestError;
use crate::read::block::Block;
use crate::read::scalar::Scalar;
use crate::value::resolve::resolve;
use crate::value::types::Value;
use manifill_yaml::Style;

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
    if scalar.style == Style::Folded {
        if let Some(literal) = to_literal(out.source, scalar, &value) {
            out.splice(&literal)?;
            return Ok(value);
        }
    }
    let text = match scalar.style {
        Style::SingleQuoted => single_quoted(&value),
        _ => None,
    };
    let text = text.unwrap_or_else(|| double_quoted(&value));
    out.splice(&whole(out.source, scalar, text))?;
    Ok(value)
}

/// The same for a plain scalar that can stay plain: it returns nothing, and does nothing, if it
/// cannot.
pub(crate) fn fill_bare(
    out: &mut Output<'_>,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Result<Option<String>, ManifestError> {
    let value = fills.filled(scalar.value);
    let Some(value) = value.filter(|value| scalar.style == Style::Plain && is_bare(value)) else {
        return Ok(None);
    };
    out.splice(&whole(out.source, scalar, value.clone()))?;
    Ok(Some(value))
}

/// Whether every reader takes a plain scalar for this text. It is careful: text that begins with a
/// sign, or with a digit and has no letter that no number and no date has, could be a number, a date
/// or an indicator for some.
fn is_bare(text: &str) -> bool {
    // Hexadecimal digits, the marks of `0x`, `0o` and of the exponent, and `2001-01-01T00:00:00Z`.
    let of_numbers = |c: char| "abcdefxotzABCDEFXOTZ".contains(c);
    let of_words = |c: char| c.is_ascii_alphabetic() && !of_numbers(c);
    let begins = |c: char| {
        c.is_ascii_alphabetic()
            || matches!(c, '_' | '/')
            || c.is_ascii_digit() && text.contains(of_words)
    };
    let inside = |c: char| c.is_ascii_alphanumeric() || "_./@%+=-:#~^$!* ".contains(c);
    let word = text.to_ascii_lowercase();
    text.starts_with(begins)
        && text.chars().all(inside)
        && !text.ends_with([' ', ':'])
        && ![": ", " #", " -", "  "]
            .iter()
            .any(|mark| text.contains(mark))
        && matches!(resolve(&word), Some(Value::Text(_)))
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
