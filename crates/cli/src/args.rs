//! The arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use manifill_check::AllowedField;

#[cfg(unix)]
use crate::argocd_plugin_args::ArgocdPluginArgs;
use crate::command::discover::DiscoverArgs;
use crate::command::guard::GuardArgs;
use crate::command::install::InstallArgs;
use crate::output::Format;

/// Fills secret placeholders in Kubernetes manifests with values from a vault.
#[derive(Debug, Parser)]
#[command(name = "manifill", version, after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Show errors only, no warnings and no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Also show what the run cost
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

const AFTER: &str = "\
Examples:
  manifill plan apps/                        what would be read, without a request
  manifill check apps/                       whether all of it is there, without a value
  manifill generate apps/ | kubectl apply -f -
  helm template web chart/ | manifill generate - | manifill guard
  manifill fill values.yaml                  any other text: values, .env, JSON, TOML
  manifill keys vaults/Home/items/db         the names of the keys there

Environment:
  AVP_TYPE                the backend; `manifill backends` lists them with their settings
  AVP_PATH_VALIDATION     a regular expression that every path must match
  MANIFILL_CONFIG         the settings file, as -c
  MANIFILL_TIMEOUT        seconds that a run may take, 45 unless set
  MANIFILL_CONCURRENCY    requests at the same time for each backend, 10 unless set
  NO_COLOR, CLICOLOR_FORCE  never, or always, use colour

The exit status is 0 on success, 1 after errors and 2 if the arguments are wrong.";

const GENERATE: &str = "\
Examples:
  manifill generate .                        every .yaml, .yml and .json file below
  manifill generate -f a.yaml -f b.yaml
  kustomize build overlays/prod | manifill generate - | kubectl diff -f -
  manifill generate --mock apps/ | kubectl apply --dry-run=server -f -
  manifill generate --format github apps/    errors next to their lines in a pull request";

const PLAN: &str = "\
It checks manifests, too: every placeholder, path and annotation, without a network and without
secrets. The exit status is 1 if one is wrong.

Examples:
  manifill plan apps/
  manifill plan --format github apps/        errors next to their lines in a pull request
  manifill plan --format json apps/          what would be read, for a program";

const CHECK: &str = "\
It tells types and size classes, never a value, and nothing is filled in or printed. Pull requests of
forks get --offline, which needs no login: whoever may change a manifest decides what is read.

Examples:
  manifill check --offline apps/             for pull requests and pre-commit hooks
  manifill check apps/                       whether each item and each field is there
  manifill check --readable apps/            whether every modifier runs and every value fits, too
  kustomize build . | manifill check --offline --external wildcard-tls -
  manifill check --offline --literals --only-kinds Secret --format sarif apps/";

/// The arguments of a program that was called by this name: usage says what was typed.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Args, clap::Error> {
    let name = arguments
        .first()
        .and_then(|name| Path::new(name).file_stem());
    let mut command = Args::command();
    if name.is_some_and(|name| name == AVP) {
        for with_paths in ["generate", "plan"] {
            let usage = format!("{AVP} {with_paths} [OPTIONS] <PATH>...");
            command = command.mut_subcommand(with_paths, |one| one.override_usage(usage));
        }
    }
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    Args::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// The program whose place this one takes.
const AVP: &str = "argocd-vault-plugin";

const POST_RENDER: &str = "\
Examples:
  helm install web chart/ --post-renderer manifill --post-renderer-args post-render    Helm 3
  manifill install helm-plugin && helm install web chart/ --post-renderer manifill     Helm 4

Helm 4 throws away what a post-renderer tells: --post-renderer-args=--report=FILE keeps it.
Helm 3 does not pass hooks; `helm template` does, and `manifill guard` finds what is left in them.";

const KRM: &str = "\
It reads a ResourceList from standard input and prints one. Its functionConfig, of manifill.dev/v1, says
what becomes of the items: a ManifillFill, or none, fills them; a ManifillGenerate adds the manifests of
its spec, filled; a ManifillGuard fails if a placeholder is left in them.

Examples:
  kustomize build --enable-alpha-plugins --enable-exec .
  kpt fn eval --exec 'manifill krm' package/

