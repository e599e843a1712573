//! The command line of manifill: it reads arguments and prints; the rest is the library
//! `manifill`.
//!
//! The binary and `python -m manifill` both run [`run`].

#[cfg(unix)]
mod argocd_plugin_args;
mod args;
mod command;
mod order;
mod output;
mod progress;
mod signals;
mod tips;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory as _;

use args::{Args, Command, PostRenderArgs};
use output::Output;

/// Runs the command line with these arguments, the first of which is the program's name.
///
/// The status is 0 if everything succeeded, 1 if there were errors and 2 if the arguments are
/// wrong. A signal that asks the program to end (SIGTERM, SIGINT, SIGHUP) ends the programs that it
/// has started first; then the status is 128 and the signal's number.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = order::command_first(arguments);
    let args = match args::parse(&arguments) {
        Ok(args) => args,
        Err(help_or_error) => return usage::told(help_or_error, &arguments),
    };
    let mut output = Output::new(args.command.format(), args.quiet);
    if args.command.tells_its_result() {
        output = output.with_told_as_result();
    }
    let app = std::env::var_os(output::APP).filter(|_| args.command.is_of_an_app());
    if let Some(app) = app {
        output = output.for_app(&app.to_string_lossy());
    }
    if let Command::PostRender(PostRenderArgs {
        report: Some(path),
        format,
        ..
    }) = &args.command
    {
        if let Err(failure) = output.keep_report(path, *format) {
            // There is no report whose end could fail.
            let _ = output.end();
            return failure;
        }
    }
    let done = run_command(args, &output);
    let ended = output.end();
    match (done, ended) {
        (Ok(done), Ok(())) => done,
        (Ok(_), Err(failure)) | (Err(failure), _) => failure,
    }
}

fn run_command(args: Args, output: &Output) -> Result<ExitCode, ExitCode> {
    let verbose = args.verbose;
    match args.command {
        Command::Generate(args) => command::generate::run(&args, verbose, output),
        Command::Plan(args) => command::plan::run(&args, verbose, output),
        Command::Fill(args) => command::fill::run(&args, verbose, output),
        Command::PostRender(args) => command::post_render::run(&args, verbose, output),
        Command::Krm(args) => command::krm::run(&args, verbose, output),
        Command::Check(args) => command::check::run(&args, verbose, output),
        Command::Guard(args) => command::guard::run(&args, output),
        Command::Discover(args) => Ok(command::discover::run(&args, output)),
        Command::Keys(args) => command::keys::run(&args, output),
        Command::Backends(args) => command::backends::run(&args, output),
        Command::Install(args) => command::install::run(&args, output),
        #[cfg(unix)]
        Command::ArgocdPlugin(plugin) => {
            command::argocd_plugin::run(&plugin, verbose, args.quiet, output)
        }
        Command::Modifiers => Ok(command::modifiers::run(output)),
        Command::Completion(args) => Ok(command::completion::run(&args, output)),
        Command::Version => Ok(command::version::run(output)),
        #[cfg(feature = "connect-server")]
        Command::ConnectServer(args) => command::connect_server::run(&args, output),
    }
}

/// The command line as `clap` describes it, which completions and the manual page are made of.
pub fn command() -> clap::Command {
    Args::command()
}
