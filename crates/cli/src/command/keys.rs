//! `manifill keys`.

use std::process::ExitCode;

use manifill::{Renderer, RunContext};

use super::{config, wait};
use crate::args::KeysArgs;
use crate::output::Output;

/// Shows the names of the keys at a path, never their values.
pub(crate) fn run(args: &KeysArgs, output: Output) -> Result<ExitCode, ExitCode> {
    let renderer = Renderer::from_config(config(&args.settings, output)?);
    let context = RunContext::new();
    let names = wait(renderer.keys(&args.path, &context), output)?
        .map_err(|error| output.failure(&error))?;
    output.notes(context.notes());
    Ok(output.keys(&names))
}
