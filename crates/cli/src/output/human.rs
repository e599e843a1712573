//! The form for people.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use manifill::{KeyReport, Plan, RenderError, Report, ReportPart, printable};
use manifill_check::Checked;

use super::form::{Form, counted};
use super::told::{Level, Told};

pub(super) struct Human;

/// The place and the like, which are there to be found and not to be read.
const ASIDE: Style = AnsiColor::Cyan.on_default();

impl Form for Human {
    fn tell(&mut self, told: Told) -> String {
        let (word, style) = match (told.level, told.kind) {
            (Level::Error, _) => ("error", AnsiColor::Red.on_default().bold()),
            (Level::Warning, _) => ("warning", AnsiColor::Yellow.on_default().bold()),
            (Level::Note, "stats") => ("stats", Style::new().bold()),
            (Level::Note, _) => ("note", Style::new().bold()),
        };
        // What is wrong with files has a line for each, in which names are escaped already.
        let message = match told.kind {
            "run" => Cow::Borrowed(told.message.as_str()),
            _ => printable(&told.message),
        };
        let report = Report {
            level: word,
            message,
            place: told
                .file
                .as_deref()
                .or(told.setting.as_deref())
                .map(|place| (place, told.line.zip(told.column))),
            rendered_from: told.rendered_from.as_deref(),
            resource: told.resource.as_deref(),
            field: told.field.as_deref(),
            placeholder: told.placeholder.as_deref(),
            read: told.backend.as_deref().zip(told.path.as_deref()),
            hint: told.hint.as_deref(),
        };
        let mut text = String::new();
        let _ = report.write(&mut text, &|part, word| {
            let style = match part {
                ReportPart::Level => style,
                ReportPart::Hint => AnsiColor::Green.on_default(),
                _ => ASIDE,
            };
            format!("{style}{word}{style:#}")
        });
        text
    }

    fn count(&mut self, error: &RenderError) -> String {
        error.totals()
    }

    fn plan(&mut self, plan: &Plan<'_, '_>) -> String {
        let mut uses: Vec<Vec<String>> = plan.reads().map(|_| Vec::new()).collect();
        for field in plan.fields() {
            let base64 = if field.base64 { "  (in base64)" } else { "" };
            let from = field.rendered_from.map(|file| format!(" ({file})"));
            let from = from.unwrap_or_default();
            for (read, key) in &field.wants {
                let line = format!(
                    "    {key}  {}:{}:{}{from}  {}  {}{base64}",
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

    fn checked(&mut self, checked: &Checked) -> String {
        let mut text = String::new();
        let of_one_read = |one: &KeyReport, next: &KeyReport| {
            (&one.backend, &one.path, &one.version) == (&next.backend, &next.path, &next.version)
        };
        for keys in checked.keys().chunk_by(of_one_read) {
            let read = &keys[0];
            let version = read.version.as_deref();
            let version = version.map_or(String::new(), |version| format!("#{version}"));
            let line = format!("{}  {}{version}", read.backend, read.path);
            let _ = writeln!(text, "{}", printable(&line));
            for one in keys {
                let found = match one.found {
                    Some(found) => format!("{}, {}", found.type_name, found.size.as_str()),
                    None => "missing, and need not be there".to_owned(),
                };
                let _ = writeln!(text, "    {}  {found}", printable(&one.key));
            }
        }
        let stats = checked.stats().unwrap_or_default();
        let _ = writeln!(
            text,
            "no error: {} for {} in {} ({})",
            counted(stats.secrets, "secret"),
            counted(stats.placeholders, "placeholder"),
            counted(stats.documents, "document"),
            checked.depth().as_str(),
        );
        text
    }

    fn end(&mut self) -> String {
        String::new()
    }
}
