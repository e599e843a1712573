//! The types of backends: those that there are and those that AVP had.

use manifill_vault::backend::{BACKENDS, BackendInfo, by_name};

use super::error::ConfigError;

/// The types of AVP (rule 58), so that one that is not there yet is told from a misspelled one.
const AVP_TYPES: [&str; 11] = [
    "1passwordconnect",
    "awssecretsmanager",
    "azurekeyvault",
    "delineasecretserver",
    "gcpsecretmanager",
    "ibmsecretsmanager",
    "keepersecretsmanager",
    "kubernetessecret",
    "sops",
    "vault",
    "yandexcloudlockbox",
];

/// The backend of a type as `AVP_TYPE` or `type` names it.
pub(super) fn find(kind: &str) -> Result<&'static BackendInfo, ConfigError> {
    if let Some(info) = by_name(kind) {
        return Ok(info);
    }
    let types = BACKENDS
        .iter()
        .map(|info| info.name)
        .collect::<Vec<_>>()
        .join(", ");
    // The first words are AVP's (rule 58).
    Err(if AVP_TYPES.contains(&kind) {
        ConfigError::new(
            "Must provide a supported Vault Type, received {=}: this version has no such backend yet; it has {=}",
        )
    } else {
        ConfigError::new("Must provide a supported Vault Type, received {=}; this version has {=}")
    }
    .name(kind)
    .name(types)
    .near(kind, BACKENDS.iter().map(|info| info.name)))
}
