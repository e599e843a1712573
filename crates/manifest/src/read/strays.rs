//! Annotations that do nothing: with a slip in their name, or in the wrong place.

use crate::Span;
use crate::error::ManifestError;
use crate::read::tree::Tree;

/// A name that was probably meant as an annotation that matters, and does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The name as it is written.
    pub name: String,
    /// The annotation that was meant.
    pub meant: &'static str,
    /// Where it stands.
    pub place: StrayPlace,
    /// Where the name stands.
    pub span: Span,
}

/// Where a [`Stray`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StrayPlace {
    /// Among the annotations, with a slip in its name.
    Annotations,
    /// Among the labels.
    Labels,
    /// In `annotations` beside `metadata`.
    Root,
    /// Among the annotations of a pod template whose object lacks it.
    Template,
}

/// The known annotation that a name is nearly: within two edits, or with other separators between
/// its first word and its last, as in `avp_path`.
///
/// It costs little for names that are not near, since it gives up at the third edit.
pub(crate) fn meant(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    known
        .iter()
        .copied()
        .find(|known| is_near(name.as_bytes(), known.as_bytes(), 2) || is_short(name, known))
}

/// Whether so many edits make one text of another.
fn is_near(one: &[u8], other: &[u8], edits: usize) -> bool {
    if one.len().abs_diff(other.len()) > edits {
        return false;
    }
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    let (Some(first), Some(second)) = (one.get(1..), other.get(1..)) else {
        return one.len().max(other.len()) <= edits;
    };
    edits > 0
        && (is_near(first, second, edits - 1)
            || is_near(first, other, edits - 1)
            || is_near(one, second, edits - 1))
}

/// Whether the letters of a name are those of the first and the last word of a known one.
fn is_short(name: &str, known: &str) -> bool {
    let letters = |text: &'_ str| {
        let digits = text.bytes().filter(u8::is_ascii_alphanumeric);
        digits
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<_>>()
    };
    let same_start = name.bytes().next().map(|it| it.to_ascii_lowercase()) == known.bytes().next();
    let words = known.split_once('.').zip(known.split_once('/'));
    same_start
        && words.is_some_and(|((first, _), (_, last))| {
            name.len() <= first.len() + last.len() + 2
                && letters(name) == [letters(first), letters(last)].concat()
        })
}

/// The known annotations of an object that stand where they do nothing; `has` says which ones it
/// has.
pub(crate) fn misplaced(
    tree: &Tree<'_>,
    base: usize,
    node: u32,
    known: &'static [&'static str],
    has: impl Fn(&str) -> bool,
) -> Result<Vec<Stray>, ManifestError> {
    let places: [(&[&str], StrayPlace); 4] = [
        (&["metadata", "labels"], StrayPlace::Labels),
        (&["annotations"], StrayPlace::Root),
        (TEMPLATE, StrayPlace::Template),
        (
            &[&["spec", "jobTemplate"], TEMPLATE].concat(),
            StrayPlace::Template,
        ),
    ];
    let mut found = Vec::new();
    for (path, place) in places {
        let map = path.iter().try_fold(Some(node), |at, key| match at {
            Some(at) => tree.lookup(at, key),
            None => Ok(None),
        })?;
        let Some(map) = map else { continue };
        tree.entries(map, &mut |key, _| {
            let text = tree.text(key).unwrap_or_default();
            let Some(&name) = known.iter().find(|known| **known == text) else {
                return;
            };
            if place == StrayPlace::Template && has(name) {
                return;
            }
            let span = tree.nodes[key as usize].span();
            found.push(Stray {
                name: name.to_owned(),
                meant: name,
                place,
                span: base + span.start..base + span.end,
            });
        })?;
    }
    Ok(found)
}

/// The way to the annotations of a pod template.
const TEMPLATE: &[&str] = &["spec", "template", "metadata", "annotations"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: &[&str] = &["example.com/path", "example.com/remove-missing"];

    /// The edit distance, as textbooks have it.
    fn distance(one: &[u8], other: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, a) in one.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, b) in other.iter().enumerate() {
                let next = (diagonal + usize::from(a != b))
                    .min(row[j] + 1)
                    .min(row[j + 1] + 1);
                diagonal = std::mem::replace(&mut row[j + 1], next);
            }
        }
        row[other.len()]
    }

    proptest! {
        /// What is within two edits is near, and nothing else.
        #[test]
        fn near_is_within_two_edits(one in "[ab/.]{0,8}", other in "[ab/.]{0,8}") {
            let near = distance(one.as_bytes(), other.as_bytes()) <= 2;
            prop_assert_eq!(is_near(one.as_bytes(), other.as_bytes(), 2), near);
        }
    }

    #[test]
    fn other_separators_are_near_too() {
        for name in [
            "example_path",
            "example-path",
            "Example.Path",
            "example/path",
        ] {
            assert_eq!(meant(name, KNOWN), Some("example.com/path"), "{name}");
        }
        assert_eq!(meant("example_remove_missing", KNOWN), Some(KNOWN[1]));
        for name in [
            "",
            "path",
            "example",
            "example.com/",
            "examplepaths",
            "x.example.com/path",
        ] {
            assert_eq!(meant(name, KNOWN), None, "{name}");
        }
    }
}
