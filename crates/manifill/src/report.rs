//! Findings as people read them: what is wrong, where, and what to do, a line for each.

use std::borrow::Cow;
use std::fmt;

use crate::diagnostic::{Diagnostic, RenderError, printable};

/// What a piece of a report is, for programs that colour it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportPart {
    /// The first word: `error`, `warning`, `note`.
    Level,
    /// An arrow or a bar in the margin.
    Margin,
    /// The word `hint`.
    Hint,
}

/// One finding, as the command line shows it.
///
/// ```text
/// error: missing Vault value for placeholder usr: `db` has no key `usr`; it has `user`
///   --> secret.yaml:7:9  Secret/db  stringData.user
///    | <usr>
///    | read from file, path db
///   hint: did you mean `user`?
/// ```
///
/// `Display` writes it without colours; control characters in names are escaped.
#[derive(Clone, Debug, Default)]
pub struct Report<'r> {
    /// The first word, such as `error`.
    pub level: &'r str,
    /// What is wrong; it may have several lines.
    pub message: Cow<'r, str>,
    /// The file, or the setting with where it was set, with the line and the column where they are
    /// known.
    pub place: Option<(&'r str, Option<(usize, usize)>)>,
    /// The file that the document was made from.
    pub rendered_from: Option<&'r str>,
    /// `Kind/name`.
    pub resource: Option<&'r str>,
    /// The field, such as `stringData.apiKey`.
    pub field: Option<&'r str>,
    /// The placeholder as it is spelled.
    pub placeholder: Option<&'r str>,
    /// The name of the backend and the path that was read.
    pub read: Option<(&'r str, &'r str)>,
    /// What to do about it.
    pub hint: Option<&'r str>,
}

impl Report<'_> {
    /// Writes the report; `paint` dresses its words.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(
        &self,
        out: &mut dyn fmt::Write,
        paint: &dyn Fn(ReportPart, &str) -> String,
    ) -> fmt::Result {
        let level = paint(ReportPart::Level, self.level);
        let mut lines = self.message.split('\n');
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{level}: {}", printable(first))?;
        for line in lines {
            writeln!(out, "{}", printable(line))?;
        }
        if let Some((file, at)) = self.place {
            let arrow = paint(ReportPart::Margin, "-->");
            write!(out, "  {arrow} {}", printable(file))?;
            if let Some((line, column)) = at {
                write!(out, ":{line}:{column}")?;
            }
            if let Some(file) = self.rendered_from {
                write!(out, " ({})", printable(file))?;
            }
            for part in [self.resource, self.field].into_iter().flatten() {
                write!(out, "  {}", printable(part))?;
            }
            writeln!(out)?;
        }
        let bar = paint(ReportPart::Margin, "|");
        if let Some(placeholder) = self.placeholder {
            writeln!(out, "   {bar} {}", printable(placeholder))?;
        }
        if let Some((backend, path)) = self.read {
            writeln!(
                out,
                "   {bar} read from {backend}, path {}",
                printable(path)
            )?;
        }
        if let Some(hint) = self.hint {
            let word = paint(ReportPart::Hint, "hint");
            writeln!(out, "  {word}: {}", printable(hint))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &|_, word| word.to_owned())
    }
}

impl Diagnostic {
    /// The finding as people read it, with its place, its field and its hint.
    pub fn report(&self) -> Report<'_> {
        let place = &self.place;
        let at = (place.line > 0).then_some((place.line, place.column));
        let file = Some(place.file.as_str()).filter(|file| !file.is_empty());
        Report {
            level: self.severity.as_str(),
            message: printable(&self.message),
            place: file.or(place.setting.as_deref()).map(|file| (file, at)),
            rendered_from: place.rendered_from.as_deref(),
            resource: place.resource.as_deref(),
            field: place.field.as_deref(),
            placeholder: self.placeholder.as_deref(),
            read: self.backend.as_deref().zip(self.path.as_deref()),
            hint: self.hint.as_deref(),
        }
    }
}

