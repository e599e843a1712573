//! Which cluster is asked, and with which login.

use super::cluster::Cluster;
use super::kubeconfig::{self, Kubeconfig};
use super::login::Login;
use super::process::Process;
use crate::{Settings, VaultError};

/// An API server and a login to it.
pub(super) struct Access {
    pub(super) cluster: Cluster,
    pub(super) login: Login,
}

impl Access {
    /// The kubeconfig if the settings name one or a context, else the pod's account, else
    /// `~/.kube/config`.
    pub(super) fn find(settings: &Settings, process: &Process) -> Result<Self, VaultError> {
        let context = settings.value("MANIFILL_KUBE_CONTEXT");
        let mut files = kubeconfig::files(settings)?;
        if files.is_empty() {
            if context.is_none() && process.has_account() {
                let address = process.api_server().ok_or_else(|| {
                    VaultError::configuration(
                        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not an address",
                    )
                })?;
                return Ok(Access {
                    cluster: Cluster::of_pod(address, &process.account),
                    login: Login::of_pod(&process.account),
                });
            }
            files.extend(process.kubeconfig());
        }
        if files.is_empty() {
            return Err(VaultError::configuration(
                "there is no cluster to read from: no kubeconfig, and no account of a pod",
            )
            .with_hint("set KUBECONFIG, or let the pod mount the token of its service account"));
        }
        let chosen = Kubeconfig::read(&files)
            .map_err(|error| error.about_setting("KUBECONFIG"))?
            .choose(context)?;
        let (entry, folder) = chosen.cluster;
        let cluster = Cluster::from_entry(entry, &folder)?;
        let (entry, folder) = chosen.user;
        let login = Login::from_entry(entry, &folder, &cluster)?;
        Ok(Access { cluster, login })
    }
}
