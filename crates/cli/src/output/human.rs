//! The form for people.

use std::fmt::Write as _;

use manifill::settings::ConfigErrors;
use manifill::{Diagnostic, Plan, RenderError, Severity, printable};

use super::{Form, counted};

pub(super) struct Human;

impl Form for Human {
    fn diagnostics(&self, diagnostics: &[Diagnostic]) -> String {
        let mut text = String::new();
        for diagnostic in diagnostics {
            push(&mut text, diagnostic);
        }
        text
    }

    fn failure(&self, error: &RenderError) -> String {
        let mut text = self.diagnostics(error.diagnostics());
        let more = error.errors_left_off();
        if more > 0 {
            let _ = writeln!(text, "and {}", counted(more, "more error"));
        }
        let count = error.errors().count() + more;
        if count > 1 {
            let _ = writeln!(text, "{count} errors; nothing was rendered");
        }
        text
    }

    fn settings(&self, errors: &ConfigErrors) -> String {
        let mut text = String::new();
        for error in errors {
            let _ = writeln!(text, "error: {error}");
            if let Some(place) = error.place() {
                let _ = writeln!(text, "  --> {place}");
            }
            if let Some(hint) = error.hint() {
                let _ = writeln!(text, "  hint: {hint}");
            }
        }
        text
    }

    fn error(&self, message: &str, hint: Option<&str>) -> String {
        let mut text = format!("error: {message}\n");
        if let Some(hint) = hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
        text
    }

    fn warning(&self, message: &str, hint: &str) -> String {
        format!("warning: {message}\n  hint: {hint}\n")
    }

    fn note(&self, message: &str) -> String {
        format!("note: {message}\n")
    }

    fn stats(&self, message: &str) -> String {
        format!("stats: {message}\n")
    }

    fn plan(&self, plan: &Plan<'_, '_>) -> String {
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

    fn keys(&self, names: &[String]) -> String {
        let lines = names.iter().map(|name| format!("{}\n", printable(name)));
        lines.collect()
    }
}

/// One diagnostic: what, where, which placeholder, read from where, what to do.
fn push(text: &mut String, diagnostic: &Diagnostic) {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        _ => "warning",
    };
    let _ = writeln!(text, "{word}: {}", printable(&diagnostic.message));
    let place = &diagnostic.place;
    if !place.file.is_empty() {
        let _ = write!(text, "  --> {}", printable(&place.file));
        if place.line > 0 {
            let _ = write!(text, ":{}:{}", place.line, place.column);
        }
        for part in [&place.resource, &place.field].into_iter().flatten() {
            let _ = write!(text, "  {}", printable(part));
        }
        text.push('\n');
    }
    if let Some(placeholder) = &diagnostic.placeholder {
        let _ = writeln!(text, "   | {}", printable(placeholder));
    }
    if let (Some(backend), Some(path)) = (&diagnostic.backend, &diagnostic.path) {
        let path = printable(path);
        let _ = writeln!(text, "   | read from {backend}, path {path}");
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(text, "  hint: {}", printable(hint));
    }
}
