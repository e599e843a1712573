//! `manifill krm`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::inputs::{self, Selection};
use manifill::{Backends, Input, Renderer, RunContext};
use manifill_krm::{Ended, Function};

use super::generate::{cost, unread};
use super::{Waits, config, read, wait};
use crate::args::KrmArgs;
use crate::output::Output;

/// What is told in the list if the settings are wrong: what is wrong with them is the operator's
/// business, and a list goes to files.
const SETTINGS: &str = "the settings of manifill are wrong; standard error says how";

/// Runs a KRM function, from standard input to standard output.
pub(crate) fn run(args: &KrmArgs, verbose: bool, output: &Output) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let context = RunContext::new();
    let selection = Selection::new(["-"]).with_deadline(context.deadline());
    let files = inputs::read(&selection, &[])
        .map_err(|error| output.error(&error.to_string(), error.hint()))?;
    let context = context.with_roots(&files.roots);
    let input = files.inputs.into_iter().next();
    let input = input.unwrap_or_else(|| Input::new("-", ""));
    let function = Function::read(input).map_err(|error| output.failure(&error))?;
    let ended = ended(&function, args, context, output)?;
    if let Some(stats) = ended.stats().filter(|_| verbose) {
        output.stats(&cost(stats, 1, start));
    }
    output.notes(ended.notes());
    match ended.found() {
        Ok(warnings) => {
            output.diagnostics(warnings);
            Ok(output.print(ended.text()))
        }
        Err(error) => {
            let code = output.failure(error);
            output.notes(unread(error));
            output.print(ended.text());
            Err(code)
        }
    }
}

fn ended(
    function: &Function,
    args: &KrmArgs,
    context: RunContext,
    output: &Output,
) -> Result<Ended, ExitCode> {
    if !function.reads_secrets() {
        let run = function.prepare(Renderer::new(Backends::new()).for_plans());
        return wait(run.run(&context), Waits::Never, output);
    }
    let config = config(&args.settings, output).inspect_err(|_| {
        output.print(&function.failed(SETTINGS));
    })?;
    let context = context.with_timeout(config.timeout);
    let never = config.files_never_inputs.clone();
    let run = function.prepare(Renderer::from_config(config));
    let run = run.with_never_inputs(never);
    read(run.renderer(), run.run(&context), output)
}
