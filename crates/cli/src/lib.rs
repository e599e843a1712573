//! The command line of manifill: it reads arguments and prints; the rest is the library
//! `manifill`.
//!
//! The binary and `python -m manifill` both run [`run`].

mod args;
mod command;
mod output;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use output::Output;

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
            return if help_or_error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let output = Output::human();
    let done = match args.command {
        Command::Generate(args) => command::generate::run(&args, output),
        Command::Plan(args) => command::plan::run(&args, output),
        Command::Keys(args) => command::keys::run(&args, output),
        Command::Backends(args) => Ok(command::backends::run(&args, output)),
        Command::Version => Ok(command::version::run(output)),
        #[cfg(feature = "connect-server")]
        Command::ConnectServer(args) => command::connect_server::run(&args, output),
    };
    done.unwrap_or_else(|failure| failure)
}
