//! `manifill fill`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use manifill::inputs::{self, FilesError, Selection};
use manifill::{Config, Input, Options, Renderer, RunContext, printable};

use super::{config, read};
use crate::args::FillArgs;
use crate::output::{Output, counted};

/// Prints the text with every placeholder filled, or nothing and the reasons.
pub(crate) fn run(args: &FillArgs, verbose: bool, output: &Output) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let context = RunContext::new();
    let config = config(&args.settings, output)?;
    let context = context.with_timeout(config.timeout);
    let (input, roots) = input(args, &config, &context, output)?;
    let known = args.format.map(Into::into);
    let known = known.or_else(|| manifill::Format::of_name(&input.name));
    let inputs = [input.with_format(known.unwrap_or(manifill::Format::Text))];
    let options = Options::new()
        .with_strict(args.strict)
        .with_escaped(args.escaped)
        .with_allow_unresolved(args.allow_unresolved);
    let renderer = Renderer::from_config(config).with_options(options);
    let context = context.with_roots(&roots);
    let rendering = renderer.render(&inputs, &context);
    let rendered = read(&renderer, rendering, output)?.map_err(|error| output.failure(&error))?;
    output.diagnostics(rendered.warnings());
    output.notes(rendered.notes());
    let stats = rendered.stats();
    if known.is_none() && stats.placeholders > 0 {
        output.notes([format!(
            "{} is filled as plain text, in which nothing is escaped; --format says what it is",
            printable(&inputs[0].name)
        )]);
    }
    let printed = output.print(&rendered.joined());
    if args.stats || verbose {
        output.stats(&format!(
            "{}, {}, {}, {} ms",
            counted(stats.requests, "request"),
            counted(stats.secrets, "secret"),
            counted(stats.placeholders, "placeholder"),
            start.elapsed().as_millis(),
        ));
    }
    Ok(printed)
}

/// The text, and the folders that files named in it lie in.
fn input(
    args: &FillArgs,
    config: &Config,
    context: &RunContext,
    output: &Output,
) -> Result<(Input, Vec<PathBuf>), ExitCode> {
    if args.path.is_dir() {
        return Err(output.usage(
            "`fill` takes one file, and this is a folder",
            "`manifill generate` fills the manifests of folders",
        ));
    }
    let selection = Selection::new([&args.path])
        .with_deadline(context.deadline())
        .with_confines(config.confines.clone());
    let files =
        inputs::read(&selection, &config.files_never_inputs).map_err(|error| match error {
            FilesError::Usage(message) => output.usage(&message, "see --help"),
            FilesError::Files(problems) => {
                let told = problems.iter().map(|one| {
                    let (file, reason) = (&one.file, &one.reason);
                    output.error(&format!("could not read {file}: {reason}"), one.hint)
                });
                told.last().unwrap_or(ExitCode::FAILURE)
            }
            FilesError::Nothing(one) => {
                let message = format!("{} holds settings or secrets and is never filled", one.file);
                output.error(&message, one.hint)
            }
            error => output.error(&error.to_string(), error.hint()),
        })?;
    output.notes(&files.notes);
    match files.inputs.into_iter().next() {
        Some(input) => Ok((input, files.roots)),
        None => Err(output.error("there is nothing to fill", None)),
    }
}
