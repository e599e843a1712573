//! Placeholders whose brackets are escaped.
//!
//! Helm's `toJson` turns `<` into `\u003c`, `urlquery` into `%3C`, and HTML knows `&lt;`. AVP lets
//! such a placeholder through as it is; here it is found, can be read, and its value can be escaped
//! in the same way.
//!
//! ```
//! use manifill_placeholder::{Grammar, escaped::{Escape, scan_escaped}};
//!
//! let text = r#"{"user": "\u003cpath:db#user\u003e"}"#;
//! let (placeholder, escape) = scan_escaped(text, Grammar::default()).next().unwrap()?;
//! assert_eq!(&text[placeholder.span.clone()], r"\u003cpath:db#user\u003e");
//! assert_eq!(escape, Escape::Json);
//! assert_eq!(escape.apply("a\"b"), r#"a\"b"#);
//! # Ok::<(), manifill_placeholder::PlaceholderError>(())
//! ```

use crate::error::PlaceholderError;
use crate::grammar::Grammar;
use crate::placeholder::Placeholder;
use crate::scanner::{Candidate, Scanner};

pub use crate::escape::Escape;

/// Finds the placeholders with escaped brackets: references, and in an annotated resource generic
/// ones too.
///
/// A placeholder's span covers the escaped text. What stands between plain brackets belongs to a
/// placeholder of [`scan`](crate::scan) and is left out.
pub fn scan_escaped(text: &str, grammar: Grammar) -> ScanEscaped<'_> {
    ScanEscaped {
        scanner: Scanner::new(text, grammar, true),
        text,
        grammar,
    }
}

/// The iterator that [`scan_escaped`] returns.
#[derive(Clone, Debug)]
pub struct ScanEscaped<'t> {
    scanner: Scanner<'t>,
    text: &'t str,
    grammar: Grammar,
}

impl Iterator for ScanEscaped<'_> {
    type Item = Result<(Placeholder, Escape), PlaceholderError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Candidate::Escaped(form) = self.scanner.next()? {
                if let Some(read) = form.read(self.text, self.grammar) {
                    return Some(read);
                }
            }
        }
    }
}
