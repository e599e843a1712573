//! `manifill plan`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::settings::Sources;
use manifill::{Renderer, RunContext};

use super::{config_from, empty, inputs, options};
use crate::args::PlanArgs;
use crate::output::{Output, counted};

/// Shows what would be read, from where and for which fields: names, and no request.
pub(crate) fn run(args: &PlanArgs, verbose: bool, output: &Output) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let config = config_from(Sources::from_env().for_plans(), &args.settings, output)?;
    let context = RunContext::new().with_timeout(config.timeout);
    let files = inputs("plan", &args.input, &config, &context, output)?;
    let renderer = Renderer::from_config(config)
        .with_options(options(&args.input.reading))
        .for_plans();
    let plan = renderer
        .plan(&files.inputs)
        .map_err(|error| output.failure(&error))?;
    if args.mock {
        let mocked = renderer.mock(&files.inputs);
        let mocked = mocked.map_err(|error| output.failure(&error))?;
        output.diagnostics(mocked.warnings());
    } else {
        output.diagnostics(plan.warnings());
    }
    output.notes(plan.notes());
    if plan.document_count() == 0 {
        empty(args.fail_on_empty, output)?;
    }
    if args.stats || verbose {
        output.stats(&format!(
            "{}, {}, {}, {}, {} ms",
            counted(plan.reads().count(), "secret"),
            counted(plan.placeholder_count(), "placeholder"),
            counted(plan.document_count(), "document"),
            counted(files.inputs.len(), "input"),
            start.elapsed().as_millis(),
        ));
    }
    Ok(output.plan(&plan))
}
