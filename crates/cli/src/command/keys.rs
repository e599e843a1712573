//! `manifill keys`.

use std::process::ExitCode;

use manifill::Renderer;

use super::{config, wait};
use crate::args::KeysArgs;
use crate::report;

/// Shows the names of the keys at a path, never their values.
pub(crate) fn run(args: &KeysArgs) -> ExitCode {
    keys(args).unwrap_or_else(|failure| failure)
}

fn keys(args: &KeysArgs) -> Result<ExitCode, ExitCode> {
    let renderer = Renderer::from_config(config(&args.settings)?);
    let run = renderer.run();
    let names = wait(renderer.keys(&args.path, &run))?.map_err(|error| report::failure(&error))?;
    for note in run.notes() {
        report::note(&note);
    }
    let mut text = names.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    Ok(report::print(&text))
}
