//! What the backend of Yandex Cloud Lockbox declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["yandex", "yandexcloud", "lockbox", "yandexlockbox", "ycl"],
    about: "Yandex Cloud Lockbox",
    example: "e6qd8ab7nr4fq4k2c5b1#password",
    settings: &[
        Setting::new(
            "AVP_YCL_SERVICE_ACCOUNT_ID",
            Kind::Text,
            Class::Bundle,
            "id of the service account",
        )
        .required(),
        Setting::new(
            "AVP_YCL_KEY_ID",
            Kind::Text,
            Class::Bundle,
            "id of its authorized key",
        )
        .required(),
        Setting::new(
            "AVP_YCL_PRIVATE_KEY",
            Kind::Text,
            Class::Bundle,
            "the private key, as PEM",
        )
        .required(),
        Setting::new(
            "YC_SERVICE_ACCOUNT_KEY_FILE",
            Kind::File,
            Class::Operator,
            "file with all of these, as `yc iam key create` writes it",
        )
        .with_login(),
        Setting::new(
            "YC_IAM_TOKEN",
            Kind::Text,
            Class::Bundle,
            "IAM token, in the place of a key",
        )
        .with_alias("YC_TOKEN")
        .with_login(),
        // Whoever sets it could have the token of the machine sent from elsewhere.
        Setting::new(
            "YC_METADATA_ADDR",
            Kind::Text,
            Class::Locked,
            "host that gives the token of this machine",
        )
        .with_login(),
        Setting::new(
            "YC_ENDPOINT",
            Kind::Url,
            Class::Operator,
            "API of another installation",
        ),
    ],
    #[cfg(feature = "yandexcloudlockbox")]
    connect: Some(super::connect),
    ..BackendInfo::named("yandexcloudlockbox")
};
