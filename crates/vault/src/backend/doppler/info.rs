//! What the backend of Doppler declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["dopplerhq", "dopplersecrets"],
    about: "Doppler",
    example: "shop/prd#PASSWORD",
    settings: &[
        Setting::new(
            "DOPPLER_TOKEN",
            Kind::Text,
            Class::Bundle,
            "token of a service or a service account",
        )
        .required(),
        Setting::new(
            "DOPPLER_API_HOST",
            Kind::Url,
            Class::Operator,
            "URL of the API, if it is not Doppler's own",
        ),
    ],
    #[cfg(feature = "doppler")]
    connect: Some(super::connect),
    ..BackendInfo::named("doppler")
};
