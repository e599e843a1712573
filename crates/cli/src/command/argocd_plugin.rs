//! `manifill argocd-plugin`.

use std::path::PathBuf;
use std::process::ExitCode;

use manifill::settings::Sources;
use manifill_argocd::serve::{self, Detail, Ended, Options, ServeError};

use crate::argocd_plugin_args::ArgocdPluginArgs;
use crate::output::{Output, Told};

/// Serves until a signal comes.
pub(crate) fn run(
    args: &ArgocdPluginArgs,
    verbose: bool,
    quiet: bool,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let detail = match (verbose, quiet) {
        (true, _) => Detail::Debug,
        (_, true) => Detail::Errors,
        _ => Detail::Usual,
    };
    serve::protect(detail);
    let mut settings = Sources::from_env();
    let named = args.config_path.clone().filter(|path| !path.is_empty());
    settings.config_file = named.map(PathBuf::from);
    if let Some(file) = settings.settings_file() {
        // An app has no folder on disk from which a name could start.
        settings.config_file = Some(settings.working_dir.join(file));
    }
    let mut options = Options::new();
    let secret = args.secret_name.clone();
    options.secret = secret.filter(|name| !name.is_empty());
    options.socket_dir.clone_from(&args.socket_dir);
    if !args.plugin.is_empty() {
        options.plugins.clone_from(&args.plugin);
    }
    options.helm.clone_from(&args.helm);
    options.kustomize.clone_from(&args.kustomize);
    options.listen.clone_from(&args.listen);
    match serve::run(&options, settings, detail) {
        Ok(Ended::AtOnce(signal)) => Ok(ExitCode::from(128_u8.saturating_add(signal))),
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(failed(&error, output)),
    }
}

fn failed(error: &ServeError, output: &Output) -> ExitCode {
    let mut status = ExitCode::FAILURE;
    for mistake in error.mistakes() {
        let message = mistake.to_string();
        if error.is_in_options() {
            status = output.usage(&message, mistake.hint().unwrap_or("see --help"));
            continue;
        }
        let told = Told {
            setting: mistake.place().map(str::to_owned),
            ..Told::error("run", message)
        };
        let hint = mistake.hint();
        output.tell(told.with_hint(hint));
    }
    status
}
