//! Why an installation cannot be read.

/// Why an installation cannot be read; it shows nothing of what the file holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AvpError {
    /// A file is not YAML.
    #[error("{place} is not YAML; if it is a template, render it first")]
    NotYaml {
        /// The file, with line and column if they are known.
        place: String,
    },
    /// No file has a plugin that runs argocd-vault-plugin.
    #[error(
        "no plugin that runs argocd-vault-plugin was found; it is looked for in ConfigMaps, in configManagementPlugins, in values of the chart argo-cd and in ArgoCD resources"
    )]
    NoPlugin,
}
