//! What can be done to a document.
//!
//! The texts can be secrets, so `Debug` shows none of them.

use crate::Span;
use std::fmt;
use std::ops::Range;

/// A change of one scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The number of the scalar in [`Document::scalars`](crate::Document::scalars).
    pub scalar: usize,
    /// What becomes of it.
    pub change: Replacement,
}

/// What becomes of a scalar.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replacement {
    /// Text is put in place of parts of the decoded value; the rest stays. The result is a string
    /// for every reader, whatever it looks like.
    Text(TextEdits),
    /// As [`Text`](Self::Text); a plain scalar stays one if every reader takes its new text for that
    /// text.
    Bare(TextEdits),
    /// The whole scalar becomes this JSON text on one line; see [`crate::Value::to_json`].
    Json(String),
    /// The map entry that holds the scalar goes away.
    Remove,
}

impl fmt::Debug for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(fills) => f.debug_tuple("Text").field(fills).finish(),
            Self::Bare(fills) => f.debug_tuple("Bare").field(fills).finish(),
            Self::Json(_) => f.write_str("Json([redacted])"),
            Self::Remove => f.write_str("Remove"),
        }
    }
}

/// Text for a part of a value.
#[derive(Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// The part, in bytes of the decoded value.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

impl fmt::Debug for TextEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextEdit({:?}: [redacted])", self.range)
    }
}

/// Texts for parts of one value, in ascending order.
///
/// A value can have very many of them, so they share one text.
///
/// ```
/// use manifill_manifest::{TextEdit, TextEdits};
///
/// let mut fills = TextEdits::new();
/// fills.push(0..3, "a");
/// fills.push(5..8, "b");
/// let second = TextEdit { range: 5..8, text: "b".into() };
/// let first = TextEdit { range: 0..3, text: "a".into() };
/// assert_eq!(fills, [second, first].into_iter().collect());
/// assert_eq!(fills.filled("<x>, <y>").as_deref(), Some("a, b"));
/// assert_eq!(fills.filled("<x>"), None);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct TextEdits {
    parts: Vec<Part>,
    text: String,
}

/// A part of a value and the end of its text in the text of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    start: u32,
    end: u32,
    text_end: usize,
}

impl TextEdits {
    /// No fills yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fills yet, and room for this many.
    pub fn with_capacity(count: usize) -> Self {
        Self {
            parts: Vec::with_capacity(count),
            text: String::new(),
        }
    }

    /// Adds text for a part that lies behind those that are there, in bytes of the decoded value.
    ///
    /// Parts that overlap, or are no parts of the value, are refused when the change is made.
    pub fn push(&mut self, range: Range<usize>, text: &str) {
        // A document is smaller than 4 GiB; what is not in it is refused like any other misfit.
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.parts.push(Part {
            start: small(range.start),
            end: small(range.end),
            text_end: self.text.len(),
        });
    }

    /// The parts with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (Span, &str)> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let text = &self.text[start..part.text_end];
            start = part.text_end;
            (part.start as usize..part.end as usize, text)
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// A value with the texts in their places; `None` if the parts overlap or are no parts of it.
    pub fn filled(&self, value: &str) -> Option<String> {
        let mut out = String::with_capacity(value.len() + self.text.len());
        let mut at = 0;
        for (range, text) in self.iter() {
            out.push_str(value.get(at..range.start)?);
            out.push_str(text);
            value.get(range.clone())?;
            at = range.end;
        }
        out.push_str(&value[at..]);
        Some(out)
    }
}

impl fmt::Debug for TextEdits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.iter().map(|(range, _)| range);
        f.write_str("TextEdits")?;
        f.debug_list().entries(parts).finish()
    }
}

/// Sorts them by their parts.
impl FromIterator<TextEdit> for TextEdits {
    fn from_iter<I: IntoIterator<Item = TextEdit>>(fills: I) -> Self {
        let mut fills: Vec<TextEdit> = fills.into_iter().collect();
        fills.sort_by_key(|fill| (fill.range.start, fill.range.end));
        let mut all = Self::with_capacity(fills.len());
        for fill in fills {
            all.push(fill.range, &fill.text);
        }
        all
    }
}
