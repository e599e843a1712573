//! The form for people.

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};
use manifill::{Plan, printable};

use super::form::{Form, counted};
use super::told::{Level, Told};

pub(super) struct Human;

/// The place and the like, which are there to be found and not to be read.
const ASIDE: Style = AnsiColor::Cyan.on_default();

impl Form for Human {
    fn tell(&mut self, told: Told) -> String {
        let mut text = String::new();
        let (word, style) = match (told.level, told.kind) {
            (Level::Error, _) => ("error", AnsiColor::Red.on_default().bold()),
            (Level::Warning, _) => ("warning", AnsiColor::Yellow.on_default().bold()),
            (Level::Note, "stats") => ("stats", Style::new().bold()),
            (Level::Note, _) => ("note", Style::new().bold()),
        };
        let _ = writeln!(text, "{}: {}", styled(style, word), message(&told));
        if let Some(file) = told.file.as_ref().or(told.setting.as_ref()) {
            let mut place = printable(file).into_owned();
            if let (Some(line), Some(column)) = (told.line, told.column) {
                let _ = write!(place, ":{line}:{column}");
            }
            if let Some(file) = &told.rendered_from {
                let _ = write!(place, " ({})", printable(file));
            }
            let _ = write!(text, "  {} {place}", styled(ASIDE, "-->"));
            for part in [&told.resource, &told.field].into_iter().flatten() {
                let _ = write!(text, "  {}", printable(part));
            }
            text.push('\n');
        }
        let bar = styled(ASIDE, "|");
        if let Some(placeholder) = &told.placeholder {
            let _ = writeln!(text, "   {bar} {}", printable(placeholder));
        }
        if let (Some(backend), Some(path)) = (&told.backend, &told.path) {
            let path = printable(path);
            let _ = writeln!(text, "   {bar} read from {backend}, path {path}");
        }
        if let Some(hint) = &told.hint {
            let word = styled(AnsiColor::Green.on_default(), "hint");
            let _ = writeln!(text, "  {word}: {}", printable(hint));
        }
        text
    }

    fn count(&mut self, errors: usize, left_off: usize) -> String {
        let mut text = String::new();
        if left_off > 0 {
            let _ = writeln!(text, "and {}", counted(left_off, "more error"));
        }
        let count = errors + left_off;
        if count > 1 {
            let _ = writeln!(text, "{count} errors; nothing was rendered");
        }
        text
    }

    fn plan(&mut self, plan: &Plan<'_, '_>) -> String {
        let mut uses: Vec<Vec<String>> = plan.reads().map(|_| Vec::new()).collect();
        for field in plan.fields() {
            let base64 = if field.base64 { "  (in base64)" } else { "" };
            for (read, key) in &field.wants {
                let line = format!(
                    "    {key}  {}:{}:{}  {}  {}{base64}",
                    field.file, field.line, field.column, field.resource, field.field
                );
                if let Some(uses) = uses.get_mut(*read) {
                    uses.push(printable(&line).into_owned());
                }
            }
        }
        let mut text = String::new();
        for (read, uses) in plan.reads().zip(uses) {
            let version = read
                .version
                .map(|version| format!("#{version}"))
                .unwrap_or_default();
            let line = format!("{}  {}{version}", read.backend, read.path);
            let _ = writeln!(text, "{}", printable(&line));
            for line in uses {
                let _ = writeln!(text, "{line}");
            }
        }
        let _ = writeln!(
            text,
            "{} for {} in {}",
            counted(plan.reads().count(), "secret"),
            counted(plan.placeholder_count(), "placeholder"),
            counted(plan.document_count(), "document")
        );
        text
    }

    fn end(&mut self) -> String {
        String::new()
    }
}

/// The message. What is wrong with files has a line for each, in which names are escaped already.
fn message(told: &Told) -> String {
    let lines = match told.kind {
        "run" => told.message.split('\n').map(printable).collect::<Vec<_>>(),
        _ => vec![printable(&told.message)],
    };
    lines.join("\n")
}

/// A word in a style, which is taken off where no colour is wanted.
fn styled(style: Style, word: &str) -> impl Display {
    format!("{style}{word}{style:#}")
}
