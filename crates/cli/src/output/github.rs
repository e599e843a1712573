//! Workflow commands of GitHub Actions, which shows them beside the lines they are about.

use std::fmt::Write as _;

use manifill::{Plan, RenderError, printable};
use manifill_check::Checked;

use super::form::{Form, counted};
use super::told::{Level, Told};

pub(super) struct Github;

impl Form for Github {
    fn tell(&mut self, told: Told) -> String {
        let command = match told.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some(file) = &told.file {
            properties.push(format!("file={}", property(file)));
        }
        if let (Some(line), Some(column)) = (told.line, told.column) {
            properties.push(format!("line={line},col={column}"));
        }
        let mut text = format!("::{command}");
        if !properties.is_empty() {
            let _ = write!(text, " {}", properties.join(","));
        }
        let mut message = told.message;
        if let Some(file) = told.rendered_from {
            let _ = write!(message, " ({file})");
        }
        for part in [told.setting, told.resource, told.field]
            .into_iter()
            .flatten()
        {
            let _ = write!(message, " [{part}]");
        }
        if let Some(hint) = told.hint {
            let _ = write!(message, " (hint: {hint})");
        }
        let _ = writeln!(text, "::{}", data(&message));
        text
    }

    fn count(&mut self, error: &RenderError) -> String {
        if error.errors_left_off() == 0 {
            return String::new();
        }
        let more = counted(error.errors_left_off(), "more error");
        format!("::error::and {more}\n")
    }

    fn plan(&mut self, _: &Plan<'_, '_>) -> String {
        String::new()
    }

    fn checked(&mut self, _: &Checked) -> String {
        String::new()
    }

    fn end(&mut self) -> String {
        String::new()
    }
}

/// A message, escaped as the runner's own toolkit does it: it stays on one line, and is shown as the
/// lines that it has.
fn data(text: &str) -> String {
    let lines = text
        .split('\n')
        .map(|line| printable(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// The value of a property, in which colons and commas separate.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
