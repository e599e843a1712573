//! What an entry of a map is set to.

use crate::chars::double_quoted;
use crate::value::types::Value;

/// What an entry of a map is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum NewValue<'e> {
    /// Text, which is written in quotes. It takes the place of text alone.
    Text(&'e str),
    /// Any value, which is written as JSON on one line. It takes the place of whatever is there.
    Any(&'e Value),
}

impl NewValue<'_> {
    /// The value as it is written.
    pub(crate) fn written(self) -> String {
        match self {
            NewValue::Text(text) => double_quoted(text),
            NewValue::Any(value) => value.to_json(),
        }
    }
}
