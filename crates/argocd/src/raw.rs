//! Objects for `kubectl apply --server-side`, which adds to those of Argo CD what they name.

use crate::file::File;
use crate::install::Install;
use crate::objects::{self, PLUGINS};
use crate::{egress, kustomize};

pub(crate) fn files(install: &Install) -> Vec<File> {
    let mut files = vec![
        File::new("repo-server.yaml", kustomize::deployment(install, PLUGINS)),
        File::new("params.yaml", objects::parameters_map(install)),
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
