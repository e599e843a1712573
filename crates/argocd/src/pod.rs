//! What is added to the pod of the repo-server, as lists at column 0.

use serde_yaml::Value;

use crate::install::Install;
use crate::plugin::Plugin;
use crate::yaml::{indented, lines, text};

/// The Secret with the settings, where the sidecars take them as variables.
pub(crate) const SETTINGS: &str = "manifill-settings";

/// The ConfigMap with the policy.
pub(crate) const CONFIG: &str = "manifill-config";

/// Where a container finds the token of its account.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What every container of manifill is held to.
const RESTRICTED: &str = "\
securityContext:
  runAsNonRoot: true
  runAsUser: 999
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
";

/// The container that brings the program in.
pub(crate) fn init_container(install: &Install) -> String {
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

/// A sidecar for each plugin. `volume` is the ConfigMap's with the files of the plugins.
pub(crate) fn sidecars(install: &Install, volume: &str) -> String {
    let sidecars = install.plugins.iter();
    sidecars
        .map(|plugin| sidecar(install, plugin, volume))
        .collect()
}

fn sidecar(install: &Install, plugin: &Plugin, volume: &str) -> String {
    let with_config = plugin.takes_settings;
    let mut env = Vec::new();
    let mut more = |name: &str, value: &str| {
        if !plugin.env.iter().any(|own| is_called(own, name)) {
            env.push(format!("- {{name: {name}, value: {value}}}\n"));
        }
    };
    if with_config {
        more("MANIFILL_CONFIG", "/etc/manifill/manifill.yaml");
    }
    if plugin.runs("helm") {
        // Helm writes there; the root file system is read-only.
        more("HELM_CACHE_HOME", "/tmp/helm/cache");
        more("HELM_CONFIG_HOME", "/tmp/helm/config");
        more("HELM_DATA_HOME", "/tmp/helm/data");
    }
    if !plugin.env.is_empty() {
        env.push(lines(&Value::Sequence(plugin.env.clone())));
    }
    let env = match env.concat() {
        env if env.is_empty() => env,
        env => format!("  env:\n{}", indented(&env, 4)),
    };
    let mut from = if plugin.takes_settings {
        format!(
            "# What an Application's author sets arrives under other names (ARGOCD_ENV_…) and\n\
             # cannot replace these.\n- secretRef: {{name: {SETTINGS}}}\n"
        )
    } else {
        String::new()
    };
    if !plugin.env_from.is_empty() {
        from += &lines(&Value::Sequence(plugin.env_from.clone()));
    }
    let from = match from {
        from if from.is_empty() => from,
        from => format!("  envFrom:\n{}", indented(&from, 4)),
    };
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
    if with_config {
        mounts += "- {name: manifill-config, mountPath: /etc/manifill, readOnly: true}\n";
    }
    if install.has_account() {
        mounts += &format!("- {{name: manifill-account, mountPath: {ACCOUNT}, readOnly: true}}\n");
    }
    if !plugin.mounts.is_empty() {
        mounts += &lines(&Value::Sequence(plugin.mounts.clone()));
    }
    format!(
        "\
- name: {}
  image: {}
  command: [/var/run/argocd/argocd-cmp-server]
{env}{from}{}  resources:
    requests: {{cpu: 10m, memory: 64Mi}}
    # What lies in /tmp counts, since it lies in memory.
    limits: {{memory: {}}}
  volumeMounts:
{}",
        text(&plugin.container),
        text(&install.argocd_image),
        indented(RESTRICTED, 2),
        text(&install.memory),
        indented(&mounts, 4),
    )
}

fn is_called(variable: &Value, name: &str) -> bool {
    variable.get("name").and_then(Value::as_str) == Some(name)
}

fn tmp(plugin: &Plugin) -> String {
    format!("{}-tmp", plugin.container)
}

/// The volumes. `plugins` is the volume of the plugins' files and the ConfigMap that has them.
pub(crate) fn volumes(install: &Install, plugins: (&str, &str)) -> String {
    let (volume, map) = plugins;
    let mut volumes = format!(
        "\
- name: manifill-bin
  emptyDir: {{medium: Memory, sizeLimit: 64Mi}}
- name: {volume}
  configMap: {{name: {map}}}
"
    );
    if install.has_config() {
        volumes += &format!("- name: manifill-config\n  configMap: {{name: {CONFIG}}}\n");
    }
    for plugin in &install.plugins {
        let (name, size) = (tmp(plugin), text(&install.tmp_size));
        volumes += &format!("- name: {name}\n  emptyDir: {{medium: Memory, sizeLimit: {size}}}\n");
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