kustomize runs it where an object among its transformers says so:
  apiVersion: manifill.dev/v1
  kind: ManifillFill
  metadata:
    name: fill
    annotations:
      config.kubernetes.io/function: |
        exec: {path: /usr/local/bin/manifill, args: [krm]}";

const FILL: &str = "\
Only <path:…> and <op://…> are placeholders here; any other <…> is text. A value is escaped for the
place where it stands, and the program ends with an error if a format cannot hold it.

Examples:
  manifill fill values.yaml | helm upgrade web chart/ -f -
  manifill fill .env.template --format dotenv > .env
  manifill fill --format json - < config.json.in
  manifill fill application.properties --messages github";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the manifests with every placeholder filled
    #[command(after_help = GENERATE, override_usage = "manifill generate [OPTIONS] <PATH>...")]
    Generate(GenerateArgs),
    /// Show what would be read, from where and for which fields, without any request
    #[command(after_help = PLAN, override_usage = "manifill plan [OPTIONS] <PATH>...")]
    Plan(PlanArgs),
    /// Print any other text with its placeholders filled: Helm values, JSON, .env, properties, TOML
    Fill(FillArgs),
    /// Fill what Helm renders: the post-renderer of Helm 3, and the program of Helm 4's plugin
    #[command(after_help = POST_RENDER)]
    PostRender(PostRenderArgs),
    /// Fill, generate or guard resources as a KRM function of kustomize and kpt
    #[command(after_help = KRM)]
    Krm(KrmArgs),
    /// Check manifests before they are filled, for pull requests and pre-commit hooks
    #[command(after_help = CHECK, override_usage = "manifill check [OPTIONS] <PATH>...")]
    Check(CheckArgs),
    /// Pass manifests on as they are, or fail if a placeholder is left in them or they are empty
    Guard(GuardArgs),
    /// Say whether a folder has something to fill, for Argo CD's discovery
    Discover(DiscoverArgs),
    /// Show the names of the keys at a path, never their values
    Keys(KeysArgs),
    /// Show the backends and their settings
    Backends(BackendsArgs),
    /// Show the modifiers of placeholders
    Modifiers,
    /// Install it in Argo CD or in Helm 4, or copy it into a volume
    Install(InstallArgs),
    /// Serve Argo CD's plugin protocol: a sidecar without argocd-cmp-server and without a shell
    #[cfg(unix)]
    ArgocdPlugin(ArgocdPluginArgs),
    /// Print the completion script of a shell
    #[command(
        alias = "completions",
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
            Command::Fill(args) => args.messages,
            Command::Check(args) => args.format,
            Command::Guard(args) => args.format,
            Command::PostRender(args) => args.format.unwrap_or_default(),
            _ => Format::Human,
        }
    }

    /// Whether Argo CD runs it for an app.
    pub(crate) fn is_of_an_app(&self) -> bool {
        matches!(
            self,
            Command::Generate(_)
                | Command::Plan(_)
                | Command::Fill(_)
                | Command::PostRender(_)
                | Command::Krm(_)
                | Command::Guard(_)
        )
    }

    /// Whether what it tells is what it was asked for, and goes to standard output.
    pub(crate) fn tells_its_result(&self) -> bool {
        matches!(self, Command::Plan(_) | Command::Check(_))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Fill in mock values, the same in every run, and ask no vault: for reviews and dry runs
    #[arg(long)]
    pub(crate) mock: bool,
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
    /// Also fill in mock values, to find what only filling shows; they are not printed
    #[arg(long)]
    pub(crate) mock: bool,
    /// Fail when there is nothing to read, instead of only warning
    #[arg(long)]
    pub(crate) fail_on_empty: bool,
    /// Print documents, placeholders and time to standard error, as -v does
    #[arg(long)]
    pub(crate) stats: bool,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Read no secret: placeholders, paths, policy, annotations and references only
    #[arg(long, group = "depth")]
    pub(crate) offline: bool,
    /// Also see whether each item and each field is there; this is the default
    #[arg(long, group = "depth")]
    pub(crate) exists: bool,
    /// Also run the modifiers and see whether the values fit, without printing anything
    #[arg(long, group = "depth")]
    pub(crate) readable: bool,
    /// Something else makes an object of this name, or adds keys to it; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) external: Vec<String>,
    /// Secrets that are written out in Secrets are errors
    #[arg(long)]
    pub(crate) literals: bool,
    /// Values in objects of other kinds, in labels and in annotations are errors
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    pub(crate) only_kinds: Vec<String>,
    /// Let this field have a value where none should be; may be repeated
    #[arg(long, value_name = "KIND/NAME:FIELD")]
    pub(crate) allow: Vec<AllowedField>,
    /// Fail when there is nothing to check, instead of only warning
    #[arg(long)]
    pub(crate) fail_on_empty: bool,
    /// Print requests, secrets, documents and time to standard error, as -v does
    #[arg(long)]
    pub(crate) stats: bool,
    /// How to print errors, warnings and notes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PostRenderArgs {
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Let an input pass that holds no manifest, as that of a chart with nothing but hooks in Helm 3
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Write what is told to this file, too, whatever the outcome
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,
    /// Print requests, secrets, documents and time to standard error, as -v does
    #[arg(long)]
    pub(crate) stats: bool,
    /// How to print errors, warnings and notes; a report that ends with .json or .sarif is that
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
}

