//! What the backend of IBM Cloud Secrets Manager declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["ibm", "ibmcloud", "ibmcloudsecretsmanager", "ibmsm"],
    about: "IBM Cloud Secrets Manager",
    example: "ibmcloud/kv/secrets/groups/team/db#password",
    settings: &[
        Setting::new(
            "AVP_IBM_INSTANCE_URL",
            Kind::Url,
            Class::Bundle,
            "URL of the instance",
        )
        .required()
        .with_alternatives(&["VAULT_ADDR"]),
        Setting::new(
            "VAULT_ADDR",
            Kind::Url,
            Class::Bundle,
            "URL of the instance, unless the other is set",
        )
        .with_alias("BAO_ADDR"),
        Setting::new("AVP_IBM_API_KEY", Kind::Text, Class::Bundle, "API key")
            .with_alias("SECRETS_MANAGER_APIKEY")
            .required()
            .with_alternatives(&[
                "SECRETS_MANAGER_IAM_PROFILE_ID",
                "SECRETS_MANAGER_IAM_PROFILE_NAME",
            ]),
        Setting::new(
            "SECRETS_MANAGER_IAM_PROFILE_ID",
            Kind::Text,
            Class::Operator,
            "id of the trusted profile of the pod's account",
        )
        .with_login(),
        Setting::new(
            "SECRETS_MANAGER_IAM_PROFILE_NAME",
            Kind::Text,
            Class::Operator,
            "its name, in the place of the id",
        )
        .with_login(),
        Setting::new(
            "SECRETS_MANAGER_CR_TOKEN_FILENAME",
            Kind::SecretFile,
            Class::Locked,
            "file with the token of the account",
        )
        .with_login(),
        Setting::new(
            "SECRETS_MANAGER_AUTH_URL",
            Kind::Url,
            Class::Operator,
            "URL of the service that gives tokens",
        ),
    ],
    #[cfg(feature = "ibmsecretsmanager")]
    connect: Some(super::connect),
    ..BackendInfo::named("ibmsecretsmanager")
};
