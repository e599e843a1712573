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

use manifill::config::Sources;
use manifill::{Config, Options};

use crate::args::{InputArgs, SettingsArgs};
use crate::files::{self, Files, FilesError};
use crate::report;

/// The settings that the arguments and the environment give.
fn config(args: &SettingsArgs) -> Result<Config, ExitCode> {
    if args.verbose_sensitive_output {
        report::note("--verbose-sensitive-output is accepted, and no secret is printed");
    }
    if args.secret_name.is_some() {
        return Err(report::error(
            "settings cannot be read from a Kubernetes Secret yet (-s)",
            Some(
                "mount the Secret as environment variables (envFrom), or write a settings file for -c",
            ),
        ));
    }
    let mut sources = Sources::from_env();
    sources.config_file = args.config_path.clone();
    sources.project = args.project.clone();
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

fn inputs(args: &InputArgs, config: &Config) -> Result<Files, ExitCode> {
    files::read(args, &config.files_never_inputs).map_err(|error| match error {
        FilesError::Usage(message) => report::usage(&message),
        FilesError::Files(message) => report::error(&message, None),
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
