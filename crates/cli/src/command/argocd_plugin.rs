//! `manifill argocd-plugin`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use manifill::settings::Sources;
use manifill_argocd::serve::{self, Detail, Ended, Options, ServedPlugin};

use super::{Waits, wait};
use crate::output::Output;

const AFTER: &str = "\
A plugin is a socket in the folder where Argo CD's repo-server looks for plugins; Applications name it
by NAME. The modes are auto (a chart where there is a Chart.yaml, a kustomization where there is one of
its files, else manifests), plain, helm and kustomize. With discover, the plugin also takes Applications
that name no plugin, and Argo CD sends each of them twice. Without --plugin there are manifill=auto,
manifill-plain=plain, manifill-helm=helm and manifill-kustomize=kustomize.

Examples:
  manifill argocd-plugin
  manifill argocd-plugin --plugin argocd-vault-plugin=plain --plugin argocd-vault-plugin-helm=helm
  manifill argocd-plugin --plugin manifill=auto,discover --helm /usr/local/bin/helm --listen :8080

Environment, beside the settings of the backend:
  MANIFILL_SERVER_PARALLEL         apps that are worked on at a time, twice the cores unless set
  MANIFILL_SHARE_READS             seconds that apps share what was read, 30 unless set; 0 is off
  MANIFILL_MAX_REQUESTS_PER_MINUTE requests to vaults, without limit unless set
  MANIFILL_ARCHIVE_MEMORY          bytes of repositories that are kept for the next app, 67108864 unless set
  MANIFILL_REMOTE_HOSTS            hosts that charts and kustomizations may name, none unless set
  ARGOCD_GRPC_MAX_SIZE_MB          megabytes that one message may have, 100 unless set
  TMPDIR                           where Helm and kustomize get their folders

SIGTERM ends it: the sockets go away, apps that are worked on get up to 25 seconds, and the exit status is
0. A second signal does not wait. The log is JSON, a line for each thing; with -v it also has what holds
paths, such as the texts of errors, which Argo CD shows anyway.";

/// Serve Argo CD's plugin protocol: a sidecar without argocd-cmp-server and without a shell
#[derive(Debug, Parser)]
#[command(after_help = AFTER)]
pub(crate) struct ArgocdPluginArgs {
    /// The folder of the sockets
    #[arg(long, value_name = "DIR", default_value_os_t = Options::new().socket_dir)]
    socket_dir: PathBuf,
    /// A plugin: its name and what it does; may be repeated
    #[arg(long, value_name = "NAME=MODE[,discover]")]
    plugin: Vec<ServedPlugin>,
    /// Helm; without it the one in PATH, if there is one
    #[arg(long, value_name = "PATH")]
    helm: Option<PathBuf>,
    /// kustomize; without it the one in PATH, if there is one
    #[arg(long, value_name = "PATH")]
    kustomize: Option<PathBuf>,
    /// Serve /healthz, /readyz and /metrics here: HOST:PORT, or :PORT for all addresses of the pod
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The settings file
    #[arg(short, long, alias = "config", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config_path: Option<OsString>,
    /// The Kubernetes Secret with the settings, as [namespace:]name; it is read once, at the start
    #[arg(short, long, value_name = "NAME")]
    secret_name: Option<String>,
}

/// Serves until a signal comes.
pub(crate) fn run(
    args: &ArgocdPluginArgs,
    verbose: bool,
    quiet: bool,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let detail = match (verbose, quiet) {
        (true, _) => Detail::Debug,
        (_, true) => Detail::Errors,
        _ => Detail::Usual,
    };
    serve::protect(detail);
    let mut settings = Sources::from_env();
    settings.config_file = args.config_path.clone().map(PathBuf::from);
    if let Some(file) = settings.settings_file() {
        // An app has no folder on disk from which a name could start.
        settings.config_file = Some(settings.working_dir.join(file));
    }
    if let Some(name) = &args.secret_name {
        wait(settings.read_secret(name), Waits::ForItsOwn, output)?
            .map_err(|errors| output.settings(&errors))?;
    }
    let mut options = Options::new();
    options.socket_dir.clone_from(&args.socket_dir);
    if !args.plugin.is_empty() {
        options.plugins.clone_from(&args.plugin);
    }
    options.helm.clone_from(&args.helm);
    options.kustomize.clone_from(&args.kustomize);
    options.listen.clone_from(&args.listen);
    match serve::run(&options, settings, detail) {
        Ok(Ended::AtOnce(signal)) => Ok(ExitCode::from(128_u8.saturating_add(signal))),
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(output.error(&error.to_string(), error.hint())),
    }
}
