//! `manifill guard`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use manifill::inputs::{self, FilesError, Selection};
use manifill::printable;
use manifill::settings::{Config, Sources};
use manifill_check::{AllowedField, Guard, guard};

use crate::output::{Format, Output};

/// How long the steps before may take. They have deadlines of their own.
const WAIT: Duration = Duration::from_secs(24 * 60 * 60);

const EXAMPLES: &str = "\
Examples:
  helm template web chart/ | manifill generate - | manifill guard | kubectl apply -f -
  helm get manifest web | manifill guard > /dev/null
  manifill guard --allow 'ConfigMap/web:data[\"index.html\"]' rendered.yaml";

#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GuardArgs {
    /// The rendered manifests; standard input unless a file is named, or for -
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Let the value of this field read like a placeholder; may be repeated
    #[arg(long, value_name = "KIND/NAME:FIELD")]
    allow: Vec<AllowedField>,
    /// How to print errors, warnings and notes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Prints its input as it is, or nothing and what is left of placeholders in it.
pub(crate) fn run(args: &GuardArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let files = if args.files.is_empty() {
        vec![PathBuf::from("-")]
    } else {
        args.files.clone()
    };
    let selection = Selection::new(files)
        .with_deadline(Instant::now() + WAIT)
        .with_confines(Config::confines_of(&Sources::from_env()));
    let files = inputs::read(&selection, &[]).map_err(|error| match error {
        FilesError::Usage(message) => output.usage(&message, "see --help"),
        error => output.error(&error.to_string(), error.hint()),
    })?;
    output.notes(&files.notes);
    if let Some(file) = files.set_aside.first() {
        let file = file.to_string_lossy();
        let message = format!("{} is encrypted and is no manifest", printable(&file));
        return Err(output.error(&message, None));
    }
    let with = args.allow.iter().cloned();
    let guarded = guard(&files.inputs, &with.fold(Guard::new(), Guard::with_allowed));
    output.notes(guarded.notes());
    let text = guarded.text().map_err(|error| output.failure(&error))?;
    Ok(output.print(&text))
}
