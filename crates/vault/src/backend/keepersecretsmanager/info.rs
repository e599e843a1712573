//! What the backend of Keeper Secrets Manager declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["keeper", "keepersecurity", "keepervault", "ksm"],
    about: "Keeper Secrets Manager",
    example: "Zk3rP1QnTm2yV8uX0aBcDw#password",
    settings: &[
        // The configuration names the host that the login is sent to.
        Setting::new(
            "AVP_KEEPER_CONFIG_PATH",
            Kind::SecretFile,
            Class::Locked,
            "file with the configuration of a device, as JSON or as base64 of it",
        )
        .with_alias("KSM_CONFIG_FILE")
        .required()
        .with_alternatives(&["KSM_CONFIG"]),
        Setting::new(
            "KSM_CONFIG",
            Kind::Text,
            Class::Locked,
            "the configuration itself",
        )
        .with_login(),
        Setting::new(
            "MANIFILL_KEEPER_CACERT",
            Kind::File,
            Class::Operator,
            "file with the CA",
        ),
    ],
    #[cfg(feature = "keepersecretsmanager")]
    connect: Some(super::connect),
    ..BackendInfo::named("keepersecretsmanager")
};
