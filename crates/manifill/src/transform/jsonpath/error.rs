//! What is wrong with a jsonPath expression, or with running it on a value.

/// Why a jsonPath expression could not be read or run, in the words of kubectl.
///
/// Names and numbers come from the expression, lengths from the value; nothing else does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonPathError {
    /// A `{` has no `}`.
    #[error("unclosed action")]
    UnclosedAction,
    /// A `[` has no `]`.
    #[error("unterminated array")]
    UnterminatedArray,
    /// A `[?(` has no `)`.
    #[error("unterminated filter")]
    UnterminatedFilter,
    /// A `[?(…)` has no `]`.
    #[error("unclosed array expect ]")]
    UnclosedFilter,
    /// A quote is not closed on its line.
    #[error("unterminated quoted string")]
    UnterminatedQuote,
    /// A backslash in quotes does not begin an escape.
    #[error("invalid escape in a quoted string")]
    Escape,
    /// A character that means nothing in an action.
    #[error("unrecognized character in action: U+{:04X} '{}'", u32::from(*.0), .0.escape_debug())]
    Character(char),
    /// A word that means nothing in an action.
    #[error("unrecognized identifier {0}")]
    Identifier(String),
    /// What stands in brackets is neither a number, a slice nor a key.
    #[error("invalid array index {0}")]
    Index(String),
    /// Something that begins like a number is none.
    #[error("cannot parse number {0}")]
    Number(String),
    /// `....` selects nothing that `..` does not.
    #[error("invalid multiple recursive descent")]
    Recursion,
    /// A filter compares with something other than `==`, `!=`, `<`, `<=`, `>` or `>=`.
    #[error("unrecognized filter operator {0}")]
    Operator(String),
    /// `{end}` without `{range …}`.
    #[error("not in range, nothing to end")]
    NotInRange,
    /// `{range …}` without `{end}`.
    #[error("unclosed range")]
    UnclosedRange,
    /// Ranges or filters are nested too deeply.
    #[error("the expression is nested deeper than 32 levels")]
    TooDeep,
    /// No value has this key.
    #[error("{0} is not found")]
    NotFound(String),
    /// An index is beyond the list.
    #[error("array index out of bounds: index {index}, length {length}")]
    OutOfBounds {
        /// The index; negative if it lies before the first element.
        index: i64,
        /// The length of the list.
        length: usize,
    },
    /// A slice ends before it starts.
    #[error("starting index {start} is greater than ending index {end}")]
    Backwards {
        /// Where it starts.
        start: i64,
        /// Where it ends.
        end: i64,
    },
    /// A slice has a step of zero or less.
    #[error("step must be > 0")]
    Step,
    /// An index or a slice of something that is no list.
    #[error("{0} is not array or slice")]
    NotList(&'static str),
    /// A filter of something that is no list.
    #[error("{0} is not array or slice and cannot be filtered")]
    NotFilterable(&'static str),
    /// A filter compares several values.
    #[error("can only compare one element at a time")]
    SeveralCompared,
    /// A filter compares values of different types.
    #[error("incompatible types for comparison")]
    Incompatible,
    /// A filter compares something that has no order, or is no scalar.
    #[error("invalid type for comparison")]
    Incomparable,
    /// The expression visits more values than any sensible one.
    #[error("the expression selects too much")]
    TooMuch,
}

impl JsonPathError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            JsonPathError::Character('&' | '|') => {
                Some("a filter makes one comparison; kubectl's dialect has no `&&` and `||`")
            }
            JsonPathError::Character('{') => Some("a `{` cannot stand inside braces"),
            JsonPathError::NotList("map") => Some("`.*` selects the values of a map"),
            JsonPathError::UnclosedRange => Some("close it with `{end}`"),
            _ => None,
        }
    }
}
