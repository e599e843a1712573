//! Writes into a literal block (`|`), which stays one wherever it can hold the new value, and into
//! a [folded](super::folded) one (`>`).
//!
//! Only the lines of the parts that are filled change, and the indicator in the header, which
//! says how many of the line breaks at the end belong to the value: none with `-`, one without
//! anything, all with `+`, those of the blank lines below the block included.

use crate::Span;
use crate::chars::is_plain_text;
use crate::edit::edits::TextEdits;
use crate::edit::folded;
use crate::edit::output::{Output, Splice, ranges};
use crate::error::ManifestError;
use crate::read::block::Block;
use crate::read::scalar::Scalar;
use manifill_yaml::Style;
use std::cmp::Ordering;

/// Fills inside a block, if the new value can be written there.
pub(crate) fn fill(
    out: &mut Output<'_>,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
    value: &str,
) -> Result<bool, ManifestError> {
    let block = Block::read(out.source, &scalar.span);
    let Some(indentation) = block.indentation(out.source, scalar.value) else {
        return Ok(false);
    };
    let digit = digits(out.source, &block.indicators).next().is_some();
    if indentation == 0 || !fits(value, scalar.value, digit) {
        return Ok(false);
    }
    if scalar.style == Style::Folded && !folded::stays(fills, scalar.value) {
        return Ok(false);
    }
    let last = fills.iter().last().map_or(0, |(part, _)| part.end);
    let ending = match last.cmp(&scalar.value.trim_end_matches('\n').len()) {
        Ordering::Less => None,
        Ordering::Equal => match Ending::of(value, out.source, &block, indentation) {
            Some(ending) => Some(ending),
            None => return Ok(false),
        },
        // The line break of the last line goes, too.
        Ordering::Greater => return Ok(false),
    };
    let places: Option<Box<dyn Iterator<Item = Span>>> = match scalar.style {
        Style::Folded => folded::places(out.source, scalar, fills).map(|it| Box::new(it) as _),
        _ => ranges(out.source, scalar, fills).map(|it| Box::new(it) as _),
    };
    let Some(places) = places else {
        return Ok(false);
    };
    if let Some(indicators) = ending.as_ref().and_then(|ending| ending.indicators.clone()) {
        out.splice(&Splice {
            range: block.indicators.clone(),
            text: indicators,
        })?;
    }
    out.copy(block.body)?;
    let body = out.text.len();
    let indent = " ".repeat(indentation);
    let mut following = fills.iter().skip(1);
    for (range, (part, text)) in places.zip(fills.iter()) {
        // Whether the line goes on behind this part.
        let next = scalar.value.as_bytes().get(part.end);
        let touching = following
            .next()
            .is_some_and(|(next, _)| next.start == part.end);
        let goes_on = touching || next.is_some_and(|b| *b != b'\n');
        push_indented(out.replace(&range)?, text, block.eol, &indent, goes_on);
    }
    if let Some(ending) = ending {
        trim_empty_lines(&mut out.text, body, indentation);
        (0..ending.breaks).for_each(|_| out.text.push_str(block.eol));
    }
    Ok(true)
}

/// How a block ends that holds a new value.
pub(crate) struct Ending {
    /// The new indentation and chomping indicators, if they change.
    pub(crate) indicators: Option<String>,
    /// The line breaks to add to those that are there.
    pub(crate) breaks: usize,
}

impl Ending {
    /// `None` if no indicator fits: the blank lines below the block would become part of the value.
    pub(crate) fn of(value: &str, source: &str, block: &Block, indentation: usize) -> Option<Self> {
        let text = value.trim_end_matches('\n');
        let wanted = value.len() - text.len();
        // The line breaks behind the last line with text. A last line that has none counts as if
        // it had one (rule R2).
        let mut there = 0;
        for (start, end) in block.lines(source) {
            let line = source.get(start..end)?;
            let blanks = line.len() - line.trim_start_matches(' ').len();
            if line.len() > blanks.min(indentation) {
                there = 0;
            }
            there += 1;
        }
        let unfinished = there == 1 && !source[..block.end].ends_with(['\n', '\r']);
        let now = source.get(block.indicators.clone())?;
        let keeps = now.contains('+');
        let chomping = match wanted {
            _ if keeps => "+",
            0 => "-",
            1 if !text.is_empty() => "",
            _ => "+",
        };
        // That one is not there any more if another one stands at the end instead.
        let unfinished = usize::from(unfinished && (wanted > there || text.is_empty()));
        let breaks = match chomping {
            "+" => wanted.checked_sub(there)? + unfinished,
            _ => 0,
        };
        let indicators = digits(source, &block.indicators).collect::<String>() + chomping;
        let same = keeps || now.contains('-') == (chomping == "-") && chomping != "+";
        Some(Ending {
            indicators: (!same).then_some(indicators),
            breaks,
        })
    }
}

fn digits(source: &str, indicators: &Span) -> impl Iterator<Item = char> + use<> {
    let digit = source
        .get(indicators.clone())
        .and_then(|text| text.chars().find(char::is_ascii_digit));
    digit.into_iter()
}

/// Appends `text` with the block's line breaks, each followed by its indentation unless the line
/// is empty.
pub(crate) fn push_indented(out: &mut String, text: &str, eol: &str, indent: &str, goes_on: bool) {
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

/// Takes empty lines off the end of what was written of a block since `body`, the line break before
/// each included: those that stand below the block do instead.
fn trim_empty_lines(text: &mut String, body: usize, indentation: usize) {
    loop {
        let line = text[body..]
            .rfind(['\n', '\r'])
            .map_or(body, |at| body + at + 1);
        let last = &text[line..];
        if last.len() > indentation || last.bytes().any(|b| b != b' ') {
            return;
        }
        if line == body {
            text.truncate(body);
            return;
        }
        let width = if text[..line].ends_with("\r\n") { 2 } else { 1 };
        text.truncate(line - width);
    }
}

/// Whether a literal block can hold a value, its final line breaks aside.
pub(crate) fn fits(value: &str, old: &str, digit: bool) -> bool {
    // Lines of spaces are text for every reader, but not above the first line of text, and not
    // every reader takes those with a tab.
    let tabs = |line: &&str| line.contains('\t') && line.trim_matches([' ', '\t']).is_empty();
    let tabs = |text: &str| text.split('\n').filter(tabs).count();
    let first = value.trim_start_matches('\n');
    value
        .chars()
        .all(|c| matches!(c, '\t' | '\n') || is_plain_text(c))
        && !first.starts_with('\t')
        && (digit || !first.starts_with(' '))
        && tabs(value) <= tabs(old)
}
