//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::output::Format;

/// Fills secret placeholders in Kubernetes manifests with values from a vault.
#[derive(Debug, Parser)]
#[command(name = "manifill", version, after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Tell errors only, no warnings and no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Tell what the run cost, too
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

const AFTER: &str = "\
Examples:
  manifill plan apps/                        what would be read, without a request
  manifill generate apps/ | kubectl apply -f -
  helm template web chart/ | manifill generate -
  manifill keys vaults/Home/items/db         the names of the keys there

Environment:
  AVP_TYPE                the backend; `manifill backends` lists them with their settings
  AVP_PATH_VALIDATION     a regular expression that every path must match
  MANIFILL_CONFIG         the settings file, as -c
  MANIFILL_TIMEOUT        seconds that a run may take, 45 unless set
  MANIFILL_CONCURRENCY    requests at the same time for each backend, 10 unless set
  NO_COLOR, CLICOLOR_FORCE  colour never, or always

The exit status is 0 if all went well, 1 after errors and 2 after wrong arguments.";

const GENERATE: &str = "\
Examples:
  manifill generate .                        every .yaml, .yml and .json file below
  manifill generate -f a.yaml -f b.yaml
  kustomize build overlays/prod | manifill generate - | kubectl diff -f -
  manifill generate --format github apps/    errors beside their lines in a pull request";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the manifests with every placeholder filled
    #[command(after_help = GENERATE)]
    Generate(GenerateArgs),
    /// Show what would be read, from where and for which fields, without any request
    Plan(PlanArgs),
    /// Show the names of the keys at a path, never their values
    Keys(KeysArgs),
    /// Show the backends and their settings
    Backends(BackendsArgs),
    /// Show the modifiers of placeholders
    Modifiers,
    /// Print what a shell needs to complete commands and flags
    #[command(
        after_help = "Example:\n  manifill completion bash > /etc/bash_completion.d/manifill"
    )]
    Completion(CompletionArgs),
    /// Show the version, the commit and the backends of this build
    Version,
    /// Serve invented secrets as a 1Password Connect server would, to try things out
    #[cfg(feature = "connect-server")]
    ConnectServer(ConnectServerArgs),
}

impl Command {
    /// How it tells things.
    pub(crate) fn format(&self) -> Format {
        match self {
            Command::Generate(args) => args.form.format,
            Command::Plan(args) => args.form.format,
            _ => Format::Human,
        }
    }

    /// Whether what it tells is what it was asked for, and goes to standard output.
    pub(crate) fn tells_its_result(&self) -> bool {
        matches!(self, Command::Plan(_))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Fail when there is nothing to print, instead of only warning
    #[arg(long)]
    pub(crate) fail_on_empty: bool,
    /// Print requests, secrets, documents and time to standard error, as -v does
    #[arg(long)]
    pub(crate) stats: bool,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// How things are told.
#[derive(Debug, clap::Args)]
pub(crate) struct FormArgs {
    /// How errors, warnings and notes look
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeysArgs {
    /// The path as a placeholder spells it, such as `vaults/Home/items/db`
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BackendsArgs {
    /// Only this backend
    pub(crate) name: Option<String>,
    /// Print the table of the README
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// What is read.
#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Files and folders with .yaml, .yml and .json files, or - for standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The same as PATH, as kubectl has it; may be repeated
    #[arg(short, long, value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// Read only files that match this glob, seen from the folder given; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out files and folders that match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Stricter grammar: keys are [A-Za-z0-9_.-]+, and a key that stands twice is an error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Fill escaped placeholders too (\u003cpath:…\u003e, %3Cpath:…%3E, &lt;path:…&gt;)
    #[arg(long)]
    pub(crate) escaped: bool,
    /// Let text pass that looks like a placeholder and is none
    #[arg(long)]
    pub(crate) allow_unresolved: bool,
}

/// Where settings come from; the flags of argocd-vault-plugin, and a few.
#[derive(Debug, clap::Args)]
pub(crate) struct SettingsArgs {
    /// The settings file
    // Text, since an empty one is no mistake: recipes give a variable that only some apps set.
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config_path: Option<OsString>,
    /// The Kubernetes Secret with the settings, as [namespace:]name
    #[arg(short, long, value_name = "NAME")]
    pub(crate) secret_name: Option<String>,
    /// The Argo CD project whose policy holds, outside Argo CD
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Accepted for argocd-vault-plugin's sake; no secret is ever printed
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(crate) verbose_sensitive_output: bool,
    /// Keep no token on disk, even if MANIFILL_VAULT_TOKEN_CACHE is set
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(crate) disable_token_cache: bool,
}

/// The fake server.
#[cfg(feature = "connect-server")]
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectServerArgs {
    /// The JSON file with the vaults and items, or - for standard input;
    /// examples/manifests/homelab has one
    #[arg(long, value_name = "FILE")]
    pub(crate) data: PathBuf,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// A fault for the next requests, such as 503x3 or delay=200ms; may be repeated
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,
    /// Milliseconds to wait before each answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency: u64,
}
