//! What the user gets to see: the result on standard output, everything else on standard error.
//!
//! Commands say what there is to tell, a [`Form`] says how it looks. Another form is a file beside
//! [`human`] and the line that chooses it.

mod human;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use manifill::settings::ConfigErrors;
use manifill::{Diagnostic, Plan, RenderError};

/// How things look.
trait Form {
    /// Diagnostics, each with its place and what to do.
    fn diagnostics(&self, diagnostics: &[Diagnostic]) -> String;
    /// Why nothing was rendered.
    fn failure(&self, error: &RenderError) -> String;
    /// What is wrong with the settings.
    fn settings(&self, errors: &ConfigErrors) -> String;
    /// One error that has no place in a manifest.
    fn error(&self, message: &str, hint: Option<&str>) -> String;
    /// Something the user should look at.
    fn warning(&self, message: &str, hint: &str) -> String;
    /// Something that does not stop the run.
    fn note(&self, message: &str) -> String;
    /// What a run cost.
    fn stats(&self, message: &str) -> String;
    /// What would be read, from where and for which fields.
    fn plan(&self, plan: &Plan<'_, '_>) -> String;
    /// The names of the keys at a path.
    fn keys(&self, names: &[String]) -> String;
}

/// Where commands put what they have to tell.
#[derive(Clone, Copy)]
pub(crate) struct Output(&'static dyn Form);

impl Output {
    /// For people.
    pub(crate) fn human() -> Self {
        Output(&human::Human)
    }

    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic]) {
        tell(&self.0.diagnostics(diagnostics));
    }

    pub(crate) fn failure(self, error: &RenderError) -> ExitCode {
        tell(&self.0.failure(error));
        ExitCode::from(1)
    }

    pub(crate) fn settings(self, errors: &ConfigErrors) -> ExitCode {
        tell(&self.0.settings(errors));
        ExitCode::from(1)
    }

    pub(crate) fn error(self, message: &str, hint: Option<&str>) -> ExitCode {
        tell(&self.0.error(message, hint));
        ExitCode::from(1)
    }

    /// A mistake in the arguments.
    pub(crate) fn usage(self, message: &str) -> ExitCode {
        tell(&self.0.error(message, Some("manifill --help")));
        ExitCode::from(2)
    }

    pub(crate) fn warning(self, message: &str, hint: &str) {
        tell(&self.0.warning(message, hint));
    }

    pub(crate) fn notes<N: AsRef<str>>(self, notes: impl IntoIterator<Item = N>) {
        for note in notes {
            tell(&self.0.note(note.as_ref()));
        }
    }

    pub(crate) fn stats(self, message: &str) {
        tell(&self.0.stats(message));
    }

    pub(crate) fn plan(self, plan: &Plan<'_, '_>) -> ExitCode {
        self.print(&self.0.plan(plan))
    }

    pub(crate) fn keys(self, names: &[String]) -> ExitCode {
        self.print(&self.0.keys(names))
    }

    /// Writes a result to standard output as it is, all at once.
    pub(crate) fn print(self, text: &str) -> ExitCode {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => ExitCode::SUCCESS,
            // The reader has what it wanted (`| head`); it is told by the status, as is usual.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(1),
            Err(error) => self.error(
                &format!("standard output cannot be written: {}", error.kind()),
                None,
            ),
        }
    }
}

/// A number and what it counts: `1 secret`, `2 secrets`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Writes to standard error; a reader that went away is no reason to fail.
fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
