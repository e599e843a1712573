//! What several tests need.

use manifill_argocd::{Avp, Flavor, Install};

/// What is written in place of an installation of argocd-vault-plugin.
pub(crate) fn install(avp: &Avp, flavor: Flavor) -> Install {
    let mut install = Install::new("manifill:1");
    install.flavor = flavor;
    install.servers.clone_from(&avp.servers);
    install.plugins.clone_from(&avp.plugins);
    install.volumes.clone_from(&avp.volumes);
    install.more_secrets.clone_from(&avp.secrets);
    install.with_account = avp.with_account;
    install
}
