//! Values for the Helm chart argo-cd.

use crate::file::File;
use crate::install::Install;
use crate::yaml::{indented, section};
use crate::{egress, native_pod, objects, pod};

/// The ConfigMap that the chart makes of `configs.cmp.plugins`.
const PLUGINS: &str = "argocd-cmp-cm";

pub(crate) fn files(install: &Install) -> Vec<File> {
    let mut files = vec![
        File::new("values.yaml", values(install)),
        File::new("network-policy.yaml", egress::network_policy(install)),
    ];
    if install.has_policy() {
        files.push(File::new("config.yaml", objects::config_map(install)));
    }
    if !install.secrets().is_empty() {
        files.push(File::new("rights.yaml", objects::rights(install)));
    }
    files
}

/// Before version 6.7.11 the chart has the pod's setting below the account.
fn no_token() -> String {
    format!(
        "{}serviceAccount:\n  automountServiceAccountToken: false\n",
        pod::NO_TOKEN
    )
}

fn values(install: &Install) -> String {
    let plugins = match objects::chart_plugins(install) {
        plugins if plugins.is_empty() => plugins,
        plugins => format!(
            "  cmp:\n    create: true\n    plugins:\n{}",
            indented(&plugins, 6)
        ),
    };
    format!(
        "\
# Values for the Helm chart argo-cd, version 5.26 and later; below the chart's name if it is a
# dependency of yours. Helm does not join lists: if you have extraContainers, initContainers or
# volumes of your own, add these to them.
configs:
  params:
{}{}repoServer:
{}{}{}{}{}{}",
        indented(&objects::parameters(install), 4),
        plugins,
        indented(&no_token(), 2),
        indented(native_pod::grace(install), 2),
        indented(&egress::egress_labels(install, "podLabels"), 2),
        section("initContainers", &pod::init_container(install), 2),
        section("extraContainers", &pod::sidecars(install, PLUGINS), 2),
        section("volumes", &pod::volumes(install, (PLUGINS, PLUGINS)), 2),
    )
}
