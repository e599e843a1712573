//! What a server is to be.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::error::{Mistake, ServeError};
use super::status_page;
use crate::rendering::find_program;
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
    /// The Kubernetes Secret with the settings, as `[namespace:]name`.
    pub secret: Option<String>,
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
            secret: None,
            helm: None,
            kustomize: None,
            listen: None,
            drain: Duration::from_secs(50),
        }
    }

    /// Gives the address of `listen`.
    ///
    /// # Errors
    /// All that is wrong with what is said here.
    pub(crate) fn check(&self) -> Result<Option<SocketAddr>, ServeError> {
        let mut mistakes = Vec::new();
        let mut names = BTreeSet::new();
        let mut told = BTreeSet::new();
        for ServedPlugin { name, .. } in &self.plugins {
            if !names.insert(name) && told.insert(name) {
                mistakes.push(Mistake::new(format!("two plugins have the name `{name}`")));
            }
        }
        for program in [&self.helm, &self.kustomize].into_iter().flatten() {
            mistakes.extend(find_program(program).err().map(Mistake::from));
        }
        let address = self.listen.as_deref().map(status_page::address).transpose();
        match address {
            Ok(address) if mistakes.is_empty() => return Ok(address),
            Ok(_) => {}
            Err(mistake) => mistakes.push(mistake),
        }
        Err(ServeError::in_options(mistakes))
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::new()
    }
}
