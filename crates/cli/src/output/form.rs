//! What a form is.

use std::fmt::Display;

use manifill::Plan;

use super::told::Told;

/// How things look.
pub(super) trait Form {
    /// Takes one thing, and gives what is to be written at once.
    fn tell(&mut self, told: Told) -> String;
    /// Takes how many errors there were, of which some are not told one by one.
    fn count(&mut self, errors: usize, left_off: usize) -> String;
    /// Takes what would be read, from where and for which fields.
    fn plan(&mut self, plan: &Plan<'_, '_>) -> String;
    /// What is to be written last.
    fn end(&mut self) -> String;
}

/// A number and what it counts: `1 secret`, `2 secrets`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}
