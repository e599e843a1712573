//! `python -m manifill`: the command line.

use std::ffi::OsString;
use std::process::ExitCode;

use pyo3::prelude::*;

/// Runs the command line and gives its exit status.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    let status = py.detach(|| manifill_cli::run(arguments));
    // Rust shows no number.
    (0..=u8::MAX)
        .find(|number| ExitCode::from(*number) == status)
        .unwrap_or(1)
}
