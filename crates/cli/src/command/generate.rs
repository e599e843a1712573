//! `manifill generate`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::{Renderer, fetch};

use super::{config, inputs, options, wait};
use crate::args::GenerateArgs;
use crate::report::{self, counted};

/// Prints the manifests with every placeholder filled, or nothing and the reasons.
pub(crate) fn run(args: &GenerateArgs) -> ExitCode {
    generate(args).unwrap_or_else(|failure| failure)
}

fn generate(args: &GenerateArgs) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let config = config(&args.settings)?;
    let files = inputs(&args.input, &config)?;
    let renderer = Renderer::from_config(config).with_options(options(&args.input));
    let plan = renderer
        .plan(&files.inputs)
        .map_err(|error| report::failure(&error))?;
    let run = renderer.run().with_roots(&files.roots);
    let fetched = match plan.reads().next() {
        Some(_) => wait(fetch(&plan, renderer.backends(), &run))?,
        None => manifill::Fetched::default(),
    };
    let cost = format!(
        "{}, {}, {}",
        counted(plan.reads().count(), "secret"),
        counted(plan.placeholder_count(), "placeholder"),
        counted(plan.document_count(), "document")
    );
    let is_empty = plan.document_count() == 0;
    let rendered = plan
        .apply(&fetched)
        .map_err(|error| report::failure(&error))?;
    report::diagnostics(rendered.warnings());
    for note in run.notes() {
        report::note(&note);
    }
    if is_empty {
        if args.fail_on_empty {
            return Err(report::error("there is no manifest in the input", None));
        }
        report::warning(
            "there is no manifest in the input",
            "--fail-on-empty makes this an error, which keeps Argo CD from pruning everything",
        );
    }
    let printed = report::print(&rendered.joined());
    if args.stats {
        let mut stats = format!(
            "stats: {}, {cost}, {}, {} ms\n",
            counted(run.requests_sent(), "request"),
            counted(files.inputs.len(), "input"),
            start.elapsed().as_millis(),
        );
        for path in &files.set_aside {
            stats.push_str(&format!(
                "stats: {} holds settings or secrets and is no manifest\n",
                report::printable(&path.to_string_lossy())
            ));
        }
        report::tell(&stats);
    }
    Ok(printed)
}
