//! What is looked at when a value goes to its place: each kind of mistake has a file.
//!
//! The cheap test of each decides by a byte or two; only where it fires is more done.

mod pem;

pub(super) use pem::is_escaped as is_escaped_pem;

use super::diagnose::Reporter;
use crate::pending::Findings;
use crate::plan::PlannedPlaceholder;

/// Looks at the values of one scalar, one after the other.
pub(super) struct Checks<'c> {
    report: &'c Reporter<'c>,
}

impl<'c> Checks<'c> {
    pub(super) fn new(report: &'c Reporter<'c>) -> Self {
        Checks { report }
    }

    /// Looks at the text that takes the place of a placeholder.
    pub(super) fn value(
        &mut self,
        placeholder: &PlannedPlaceholder,
        value: &str,
        findings: &mut Findings,
    ) {
        if let Some(finding) = pem::check(self.report, placeholder, value) {
            findings.push(finding);
        }
    }
}
