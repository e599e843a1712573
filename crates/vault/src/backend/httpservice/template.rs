//! Texts in which the parts of a path have a place.

use zeroize::Zeroizing;

/// How many parts of a path can have a place of their own.
pub(super) const MOST: usize = 9;

/// A text of the operator's, which may be secret, with places for a path. It has no `Debug`.
pub(super) struct Template(Vec<Piece>);

enum Piece {
    Text(Zeroizing<String>),
    /// The whole path.
    Path,
    /// One of its parts, from 1.
    Part(usize),
}

/// Which places templates have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Whether the whole path has one.
    pub(super) path: bool,
    /// For each part, from the first, whether it has one.
    pub(super) parts: [bool; MOST],
}

impl Template {
    /// Reads a text: `{path}` and `{1}` to `{9}` are places, all else is text.
    pub(super) fn parse(text: &str) -> Self {
        let (mut pieces, mut rest, mut start) = (Vec::new(), text, 0);
        while let Some(at) = rest.get(start..).and_then(|text| text.find('{')) {
            let open = start + at;
            let after = rest.get(open..).unwrap_or_default();
            let Some((piece, length)) = place(after) else {
                start = open + 1;
                continue;
            };
            pieces.extend(plain(rest.get(..open).unwrap_or_default()));
            pieces.push(piece);
            rest = rest.get(open + length..).unwrap_or_default();
            start = 0;
        }
        pieces.extend(plain(rest));
        Template(pieces)
    }

    /// Notes the places that it has.
    pub(super) fn note(&self, places: &mut Places) {
        for piece in &self.0 {
            match piece {
                Piece::Text(_) => {}
                Piece::Path => places.path = true,
                Piece::Part(number) => {
                    if let Some(part) = places.parts.get_mut(number - 1) {
                        *part = true;
                    }
                }
            }
        }
    }

    /// Whether it is nothing but the place of the whole path.
    pub(super) fn is_path(&self) -> bool {
        matches!(self.0.as_slice(), [Piece::Path])
    }

    /// The text with the parts of a path in their places, written as `escape` does.
    pub(super) fn fill(&self, parts: &[&str], escape: fn(&str) -> String) -> Zeroizing<String> {
        let mut filled = Zeroizing::new(String::new());
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Path => filled.push_str(&escape(&parts.join("/"))),
                Piece::Part(number) => {
                    let part = parts.get(number - 1).copied();
                    filled.push_str(&escape(part.unwrap_or_default()));
                }
            }
        }
        filled
    }
}

/// The place that a text begins with, and its length.
fn place(text: &str) -> Option<(Piece, usize)> {
    if text.starts_with("{path}") {
        return Some((Piece::Path, "{path}".len()));
    }
    match text.as_bytes() {
        [b'{', digit @ b'1'..=b'9', b'}', ..] => {
            Some((Piece::Part(usize::from(digit - b'0')), "{1}".len()))
        }
        _ => None,
    }
}

fn plain(text: &str) -> Option<Piece> {
    let text = Some(text).filter(|text| !text.is_empty());
    text.map(|text| Piece::Text(Zeroizing::new(text.to_owned())))
}

impl Places {
    /// Whether the path has any place.
    pub(super) fn is_empty(&self) -> bool {
        *self == Places::default()
    }

    /// The highest number of a part that has a place.
    pub(super) fn highest(&self) -> usize {
        self.parts
            .iter()
            .rposition(|is_used| *is_used)
            .map_or(0, |at| at + 1)
    }

    /// The first part that has no place though a later one has, and the whole path has none.
    pub(super) fn gap(&self) -> Option<usize> {
        let parts = self.parts.get(..self.highest()).filter(|_| !self.path)?;
        parts.iter().position(|is_used| !is_used).map(|at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_that_are_known_are_places() {
        let upper = |text: &str| text.to_uppercase();
        for (text, filled) in [
            ("", ""),
            ("a", "a"),
            ("{path}", "A/B"),
            ("x{1}y{2}z", "xAyBz"),
            ("{1}{1}", "AA"),
            ("{\"a\":{\"b\":\"{2}\"}}", "{\"a\":{\"b\":\"B\"}}"),
            ("{0}{10}{ 1}{PATH}{}{", "{0}{10}{ 1}{PATH}{}{"),
            ("{{1}}", "{A}"),
            ("ü{1}ü", "üAü"),
            ("{3}", ""),
        ] {
            assert_eq!(
                Template::parse(text).fill(&["a", "b"], upper).as_str(),
                filled
            );
        }
    }

    #[test]
    fn places_are_counted_over_all_texts() {
        let places = |texts: &[&str]| {
            let mut places = Places::default();
            for text in texts {
                Template::parse(text).note(&mut places);
            }
            places
        };
        assert!(places(&["a", "{0}"]).is_empty());
        assert_eq!(places(&["{1}", "x{3}"]).highest(), 3);
        assert_eq!(places(&["{1}", "x{3}"]).gap(), Some(2));
        assert_eq!(places(&["{2}{1}"]).gap(), None);
        assert_eq!(places(&["{2}", "{path}"]).gap(), None);
    }
}
