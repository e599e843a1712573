//! What Argo CD says of an application.

use std::collections::BTreeMap;

/// An application, as Argo CD describes it to a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// The name of the release that Helm makes of it.
    pub release: String,
    /// The namespace it is deployed to.
    pub namespace: String,
    /// Its folder in the repository.
    pub path: String,
    /// The version of the cluster.
    pub kube_version: String,
    /// The APIs that the cluster has.
    pub api_versions: Vec<String>,
    /// `ARGOCD_APP_PARAMETERS`.
    pub parameters: String,
    /// What the author sets, without `ARGOCD_ENV_`.
    pub env: BTreeMap<String, String>,
}
