//! The types of backends: those that there are and those that AVP had.

use manifill_vault::backend::{BACKENDS, BackendInfo, by_name, is_showable};

use super::error::ConfigError;
use crate::near;

/// The types of AVP (rule 58) that are not there yet, to be told from misspelled ones.
const AVP_TYPES: [&str; 1] = ["ibmsecretsmanager"];

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
    let error = if AVP_TYPES.contains(&kind) {
        ConfigError::new(
            "Must provide a supported Vault Type, received {=}: this version has no such backend yet; it has {=}",
        )
    } else {
        ConfigError::new("Must provide a supported Vault Type, received {=}; this version has {=}")
    }
    .with_name(kind)
    .with_name(types);
    Err(error.meaning_one_of(&near::backends(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_avp_that_is_not_there_yet_is_told_so() {
        for kind in AVP_TYPES {
            assert!(by_name(kind).is_none(), "{kind} is there");
            let text = find(kind).unwrap_err().to_string();
            let start = format!("Must provide a supported Vault Type, received {kind}: ");
            assert!(text.starts_with(&start), "{text}");
            assert!(text.contains("no such backend yet"), "{text}");
        }
        let other = find("valt").unwrap_err().to_string();
        assert!(!other.contains("yet"), "{other}");
    }
}
