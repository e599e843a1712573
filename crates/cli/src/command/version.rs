//! `manifill version`.

use std::process::ExitCode;

use crate::report;

/// Shows the version.
pub(crate) fn run() -> ExitCode {
    report::print(concat!("manifill ", env!("CARGO_PKG_VERSION"), "\n"))
}
