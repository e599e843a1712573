//! What the process itself tells: the pod's account and the home folder.
//!
//! These are no settings: nobody chooses them, and every backend of a program shares them.

use std::path::{Path, PathBuf};

use crate::transport::http::Url;

/// Where Kubernetes puts the account of a pod.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The surroundings of a process.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
    pub(super) service: Option<(String, String)>,
    /// The folder of the pod's account.
    pub(super) account: PathBuf,
    pub(super) home: Option<PathBuf>,
}

impl Process {
    /// Those of this process.
    pub(super) fn current() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Process {
            service: variable("KUBERNETES_SERVICE_HOST").map(|host| {
                let port = variable("KUBERNETES_SERVICE_PORT");
                (host, port.unwrap_or_else(|| "443".to_owned()))
            }),
            account: PathBuf::from(ACCOUNT),
            home: variable("HOME")
                .map(PathBuf::from)
                .filter(|home| home.is_absolute()),
        }
    }

    /// Whether this is a pod with an account.
    pub(super) fn has_account(&self) -> bool {
        self.account.join("token").is_file()
    }

    /// The API server as a pod sees it. Without the variables its
    /// name in the cluster does.
    pub(super) fn api_server(&self) -> Option<Url> {
        let address = match &self.service {
            // An IPv6 address stands there without brackets.
            Some((host, port)) if host.contains(':') => format!("https://[{host}]:{port}/"),
            Some((host, port)) => format!("https://{host}:{port}/"),
            None => "https://kubernetes.default.svc/".to_owned(),
        };
        Url::parse(&address).ok()
    }

    /// The pod's own namespace.
    pub(super) fn namespace(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.account.join("namespace")).ok()?;
        Some(text.trim().to_owned()).filter(|namespace| !namespace.is_empty())
    }

    /// `~/.kube/config`, if it is there.
    pub(super) fn kubeconfig(&self) -> Option<PathBuf> {
        let path = self.home.as_deref()?.join(Path::new(".kube/config"));
        path.is_file().then_some(path)
    }
}
