//! What Argo CD says of an application.

use std::collections::BTreeMap;

use crate::beginning::beginning;

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
    /// Its folder, from the root of the repository as far as that is known.
    pub path: String,
    /// The folder of the repository that the archive holds: where Argo CD sends only what an app says
    /// that its manifests are made of, that is not the root. [`Tree::rooted_at`](crate::Tree::rooted_at)
    /// takes it.
    pub root: String,
    /// The address of the repository.
    pub repo: String,
    /// The commit.
    pub revision: String,
    /// The branch, the tag or the commit that the Application names.
    pub target_revision: String,
    /// The version of the cluster.
    pub kube_version: String,
    /// The APIs that the cluster has.
    pub api_versions: Vec<String>,
    /// `ARGOCD_APP_PARAMETERS`.
    pub parameters: String,
    /// What the author sets, without `ARGOCD_ENV_`.
    pub env: BTreeMap<String, String>,
    /// Whether the custom resource definitions of a chart are left out unless its author asks for
    /// them. Argo CD says nothing of it: its plugin decides.
    pub skips_crds: bool,
}

/// What Helm takes as the name of a release, in bytes.
const RELEASE: usize = 53;

impl App {
    /// An app from the variables that Argo CD sends to a plugin; of several with one name the last
    /// counts. `path` is the app's folder in the archive; where `ARGOCD_APP_SOURCE_PATH` ends with it, the
    /// rest is the [root](App::root).
    pub fn from_variables<'v>(
        path: &str,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> App {
        let mut app = App {
            path: path.to_owned(),
            ..App::default()
        };
        let mut source_path = String::new();
        for (name, value) in variables {
            let value = value.to_owned();
            match name {
                "ARGOCD_APP_NAME" => app.name = value,
                "ARGOCD_APP_NAMESPACE" => app.namespace = value,
                "ARGOCD_APP_PROJECT_NAME" => app.project = value,
                "ARGOCD_APP_PARAMETERS" => app.parameters = value,
                "ARGOCD_APP_REVISION" => app.revision = value,
                "ARGOCD_APP_SOURCE_PATH" => source_path = value,
                "ARGOCD_APP_SOURCE_REPO_URL" => app.repo = value,
                "ARGOCD_APP_SOURCE_TARGET_REVISION" => app.target_revision = value,
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
        if let Some(root) = root(&source_path, path) {
            app.path = joined(&plain(&source_path));
            app.root = root;
        }
        app
    }
}

/// The release of an app: its name without the namespace that Argo CD puts before it.
fn release(name: &str) -> String {
    let name = name.split_once('_').map_or(name, |(_, name)| name);
    beginning(name, RELEASE).to_owned()
}

/// What the path of an app in the repository has before its path in the archive.
fn root(source_path: &str, path: &str) -> Option<String> {
    if source_path.starts_with('/') || source_path.split('/').any(|part| part == "..") {
        return None;
    }
    let source_path = plain(source_path);
    let root = source_path.strip_suffix(&plain(path)[..])?;
    (!root.is_empty()).then(|| joined(root))
}

fn plain(path: &str) -> Vec<&str> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect()
}

fn joined(parts: &[&str]) -> String {
    parts.join("/")
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

    #[test]
    fn an_archive_of_a_folder_has_a_root() {
        for (source_path, path, wanted, root) in [
            ("apps/web", "apps/web", "apps/web", ""),
            ("apps/team/web", "web", "apps/team/web", "apps/team"),
            ("./apps/team/web/", "team/web", "apps/team/web", "apps"),
            ("apps/web", ".", "apps/web", "apps/web"),
            (".", ".", ".", ""),
            ("", "web", "web", ""),
            // What does not fit says nothing.
            ("apps/web", "jobs", "jobs", ""),
            ("apps/myweb", "web", "web", ""),
            ("../x/web", "web", "web", ""),
            ("/apps/web", "web", "web", ""),
        ] {
            let app = App::from_variables(path, [("ARGOCD_APP_SOURCE_PATH", source_path)]);
            assert_eq!(
                (&*app.path, &*app.root),
                (wanted, root),
                "{source_path} {path}"
            );
        }
    }

    #[test]
    fn an_app_has_a_repository_and_a_revision() {
        let app = App::from_variables(
            "web",
            [
                ("ARGOCD_APP_REVISION", "0123abc"),
                ("ARGOCD_APP_SOURCE_REPO_URL", "https://git.example/apps"),
                ("ARGOCD_APP_SOURCE_TARGET_REVISION", "main"),
            ],
        );
        let facts = [app.revision, app.repo, app.target_revision];
        assert_eq!(facts, ["0123abc", "https://git.example/apps", "main"]);
    }
}
