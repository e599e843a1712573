//! The parts of a block scalar: header line, indentation, content lines.

use crate::Span;
use crate::chars::{line_break, skip_space_and_comments};
use manifill_yaml::line_end;

/// The position of `|` or `>` between the token before a block scalar and its content.
///
/// The tokens in between are read one by one, because a comment above or behind the header may
/// hold `|` as well.
pub(crate) fn find_header(text: &str, before: usize, content: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = before;
    loop {
        at = skip_space_and_comments(text, at);
        if at >= content {
            return content;
        }
        match bytes.get(at) {
            Some(b'|' | b'>') => return at,
            // A tag or an anchor.
            Some(b'!' | b'&') => {
                at += bytes[at..]
                    .iter()
                    .take_while(|b| !b.is_ascii_whitespace())
                    .count();
            }
            _ => at += 1,
        }
    }
}

/// A block scalar of the source.
#[derive(Debug)]
pub(crate) struct Block {
    /// The indentation and chomping indicators behind `|` or `>`.
    pub(crate) indicators: Span,
    /// The end of the header line, before its line break.
    pub(crate) header_end: usize,
    /// The line break of the header line.
    pub(crate) eol: &'static str,
    /// The start of the first content line.
    pub(crate) body: usize,
    /// The end of the last content line that holds text, before its line break.
    pub(crate) text_end: usize,
    pub(crate) end: usize,
}

impl Block {
    /// Reads the block scalar at `span`, header included.
    pub(crate) fn read(source: &str, span: &Span) -> Self {
        let bytes = source.as_bytes();
        let first = span.start + 1;
        let indicators = bytes
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9'))
            .count();
        let header_end = line_end(source, first);
        let eol = match line_break(&bytes[header_end..]) {
            2 => "\r\n",
            1 if bytes[header_end] == b'\r' => "\r",
            _ => "\n",
        };
        let body = (header_end + line_break(&bytes[header_end..])).min(span.end.max(header_end));
        let content = source.get(body..span.end).unwrap_or_default();
        let text = content.trim_end_matches([' ', '\t', '\n', '\r']).len();
        let text_end = if text == 0 {
            body
        } else {
            line_end(source, body + text).min(span.end)
        };
        Self {
            indicators: first..first + indicators,
            header_end,
            eol,
            body,
            text_end,
            end: span.end.max(body),
        }
    }

    /// The content lines as start and end without line break.
    pub(crate) fn lines<'a>(&self, source: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let (mut at, end) = (self.body, self.end);
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let start = at;
            let stop = line_end(source, start).min(end);
            at = stop + line_break(&source.as_bytes()[stop..end]);
            Some((start, stop))
        })
    }

    /// How many blanks each content line begins with that are not text.
    ///
    /// It is the difference between the blanks of the first line with text as it is written and
    /// as it is decoded, so that it needs no reading of the lines around.
    pub(crate) fn indentation(&self, source: &str, value: &str) -> Option<usize> {
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let written = self
            .lines(source)
            .filter_map(|(start, end)| source.get(start..end))
            .find(|line| !line.trim_start_matches(' ').is_empty())?;
        let decoded = value
            .split('\n')
            .find(|line| !line.trim_start_matches(' ').is_empty())?;
        blanks(written).checked_sub(blanks(decoded))
    }
}
