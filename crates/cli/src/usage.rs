//! Mistakes in the arguments, which other programs read in the form that they asked for.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Error, ValueEnum as _};
use manifill_argocd::ErrorPage;

use crate::output::{APP, Format, Output, write_aside};
use crate::tips;

/// Tells what `clap` says about the arguments: help, or what is wrong with them.
pub(crate) fn told(help_or_error: Error, arguments: &[OsString]) -> ExitCode {
    let help_or_error = tips::explain(help_or_error);
    if !help_or_error.use_stderr() {
        // A reader that went away is no reason to fail.
        let _ = help_or_error.print();
        return ExitCode::SUCCESS;
    }
    let Some(output) = asked_for(arguments) else {
        match std::env::var_os(APP) {
            Some(app) => {
                let mut page = ErrorPage::new(&app.to_string_lossy());
                page.error(true, 0, help_or_error.render().ansi().to_string());
                write_aside(&page.text());
            }
            None => {
                let _ = help_or_error.print();
            }
        }
        return ExitCode::from(2);
    };
    let text = help_or_error.render().to_string();
    let mut parts = text.split("\n\n");
    let message = on_one_line(parts.next().unwrap_or_default());
    let message = message.trim_start_matches("error: ");
    let tip = parts.find_map(|part| part.trim_start().strip_prefix("tip: "));
    let hint = tip.map_or("see --help".to_owned(), on_one_line);
    let status = output.usage(message, &hint);
    output.end().err().unwrap_or(status)
}

/// The output of a command that was to write for other programs, as far as wrong arguments say so.
fn asked_for(arguments: &[OsString]) -> Option<Output> {
    let words: Vec<&str> = arguments
        .iter()
        .skip(1)
        .map_while(|word| Some(word.to_str().unwrap_or_default()).filter(|word| *word != "--"))
        .collect();
    let command = words
        .iter()
        .find(|word| ["generate", "plan"].contains(word))?;
    let formats = words.iter().zip(words.iter().skip(1));
    let apart = formats.filter_map(|(flag, value)| (*flag == "--format").then_some(*value));
    let joined = words
        .iter()
        .filter_map(|word| word.strip_prefix("--format="));
    let format = apart
        .chain(joined)
        .find_map(|value| Format::from_str(value, /* ignore_case */ false).ok())?;
    if format == Format::Human {
        return None;
    }
    let output = Output::new(format, false);
    Some(if *command == "plan" {
        output.with_told_as_result()
    } else {
        output
    })
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
