//! `manifill fill`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::ValueEnum;
use manifill::inputs::{self, FilesError, Selection};
use manifill::{Config, Input, Options, Renderer, RunContext, printable};

use super::{config, read};
use crate::args::SettingsArgs;
use crate::output::{Format, Output, counted};

const EXAMPLES: &str = "\
Only <path:…> and <op://…> are placeholders here; any other <…> is text. A value is escaped for the
place where it stands, and the program ends with an error if a format cannot hold it.

Examples:
  manifill fill values.yaml | helm upgrade web chart/ -f -
  manifill fill .env.template --format dotenv > .env
  manifill fill --format json - < config.json.in
  manifill fill application.properties --messages github";

/// What is filled, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FillArgs {
    /// The text, or - for standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// What the text is, if the end of its name does not say it; any other text is plain text
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<TextFormat>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Use a stricter grammar; in YAML, a duplicate key is an error
    #[arg(long)]
    strict: bool,
    /// Also fill escaped placeholders (\u003cpath:…\u003e, %3Cpath:…%3E, &lt;path:…&gt;)
    #[arg(long)]
    escaped: bool,
    /// Allow text that looks like a placeholder but is not one
    #[arg(long)]
    allow_unresolved: bool,
    /// Print requests, secrets, placeholders and time to standard error, as -v does
    #[arg(long)]
    stats: bool,
    /// How to print errors, warnings and notes
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) messages: Format,
}

/// The formats of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TextFormat {
    /// YAML without a `kind`, such as the values of a Helm chart (.yaml, .yml)
    Yaml,
    /// JSON (.json)
    Json,
    /// KEY=value, as Docker Compose, python-dotenv and shells read it (.env, .env.NAME)
    Dotenv,
    /// Properties of Java (.properties)
    Properties,
    /// TOML (.toml)
    Toml,
    /// Text in which nothing is escaped
    Text,
}

impl From<TextFormat> for manifill::Format {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Yaml => manifill::Format::Yaml,
            TextFormat::Json => manifill::Format::Json,
            TextFormat::Dotenv => manifill::Format::Dotenv,
            TextFormat::Properties => manifill::Format::Properties,
            TextFormat::Toml => manifill::Format::Toml,
            TextFormat::Text => manifill::Format::Text,
        }
    }
}

/// Prints the text with every placeholder filled, or nothing and the reasons.
pub(crate) fn run(args: &FillArgs, verbose: bool, output: &Output) -> Result<ExitCode, ExitCode> {
    let start = Instant::now();
    let context = RunContext::new();
    let config = config(&args.settings, output)?;
    let context = context.with_timeout(config.timeout);
    let (input, roots) = input(args, &config, &context, output)?;
    let known = args.format.map(Into::into);
    let known = known.or_else(|| manifill::Format::of_name(&input.name));
    let inputs = [input.with_format(known.unwrap_or(manifill::Format::Text))];
    let options = Options::new()
        .with_strict(args.strict)
        .with_escaped(args.escaped)
        .with_allow_unresolved(args.allow_unresolved);
    let renderer = Renderer::from_config(config).with_options(options);
    let context = context.with_roots(&roots);
    let rendering = renderer.render(&inputs, &context);
    let rendered = read(&renderer, rendering, output)?.map_err(|error| output.failure(&error))?;
    output.diagnostics(rendered.warnings());
    output.notes(rendered.notes());
    let stats = rendered.stats();
    if known.is_none() && stats.placeholders > 0 {
        output.notes([format!(
            "{} is filled as plain text, in which nothing is escaped; --format says what it is",
            printable(&inputs[0].name)
        )]);
    }
    let printed = output.print(&rendered.joined());
    if args.stats || verbose {
        output.stats(&format!(
            "{}, {}, {}, {} ms",
            counted(stats.requests, "request"),
            counted(stats.secrets, "secret"),
            counted(stats.placeholders, "placeholder"),
            start.elapsed().as_millis(),
        ));
    }
    Ok(printed)
}

/// The text, and the folders that files named in it lie in.
fn input(
    args: &FillArgs,
    config: &Config,
    context: &RunContext,
    output: &Output,
) -> Result<(Input, Vec<PathBuf>), ExitCode> {
    if args.path.is_dir() {
        return Err(output.usage(
            "`fill` takes one file, and this is a folder",
            "`manifill generate` fills the manifests of folders",
        ));
    }
    let selection = Selection::new([&args.path])
        .with_deadline(context.deadline())
        .with_confines(config.confines.clone());
    let files =
        inputs::read(&selection, &config.files_never_inputs).map_err(|error| match error {
            FilesError::Usage(message) => output.usage(&message, "see --help"),
            FilesError::Files(problems) => {
                let told = problems.iter().map(|one| {
                    let (file, reason) = (&one.file, &one.reason);
                    output.error(&format!("could not read {file}: {reason}"), one.hint)
                });
                told.last().unwrap_or(ExitCode::FAILURE)
            }
            FilesError::Nothing(one) => {
                let message = format!("{} holds settings or secrets and is never filled", one.file);
                output.error(&message, one.hint)
            }
            error => output.error(&error.to_string(), error.hint()),
        })?;
    output.notes(&files.notes);
    match files.inputs.into_iter().next() {
        Some(input) => Ok((input, files.roots)),
        None => Err(output.error("there is nothing to fill", None)),
    }
}