/// A KRM function; the rest is in its `functionConfig`.
#[derive(Debug, clap::Args)]
pub(crate) struct KrmArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// What is filled, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = FILL)]
pub(crate) struct FillArgs {
    /// The text, or - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// What the text is, if the end of its name does not say it; any other text is plain text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<TextFormat>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Use a stricter grammar; in YAML, a duplicate key is an error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Also fill escaped placeholders (\u003cpath:…\u003e, %3Cpath:…%3E, &lt;path:…&gt;)
    #[arg(long)]
    pub(crate) escaped: bool,
    /// Allow text that looks like a placeholder but is not one
    #[arg(long)]
    pub(crate) allow_unresolved: bool,
    /// Print requests, secrets, placeholders and time to standard error, as -v does
    #[arg(long)]
    pub(crate) stats: bool,
    /// How to print errors, warnings and notes
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) messages: Format,
}

/// The formats of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
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

/// How things are told.
#[derive(Debug, clap::Args)]
pub(crate) struct FormArgs {
    /// How to print errors, warnings and notes
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
    /// The path as a placeholder spells it, such as `vaults/Home/items/db`; - takes it from standard
    /// input
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
    /// The same as PATH, as in kubectl; may be repeated
    #[arg(short, long, value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// Read only files that match this glob, relative to the folder given; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out files and folders that match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How manifests are read.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadingArgs {
    /// Use a stricter grammar: keys are [A-Za-z0-9_.-]+, and a duplicate key is an error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Also fill escaped placeholders (\u003cpath:…\u003e, %3Cpath:…%3E, &lt;path:…&gt;)
    #[arg(long)]
    pub(crate) escaped: bool,
    /// Allow text that looks like a placeholder but is not one
    #[arg(long)]
    pub(crate) allow_unresolved: bool,
}

/// Where settings come from; the flags of argocd-vault-plugin, and a few.
#[derive(Debug, clap::Args)]
pub(crate) struct SettingsArgs {
    /// The settings file
    // Text, since an empty one is no mistake: recipes give a variable that only some apps set.
    #[arg(short, long, alias = "config", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config_path: Option<OsString>,
    /// The Kubernetes Secret with the settings, as [namespace:]name
    #[arg(short, long, value_name = "NAME")]
    pub(crate) secret_name: Option<String>,
    /// Outside Argo CD: the Argo CD project whose policy applies
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Accepted for argocd-vault-plugin's sake; no secret is ever printed
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(crate) verbose_sensitive_output: bool,
    /// Never keep a token on disk, even if MANIFILL_VAULT_TOKEN_CACHE is set
    #[arg(long, value_name = "BOOL", hide_possible_values = true, hide_default_value = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(crate) disable_token_cache: bool,
}

/// The fake server.
#[cfg(feature = "connect-server")]
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectServerArgs {
    /// The JSON file with the vaults and items, or - for standard input;
    /// examples/manifests/connect-data.json is one
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
