//! What a form is.

use std::fmt::Display;

use manifill::{Plan, RenderError};
use manifill_check::Checked;

use super::told::Told;

/// How things look.
pub(super) trait Form {
    /// Takes one thing, and gives what is to be written at once.
    fn tell(&mut self, told: Told) -> String;
    /// Takes why nothing was rendered, after each finding: it knows how many errors there are.
    fn count(&mut self, error: &RenderError) -> String;
    /// Takes what would be read, from where and for which fields.
    fn plan(&mut self, plan: &Plan<'_, '_>) -> String;
    /// Takes what a check has seen that found nothing wrong.
    fn checked(&mut self, checked: &Checked) -> String;
    /// What is to be written last.
    fn end(&mut self) -> String;
}

/// A number and what it counts: `1 secret`, `2 secrets`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}
