//! One file for each command, and what they share.

pub(crate) mod backends;
#[cfg(feature = "connect-server")]
pub(crate) mod connect_server;
pub(crate) mod generate;
pub(crate) mod keys;
pub(crate) mod plan;
pub(crate) mod version;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use manifill::config::Sources;
use manifill::vault::Run;
use manifill::{Config, Options};

use crate::args::{InputArgs, SettingsArgs};
use crate::files::{self, Files, FilesError, Selection};
use crate::report;

/// How long the Secret of `-s` may take: it comes on top of the run, and Argo CD waits for both.
const SECRET_TIMEOUT: Duration = Duration::from_secs(15);

/// The settings that the arguments and the environment give.
fn config(args: &SettingsArgs) -> Result<Config, ExitCode> {
    if args.verbose_sensitive_output {
        report::note("--verbose-sensitive-output is accepted, and no secret is printed");
    }
    let mut sources = Sources::from_env();
    sources.config_file = args.config_path.clone();
    sources.project = args.project.clone();
    sources.without_token_cache = args.disable_token_cache;
    if let Some(name) = &args.secret_name {
        secret(name, &mut sources)?;
    }
    match Config::load(&sources) {
        Ok(config) => {
            for note in &config.notes {
                report::note(note);
            }
            Ok(config)
        }
        Err(errors) => Err(report::settings(&errors)),
    }
}

/// Reads the settings of `-s`, unless a settings file silences them (AVP rule 54).
fn secret(name: &str, sources: &mut Sources) -> Result<(), ExitCode> {
    if sources.settings_file().is_some() {
        report::note("-s is not read: with a settings file the Secret has no say");
        return Ok(());
    }
    let run = Run::new(SECRET_TIMEOUT, 1);
    let read = wait(sources.read_secret(name, &run))?;
    for note in run.notes() {
        report::note(&note);
    }
    read.map_err(|error| {
        report::error(
            &format!("the settings of -s cannot be read: {error}"),
            error.advice(),
        )
    })
}

fn inputs(args: &InputArgs, config: &Config) -> Result<Files, ExitCode> {
    let selection = Selection {
        paths: args.paths.clone(),
        include: args.include.clone(),
        exclude: args.exclude.clone(),
    };
    files::read(&selection, &config.files_never_inputs).map_err(|error| match error {
        FilesError::Usage(message) => report::usage(&message),
        error => report::error(&error.to_string(), None),
    })
}

fn options(args: &InputArgs) -> Options {
    Options {
        strict: args.strict,
        escaped: args.escaped,
        allow_unresolved: args.allow_unresolved,
    }
}

/// Runs what waits, on this thread.
fn wait<T>(work: impl Future<Output = T>) -> Result<T, ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => Ok(runtime.block_on(work)),
        Err(error) => Err(report::error(
            &format!("the system gives no event loop: {}", error.kind()),
            None,
        )),
    }
}
