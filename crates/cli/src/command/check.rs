//! `manifill check`.

use std::process::ExitCode;
use std::time::Instant;

use manifill::settings::Sources;
use manifill::{Depth, Renderer, RunContext};
use manifill_check::{Check, check};

use super::{Waits, config_from, empty, inputs, options, read, wait};
use crate::args::CheckArgs;
use crate::command::generate::{cost, unread};
use crate::output::Output;

impl CheckArgs {
    fn depth(&self) -> Depth {
        match (self.offline, self.readable) {
            (true, _) => Depth::Offline,
            (_, true) => Depth::Readable,
            _ => Depth::Exists,
        }
    }

    fn check(&self) -> Check {
        let check = Check::new()
            .with_depth(self.depth())
            .with_literals(self.literals);
        let names = self.external.iter().cloned();
        let check = names.fold(check, Check::with_external);
        let kinds = self.only_kinds.iter().cloned();
        let check = kinds.fold(check, Check::with_only_kind);
        self.allow.iter().cloned().fold(check, Check::with_allowed)
    }
}

/// Says what is wrong with manifests, or what is there of what they want.
pub(crate) fn run(args: &CheckArgs, verbose: bool, output: &Output) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let offline = args.depth() == Depth::Offline;
    let sources = match Sources::from_env() {
        sources if offline => sources.for_plans(),
        sources => sources,
    };
    let context = RunContext::new();
    let config = config_from(sources, &args.settings, output)?;
    let context = context.with_timeout(config.timeout);
    let files = inputs("check", &args.input, &config, &context, output)?;
    let renderer = Renderer::from_config(config).with_options(options(&args.input.reading));
    let renderer = if offline {
        renderer.for_plans()
    } else {
        renderer
    };
    let context = context.with_roots(&files.roots);
    let look = args.check();
    let looking = check(&renderer, &files.inputs, &look, &context);
    let checked = if offline {
        wait(looking, Waits::Never, output)?
    } else {
        read(&renderer, looking, output)?
    };
    output.notes(checked.notes());
    match checked.found() {
        Ok(remarks) => output.diagnostics(remarks),
        Err(error) => {
            let code = output.failure(error);
            if !offline {
                output.notes(unread(error));
            }
            return Err(code);
        }
    }
    let stats = checked.stats().unwrap_or_default();
    if stats.documents == 0 {
        empty(args.fail_on_empty, output)?;
    }
    if args.stats || verbose {
        output.stats(&cost(stats, files.inputs.len(), start));
    }
    Ok(output.checked(&checked))
}
