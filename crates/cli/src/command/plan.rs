//! `manifill plan`.

use std::process::ExitCode;

use manifill::{Renderer, RunContext};

use super::{config, inputs, options};
use crate::args::PlanArgs;
use crate::output::Output;

/// Shows what would be read, from where and for which fields: names, and no request.
pub(crate) fn run(args: &PlanArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let config = config(&args.settings, output)?;
    let context = RunContext::new().with_timeout(config.timeout);
    let files = inputs(&args.input, &config, &context, output)?;
    let renderer = Renderer::from_config(config)
        .with_options(options(&args.input))
        .for_plans();
    let plan = renderer
        .plan(&files.inputs)
        .map_err(|error| output.failure(&error))?;
    output.diagnostics(plan.warnings());
    output.notes(plan.notes());
    Ok(output.plan(&plan))
}
