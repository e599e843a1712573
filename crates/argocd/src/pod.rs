//! What is added to the pod of the repo-server, as lists at column 0.

use serde_yaml::Value;

use crate::container::{self, RESTRICTED, Takes};
use crate::install::Install;
use crate::native_pod;
use crate::plugin::Plugin;
use crate::yaml::{indented, lines, section, text};

/// The ConfigMap with the policy.
pub(crate) const CONFIG: &str = "manifill-config";

/// The container that brings the program in, for plugins that run in another image.
pub(crate) fn init_container(install: &Install) -> String {
    if install.plugins.is_empty() {
        return String::new();
    }
    format!(
        "\
# Copies the program from its image, so that the sidecars can use an image with Helm and kustomize.
- name: manifill-copy
  image: {}
  command: [manifill, install, --copy-to, /manifill]
{}  resources:
    requests: {{cpu: 10m, memory: 32Mi}}
    limits: {{memory: 128Mi}}
  volumeMounts:
    - {{name: manifill-bin, mountPath: /manifill}}
",
        text(&install.image),
        indented(RESTRICTED, 2)
    )
}

/// The native servers, and a sidecar for each other plugin. `volume` is the ConfigMap's with the
/// files of the plugins.
pub(crate) fn sidecars(install: &Install, volume: &str) -> String {
    let plugins = install.plugins.iter();
    let classic: String = plugins
        .map(|plugin| sidecar(install, plugin, volume))
        .collect();
    native_pod::sidecars(install) + &classic
}

fn sidecar(install: &Install, plugin: &Plugin, volume: &str) -> String {
    // Helm writes there; the root file system is read-only.
    const HELM: [(&str, &str); 3] = [
        ("HELM_CACHE_HOME", "/tmp/helm/cache"),
        ("HELM_CONFIG_HOME", "/tmp/helm/config"),
        ("HELM_DATA_HOME", "/tmp/helm/data"),
    ];
    let helm: &[_] = if plugin.runs("helm") { &HELM } else { &[] };
    let takes = Takes {
        settings: plugin.takes_settings,
        policy: plugin.takes_policy,
    };
    let environment = container::environment(takes, helm, &plugin.env, &plugin.env_from);
    let mut mounts = format!(
        "\
- {{name: var-files, mountPath: /var/run/argocd}}
- {{name: plugins, mountPath: /home/argocd/cmp-server/plugins}}
- {{name: {volume}, mountPath: /home/argocd/cmp-server/config/plugin.yaml, subPath: {}}}
- {{name: manifill-bin, mountPath: /usr/local/bin/manifill, subPath: manifill, readOnly: true}}
- {{name: {}, mountPath: /tmp}} # its own, not the repo-server's
",
        text(&plugin.file_name()),
        tmp(plugin),
    );
    mounts += &container::shared_mounts(install, takes, &plugin.mounts);
    let resources = match &plugin.resources {
        Some(resources) => lines(resources),
        None => format!(
            "\
requests: {{cpu: 10m, memory: 64Mi}}
# What lies in /tmp counts, since it lies in memory.
limits: {{memory: {}}}
",
            text(&install.memory)
        ),
    };
    format!(
        "\
- name: {}
  image: {}
  command: [/var/run/argocd/argocd-cmp-server]
{environment}{}{}  volumeMounts:
{}",
        text(&plugin.container),
        text(plugin.image.as_ref().unwrap_or(&install.argocd_image)),
        indented(RESTRICTED, 2),
        section("resources", &resources, 2),
        indented(&mounts, 4),
    )
}

fn tmp(plugin: &Plugin) -> String {
    format!("{}-tmp", plugin.container)
}

/// The volumes. `plugins` is the volume of the plugins' files and the ConfigMap that has them.
pub(crate) fn volumes(install: &Install, plugins: (&str, &str)) -> String {
    let (volume, map) = plugins;
    let mut volumes = String::new();
    if !install.plugins.is_empty() {
        volumes += &format!(
            "\
- name: manifill-bin
  emptyDir: {{medium: Memory, sizeLimit: 64Mi}}
- name: {volume}
  configMap: {{name: {map}}}
"
        );
    }
    if install.has_policy() {
        volumes += &format!("- name: manifill-config\n  configMap: {{name: {CONFIG}}}\n");
    }
    volumes += &native_pod::volumes(install);
    for plugin in &install.plugins {
        volumes += &container::tmp_volume(install, &tmp(plugin));
    }
    if install.has_account() {
        volumes += "\
# The token of the pod's account, for manifill's sidecars and no other container.
- name: manifill-account
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
";
    }
    if !install.volumes.is_empty() {
        volumes += &lines(&Value::Sequence(install.volumes.clone()));
    }
    volumes
}

/// Why the pod gets no token by itself.
pub(crate) const NO_TOKEN: &str = "\
# No container gets the token of the account by itself. If a plugin of somebody else needs it, give
# it to that one by a projected volume.
automountServiceAccountToken: false
";
