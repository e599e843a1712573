//! What a server tells its operator: a JSON object on a line for each thing.
//!
//! Much of what there is to tell was chosen by the authors of apps. So the words of a message are fixed,
//! and what others chose stands in fields, escaped and cut.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use manifill::printable;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::beginning::beginning;

/// How much of a text that others chose is told, in bytes.
const SHOWN: usize = 256;

/// Where a server tells things.
pub struct Log {
    out: Mutex<Box<dyn Write + Send>>,
    detail: Detail,
}

/// How much a server tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What nobody can do without.
    Errors,
    /// Each request, without what holds paths.
    #[default]
    Usual,
    /// Everything.
    Debug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

/// What a field holds.
pub(crate) enum Field<'f> {
    /// A word of our own.
    Word(&'static str),
    /// A text that somebody else chose.
    Text(&'f str),
    Number(u64),
    Seconds(std::time::Duration),
}

impl Log {
    /// To standard error.
    pub fn stderr(detail: Detail) -> Self {
        Log::new(std::io::stderr(), detail)
    }

    /// To somewhere else.
    pub fn new(out: impl Write + Send + 'static, detail: Detail) -> Self {
        Log {
            out: Mutex::new(Box::new(out)),
            detail,
        }
    }

    /// Tells one thing.
    pub(crate) fn tell(&self, level: Level, message: &'static str, fields: &[(&str, Field<'_>)]) {
        let least = match self.detail {
            Detail::Errors => Level::Error,
            Detail::Usual => Level::Info,
            Detail::Debug => Level::Debug,
        };
        if level < least {
            return;
        }
        let mut line = String::from("{\"time\":");
        let now = OffsetDateTime::now_utc().format(&Rfc3339);
        push_string(&mut line, &now.unwrap_or_default());
        line += ",\"level\":";
        push_string(&mut line, level.as_str());
        line += ",\"message\":";
        push_string(&mut line, message);
        for (name, field) in fields {
            line.push(',');
            push_string(&mut line, name);
            line.push(':');
            match field {
                Field::Word(word) => push_string(&mut line, word),
                Field::Text(text) => push_string(&mut line, &shown(text)),
                Field::Number(number) => line += &number.to_string(),
                Field::Seconds(time) => line += &format!("{:.3}", time.as_secs_f64()),
            }
        }
        line += "}\n";
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A reader that went away is no reason to fail.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

fn push_string(line: &mut String, text: &str) {
    // A text always has a form in JSON.
    *line += &serde_json::to_string(text).unwrap_or_default();
}

/// A text that somebody else chose: what could pass for something else escaped, and not too long.
fn shown(text: &str) -> String {
    const MARK: char = '…';
    // One more character than fits, whatever its length, tells that there is more.
    let escaped = printable(beginning(text, SHOWN + 4));
    if escaped.len() <= SHOWN {
        return escaped.into_owned();
    }
    let mut shown = beginning(&escaped, SHOWN - MARK.len_utf8()).to_owned();
    shown.push(MARK);
    shown
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    pub(in crate::serve) struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        pub(in crate::serve) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(detail: Detail, level: Level, text: &str) -> Option<serde_json::Value> {
        let lines = Lines::default();
        Log::new(lines.clone(), detail).tell(level, "an app", &[("app", Field::Text(text))]);
        let bytes = lines.0.lock().unwrap().clone();
        assert!(!bytes.iter().any(|byte| *byte < 0x20 && *byte != b'\n'));
        assert!(bytes.iter().filter(|byte| **byte == b'\n').count() <= 1);
        (!bytes.is_empty()).then(|| serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn what_others_chose_is_escaped_and_cut() {
        let long = "é".repeat(5000);
        let odd = "\u{1b}[31m\u{202e}".repeat(2000);
        for (text, wanted) in [
            ("web", "web"),
            ("a\nb\"}\n{\"level\":\"x", "a\\nb\"}\\n{\"level\":\"x"),
            ("\u{7f}\u{85}\u{202e}\0", "\\u{7f}\\u{85}\\u{202e}\\u{0}"),
            (&long, &format!("{}…", "é".repeat(126))),
            ("", ""),
        ] {
            let told = told(Detail::Usual, Level::Info, text).unwrap();
            assert_eq!(told["app"], wanted);
            assert_eq!(told["level"], "info");
        }
        let told = told(Detail::Usual, Level::Info, &odd).unwrap();
        let app = told["app"].as_str().unwrap();
        assert!(app.len() <= 256 && app.ends_with('…'), "{app}");
        assert!(!app.contains(['\u{1b}', '\u{202e}']), "{app}");
    }

    #[test]
    fn what_is_for_debugging_is_told_only_then() {
        assert!(told(Detail::Usual, Level::Debug, "x").is_none());
        assert!(told(Detail::Debug, Level::Debug, "x").is_some());
        assert!(told(Detail::Errors, Level::Warning, "x").is_none());
        assert!(told(Detail::Errors, Level::Error, "x").is_some());
    }
}
