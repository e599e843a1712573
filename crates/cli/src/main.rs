//! The binary of the command line; see the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    manifill_cli::run(std::env::args_os())
}
