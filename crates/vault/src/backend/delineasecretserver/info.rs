//! What the backend of Delinea Secret Server declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "delinea",
        "secretserver",
        "thycotic",
        "thycoticsecretserver",
        "tss",
    ],
    about: "Delinea Secret Server",
    example: "1234#password",
    settings: &[
        Setting::new(
            "AVP_DELINEA_URL",
            Kind::Url,
            Class::Bundle,
            "URL of the server",
        )
        .required(),
        Setting::new("AVP_DELINEA_USER", Kind::Text, Class::Bundle, "user")
            .required()
            .with_alternatives(&["AVP_DELINEA_TOKEN"]),
        Setting::new(
            "AVP_DELINEA_PASSWORD",
            Kind::Text,
            Class::Bundle,
            "password",
        )
        .required()
        .with_alternatives(&["AVP_DELINEA_TOKEN"]),
        Setting::new(
            "AVP_DELINEA_DOMAIN",
            Kind::Text,
            Class::Bundle,
            "domain of the user",
        ),
        Setting::new(
            "AVP_DELINEA_TOKEN",
            Kind::Text,
            Class::Bundle,
            "access token, in the place of user and password",
        )
        .with_login(),
        Setting::new(
            "MANIFILL_DELINEA_CACERT",
            Kind::File,
            Class::Operator,
            "file with the CA",
        ),
    ],
    #[cfg(feature = "delineasecretserver")]
    connect: Some(super::connect),
    ..BackendInfo::named("delineasecretserver")
};
