//! `manifill plan`.

use std::fmt::Write as _;
use std::process::ExitCode;

use manifill::Renderer;

use super::{config, inputs, options};
use crate::args::PlanArgs;
use crate::report::{self, counted};

/// Shows what would be read, from where and for which fields: names, and no request.
pub(crate) fn run(args: &PlanArgs) -> ExitCode {
    plan(args).unwrap_or_else(|failure| failure)
}

fn plan(args: &PlanArgs) -> Result<ExitCode, ExitCode> {
    let config = config(&args.settings)?;
    let files = inputs(&args.input, &config)?;
    let renderer = Renderer::from_config(config).with_options(options(&args.input));
    let plan = renderer
        .plan(&files.inputs)
        .map_err(|error| report::failure(&error))?;
    report::diagnostics(plan.warnings());
    let mut uses: Vec<Vec<String>> = plan.reads().map(|_| Vec::new()).collect();
    for site in plan.sites() {
        let base64 = if site.base64 { "  (in base64)" } else { "" };
        for (read, key) in &site.wants {
            let line = format!(
                "    {key}  {}:{}:{}  {}  {}{base64}",
                site.file, site.line, site.column, site.resource, site.field
            );
            if let Some(uses) = uses.get_mut(*read) {
                uses.push(report::printable(&line).into_owned());
            }
        }
    }
    let mut text = String::new();
    for (read, uses) in plan.reads().zip(uses) {
        let version = read
            .version
            .map(|version| format!("#{version}"))
            .unwrap_or_default();
        let line = format!("{}  {}{version}", read.backend, read.path);
        let _ = writeln!(text, "{}", report::printable(&line));
        for line in uses {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(
        text,
        "{} for {} in {}",
        counted(plan.reads().count(), "secret"),
        counted(plan.placeholder_count(), "placeholder"),
        counted(plan.document_count(), "document")
    );
    Ok(report::print(&text))
}
