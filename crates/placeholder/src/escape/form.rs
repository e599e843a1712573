//! Escaped brackets and what stands between them.

use memchr::memchr3_iter;

use super::Escape;
use super::decode::{beginning, decode};
use crate::Span;
use crate::body::{self, is_name, is_placeholder};
use crate::error::{PlaceholderError, PlaceholderErrorKind as Kind};
use crate::grammar::{Grammar, OPENERS};
use crate::piece::Piece;
use crate::placeholder::Placeholder;

/// A text behind an escaped `<`.
#[derive(Clone, Debug)]
pub(crate) struct EscapedForm {
    escape: Escape,
    /// The offset of the escaped `<`.
    open: usize,
    /// What stands between the brackets, or up to where there can be no closing one.
    inside: Span,
    /// Where the escaped `>` ends.
    end: Option<usize>,
    /// Whether it begins as `<path:` or `<op://` do.
    reference: bool,
    /// Whether the backslash of the escape is escaped itself.
    twice: bool,
}

impl EscapedForm {
    pub(crate) fn is_reference(&self) -> bool {
        self.reference
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.end.is_some()
    }

    /// Whether a machine has escaped a name in brackets: a generic placeholder, and hardly
    /// anything else. (People write `&lt;b&gt;` when they mean text.)
    pub(crate) fn is_name(&self, text: &str, grammar: Grammar) -> bool {
        let name = || decode(text.get(self.inside())?, self.escape);
        self.escape != Escape::Html
            && !self.twice
            && name().is_some_and(|name| is_name(&name.text) && is_placeholder(&name.text, grammar))
    }

    pub(crate) fn inside(&self) -> Span {
        self.inside.clone()
    }

    pub(crate) fn span(&self) -> Span {
        self.open..self.end.unwrap_or(self.inside.end)
    }

    /// The error that it is not filled.
    pub(crate) fn unfilled(&self) -> PlaceholderError {
        self.error(if self.twice {
            Kind::EscapedTwice
        } else {
            Kind::Escaped
        })
    }

    fn error(&self, kind: Kind) -> PlaceholderError {
        PlaceholderError::new(kind, self.span())
            .surviving(true)
            .of_escaped()
    }

    /// Reads the placeholder; `None` if it is ordinary text.
    pub(crate) fn read(
        &self,
        text: &str,
        grammar: Grammar,
    ) -> Option<Result<(Placeholder, Escape), PlaceholderError>> {
        let wrong = |kind| self.reference.then(|| Err(self.error(kind)));
        if self.end.is_none() {
            return wrong(Kind::Unterminated);
        }
        if self.twice {
            return wrong(Kind::EscapedTwice);
        }
        let Some(decoded) = decode(text.get(self.inside())?, self.escape) else {
            return wrong(Kind::BrokenEscape);
        };
        if decoded.text.contains(['<', '>', '\n']) {
            return wrong(Kind::Unterminated);
        }
        if !is_placeholder(&decoded.text, grammar) {
            return None;
        }
        let place = |span: &Span| {
            self.inside.start + decoded.source(span.start)
                ..self.inside.start + decoded.source(span.end)
        };
        Some(
            match body::parse(self.span(), Piece::new(&decoded.text, 0), grammar) {
                Ok(mut placeholder) => {
                    placeholder.move_parts(&place);
                    Ok((placeholder, self.escape))
                }
                Err(error) => {
                    let span = place(&error.span());
                    Err(error.at(span).of_escaped())
                }
            },
        )
    }
}

/// The escaped `<` at an offset, and its length.
pub(crate) fn opener(bytes: &[u8], at: usize) -> Option<(Escape, usize)> {
    bracket(bytes.get(at..)?, b'c', b'l')
}

/// The next offset at which an escaped `<` stands.
pub(crate) fn next_opener(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr3_iter(b'\\', b'%', b'&', rest)
        .map(|at| from + at)
        .find(|&at| opener(bytes, at).is_some())
}

/// The text behind the escaped `<` at an offset.
///
/// It ends at the escaped `>`, and has no end if a bracket, the end of the line or another escaped
/// `<` of its kind comes first; so the same text is not looked at for two of them.
pub(crate) fn form(text: &str, open: usize) -> Option<EscapedForm> {
    let bytes = text.as_bytes();
    let (escape, length) = opener(bytes, open)?;
    let backslashes = bytes[..open]
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count();
    let twice = escape == Escape::Json && backslashes % 2 == 1;
    let start = open + length;
    let mut at = start;
    let mut end = None;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'<' | b'>' | b'\n' => break,
            // In a JSON string this is a backslash, and what follows is not escaped.
            b'\\' if escape == Escape::Json && !twice && bytes.get(at + 1) == Some(&b'\\') => {
                at += 1;
            }
            b'\\' | b'%' | b'&' => {
                if let Some((_, length)) = closer(bytes, at).filter(|(kind, _)| *kind == escape) {
                    end = Some(at + length);
                    break;
                }
                if opener(bytes, at).is_some_and(|(kind, _)| kind == escape) {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    // Each opener has five bytes.
    let beginning = beginning(text.get(start..at)?, escape, OPENERS[0].len());
    let reference = OPENERS
        .iter()
        .any(|opener| beginning.starts_with(opener.as_bytes()));
    Some(EscapedForm {
        escape,
        open,
        inside: start..at,
        end,
        reference,
        twice,
    })
}

/// The escaped `>` at an offset, and its length.
fn closer(bytes: &[u8], at: usize) -> Option<(Escape, usize)> {
    bracket(bytes.get(at..)?, b'e', b'g')
}

/// The escaped bracket that bytes begin with: by the last hexadecimal digit of `3c` or `3e`, and by
/// the first letter of `lt` or `gt`.
fn bracket(bytes: &[u8], digit: u8, letter: u8) -> Option<(Escape, usize)> {
    let is_digit = |byte: &u8| byte.eq_ignore_ascii_case(&digit);
    match bytes {
        [b'\\', b'u', b'0', b'0', b'3', last, ..] if is_digit(last) => Some((Escape::Json, 6)),
        [b'\\', b'x', b'3', last, ..] if is_digit(last) => Some((Escape::Json, 4)),
        [b'%', b'3', last, ..] if is_digit(last) => Some((Escape::Percent, 3)),
        [b'&', first, b't', b';', ..] if *first == letter => Some((Escape::Html, 4)),
        // 60 and 62 are the numbers of the brackets.
        [b'&', b'#', b'6', last, b';', ..] if *last == b'0' + 2 * u8::from(letter == b'g') => {
            Some((Escape::Html, 5))
        }
        [b'&', b'#', b'x', b'3', last, b';', ..] if is_digit(last) => Some((Escape::Html, 6)),
        _ => None,
    }
}
