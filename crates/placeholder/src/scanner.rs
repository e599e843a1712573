//! One pass over a text that finds brackets and escaped brackets.

use memchr::{memchr, memchr2, memchr3};

use crate::Span;
use crate::body::{self, is_placeholder};
use crate::error::{PlaceholderError, PlaceholderErrorKind as Kind};
use crate::escape::form::{EscapedForm, form, next_opener};
use crate::grammar::{Grammar, SCHEME, begins_reference};
use crate::piece::Piece;
use crate::placeholder::Placeholder;

/// What the scanner comes across.
pub(crate) enum Candidate {
    /// A placeholder, or what looks like one.
    Bracket(Result<Placeholder, PlaceholderError>),
    /// A placeholder whose brackets are escaped.
    Escaped(EscapedForm),
}

/// Walks over a text from left to right; no byte is looked at more than a fixed number of times.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'t> {
    text: &'t str,
    grammar: Grammar,
    /// Whether all generic placeholders with escaped brackets are wanted, not only those that are
    /// hardly anything else.
    generic_escaped: bool,
    /// Everything before it is done.
    at: usize,
    /// The next `<`, found from some offset up to `at`; the text's length if there is none.
    bracket: usize,
    /// The next escaped `<`, likewise.
    escape: usize,
    /// The next `>` or line break, likewise.
    close: usize,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str, grammar: Grammar, generic_escaped: bool) -> Self {
        let bytes = text.as_bytes();
        Scanner {
            text,
            grammar,
            generic_escaped,
            at: 0,
            bracket: memchr(b'<', bytes).unwrap_or(bytes.len()),
            escape: next_opener(bytes, 0).unwrap_or(bytes.len()),
            close: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Candidate> {
        let bytes = self.text.as_bytes();
        loop {
            if self.bracket < self.at {
                let next = memchr(b'<', bytes.get(self.at..)?);
                self.bracket = next.map_or(bytes.len(), |next| self.at + next);
            }
            if self.escape < self.at {
                self.escape = next_opener(bytes, self.at).unwrap_or(bytes.len());
            }
            let found = if self.bracket < self.escape {
                self.bracket().map(Candidate::Bracket)
            } else if self.escape < bytes.len() {
                self.escaped().map(Candidate::Escaped)
            } else {
                return None;
            };
            if found.is_some() {
                return found;
            }
        }
    }

    /// Looks at a run of `<` and goes past it, or past the placeholder that it begins.
    fn bracket(&mut self) -> Option<Result<Placeholder, PlaceholderError>> {
        let open = self.bracket;
        let rest = self.text.get(open..)?;
        let start = open + rest.len() - rest.trim_start_matches('<').len();
        self.at = start;
        let rest = self.text.get(start..)?;
        if !self.grammar.annotated && !begins_reference(rest) {
            return None;
        }
        // AVP strips every bracket from the match, which under the annotation begins at the first
        // `<` and otherwise at the last (its case `<<user>>`).
        let open = if self.grammar.annotated {
            open
        } else {
            start - 1
        };
        let stop = memchr3(b'<', b'>', b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let inside = rest.get(..stop)?;
        if !rest[stop..].starts_with('>') {
            let error = if begins_reference(rest) {
                Some(self.unclosed(open, start, stop))
            } else {
                self.cut_short(open, start, stop)
            };
            return error.map(Err);
        }
        if !is_placeholder(inside, self.grammar) {
            return None;
        }
        self.at = start + stop + 1;
        Some(body::parse(
            open..self.at,
            Piece::new(inside, start),
            self.grammar,
        ))
    }

    /// What is wrong with a reference from `open` whose inside, from `start`, is not closed where
    /// it stops.
    fn unclosed(&mut self, open: usize, start: usize, stop: usize) -> PlaceholderError {
        let inside = &self.text[start..start + stop];
        if let Some(nested) = Nested::find(self.text, start + stop) {
            let has_key = nested.hash || inside.contains('#');
            let wrong = match nested.end {
                _ if inside.contains('|') => Some(Kind::BracketInArgument),
                Some(_) => Some(Kind::PathHoldsBracket),
                None => None,
            };
            if let Some(kind) = wrong.filter(|_| has_key || !self.grammar.annotated) {
                self.at = nested.end.unwrap_or(nested.inner.end);
                // AVP's expression reaches over the inner brackets to the key.
                let survives = !self.grammar.annotated && (inside.starts_with(SCHEME) || !has_key);
                let error = PlaceholderError::new(kind, nested.inner.clone());
                return match kind {
                    Kind::PathHoldsBracket => {
                        error.with_hint(format!("replace {} by the id", &self.text[nested.inner]))
                    }
                    _ => error,
                }
                .surviving(survives);
            }
        }
        self.at = start + stop;
        let end = start + inside.trim_ascii_end().len();
        PlaceholderError::new(Kind::Unterminated, open..end).surviving(true)
    }

    /// A generic placeholder that a `<` in an argument ends: up to there it reads as one, but for
    /// a brace or quote that is open. (What follows would be taken for a placeholder itself.) Where
    /// no bracket closes on the line, it is text.
    fn cut_short(&mut self, open: usize, start: usize, stop: usize) -> Option<PlaceholderError> {
        let inside = self.text.get(start..start + stop)?;
        let rest = self.text.get(start + stop..)?.strip_prefix('<')?;
        if !self.grammar.annotated
            || !is_placeholder(inside, self.grammar)
            || !self.closes_after(start + stop)
        {
            return None;
        }
        let bracket = start + stop..start + stop + 1;
        let piece = Piece::new(inside, start);
        let error = body::parse(open..bracket.start, piece, self.grammar).err()?;
        if !matches!(error.kind(), Kind::UnclosedQuote | Kind::UnclosedBrace) {
            return None;
        }
        // The bracket is told here and is not looked at again, as the beginning of a reference.
        self.at = match memchr3(b'<', b'>', b'\n', rest.as_bytes()) {
            Some(next) if rest[next..].starts_with('>') => bracket.end + next + 1,
            _ => bracket.end,
        };
        Some(PlaceholderError::new(Kind::BracketInArgument, bracket))
    }

    /// Whether a `>` stands on the line behind an offset, which grows from call to call.
    fn closes_after(&mut self, offset: usize) -> bool {
        let bytes = self.text.as_bytes();
        if self.close < offset {
            let next = bytes
                .get(offset..)
                .and_then(|rest| memchr2(b'>', b'\n', rest));
            self.close = next.map_or(bytes.len(), |next| offset + next);
        }
        bytes.get(self.close) == Some(&b'>')
    }

    /// Looks at an escaped `<` and goes past it, or past the placeholder that it begins.
    fn escaped(&mut self) -> Option<EscapedForm> {
        let form = form(self.text, self.escape)?;
        let wanted = form.is_reference()
            || form.is_closed()
                && self.grammar.annotated
                && (self.generic_escaped || form.is_name(self.text, self.grammar));
        self.at = if wanted {
            form.span().end
        } else {
            form.inside().start
        };
        wanted.then_some(form)
    }
}

/// Brackets inside of the brackets of a reference: `<path:vaults/<VAULT UUID>/items/x#k>`.
struct Nested {
    /// The first inner pair.
    inner: Span,
    /// Where the outer pair ends, if it is closed on the line.
    end: Option<usize>,
    /// Whether a `#` stands between the inner pairs and the end.
    hash: bool,
}

impl Nested {
    /// Looks for inner pairs from the `<` at an offset up to the `>` of the outer pair. It stops
    /// where another reference begins, so that no text is looked at for two of them.
    fn find(text: &str, from: usize) -> Option<Self> {
        let (inner, mut at) = Nested::pair(text, from)?;
        let mut nested = Nested {
            inner,
            end: None,
            hash: false,
        };
        loop {
            let rest = text.get(at..)?;
            let Some(stop) = rest.find(['<', '>', '\n']) else {
                return Some(nested);
            };
            nested.hash |= rest[..stop].contains('#');
            if rest[stop..].starts_with('>') {
                nested.end = Some(at + stop + 1);
                return Some(nested);
            }
            match Nested::pair(text, at + stop) {
                Some((_, after)) => at = after,
                None => return Some(nested),
            }
        }
    }

    /// The pair of brackets, not those of a reference, that opens at an offset, and where it ends.
    fn pair(text: &str, open: usize) -> Option<(Span, usize)> {
        let rest = text.get(open..)?.strip_prefix('<')?;
        let close = rest.find(['<', '>', '\n'])?;
        let end = open + 1 + close + 1;
        let closed = !begins_reference(rest) && rest[close..].starts_with('>');
        closed.then_some((open..end, end))
    }
}
