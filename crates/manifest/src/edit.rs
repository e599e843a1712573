//! What can be done to a document.

use std::ops::Range;

/// A change of one scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The number of the scalar in [`Document::scalars`](crate::Document::scalars).
    pub scalar: usize,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Text is put in place of parts of the decoded value; the rest stays. The result is a string
    /// for every reader, whatever it looks like.
    Fill(Vec<Fill>),
    /// The whole scalar becomes this JSON text on one line; see [`crate::Value::to_json`].
    Typed(String),
    /// The map entry that holds the scalar goes away.
    Remove,
}

/// Text for a part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The part, in bytes of the decoded value.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}
