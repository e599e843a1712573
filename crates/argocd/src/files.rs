//! Everything for a sidecar, as files, and what to do with them.

use crate::file::File;
use crate::install::{Flavor, Install};
use crate::{helm, kustomize, objects, operator, raw};

/// What is filled first, what is an example, and what is no object.
const NOT_APPLIED: [&str; 4] = [
    "secret.yaml",
    "application.yaml",
    "values.yaml",
    "argocd.yaml",
];

impl Install {
    /// The files.
    pub fn files(&self) -> Vec<File> {
        let mut files = match self.flavor {
            Flavor::Kustomize => kustomize::files(self),
            Flavor::Helm => helm::files(self),
            Flavor::Operator => operator::files(self),
            Flavor::Raw => raw::files(self),
        };
        if self.has_settings() {
            files.push(File::new("secret.yaml", objects::settings_secret(self)));
        }
        files.push(File::new("application.yaml", objects::application(self)));
        files
    }

    /// What to do with the files, which lie in a folder of this name, step by step.
    pub fn steps(&self, folder: &str) -> Vec<String> {
        let mut steps = Vec::new();
        let namespace = &self.namespace;
        if self.has_settings() {
            let first = if self.reads_at_each_run() {
                ""
            } else {
                ", since without it the sidecars do not start"
            };
            steps.push(format!(
                "fill {folder}/secret.yaml and apply it first{first}; keep it out of git"
            ));
        }
        let objects: String = self
            .files()
            .iter()
            .filter(|file| !NOT_APPLIED.contains(&file.name.as_str()))
            .map(|file| format!(" -f {folder}/{}", file.name))
            .collect();
        steps.push(match self.flavor {
            Flavor::Kustomize => format!(
                "name {folder} under `components` of the kustomization that installs Argo CD, and apply that"
            ),
            Flavor::Helm => format!(
                "kubectl apply{objects}, then helm upgrade of the chart argo-cd with -f {folder}/values.yaml"
            ),
            Flavor::Operator => format!(
                "kubectl apply{objects}, then add {folder}/argocd.yaml to your ArgoCD resource"
            ),
            Flavor::Raw => {
                format!("kubectl apply --server-side --field-manager manifill{objects}")
            }
        });
        let changed = if self.reads_at_each_run() {
            "of a plugin"
        } else {
            "of the Secret or of a plugin"
        };
        steps.push(format!(
            "after a change {changed}: kubectl -n {namespace} rollout restart deployment {}",
            self.repo_server
        ));
        steps.push("let an Application name the plugin, as in application.yaml".to_owned());
        steps
    }

    /// Whether each run reads the Secret with the settings, and not a sidecar when it starts.
    fn reads_at_each_run(&self) -> bool {
        self.secret.is_some() && self.servers.is_empty()
    }

    /// What whoever installs it must know.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = vec![
            "plugins share the pod of the repo-server: each can send the others a request in the name of any project, so that a policy holds only as far as you trust all of them; give each team a sidecar of its own, with plugin names and a Secret of its own and a login that reads no more than its apps may, and run a plugin that you do not trust in an Argo CD of its own"
                .to_owned(),
        ];
        if self.secret.is_some() || !self.more_secrets.is_empty() {
            warnings.push(
                "no policy goes with -s: every project may read what the login may read; of rules, only AVP_PATH_VALIDATION can be in the Secret"
                    .to_owned(),
            );
        }
        if self.has_policy() {
            warnings.push(
                "no policy is in force yet: every project may read what the login may read; manifill.yaml has an example"
                    .to_owned(),
            );
        }
        warnings
    }
}
