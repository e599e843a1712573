//! `manifill keys`.

use std::process::ExitCode;

use manifill::{Renderer, RunContext, printable};

use super::{config, read};
use crate::args::KeysArgs;
use crate::output::Output;

/// Shows the names of the keys at a path, never their values.
pub(crate) fn run(args: &KeysArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let renderer = Renderer::from_config(config(&args.settings, output)?);
    let context = RunContext::new();
    let reading = renderer.keys(&args.path, &context);
    let names = read(&renderer, reading, output)?.map_err(|error| output.failure(&error))?;
    output.notes(context.notes());
    let lines = names.iter().map(|name| format!("{}\n", printable(name)));
    Ok(output.print(&lines.collect::<String>()))
}
