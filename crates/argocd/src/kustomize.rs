//! A component for the kustomization that installs Argo CD.

use std::fmt::Write as _;

use crate::egress;
use crate::file::File;
use crate::install::Install;
use crate::objects::{self, PLUGINS};
use crate::pod::{self, CONFIG};
use crate::yaml::{comment, indented, lines, text};

pub(crate) fn files(install: &Install) -> Vec<File> {
    let mut files = vec![
        File::new("kustomization.yaml", kustomization(install)),
        File::new("repo-server.yaml", patch(install)),
        File::new("params.yaml", objects::parameters_map(install)),
        File::new("network-policy.yaml", egress::network_policy(install)),
    ];
    files.extend(install.plugins.iter().map(|plugin| {
        let name = format!("plugin-{}", plugin.file_name());
        File::new(name, comment(&plugin.about) + &lines(&plugin.file()))
    }));
    if install.has_config() {
        files.push(File::new("manifill.yaml", objects::config_file(install)));
    }
    if !install.secrets().is_empty() {
        files.push(File::new("rights.yaml", objects::rights(install)));
    }
    files
}

fn kustomization(install: &Install) -> String {
    let mut out = String::from(
        "\
# Name this folder under `components` of the kustomization that installs Argo CD:
#
#   components: [manifill]
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - network-policy.yaml
",
    );
    if !install.secrets().is_empty() {
        out += "  - rights.yaml\n";
    }
    let namespace = text(&install.namespace);
    let _ = write!(
        out,
        "# The generated names change with the files, so that the sidecars restart by themselves.\n\
         configMapGenerator:\n  - name: {PLUGINS}\n    namespace: {namespace}\n    files:\n"
    );
    for plugin in &install.plugins {
        let file = plugin.file_name();
        let _ = writeln!(out, "      - {file}=plugin-{file}");
    }
    if install.has_config() {
        let _ = write!(
            out,
            "  - name: {CONFIG}\n    namespace: {namespace}\n    files: [manifill.yaml]\n"
        );
    }
    let name = text(&install.repo_server);
    out + &format!(
        "\
patches:
  - path: repo-server.yaml
    target: {{kind: Deployment, name: {name}}}
  - path: params.yaml
    target: {{kind: ConfigMap, name: argocd-cmd-params-cm}}
"
    )
}

/// What is added to the Deployment of the repo-server.
fn patch(install: &Install) -> String {
    deployment(install, PLUGINS)
}

/// The Deployment of the repo-server with nothing but what is added.
pub(crate) fn deployment(install: &Install, map: &str) -> String {
    let name = text(&install.repo_server);
    format!(
        "\
# What is added to the repo-server: a sidecar for each plugin. Remove those that you do not use.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {}
spec:
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
{}    spec:
{}      initContainers:
{}      containers:
{}      volumes:
{}",
        text(&install.namespace),
        indented(&egress::egress_label(install), 8),
        indented(pod::NO_TOKEN, 6),
        indented(&pod::init_container(install), 8),
        indented(&pod::sidecars(install, PLUGINS), 8),
        indented(&pod::volumes(install, (PLUGINS, map)), 8),
    )
}
