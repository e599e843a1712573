//! The command line of manifill: arguments, input files and reports; the rest is the library.

mod args;
mod command;
mod files;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
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
