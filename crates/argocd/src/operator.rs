//! A part of the `ArgoCD` resource, from which the operator makes the repo-server.

use crate::egress;
use crate::file::File;
use crate::install::Install;
use crate::objects::{self, PLUGINS};
use crate::pod;
use crate::yaml::{indented, section, text};

pub(crate) fn files(install: &Install) -> Vec<File> {
    let mut files = vec![
        File::new("argocd.yaml", resource(install)),
        File::new("network-policy.yaml", egress::network_policy(install)),
    ];
    if !install.plugins.is_empty() {
        files.push(File::new("plugins.yaml", objects::plugins_map(install)));
    }
    if install.has_policy() {
        files.push(File::new("config.yaml", objects::config_map(install)));
    }
    if !install.secrets().is_empty() {
        files.push(File::new("rights.yaml", objects::rights(install)));
    }
    files
}

fn resource(install: &Install) -> String {
    let name = install.repo_server.strip_suffix("-repo-server");
    format!(
        "\
# Add this to your ArgoCD resource: the operator makes the repo-server of it, and takes back what is
# changed in the Deployment itself. If it has lists of these names, add the items to them.
apiVersion: argoproj.io/v1beta1
kind: ArgoCD
metadata:
  name: {}
  namespace: {}
spec:
  repo:
    # No container gets the token of the account by itself.
    mountsatoken: false
{}    env:
      # Argo CD sends each plugin the whole repository for each Application. Without .git that is
      # less, and the same from one time to the next. It holds for all plugins.
      - {{name: ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS, value: \".git\"}}
{}{}{}{}",
        text(name.unwrap_or("argocd")),
        text(&install.namespace),
        indented(&egress::egress_labels(install, "labels"), 4),
        if install.manifest_paths {
            "      # Of Applications with the annotation argocd.argoproj.io/manifest-generate-paths, only that.\n      \
             - {name: ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS, value: \"true\"}\n"
        } else {
            ""
        },
        section("initContainers", &pod::init_container(install), 4),
        section("sidecarContainers", &pod::sidecars(install, PLUGINS), 4),
        section("volumes", &pod::volumes(install, (PLUGINS, PLUGINS)), 4),
    )
}
