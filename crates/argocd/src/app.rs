//! What Argo CD says of an application.

use std::collections::BTreeMap;

/// An application, as Argo CD describes it to a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// Its name: `app`, or `namespace_app` where apps may lie in any namespace.
    pub name: String,
    /// The project that Argo CD says it belongs to; empty if it says nothing.
    pub project: String,
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

/// What Helm takes as the name of a release, in bytes.
const RELEASE: usize = 53;

impl App {
    /// An app from the variables that Argo CD sends to a plugin; of several with one name the last
    /// counts. `path` is the app's folder in the archive.
    pub fn from_variables<'v>(
        path: &str,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> App {
        let mut app = App {
            path: path.to_owned(),
            ..App::default()
        };
        for (name, value) in variables {
            let value = value.to_owned();
            match name {
                "ARGOCD_APP_NAME" => app.name = value,
                "ARGOCD_APP_NAMESPACE" => app.namespace = value,
                "ARGOCD_APP_PROJECT_NAME" => app.project = value,
                "ARGOCD_APP_PARAMETERS" => app.parameters = value,
                "KUBE_VERSION" => app.kube_version = value,
                "KUBE_API_VERSIONS" => {
                    let apis = value.split(',').filter(|api| !api.is_empty());
                    app.api_versions = apis.map(str::to_owned).collect();
                }
                _ => {
                    if let Some(name) = name.strip_prefix("ARGOCD_ENV_") {
                        app.env.insert(name.to_owned(), value);
                    }
                }
            }
        }
        app.release = release(&app.name);
        app
    }
}

/// The release of an app: its name without the namespace that Argo CD puts before it.
fn release(name: &str) -> String {
    let name = name.split_once('_').map_or(name, |(_, name)| name);
    let end = (0..=name.len().min(RELEASE))
        .rev()
        .find(|&at| name.is_char_boundary(at));
    name[..end.unwrap_or(0)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_what_argo_cd_says() {
        let app = App::from_variables(
            "apps/web",
            [
                ("ARGOCD_APP_NAME", "team-a_web"),
                ("ARGOCD_APP_PROJECT_NAME", "team-a"),
                ("ARGOCD_ENV_HELM_ARGS", "--skip-crds"),
                ("KUBE_API_VERSIONS", "v1,apps/v1"),
                ("MANIFILL_POLICY", "x"),
            ],
        );
        assert_eq!((&*app.release, &*app.project), ("web", "team-a"));
        assert_eq!(app.api_versions, ["v1", "apps/v1"]);
        assert_eq!(app.env.keys().collect::<Vec<_>>(), ["HELM_ARGS"]);
        assert_eq!(release(&"a".repeat(60)).len(), 53);
    }
}
