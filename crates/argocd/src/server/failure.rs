//! Why a request is not answered, and how Argo CD is told.

use manifill::inputs::FilesError;
use manifill::settings::ConfigErrors;
use manifill::{DiagnosticKind, RenderError, Report, printable};
use tonic::{Code, Status};

use crate::archive::ArchiveError;
use crate::error_page::ErrorPage;
use crate::rendering::{RenderingError, RenderingErrorKind};
use crate::tree::TreeError;

/// How much of a text goes to Argo CD, in bytes: it travels in a header, and is shown on a page.
const SHOWN: usize = 8 << 10;

/// What to do about an app for which Argo CD's own time is too short.
pub(crate) const DEADLINE_HINT: &str = "Argo CD sets this time: controller.repo.server.timeout.seconds and \
    server.repo.server.timeout.seconds in argocd-cmd-params-cm, 60 unless set";

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: Code,
    /// A word out of few, for those who count.
    pub(crate) kind: &'static str,
    cause: Cause,
    /// Warnings as people read them.
    warnings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// A mistake as people read it.
    Told(String),
    Settings(ConfigErrors),
    Run(Box<RenderError>),
}

impl Failure {
    /// A mistake and what to do about it.
    pub(crate) fn new(
        code: Code,
        kind: &'static str,
        message: impl AsRef<str>,
        hint: Option<&str>,
    ) -> Self {
        let report = Report {
            level: "error",
            message: message.as_ref().into(),
            hint,
            ..Report::default()
        };
        Failure {
            code,
            kind,
            cause: Cause::Told(report.to_string()),
            warnings: Vec::new(),
        }
    }

    /// Adds what was remarkable on the way: it can be the cause.
    pub(crate) fn with_warnings(mut self, warnings: impl Iterator<Item = String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// The request itself is not as Argo CD sends it.
    pub(crate) fn request(message: impl AsRef<str>) -> Self {
        Failure::new(Code::InvalidArgument, "request", message, None)
    }

    /// Something in the repository is not as it should be.
    pub(crate) fn input(message: impl AsRef<str>, hint: Option<&str>) -> Self {
        Failure::new(Code::FailedPrecondition, "input", message, hint)
    }

    /// The time of the request is over, and this is how far it has come.
    pub(crate) fn deadline(stage: &str) -> Self {
        let message = format!("the time that Argo CD gives this app ran out while {stage}");
        let hint = Some(DEADLINE_HINT);
        Failure::new(Code::DeadlineExceeded, "timeout", message, hint)
    }

    /// Nobody waits for an answer.
    pub(crate) fn cancelled() -> Self {
        Failure::new(Code::Cancelled, "cancelled", "the client went away", None)
    }

    /// Something went wrong that should not be able to. What a panic says may hold anything, so it
    /// is not told.
    pub(crate) fn fault() -> Self {
        let message = "this app ran into a fault of manifill; other apps are not affected";
        Failure::new(Code::Internal, "fault", message, None)
    }

    /// What goes over the wire, for an app by its name as Argo CD gives it.
    pub(crate) fn status(&self, app: &str) -> Status {
        let mut page = ErrorPage::new(app);
        match &self.cause {
            Cause::Told(text) => page.error(self.kind == "settings", 0, text.clone()),
            Cause::Settings(errors) => page.add_settings(errors),
            Cause::Run(error) => {
                page.add_run(error);
                let notes = error.notes().iter();
                notes.for_each(|note| page.remark(format!("note: {}\n", printable(note))));
            }
        }
        self.warnings
            .iter()
            .for_each(|warning| page.remark(warning.clone()));
        let text = page.text_within(SHOWN);
        Status::new(self.code, text.trim_end())
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let code = match error {
            ArchiveError::TooLarge(_) => Code::ResourceExhausted,
            ArchiveError::Broken | ArchiveError::Name | ArchiveError::Headers => {
                Code::InvalidArgument
            }
        };
        Failure::new(code, "archive", error.to_string(), None)
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        Failure::input(error.to_string(), None)
    }
}

impl From<FilesError> for Failure {
    fn from(error: FilesError) -> Self {
        Failure::input(error.to_string(), error.hint())
    }
}

impl From<RenderingError> for Failure {
    fn from(error: RenderingError) -> Self {
        let (code, kind) = match error.kind() {
            RenderingErrorKind::Settings => (Code::FailedPrecondition, "settings"),
            RenderingErrorKind::Source => (Code::FailedPrecondition, "input"),
            RenderingErrorKind::Remote => (Code::FailedPrecondition, "remote"),
            RenderingErrorKind::Program => (Code::FailedPrecondition, "program"),
            RenderingErrorKind::Limit => (Code::ResourceExhausted, "limit"),
            RenderingErrorKind::Timeout => (Code::DeadlineExceeded, "timeout"),
            RenderingErrorKind::Host => (Code::FailedPrecondition, "host"),
        };
        Failure::new(code, kind, error.to_string(), error.hint())
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Failure {
            code: Code::FailedPrecondition,
            kind: "settings",
            cause: Cause::Settings(errors),
            warnings: Vec::new(),
        }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        let kind = error.errors().next().map(|error| error.kind);
        let code = match kind {
            Some(DiagnosticKind::Unavailable) => Code::Unavailable,
            Some(DiagnosticKind::RequestBudget) => Code::ResourceExhausted,
            _ => Code::FailedPrecondition,
        };
        Failure {
            code,
            kind: kind.map_or("render", DiagnosticKind::as_str),
            cause: Cause::Run(Box::new(error)),
            warnings: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_fits_and_says_how_to_go_on() {
        let status = Failure::request("é".repeat(SHOWN)).status("team-a_web");
        let text = status.message();
        assert!(
            text.len() <= SHOWN && text.len() > SHOWN - 10,
            "{}",
            text.len()
        );
        assert!(text.starts_with("error: éé"));
        assert!(text.ends_with("argocd app get team-a/web --hard-refresh"));
    }
}