impl RenderError {
    /// Every finding as people read it, warnings included, how many errors there are, and the notes:
    /// what the command line prints. `{:#}` is the same.
    ///
    /// ```
    /// use manifill::vault::backend::memory::Memory;
    /// use manifill::{Input, Renderer};
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new());
    /// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db>\n")];
    /// let error = renderer.plan(&inputs).unwrap_err();
    /// assert_eq!(
    ///     error.report(),
    ///     "error: a placeholder has a path and no `#KEY`\n  --> a.yaml:2:8  A  user\n  \
    ///      hint: write <path:PATH#KEY>\n"
    /// );
    /// ```
    pub fn report(&self) -> String {
        let mut text = String::new();
        for one in self.diagnostics() {
            text.push_str(&one.report().to_string());
        }
        text.push_str(&self.totals());
        for note in self.notes() {
            let note = Report {
                level: "note",
                message: printable(note),
                ..Report::default()
            };
            text.push_str(&note.to_string());
        }
        text
    }

    /// The lines below the findings: how many errors there are beside those told, and in all.
    pub fn totals(&self) -> String {
        let left_off = self.errors_left_off();
        let mut text = match left_off {
            0 => String::new(),
            1 => "and 1 more error\n".to_owned(),
            more => format!("and {more} more errors\n"),
        };
        let count = self.errors().count() + left_off;
        if count > 1 {
            text.push_str(&format!("{count} errors; {}\n", self.nothing()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DiagnosticKind, Place};

    fn finding() -> Diagnostic {
        let mut one = Diagnostic::error(DiagnosticKind::NotFound, "no `usr`");
        one.place = Place {
            file: "a\n.yaml".to_owned(),
            line: 4,
            column: 6,
            resource: Some("Secret/db".to_owned()),
            field: Some("stringData.user".to_owned()),
            ..Place::default()
        };
        one.placeholder = Some("<usr>".to_owned());
        one.backend = Some("file".to_owned());
        one.path = Some("db".to_owned());
        one.hint = Some("did you mean `user`?".to_owned());
        one
    }

    #[test]
    fn a_report_has_all_that_is_known_and_no_name_breaks_its_lines() {
        let expected = "error: no `usr`\n  --> a\\n.yaml:4:6  Secret/db  stringData.user\n   \
                        | <usr>\n   | read from file, path db\n  hint: did you mean `user`?\n";
        assert_eq!(finding().report().to_string(), expected);
        let one = Diagnostic::error(DiagnosticKind::Path, "no `a\nerror: b`");
        assert_eq!(one.report().to_string(), "error: no `a\\nerror: b`\n");
    }

    #[test]
    fn what_is_not_known_takes_no_line() {
        let one = Diagnostic::warning(DiagnosticKind::Manifest, "odd");
        assert_eq!(one.report().to_string(), "warning: odd\n");
    }

    #[test]
    fn the_report_of_a_run_tells_every_finding_and_their_number() {
        let warning = Diagnostic::warning(DiagnosticKind::Manifest, "odd");
        let one = RenderError::new(vec![warning, finding()], 0);
        let report = one.report();
        assert!(
            report.starts_with("warning: odd\nerror: no `usr`\n"),
            "{report}"
        );
        assert!(report.ends_with("`user`?\n"), "{report}");
        assert_eq!(format!("{one:#}"), report);
        let many = RenderError::new(vec![finding()], 2).report();
        let last = "and 2 more errors\n3 errors; nothing was rendered\n";
        assert!(many.ends_with(last), "{many}");
        let noted = RenderError::new(vec![finding()], 0).with_notes(["a\nb".to_owned()]);
        assert_eq!(
            noted.report(),
            format!("{}note: a\\nb\n", finding().report())
        );
    }

    #[test]
    fn words_can_be_painted() {
        let mut text = String::new();
        let paint = |part: ReportPart, word: &str| format!("[{part:?} {word}]");
        finding().report().write(&mut text, &paint).unwrap();
        assert!(text.starts_with("[Level error]: no"), "{text}");
        assert!(text.contains("\n  [Margin -->] a"), "{text}");
        assert!(text.contains("\n  [Hint hint]: did"), "{text}");
    }
}
