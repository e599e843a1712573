//! The arguments of `manifill argocd-plugin`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use manifill_argocd::serve::{Options, ServedPlugin};

const AFTER: &str = "\
A plugin is a socket in the folder where Argo CD's repo-server looks for plugins; Applications name it
by NAME. The modes are auto (a chart where there is a Chart.yaml, a kustomization where there is one of
its files, else manifests), plain, helm and kustomize. With discover, Argo CD asks the plugin which
Applications it is for, those that name it among them, and sends each twice; it is for those with something
to fill below their folder, or in what its kustomization reaches. With discover-all it is for all of its
mode. With skip-crds, charts are rendered without their custom resource definitions unless an Application
sets --include-crds. Without --plugin there are manifill=auto, manifill-plain=plain, manifill-helm=helm and
manifill-kustomize=kustomize.

Examples:
  manifill argocd-plugin
  manifill argocd-plugin --plugin argocd-vault-plugin=plain --plugin argocd-vault-plugin-helm=helm
  manifill argocd-plugin --plugin manifill=auto,discover --helm /usr/local/bin/helm --listen :8080

Environment, beside the settings of the backend:
  MANIFILL_SERVER_PARALLEL         apps that are worked on at a time, twice the cores unless set, and one
                                   more of a project that has none
  MANIFILL_SERVER_MEMORY           bytes that it and its programs may take, the container's limit unless set
  MANIFILL_SHARE_READS             seconds that apps share what was read, 30 unless set; 0 is off
  MANIFILL_MAX_REQUESTS_PER_MINUTE requests to vaults, without limit unless set
  MANIFILL_ARCHIVE_MEMORY          bytes of repositories that are kept for the next app, 67108864 unless set
  MANIFILL_REMOTE_HOSTS            hosts that charts and kustomizations may name, none unless set
  ARGOCD_GRPC_MAX_SIZE_MB          megabytes that one message may have, 100 unless set
  TMPDIR                           where Helm and kustomize get their folders, and no more room than is free there

SIGTERM ends it: the sockets go away, apps that are worked on get up to 50 seconds, and the exit status
is 0. A second signal does not wait for them. The log is JSON, a line for each thing; with -v it also has
texts with paths in them, such as those of errors, which Argo CD shows anyway.";

/// Serve Argo CD's plugin protocol: a sidecar without argocd-cmp-server and without a shell
#[derive(Debug, Parser)]
#[command(after_help = AFTER)]
pub(crate) struct ArgocdPluginArgs {
    /// The folder of the sockets
    #[arg(long, value_name = "DIR", default_value_os_t = Options::new().socket_dir)]
    pub(crate) socket_dir: PathBuf,
    /// A plugin: its name and what it does; may be repeated
    #[arg(long, value_name = "NAME=MODE[,discover|,discover-all][,skip-crds]")]
    pub(crate) plugin: Vec<ServedPlugin>,
    /// Helm; without it the one in PATH, if there is one
    #[arg(long, value_name = "PATH")]
    pub(crate) helm: Option<PathBuf>,
    /// kustomize; without it the one in PATH, if there is one
    #[arg(long, value_name = "PATH")]
    pub(crate) kustomize: Option<PathBuf>,
    /// Serve /healthz, /readyz and /metrics here: IP:PORT, or :PORT for all addresses of the pod
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// The settings file
    #[arg(short, long, alias = "config", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config_path: Option<OsString>,
    /// The Kubernetes Secret with the settings, as [namespace:]name; it is read at the start, and again for apps until that succeeds
    #[arg(short, long, value_name = "NAME")]
    pub(crate) secret_name: Option<String>,
}
