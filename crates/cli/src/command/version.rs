//! `manifill version`.

use std::process::ExitCode;

use crate::output::Output;

/// Shows the version.
pub(crate) fn run(output: Output) -> ExitCode {
    output.print(concat!("manifill ", env!("CARGO_PKG_VERSION"), "\n"))
}
