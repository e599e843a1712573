//! `jsonPath`: kubectl's dialect, as AVP runs it (rules 36 to 38).
//!
//! Text outside braces is literal; an action in braces selects values and prints them with blanks
//! between: `{.a.b}`, `{['a']}`, `{.l[0]}`, `{.l[-1]}`, `{.l[1:3]}`, `{.l[*]}`, `{..a}`,
//! `{.l[0,2]}`, `{['a','b']}`, `{.l[?(@.a=="x")]}`, `{range .l[*]}…{end}`, `{"\n"}`. `@` and `$`
//! both mean the current value. A key that is missing is an error.
//!
//! Where kubectl's reading is an accident, this one differs: numbers keep their digits and compare
//! by value, a quoted key with dots may be one key, quotes protect `]`, `,` and `)`, a range over
//! nothing prints nothing, a range without `{end}` is an error, and text has no elements.

mod compare;
mod error;
mod eval;
mod parse;

#[cfg(test)]
mod tests;

use manifill_vault::{Exposed, SecretValue};

pub use error::JsonPathError;

use super::TransformErrorKind;
use super::bounded::fits;
use super::scalar::scalar;

/// Checks the syntax of an expression.
pub(super) fn check(expression: &str) -> Result<(), JsonPathError> {
    parse::parse(expression).map(drop)
}

/// Runs an expression; text is read as JSON first.
pub(super) fn run(expression: &str, value: &SecretValue) -> Result<String, TransformErrorKind> {
    let expression = parse::parse(expression)?;
    with_root(value, |root| eval::print(&expression, root))
}

/// The names that a value has where an expression wants one that is not there.
pub(super) fn names_there(expression: &str, value: &SecretValue) -> Vec<String> {
    let names = parse::parse(expression).map(|expression| {
        with_root(value, |root| Ok(eval::names_there(&expression, root))).unwrap_or_default()
    });
    names.unwrap_or_default()
}

fn with_root<T>(
    value: &SecretValue,
    run: impl FnOnce(Exposed<'_>) -> Result<T, TransformErrorKind>,
) -> Result<T, TransformErrorKind> {
    match value.expose() {
        Exposed::Text(_) | Exposed::Bytes(_) => {
            fits(scalar(value)?.len())?;
            let parsed = SecretValue::from_json(scalar(value)?);
            run(parsed.ok_or(TransformErrorKind::NotJson)?.expose())
        }
        exposed => run(exposed),
    }
}
