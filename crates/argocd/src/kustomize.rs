//! A component for the kustomization that installs Argo CD.

use std::fmt::Write as _;

use crate::egress;
use crate::file::File;
use crate::install::Install;
use crate::native_pod;
use crate::objects::{self, PLUGINS};
use crate::pod::{self, CONFIG};
use crate::yaml::{comment, indented, lines, section, text};

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
    if install.has_policy() {
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
    out += &generator(install);
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

/// The ConfigMaps that are made of files, if there are any.
fn generator(install: &Install) -> String {
    let namespace = text(&install.namespace);
    let mut maps = String::new();
    if !install.plugins.is_empty() {
        let _ = write!(
            maps,
            "- name: {PLUGINS}\n  namespace: {namespace}\n  files:\n"
        );
        for plugin in &install.plugins {
            let file = plugin.file_name();
            let _ = writeln!(maps, "    - {file}=plugin-{file}");
        }
    }
    if install.has_policy() {
        let _ = write!(
            maps,
            "- name: {CONFIG}\n  namespace: {namespace}\n  files: [manifill.yaml]\n"
        );
    }
    match section("configMapGenerator", &maps, 0) {
        section if section.is_empty() => section,
        section => format!(
            "# The generated names change with the files, so that the sidecars restart by themselves.\n{section}"
        ),
    }
}

/// What is added to the Deployment of the repo-server.
fn patch(install: &Install) -> String {
    deployment(install, PLUGINS)
}

/// The Deployment of the repo-server with nothing but what is added.
pub(crate) fn deployment(install: &Install, map: &str) -> String {
    let name = text(&install.repo_server);
    let about = match (install.servers.len(), install.plugins.len()) {
        (0, _) => {
            "# What is added to the repo-server: a sidecar for each plugin. Remove those that you do not use.\n"
        }
        (1, 0) => {
            "# What is added to the repo-server: one sidecar with all plugins. Remove those that you do not use.\n"
        }
        _ => {
            "# What is added to the repo-server: sidecars with the plugins. Remove those that you do not use.\n"
        }
    };
    format!(
        "\
{about}apiVersion: apps/v1
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
{}{}{}{}{}",
        text(&install.namespace),
        indented(&egress::egress_label(install), 8),
        indented(pod::NO_TOKEN, 6),
        indented(native_pod::grace(install), 6),
        section("initContainers", &pod::init_container(install), 6),
        section("containers", &pod::sidecars(install, PLUGINS), 6),
        section("volumes", &pod::volumes(install, (PLUGINS, map)), 6),
    )
}
