//! `manifill completion`.

use std::process::ExitCode;

use crate::args::CompletionArgs;
use crate::output::Output;

/// Prints a script that completes commands and flags in a shell.
pub(crate) fn run(args: &CompletionArgs, output: &Output) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), "manifill", &mut script);
    output.print(&String::from_utf8_lossy(&script))
}
