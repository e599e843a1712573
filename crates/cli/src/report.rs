//! What is told on standard error.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::process::ExitCode;

use manifill::config::ConfigErrors;
use manifill::{Diagnostic, RenderError, Severity};

/// Tells diagnostics, each with its place, and what to do.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic]) {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let word = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
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
    tell(&text);
}

/// A text that came from a manifest, a vault or a file name, fit for one line of a terminal: with
/// control characters in a name, an app's author could forge messages in the operator's logs.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match odd(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A number and what it counts: `1 secret`, `2 secrets`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Tells why nothing was rendered.
pub(crate) fn failure(error: &RenderError) -> ExitCode {
    diagnostics(error.diagnostics());
    let more = error.errors_left_off();
    if more > 0 {
        tell(&format!("and {}\n", counted(more, "more error")));
    }
    let count = error.errors().count() + more;
    if count > 1 {
        tell(&format!("{count} errors; nothing was rendered\n"));
    }
    ExitCode::from(1)
}

/// Tells what is wrong with the settings.
pub(crate) fn settings(errors: &ConfigErrors) -> ExitCode {
    let mut text = String::new();
    for error in errors {
        let _ = writeln!(text, "error: {error}");
        if let Some(place) = error.place() {
            let _ = writeln!(text, "  --> {place}");
        }
        if let Some(hint) = error.advice() {
            let _ = writeln!(text, "  hint: {hint}");
        }
    }
    tell(&text);
    ExitCode::from(1)
}

/// Tells one error that has no place in a manifest.
pub(crate) fn error(message: &str, hint: Option<&str>) -> ExitCode {
    let mut text = format!("error: {message}\n");
    if let Some(hint) = hint {
        let _ = writeln!(text, "  hint: {hint}");
    }
    tell(&text);
    ExitCode::from(1)
}

/// Tells a mistake in the arguments.
pub(crate) fn usage(message: &str) -> ExitCode {
    tell(&format!("error: {message}\n  hint: manifill --help\n"));
    ExitCode::from(2)
}

/// Tells something that does not stop the run.
pub(crate) fn note(message: &str) {
    tell(&format!("note: {message}\n"));
}

/// Tells something the user should look at.
pub(crate) fn warning(message: &str, hint: &str) {
    tell(&format!("warning: {message}\n  hint: {hint}\n"));
}

/// Writes to standard error; a reader that went away is no reason to fail.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes the result to standard output, all at once.
pub(crate) fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has what it wanted (`| head`); it is told by the status, as is usual.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(1),
        Err(error) => self::error(
            &format!("standard output cannot be written: {}", error.kind()),
            None,
        ),
    }
}
