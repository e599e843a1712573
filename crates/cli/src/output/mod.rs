//! What the user gets to see: the result on standard output, everything else on standard error.
//!
//! Commands say what there is to tell, a [`Form`] says how it looks. Another form is a file beside
//! [`human`] and its line in [`Format`].

mod argocd;
mod form;
mod github;
mod human;
mod json;
mod report;
mod sarif;
mod told;

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use manifill::settings::ConfigErrors;
use manifill::{Diagnostic, Plan, RenderError};
use manifill_check::Checked;

use form::Form;
pub(crate) use form::counted;
use report::Report;
pub(crate) use told::{Level, Told};

/// The forms there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object, {"version": 1, "diagnostics": […]}
    Json,
    /// One SARIF 2.1.0 log, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions, one a line
    Github,
}

impl Format {
    /// The form that a file's name asks for.
    fn of(file: &Path) -> Self {
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Format::Json,
            Some("sarif") => Format::Sarif,
            _ => Format::Human,
        }
    }

    fn form(self) -> Box<dyn Form> {
        match self {
            Format::Human => Box::new(human::Human),
            Format::Json => Box::<json::Json>::default(),
            Format::Sarif => Box::<sarif::Sarif>::default(),
            Format::Github => Box::new(github::Github),
        }
    }
}

/// The variable by which Argo CD says whose run it is.
pub(crate) const APP: &str = "ARGOCD_APP_NAME";

/// Where commands put what they have to tell.
pub(crate) struct Output {
    form: RefCell<Box<dyn Form>>,
    format: Format,
    quiet: bool,
    /// Whether what is told is the result, as of `plan`, and goes to standard output.
    told_is_result: bool,
    /// A file for all that is told, whatever is told elsewhere.
    report: Option<Report>,
}

impl Output {
    /// An output of this form; a quiet one tells errors only.
    pub(crate) fn new(format: Format, quiet: bool) -> Self {
        Output {
            form: RefCell::new(format.form()),
            format,
            quiet,
            told_is_result: false,
            report: None,
        }
    }

    /// Keeps all that is told for a file, too, in this form or the one that its name asks for.
    pub(crate) fn keep_report(
        &mut self,
        path: &Path,
        format: Option<Format>,
    ) -> Result<(), ExitCode> {
        let form = format.unwrap_or_else(|| Format::of(path)).form();
        let report = Report::new(path, form).map_err(|error| self.unwritable(path, &error))?;
        self.report = Some(report);
        Ok(())
    }

    fn unwritable(&self, report: &Path, error: &io::Error) -> ExitCode {
        let reason = match error.kind() {
            io::ErrorKind::Other => error.to_string(),
            kind => kind.to_string(),
        };
        let message = format!(
            "the report cannot be written to {}: {reason}",
            report.display()
        );
        let hint = "name a file in a folder that exists and can be written";
        self.error(&message, Some(hint))
    }

    /// Says that what is told is the result. For people it stays apart.
    pub(crate) fn with_told_as_result(mut self) -> Self {
        self.told_is_result = self.format != Format::Human;
        self
    }

    /// Says whose run it is under Argo CD. Other programs read the other forms as they are.
    pub(crate) fn for_app(mut self, name: &str) -> Self {
        if self.format == Format::Human {
            let form = argocd::ArgoCd::new(name, self.format.form());
            self.form = RefCell::new(Box::new(form));
        }
        self
    }

    /// Whether people look at it as it comes.
    pub(crate) fn is_for_people(&self) -> bool {
        self.format == Format::Human && !self.quiet
    }

    /// Tells one thing.
    pub(crate) fn tell(&self, told: Told) {
        if let Some(report) = &self.report {
            report.tell(told.clone());
        }
        if told.level == Level::Error || !self.quiet {
            let text = self.form.borrow_mut().tell(told);
            self.write(&text);
        }
    }

    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        diagnostics.iter().for_each(|one| self.tell(one.into()));
    }

    /// Why nothing was rendered.
    pub(crate) fn failure(&self, error: &RenderError) -> ExitCode {
        self.diagnostics(error.diagnostics());
        if let Some(report) = &self.report {
            report.count(error);
        }
        let text = self.form.borrow_mut().count(error);
        self.write(&text);
        self.notes(error.notes());
        ExitCode::from(1)
    }

    /// What is wrong with the settings.
    pub(crate) fn settings(&self, errors: &ConfigErrors) -> ExitCode {
        errors.iter().for_each(|one| self.tell(one.into()));
        self.notes(errors.notes());
        ExitCode::from(1)
    }

    /// One error that has no place in a manifest.
    pub(crate) fn error(&self, message: &str, hint: Option<&str>) -> ExitCode {
        self.tell(Told::error("run", message).with_hint(hint));
        ExitCode::from(1)
    }

    /// A mistake in the arguments.
    pub(crate) fn usage(&self, message: &str, hint: &str) -> ExitCode {
        self.tell(Told::error("usage", message).with_hint(Some(hint)));
        ExitCode::from(2)
    }

    /// Something the user should look at.
    pub(crate) fn warning(&self, message: &str, hint: &str) {
        self.tell(Told::new(Level::Warning, "run", message).with_hint(Some(hint)));
    }

    /// Things that do not stop the run.
    pub(crate) fn notes<N: AsRef<str>>(&self, notes: impl IntoIterator<Item = N>) {
        for note in notes {
            self.tell(Told::new(Level::Note, "note", note.as_ref()));
        }
    }

    /// What a run cost.
    pub(crate) fn stats(&self, message: &str) {
        self.tell(Told::new(Level::Note, "stats", message));
    }

    /// What a run cost, for the report alone: one that is empty says too little.
    pub(crate) fn report_stats(&self, message: &str) {
        if let Some(report) = &self.report {
            report.tell(Told::new(Level::Note, "stats", message));
        }
    }

    pub(crate) fn plan(&self, plan: &Plan<'_, '_>) -> ExitCode {
        let text = self.form.borrow_mut().plan(plan);
        self.print(&text)
    }

    pub(crate) fn checked(&self, checked: &Checked) -> ExitCode {
        let text = self.form.borrow_mut().checked(checked);
        self.print(&text)
    }

    /// Writes a result to standard output as it is, all at once.
    pub(crate) fn print(&self, text: &str) -> ExitCode {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => ExitCode::SUCCESS,
            // The reader has what it wanted (`| head`); it is told by the status, as is usual.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(1),
            Err(error) => self.error(
                &format!("standard output cannot be written: {}", error.kind()),
                None,
            ),
        }
    }

    /// Writes what a form keeps to the end; nothing is told afterwards.
    ///
    /// # Errors
    /// If the report cannot be written.
    pub(crate) fn end(mut self) -> Result<(), ExitCode> {
        let report = self.report.take();
        let written = report.map_or(Ok(()), |report| {
            let written = report.write();
            written.map_err(|error| self.unwritable(report.path(), &error))
        });
        let text = self.form.borrow_mut().end();
        self.write(&text);
        written
    }

    fn write(&self, text: &str) {
        if self.told_is_result {
            self.print(text);
        } else {
            write_aside(text);
        }
    }
}

/// Writes to standard error, in colour where a terminal or `CLICOLOR_FORCE` wants it; a reader
/// that went away is no reason to fail.
pub(crate) fn write_aside(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
