//! Why a request is not answered, and how Argo CD is told.

use std::fmt;

use manifill::settings::ConfigErrors;
use manifill::{DiagnosticKind, RenderError, Report};
use tonic::{Code, Status};

use crate::archive::ArchiveError;
use crate::rendering::{RenderingError, RenderingErrorKind};
use crate::tree::TreeError;

/// How much of a text goes to Argo CD, in bytes: it travels in a header, and is shown on a page.
const SHOWN: usize = 8 << 10;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// A word out of few, for those who count.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: Code, kind: &'static str, message: impl Into<String>) -> Self {
        Failure {
            code,
            kind,
            message: message.into(),
        }
    }

    /// The request itself is not as Argo CD sends it.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Failure::new(Code::InvalidArgument, "request", message)
    }

    /// Something in the repository is not as it should be.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Failure::new(Code::FailedPrecondition, "input", message)
    }

    /// The time of the request is over, and this is how far it has come.
    pub(crate) fn deadline(stage: &str) -> Self {
        let message = format!("the time that Argo CD gives this app ran out while {stage}");
        Failure::new(Code::DeadlineExceeded, "timeout", told(&message, None))
    }

    /// Nobody waits for an answer.
    pub(crate) fn cancelled() -> Self {
        Failure::new(Code::Cancelled, "cancelled", "the client went away")
    }

    /// Something went wrong that should not be able to. What a panic says may hold anything, so it
    /// is not told.
    pub(crate) fn fault() -> Self {
        let message = "this app ran into a fault of manifill; other apps are not affected";
        Failure::new(Code::Internal, "fault", message)
    }

    /// What goes over the wire.
    pub(crate) fn status(&self) -> Status {
        Status::new(self.code, cut(&self.message))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let code = match error {
            ArchiveError::TooLarge(_) => Code::ResourceExhausted,
            ArchiveError::Broken | ArchiveError::Name => Code::InvalidArgument,
        };
        Failure::new(code, "archive", error.to_string())
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        Failure::input(told(&error.to_string(), None))
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
        Failure::new(code, kind, told(&error.to_string(), error.hint()))
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Failure::new(Code::FailedPrecondition, "settings", errors.to_string())
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        let kind = error.errors().next().map(|error| error.kind);
        let code = match kind {
            Some(DiagnosticKind::Unavailable) => Code::Unavailable,
            _ => Code::FailedPrecondition,
        };
        let kind = kind.map_or("render", DiagnosticKind::as_str);
        Failure::new(code, kind, format!("{error:#}"))
    }
}

/// A mistake as people read it.
pub(crate) fn told(message: &str, hint: Option<&str>) -> String {
    let report = Report {
        level: "error",
        message: message.into(),
        hint,
        ..Report::default()
    };
    report.to_string()
}

/// The beginning of a text, cut at a character.
fn cut(text: &str) -> &str {
    let text = text.trim_end();
    if text.len() <= SHOWN {
        return text;
    }
    let end = (0..=SHOWN).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let text = format!("a{}", "é".repeat(SHOWN));
        let status = Failure::request(text).status();
        assert_eq!(status.message().len(), SHOWN - 1);
        assert!(status.message().ends_with('é'));
    }
}
