use thiserror::Error;

/// What is wrong with a data file, and where. Never shows a value of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The text is not JSON.
    #[error("the data are not JSON: line {line}, column {column}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A map has a key twice.
    #[error("line {line}, column {column}: this key is there already")]
    DuplicateKey {
        /// The line, from 1.
        line: usize,
        /// The column where the key ends, from 1.
        column: usize,
    },
    /// A part has the wrong shape.
    #[error("`{at}` {what}")]
    Shape {
        /// The place, such as `vaults[0].items[2].title`.
        at: String,
        /// What it should be.
        what: &'static str,
    },
}
