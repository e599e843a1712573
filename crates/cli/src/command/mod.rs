//! One file for each command, and what they share.

#[cfg(unix)]
pub(crate) mod argocd_plugin;
pub(crate) mod backends;
pub(crate) mod check;
pub(crate) mod completion;
#[cfg(feature = "connect-server")]
pub(crate) mod connect_server;
pub(crate) mod discover;
pub(crate) mod fill;
pub(crate) mod generate;
pub(crate) mod guard;
mod helm_folder;
mod helm_plugin;
pub(crate) mod install;
pub(crate) mod keys;
pub(crate) mod krm;
pub(crate) mod modifiers;
mod named_backend;
mod own_program;
pub(crate) mod plan;
pub(crate) mod post_render;
mod size;
pub(crate) mod version;

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use manifill::inputs::{self, Files, FilesError, NO_MANIFEST, Selection};
use manifill::settings::Sources;
use manifill::{Config, Options, Renderer, RunContext};

use crate::args::{InputArgs, ReadingArgs, SettingsArgs};
use crate::output::Output;
use crate::{progress, signals};

/// The settings that the arguments and the environment give.
fn config(args: &SettingsArgs, output: &Output) -> Result<Config, ExitCode> {
    config_from(Sources::from_env(), args, output)
}

/// The settings of the arguments and of sources.
fn config_from(
    mut sources: Sources,
    args: &SettingsArgs,
    output: &Output,
) -> Result<Config, ExitCode> {
    if args.verbose_sensitive_output {
        output.notes(["--verbose-sensitive-output has no effect: no secret is printed"]);
    }
    sources.config_file = args.config_path.clone().map(PathBuf::from);
    if sources
        .config_file
        .as_ref()
        .is_some_and(|path| path.as_os_str().is_empty())
    {
        output.notes(["-c names no file and is left out"]);
        sources.config_file = None;
    }
    sources.project = args.project.clone();
    sources.without_token_cache = args.disable_token_cache;
    if args.secret_name.as_deref() == Some("") {
        output.notes(["-s names no Secret and is left out"]);
    } else if let Some(name) = &args.secret_name {
        wait(sources.read_secret(name), Waits::ForItsOwn, output)?
            .map_err(|errors| output.settings(&errors))?;
    }
    let config = Config::load(&sources).map_err(|errors| output.settings(&errors))?;
    output.notes(&config.notes);
    Ok(config)
}

fn inputs(
    what_for: &str,
    args: &InputArgs,
    config: &Config,
    context: &RunContext,
    output: &Output,
) -> Result<Files, ExitCode> {
    if args.paths.is_empty() && args.filename.is_empty() {
        return Err(output.usage(
            &format!("<path> argument required to {what_for} manifests"),
            "name files or folders, or `-` for standard input; see --help",
        ));
    }
    let selection = Selection::new(args.paths.iter().chain(&args.filename))
        .with_include(args.include.iter().cloned())
        .with_exclude(args.exclude.iter().cloned())
        .with_deadline(context.deadline())
        .with_confines(config.confines.clone());
    let files =
        inputs::read(&selection, &config.files_never_inputs).map_err(|error| match error {
            FilesError::Usage(message) => output.usage(&message, "see --help"),
            error => output.error(&error.to_string(), error.hint()),
        })?;
    output.notes(&files.notes);
    Ok(files)
}

fn options(args: &ReadingArgs) -> Options {
    Options::new()
        .with_strict(args.strict)
        .with_escaped(args.escaped)
        .with_allow_unresolved(args.allow_unresolved)
}

/// Says that there is nothing in the input: an error if that was asked for.
fn empty(is_error: bool, output: &Output) -> Result<(), ExitCode> {
    if is_error {
        return Err(output.error(NO_MANIFEST, None));
    }
    output.warning(
        NO_MANIFEST,
        "--fail-on-empty makes this an error, which keeps Argo CD from pruning everything",
    );
    Ok(())
}

/// What a command may have to wait for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// Nothing: it only computes.
    Never,
    /// Answers. A signal ends the program, as it does with any other.
    ForAnswers,
    /// Something that has to end before the program does: other programs, a server.
    ForItsOwn,
}

/// Runs what reads from the backends of a renderer; who watches sees that it takes its time.
fn read<T>(
    renderer: &Renderer,
    work: impl Future<Output = T>,
    output: &Output,
) -> Result<T, ExitCode> {
    let backends = renderer.backends();
    if !backends.can_wait() {
        return wait(work, Waits::Never, output);
    }
    let waits = if backends.can_start_programs() {
        Waits::ForItsOwn
    } else {
        Waits::ForAnswers
    };
    wait(progress::shown(work, output), waits, output)
}

/// Runs what waits, on this thread. The event loop is made only for what needs one: it is a part of
/// the program that would be loaded, too.
fn wait<T>(work: impl Future<Output = T>, waits: Waits, output: &Output) -> Result<T, ExitCode> {
    let mut work = pin!(work);
    if waits == Waits::Never {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return Ok(done);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            let message = format!("the system provides no event loop: {}", error.kind());
            output.error(&message, None)
        })?;
    match waits {
        Waits::Never | Waits::ForAnswers => Ok(runtime.block_on(work)),
        Waits::ForItsOwn => signals::until_ended(&runtime, work),
    }
}
