//! What the backend of Infisical declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["infisicalsecrets", "infisicalcloud"],
    about: "Infisical",
    example: "shop-x7k2/prod/db#PASSWORD",
    settings: &[
        Setting::new(
            "INFISICAL_HOST_URL",
            Kind::Url,
            Class::Bundle,
            "URL of the server",
        )
        .with_alias("INFISICAL_API_URL")
        .required(),
        Setting::new(
            "INFISICAL_AUTH_METHOD",
            Kind::LoginMethod,
            Class::Bundle,
            "login: universal-auth or kubernetes; by what is set, unless set",
        ),
        Setting::new(
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID",
            Kind::Text,
            Class::Bundle,
            "client of a machine identity",
        )
        .required_with(&["universal-auth"]),
        Setting::new(
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
            Kind::Text,
            Class::Bundle,
            "its secret",
        )
        .required_with(&["universal-auth"]),
        Setting::new(
            "INFISICAL_MACHINE_IDENTITY_ID",
            Kind::Text,
            Class::Operator,
            "machine identity of the pod's account",
        )
        .with_alias("INFISICAL_KUBERNETES_IDENTITY_ID")
        .required_with(&["kubernetes"]),
        Setting::new(
            "INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH",
            Kind::SecretFile,
            Class::Locked,
            "file with the token of the account",
        ),
    ],
    #[cfg(feature = "infisical")]
    connect: Some(super::connect),
    ..BackendInfo::named("infisical")
};
