//! `manifill generate`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::{Input, RenderError, Rendered, Renderer, RunContext, Stats, printable};

use manifill::settings::Sources;

use super::{config_from, empty, inputs, options, read};
use crate::args::GenerateArgs;
use crate::output::{Output, counted};

/// Prints the manifests with every placeholder filled, or nothing and the reasons.
pub(crate) fn run(
    args: &GenerateArgs,
    verbose: bool,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let context = RunContext::new();
    let sources = Sources::from_env();
    let sources = if args.mock {
        sources.for_plans()
    } else {
        sources
    };
    let config = config_from(sources, &args.settings, output)?;
    let context = context.with_timeout(config.timeout);
    let files = inputs("generate", &args.input, &config, &context, output)?;
    let renderer = Renderer::from_config(config).with_options(options(&args.input.reading));
    let rendered = if args.mock {
        mocked(&renderer.for_plans(), &files.inputs, output)?
    } else {
        let context = context.with_roots(&files.roots);
        rendered(&renderer, &files.inputs, &context, output)?
    };
    let stats = rendered.stats();
    if stats.documents == 0 {
        empty(args.fail_on_empty, output)?;
    }
    let printed = output.print(&rendered.joined());
    if args.stats || verbose {
        output.stats(&cost(stats, files.inputs.len(), start));
        for path in &files.set_aside {
            let path = path.to_string_lossy();
            output.stats(&format!(
                "{} holds settings or secrets and is no manifest",
                printable(&path)
            ));
        }
    }
    Ok(printed)
}

/// What a run cost, in a line.
pub(super) fn cost(stats: Stats, inputs: usize, start: Instant) -> String {
    format!(
        "{}, {}, {}, {}, {}, {} ms",
        counted(stats.requests, "request"),
        counted(stats.secrets, "secret"),
        counted(stats.placeholders, "placeholder"),
        counted(stats.documents, "document"),
        counted(inputs, "input"),
        start.elapsed().as_millis(),
    )
}

/// Renders inputs, and tells what there is to tell of it, whatever the outcome.
pub(super) fn rendered<'i>(
    renderer: &Renderer,
    inputs: &'i [Input],
    context: &RunContext,
    output: &Output,
) -> Result<Rendered<'i>, ExitCode> {
    let rendering = renderer.render(inputs, context);
    let rendered = read(renderer, rendering, output)?.map_err(|error| {
        let code = output.failure(&error);
        output.notes(unread(&error));
        code
    })?;
    output.diagnostics(rendered.warnings());
    output.notes(rendered.notes());
    Ok(rendered)
}

/// Fills inputs with mock values, and tells what there is to tell of it.
fn mocked<'i>(
    renderer: &Renderer,
    inputs: &'i [Input],
    output: &Output,
) -> Result<Rendered<'i>, ExitCode> {
    let rendered = renderer
        .mock(inputs)
        .map_err(|error| output.failure(&error))?;
    output.diagnostics(rendered.warnings());
    output.notes(rendered.notes());
    Ok(rendered)
}

/// What is told if the run ended before it asked a vault.
pub(super) fn unread(error: &RenderError) -> Option<String> {
    let secrets = match error.secrets_unread() {
        0 => return None,
        1 => "1 secret was".to_owned(),
        count => format!("{count} secrets were"),
    };
    Some(format!(
        "{secrets} not read; there may be more errors once those in the manifests are fixed"
    ))
}
