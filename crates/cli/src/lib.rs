//! The command line of manifill: arguments, input files and reports; the rest is the library
//! `manifill`.
//!
//! The binary and the Python package both run [`run`]; [`files`] finds the manifests in folders.

mod args;
mod command;
pub mod files;
mod report;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// Runs the command line with these arguments, the first of which is the program's name.
///
/// The status is 0 if everything succeeded, 1 if there were errors and 2 if the arguments are
/// wrong.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(help_or_error) => {
            // A reader that went away is no reason to fail in another way.
            let _ = help_or_error.print();
            return match help_or_error.use_stderr() {
                true => ExitCode::from(2),
                false => ExitCode::SUCCESS,
            };
        }
    };
    match args.command {
        Command::Generate(args) => command::generate::run(&args),
        Command::Plan(args) => command::plan::run(&args),
        Command::Keys(args) => command::keys::run(&args),
        Command::Backends(args) => command::backends::run(&args),
        Command::Version => command::version::run(),
        #[cfg(feature = "connect-server")]
        Command::ConnectServer(args) => command::connect_server::run(&args),
    }
}
