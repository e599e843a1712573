//! `manifill keys`.

use std::process::ExitCode;

use manifill::{Renderer, RunContext, printable};

use super::{Started, config, wait};
use crate::args::KeysArgs;
use crate::output::Output;
use crate::progress;

/// Shows the names of the keys at a path, never their values.
pub(crate) fn run(args: &KeysArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let renderer = Renderer::from_config(config(&args.settings, output)?);
    let context = RunContext::new();
    let reading = progress::shown(renderer.keys(&args.path, &context), output);
    let names =
        wait(reading, Started::by(&renderer), output)?.map_err(|error| output.failure(&error))?;
    output.notes(context.notes());
    let lines = names.iter().map(|name| format!("{}\n", printable(name)));
    Ok(output.print(&lines.collect::<String>()))
}
