//! `manifill keys`.

use std::io::Read as _;
use std::process::ExitCode;

use manifill::{Renderer, RunContext, printable};

use super::{config, read};
use crate::args::KeysArgs;
use crate::output::Output;

/// How much is read of standard input; no path is as long.
const LONGEST: u64 = 64 * 1024;

/// Shows the names of the keys at a path, never their values.
pub(crate) fn run(args: &KeysArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let path = match args.path.as_str() {
        "-" => &piped(output)?,
        path => path,
    };
    let renderer = Renderer::from_config(config(&args.settings, output)?);
    let context = RunContext::new();
    let reading = renderer.keys(path, &context);
    let names = read(&renderer, reading, output)?.map_err(|error| output.failure(&error))?;
    output.notes(context.notes());
    let lines = names.iter().map(|name| format!("{}\n", printable(name)));
    Ok(output.print(&lines.collect::<String>()))
}

/// The path that standard input holds, on a line of its own.
fn piped(output: &Output) -> Result<String, ExitCode> {
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| {
        let message = format!("standard input cannot be read: {}", error.kind());
        output.error(&message, None)
    })?;
    let mut paths = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (paths.next(), paths.next()) {
        (Some(path), None) => Ok(path.to_owned()),
        _ => Err(output.usage("standard input must hold one path", "see --help")),
    }
}
