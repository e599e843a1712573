//! What is to be installed.

use serde_yaml::Value;

use crate::backend::Backend;
use crate::native::Server;
use crate::plugin::Plugin;
use crate::secret_name::SecretName;

/// How Argo CD is installed, and so what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flavor {
    /// By kustomize: a component for the kustomization that installs Argo CD.
    #[default]
    Kustomize,
    /// By the Helm chart argo-cd, version 5.26 and later: values for it.
    Helm,
    /// By the operator, as in OpenShift: a part of its `ArgoCD` resource.
    Operator,
    /// By anything else: objects for `kubectl apply --server-side`.
    Raw,
}

impl Flavor {
    /// Every flavor.
    pub const ALL: [Flavor; 4] = [
        Flavor::Kustomize,
        Flavor::Helm,
        Flavor::Operator,
        Flavor::Raw,
    ];
}

/// What to install.
///
/// ```
/// use manifill_argocd::{Flavor, Install};
///
/// let mut install = Install::new("registry.example/manifill:0.1.0");
/// install.flavor = Flavor::Raw;
/// let files = install.files();
/// assert!(files.iter().any(|file| file.name == "repo-server.yaml"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Install {
    /// How Argo CD is installed.
    pub flavor: Flavor,
    /// The namespace of Argo CD.
    pub namespace: String,
    /// The image that has manifill: native servers run it, with Helm and kustomize if they may start
    /// them, and an init container copies manifill from it for other plugins.
    pub image: String,
    /// The image of the other plugins' sidecars: it has bash, Helm and kustomize. Argo CD's own has
    /// them.
    pub argocd_image: String,
    /// The backend.
    pub backend: Backend,
    /// The address of its server, if it is known.
    pub address: Option<String>,
    /// The Secret that each run reads the settings from; without it they are variables of the
    /// sidecars.
    pub secret: Option<SecretName>,
    /// Other Secrets that the account must be able to read: commands name them.
    pub more_secrets: Vec<SecretName>,
    /// The name of the repo-server's Deployment, which is the label of its pods, too.
    pub repo_server: String,
    /// The account of the repo-server.
    pub service_account: String,
    /// Whether the sidecars get the token of that account though no Secret is read.
    pub with_account: bool,
    /// The sidecars that speak Argo CD's protocol themselves.
    pub servers: Vec<Server>,
    /// The plugins that Argo CD's own plugin server runs, each in a sidecar.
    pub plugins: Vec<Plugin>,
    /// Volumes besides manifill's own, which the plugins mount.
    pub volumes: Vec<Value>,
    /// The most memory that the sidecar of a plugin may take, what lies in its `/tmp` included.
    pub memory: String,
    /// The same for a native server, which serves all its Applications at once.
    pub server_memory: String,
    /// The most that may lie in `/tmp` of a sidecar: the app's repository and what Helm writes.
    pub tmp_size: String,
    /// Whether Argo CD sends a plugin only the folders that an Application's annotation names.
    pub manifest_paths: bool,
    /// Whether another network policy already restricts what the repo-server may reach.
    pub restricted_egress: bool,
    /// The project of the example's Application.
    pub project: String,
}

impl Install {
    /// The Argo CD whose image is used unless another one is named.
    pub const ARGOCD_IMAGE: &str = "quay.io/argoproj/argocd:v3.1.0";

    /// What the sidecar of a plugin may take unless something else is said.
    pub const MEMORY: &str = "512Mi";

    /// What a native server may take unless something else is said: 256 MiB of one unpacked
    /// repository and the 100 MB that it came in, 64 MiB of archives that are kept, and Helm with what
    /// it has in `/tmp`.
    pub const SERVER_MEMORY: &str = "2Gi";

    /// An installation with the three [standard plugins](Plugin::standard) and a backend that has
    /// no name yet.
    pub fn new(image: impl Into<String>) -> Self {
        Install {
            flavor: Flavor::default(),
            namespace: "argocd".to_owned(),
            image: image.into(),
            argocd_image: Install::ARGOCD_IMAGE.to_owned(),
            backend: Backend::default(),
            address: None,
            secret: None,
            more_secrets: Vec::new(),
            repo_server: "argocd-repo-server".to_owned(),
            service_account: "argocd-repo-server".to_owned(),
            with_account: false,
            servers: Vec::new(),
            plugins: Plugin::standard(None, false),
            volumes: Vec::new(),
            memory: Install::MEMORY.to_owned(),
            server_memory: Install::SERVER_MEMORY.to_owned(),
            tmp_size: "256Mi".to_owned(),
            manifest_paths: false,
            restricted_egress: false,
            project: "default".to_owned(),
        }
    }

    /// Whether a sidecar takes the policy that is written here.
    pub(crate) fn has_policy(&self) -> bool {
        self.plugins.iter().any(|plugin| plugin.takes_policy)
            || self.servers.iter().any(|server| server.takes_policy)
    }

    /// The names by which Applications use the plugins.
    pub(crate) fn called_by_applications(&self) -> Vec<String> {
        let served = self.servers.iter().flat_map(|server| &server.plugins);
        let others = self.plugins.iter().map(Plugin::called_by_applications);
        served
            .map(|plugin| plugin.name.clone())
            .chain(others)
            .collect()
    }

    /// Whether a Secret with settings is written.
    pub(crate) fn has_settings(&self) -> bool {
        self.secret.is_some()
            || self.plugins.iter().any(|plugin| plugin.takes_settings)
            || self.servers.iter().any(|server| server.takes_settings)
    }

    /// Whether the sidecars need the token of the pod's account.
    pub(crate) fn has_account(&self) -> bool {
        self.secret.is_some()
            || self.with_account
            || self.backend.needs_account
            || !self.more_secrets.is_empty()
    }

    /// The Secrets that the account must be able to read.
    pub(crate) fn secrets(&self) -> Vec<&SecretName> {
        let mut secrets: Vec<_> = self.secret.iter().chain(&self.more_secrets).collect();
        secrets.sort();
        secrets.dedup();
        secrets
    }
}
