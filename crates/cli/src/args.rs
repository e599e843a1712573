//! The arguments.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Fills secret placeholders in Kubernetes manifests with values from a vault.
#[derive(Debug, Parser)]
#[command(name = "manifill", disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the manifests with every placeholder filled
    Generate(GenerateArgs),
    /// Show what would be read, from where and for which fields, without any request
    Plan(PlanArgs),
    /// Show the names of the keys at a path, never their values
    Keys(KeysArgs),
    /// Show the backends and their settings
    Backends(BackendsArgs),
    /// Show the version
    Version,
    /// Serve invented secrets as a 1Password Connect server would, to try things out
    #[cfg(feature = "connect-server")]
    ConnectServer(ConnectServerArgs),
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
    /// Print requests, secrets, documents and time to standard error
    #[arg(long)]
    pub(crate) stats: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
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
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config_path: Option<PathBuf>,
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
    /// The JSON file with the vaults and items
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
