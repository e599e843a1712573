//! What base64 in a text hides, however often it was encoded.
//!
//! [`encoded`](crate::encoded) finds what manifill fills. Here is only told where something is, so
//! that the last look before a cluster misses nothing: bytes count that are not text, base64 that is
//! folded over lines, and base64 in base64 as deep as it goes.
//!
//! ```
//! use manifill_placeholder::{buried, encode};
//!
//! let mut text = "<path:db#user>".to_owned();
//! for _ in 0..10 {
//!     text = encode(text.as_bytes());
//! }
//! let opener = |bytes: &[u8]| bytes.starts_with(b"<path:");
//! let line = format!("auth: {text}");
//! let found = buried::find(line.as_bytes(), buried::OF_REFERENCES, &opener).next();
//! assert_eq!(found, Some(6..line.len()));
//! ```

use crate::Span;
use crate::encoded::{decode_digits, is_digit, is_reference};

/// The digits of base64 of the shortest reference.
pub const OF_REFERENCES: usize = 11;

/// The digits of base64 of the shortest generic placeholder, `<a>`.
pub const OF_NAMES: usize = 4;

/// How many encodings are looked through for base64 that is folded over lines: each has to be read
/// in several ways, and nobody folds what he encodes that often.
const FOLDED: usize = 3;

/// Where runs of base64 stand in a text that hold something that is `wanted`, at any depth, or a
/// reference of which only the beginning of the run is something else.
///
/// `wanted` is asked about the bytes that a run holds, which need not be text, and about those that
/// runs in them hold. Runs of fewer than `least` digits are passed over. The cost is linear in the text: what is encoded is a quarter shorter each time.
pub fn find<'t>(
    text: &'t [u8],
    least: usize,
    wanted: &'t dyn Fn(&[u8]) -> bool,
) -> impl Iterator<Item = Span> + 't {
    let search = Search { least, wanted };
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let lines = lines(text, at)?;
            at = lines.last()?.end;
            if let Some(first) = search.found(text, &lines, 0) {
                return Some(first);
            }
        }
    })
}

/// What is looked for.
struct Search<'t> {
    least: usize,
    wanted: &'t dyn Fn(&[u8]) -> bool,
}

impl Search<'_> {
    /// Whether something that is wanted is in the runs of a text that has been encoded so many times.
    fn holds(&self, text: &[u8], depth: usize) -> bool {
        let mut at = 0;
        while let Some(lines) = lines(text, at) {
            at = lines.last().map_or(text.len(), |last| last.end);
            if self.found(text, &lines, depth).is_some() {
                return true;
            }
        }
        false
    }

    /// What is found in a run and those that it may go on in: where the base64 stands.
    fn found(&self, text: &[u8], lines: &[Span], depth: usize) -> Option<Span> {
        let inside = |digits: &[u8]| {
            is_reference(digits)
                || digits.len() >= self.least
                    && decode_digits(digits)
                        .is_some_and(|bytes| (self.wanted)(&bytes) || self.holds(&bytes, depth + 1))
        };
        if let Some(line) = lines.iter().find(|line| inside(&text[(*line).clone()])) {
            return Some(line.start..padded(text, line.end));
        }
        if lines.len() < 2 || depth >= FOLDED {
            return None;
        }
        // The first line may be a word that only stands above.
        let folded = (0..2).find(|&from| {
            let joined: Vec<u8> = lines[from..]
                .iter()
                .flat_map(|line| &text[line.clone()])
                .copied()
                .collect();
            inside(&joined)
        })?;
        let (first, last) = (&lines[folded], lines.last()?);
        Some(first.start..padded(text, last.end))
    }
}

/// Where the padding behind an offset ends.
fn padded(text: &[u8], end: usize) -> usize {
    let padding = text[end..].iter().take_while(|byte| **byte == b'=');
    end + padding.count()
}

/// The next run of digits of base64, and those that it goes on in if it is folded: each begins the
/// line behind the one before.
fn lines(text: &[u8], from: usize) -> Option<Vec<Span>> {
    let run = |start: usize| {
        let length = text[start..].iter().take_while(|byte| is_digit(byte));
        start..start + length.count()
    };
    let start = from + text.get(from..)?.iter().position(is_digit)?;
    let mut lines = vec![run(start)];
    while let Some(next) = lines.last().and_then(|last| next_line(text, last.end)) {
        lines.push(run(next));
    }
    Some(lines)
}

/// Where the next line begins, if this one ends here and that one begins with a digit of base64.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let line = rest.strip_prefix(b"\n")?;
    let spaces = line.iter().take_while(|byte| **byte == b' ').count();
    let at = text.len() - line.len() + spaces;
    text.get(at).is_some_and(is_digit).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OF_NAMES, OF_REFERENCES, find};
    use crate::base64::encode;

    fn opens(bytes: &[u8]) -> bool {
        bytes.windows(6).any(|six| six == b"<path:")
    }

    fn is_found(text: &str) -> bool {
        find(text.as_bytes(), OF_REFERENCES, &opens)
            .next()
            .is_some()
    }

    fn wrapped(text: &str, width: usize) -> String {
        let lines: Vec<_> = text.as_bytes().chunks(width).collect();
        String::from_utf8(lines.join(&b'\n')).unwrap()
    }

    #[test]
    fn nothing_is_found_in_words() {
        let certificate = encode(&[b"certificate".as_slice(); 40].concat());
        let numbers: String = (0..400).map(|one| format!("word{one}\n")).collect();
        for text in [
            "longwordswithoutanymeaning",
            &certificate,
            &numbers,
            "",
            "=\n=",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }

    #[test]
    fn short_runs_count_if_that_is_asked_for() {
        let name = |bytes: &[u8]| bytes == b"<a>";
        for depth in 1..4 {
            let text = (0..depth).fold("<a>".to_owned(), |text, _| encode(text.as_bytes()));
            let count = |least| find(text.as_bytes(), least, &name).count();
            assert_eq!((count(OF_NAMES), count(OF_REFERENCES)), (1, 0), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_at() {
        assert!(is_found(&encode(b"\xff\xfe<path:db#user>")));
        assert!(is_found(&encode(
            &encode(b"\xff\xfe<path:db#user>").into_bytes()
        )));
    }

    #[test]
    fn folded_base64_is_read_as_one() {
        let once = encode(b"the text before <path:vaults/Home/items/db#password> and behind");
        for width in [3, 8, 20, 64] {
            let lines = wrapped(&once, width);
            assert!(is_found(&lines), "{lines}");
            assert!(is_found(&format!("key\n{lines}\n")), "{lines}");
            assert!(is_found(&format!(
                "a: |\n    {}\nb: c",
                lines.replace('\n', "\n    ")
            )));
            assert!(is_found(&lines.replace('\n', "\r\n")));
            assert!(is_found(&encode(format!("x:\n{lines}\n").as_bytes())));
        }
    }

    proptest! {
        /// However often it was encoded, in whatever place of a group, it is found.
        #[test]
        fn every_depth_is_found(before in "[a-zé:\" ]{0,9}", after in "[a-z#> ]{0,9}", depth in 1..9_usize) {
            let mut text = format!("{before}<path:{after}");
            for _ in 0..depth {
                text = encode(text.as_bytes());
            }
            let around = format!("x: {text}; y");
            prop_assert_eq!(find(around.as_bytes(), OF_REFERENCES, &opens).next(), Some(3..3 + text.len()));
        }
    }
}
