//! What a server is to be.

use std::path::PathBuf;
use std::time::Duration;

use crate::served_plugin::ServedPlugin;

/// Where Argo CD looks for plugins.
const FOLDER: &str = "/home/argocd/cmp-server/plugins";

/// What a server is to be, beside its settings.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct Options {
    /// The folder of the sockets.
    pub socket_dir: PathBuf,
    /// The plugins.
    pub plugins: Vec<ServedPlugin>,
    /// Helm; without it, the one in `PATH`, if there is one.
    pub helm: Option<PathBuf>,
    /// kustomize; without it, the one in `PATH`, if there is one.
    pub kustomize: Option<PathBuf>,
    /// Where health and metrics are served, as `HOST:PORT` or `:PORT`.
    pub listen: Option<String>,
    /// How long requests that run may take to end when the server does.
    pub drain: Duration,
}

impl Options {
    /// The usual plugins in the folder where Argo CD looks for them; 50 s to end, since a run takes up
    /// to 45 and `install argocd` gives the pod 60.
    pub fn new() -> Self {
        Options {
            socket_dir: PathBuf::from(FOLDER),
            plugins: ServedPlugin::usual(),
            helm: None,
            kustomize: None,
            listen: None,
            drain: Duration::from_secs(50),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::new()
    }
}
