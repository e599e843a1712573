//! `manifill post-render`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::inputs::{self, Selection};
use manifill::{Renderer, RunContext};
use manifill_check::{is_blank, refuse_mocks};

use super::generate::{cost, rendered};
use super::{config, options};
use crate::args::PostRenderArgs;
use crate::output::Output;

/// What stands for no manifest at all: Helm must not be given nothing, which it takes as an error or,
/// worse, as the whole chart.
const NO_MANIFEST: &str = "---\n";

/// Fills what Helm renders, from standard input to standard output.
pub(crate) fn run(
    args: &PostRenderArgs,
    verbose: bool,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let config = config(&args.settings, output)?;
    let context = RunContext::new().with_timeout(config.timeout);
    let selection = Selection::new(["-"]).with_deadline(context.deadline());
    let files = inputs::read(&selection, &[])
        .map_err(|error| output.error(&error.to_string(), error.hint()))?;
    let renderer = Renderer::from_config(config).with_options(options(&args.reading));
    refuse_mocks(&files.inputs).map_err(|error| output.failure(&error))?;
    let context = context.with_roots(&files.roots);
    let rendered = rendered(&renderer, &files.inputs, &context, output)?;
    let stats = rendered.stats();
    let text = rendered.joined();
    if (stats.documents == 0 || is_blank(&text)) && !args.allow_empty {
        return Err(output.error(
            "the input is empty: Helm has rendered no manifest",
            Some("--allow-empty lets it pass, for a chart that has nothing but hooks"),
        ));
    }
    let cost = cost(stats, files.inputs.len(), start);
    if args.stats || verbose {
        output.stats(&cost);
    } else {
        output.report_stats(&cost);
    }
    Ok(output.print(if text.trim().is_empty() {
        NO_MANIFEST
    } else {
        &text
    }))
}
