//! The types of backends.

use manifill_vault::backend::{BACKENDS, BackendInfo, by_name, is_showable};

use super::error::ConfigError;
use crate::near;

/// The backend of a type as `AVP_TYPE` or `type` names it.
pub(super) fn find(kind: &str) -> Result<&'static BackendInfo, ConfigError> {
    if let Some(info) = by_name(kind) {
        return Ok(info);
    }
    let types: Vec<&str> = BACKENDS.iter().map(|info| info.name).collect();
    let types = types.join(", ");
    // The first words are AVP's (rule 58).
    if !is_showable(kind) {
        let message = "Must provide a supported Vault Type; this version has {=}";
        return Err(ConfigError::new(message)
            .with_name(types)
            .with_hint("it is one of these names and nothing else"));
    }
    let error =
        ConfigError::new("Must provide a supported Vault Type, received {=}; this version has {=}")
            .with_name(kind)
            .with_name(types);
    Err(error.meaning_one_of(&near::backends(kind)))
}
