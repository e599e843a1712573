//! References that were escaped more than once, by whatever mixture of escapes.
//!
//! A template that escapes what another one has escaped makes `%253Cpath:`, `&amp;lt;path:` and
//! `\u0026lt;path:`. Nothing fills those; here is only told where one is, for the last look before a
//! cluster.
//!
//! ```
//! use manifill_placeholder::layered;
//!
//! assert_eq!(layered::find("next: %253Cpath:db#user%253E"), Some(6));
//! assert_eq!(layered::find(r"<b>\u0026lt;path:db#user\u0026gt;"), Some(3));
//! assert_eq!(layered::find("%3Cpath:db#user%3E"), None);
//! ```

use memchr::memchr3_iter;

use crate::escape::Escape;
use crate::escape::decode::decode;
use crate::grammar::Grammar;
use crate::scan::{may_contain, scan};

/// How many escapes are taken off, one after the other.
const LAYERS: usize = 4;

/// Where the first reference is that was escaped more than once. What has been escaped once
/// [`scan`](crate::scan()) finds.
pub fn find(text: &str) -> Option<usize> {
    inside(text, LAYERS)
}

fn inside(text: &str, layers: usize) -> Option<usize> {
    let escapes = [Escape::Json, Escape::Percent, Escape::Html];
    let found = escapes.into_iter().filter_map(|escape| {
        let from = first(text, escape).filter(|_| layers > 0)?;
        let decoded = decode(text.get(from..)?, escape)?;
        let at = reference(&decoded.text).or_else(|| inside(&decoded.text, layers - 1))?;
        Some(from + decoded.source(at))
    });
    found.min()
}

/// Where the first reference in a text begins, with brackets of any form.
fn reference(text: &str) -> Option<usize> {
    let mut found = may_contain(text).then(|| scan(text, Grammar::new()))?;
    Some(match found.next()? {
        Ok(placeholder) => placeholder.span.start,
        Err(error) => error.span().start,
    })
}

/// Where something first stands for a character that escapes begin with. A number of HTML may stand
/// for any.
fn first(text: &str, escape: Escape) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr3_iter(b'\\', b'%', b'&', bytes).find(|&at| match (escape, &bytes[at..]) {
        (Escape::Json, [b'\\', b'u', b'0', b'0', rest @ ..] | [b'\\', b'x', rest @ ..])
        | (Escape::Percent, [b'%', rest @ ..]) => {
            matches!(rest, [b'2', b'5' | b'6', ..] | [b'5', b'c' | b'C', ..])
        }
        (Escape::Html, rest) => rest.starts_with(b"&amp;") || rest.starts_with(b"&#"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_reference_is_passed() {
        for text in [
            "",
            "a %25 b",
            "R&amp;D <path",
            "%253Cb%253E",
            "&#169; &#x3c;b&#x3e;",
            r"C:\u0025path:\x25",
            "path: %25",
            "%253Cpat",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_html_may_be_written_in_many_ways() {
        for text in ["&#060;path:a#b", "&#x0003C;path:a#b", "&#38;lt;path:a#b"] {
            assert_eq!(find(text), Some(0), "{text}");
        }
    }

    fn escape() -> impl Strategy<Value = Escape> {
        prop::sample::select(vec![Escape::Json, Escape::Percent, Escape::Html])
    }

    proptest! {
        /// Whatever was escaped by whatever, it is found where it begins.
        #[test]
        fn every_mixture_is_found(before in "[a-z =]{0,5}", escapes in prop::collection::vec(escape(), 2..=4)) {
            let mut text = "<path:a#b>".to_owned();
            for escape in &escapes {
                text = escape.apply(&text);
            }
            let once = may_contain(&text) && scan(&text, Grammar::new()).next().is_some();
            let whole = format!("{before}{text}");
            // Its bracket stands before its first word.
            let begins = |at: usize| (before.len()..whole.find("path").unwrap_or(0)).contains(&at);
            prop_assert!(once || find(&whole).is_some_and(begins), "{whole}");
        }
    }
}
