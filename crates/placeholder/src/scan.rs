//! Finding placeholders in a text.

use memchr::{memchr, memchr3_iter, memmem, memrchr};

use crate::error::{PlaceholderError, PlaceholderErrorKind as Kind};
use crate::escape::form::opener;
use crate::grammar::{Grammar, begins_reference};
use crate::placeholder::Placeholder;
use crate::scanner::{Candidate, Scanner};

/// Finds the placeholders of a text, and what looks like one and is none.
///
/// They come from left to right and do not overlap. The cost is linear in the text.
///
/// ```
/// use manifill_placeholder::{Grammar, scan};
///
/// let annotated = Grammar::new().with_annotated(true);
/// let text = "<user> in <b>";
/// assert_eq!(scan(text, Grammar::default()).count(), 0);
/// assert_eq!(scan(text, annotated).count(), 2);
/// // A path without a key is neither text nor a placeholder.
/// assert!(scan("<path:db>", Grammar::default()).next().unwrap().is_err());
/// ```
pub fn scan(text: &str, grammar: Grammar) -> Scan<'_> {
    Scan {
        scanner: Scanner::new(text, grammar, false),
    }
}

/// The iterator that [`scan`] returns.
#[derive(Clone, Debug)]
#[must_use]
pub struct Scan<'t> {
    scanner: Scanner<'t>,
}

impl Iterator for Scan<'_> {
    type Item = Result<Placeholder, PlaceholderError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.scanner.next()? {
            Candidate::Bracket(found) => found,
            Candidate::Escaped(form) => Err(form.unfilled()),
        })
    }
}

/// Reads a text that is one placeholder and nothing else.
///
/// # Errors
/// What is wrong with the placeholder, or [`NotOne`](Kind::NotOne) if there is none or something
/// beside it.
pub fn parse(text: &str, grammar: Grammar) -> Result<Placeholder, PlaceholderError> {
    let whole = 0..text.len();
    match scan(text, grammar).next() {
        Some(Ok(placeholder)) if placeholder.span == whole => Ok(placeholder),
        Some(Err(error)) => Err(error),
        _ => Err(PlaceholderError::new(Kind::NotOne, whole)),
    }
}

/// Whether a text can hold anything that [`scan`] or
/// [`scan_escaped`](crate::escaped::scan_escaped) yields, under any grammar.
///
/// It only looks for brackets, so `true` may be a false alarm; `false` is certain.
pub fn may_contain(text: &str) -> bool {
    let bytes = text.as_bytes();
    if let Some(open) = memchr(b'<', bytes) {
        let rest = &bytes[open..];
        if memchr(b'>', rest).is_some()
            || memmem::find(rest, b"<path:").is_some()
            || memmem::find(rest, b"<op://").is_some()
        {
            return true;
        }
    }
    memchr3_iter(b'\\', b'%', b'&', bytes).any(|at| opener(bytes, at).is_some())
}

/// The offset of a placeholder that begins in a text and does not end in it: of `<path:` or
/// `<op://`, in an annotated resource of any `<`.
///
/// In a plain YAML scalar ` #` starts a comment, which may have taken the rest of the placeholder.
///
/// ```
/// use manifill_placeholder::unclosed_opener;
///
/// assert_eq!(unclosed_opener("see <path:vaults/Prod/items/C", false), Some(4));
/// assert_eq!(unclosed_opener("a <b", false), None);
/// assert_eq!(unclosed_opener("a <b", true), Some(2));
/// ```
pub fn unclosed_opener(text: &str, annotated: bool) -> Option<usize> {
    let open = memrchr(b'<', text.as_bytes())?;
    let rest = text.get(open + 1..)?;
    let closed = rest.contains(['>', '\n']);
    (!closed && (annotated || begins_reference(rest))).then_some(open)
}
