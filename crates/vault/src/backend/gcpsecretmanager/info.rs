//! What the backend of Google Secret Manager declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting, joined};
use crate::transport::gcp::settings;

const OWN: [Setting; 1] = [Setting::new(
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER",
    Kind::Url,
    Class::Locked,
    "address of Google Secret Manager",
)];

const OF_GOOGLE: [Setting; OWN.len() + settings::SETTINGS.len()] = joined(OWN, settings::SETTINGS);

const SETTINGS: [Setting; OF_GOOGLE.len() + settings::OF_AWS.len()] =
    joined(OF_GOOGLE, settings::OF_AWS);

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "gcp",
        "google",
        "gsm",
        "gcpsm",
        "gcpsecrets",
        "gcpsecretsmanager",
        "googlesecretmanager",
        "googlecloudsecretmanager",
    ],
    about: "Google Secret Manager",
    example: "projects/shop/secrets/db#db",
    settings: &SETTINGS,
    #[cfg(feature = "gcpsecretmanager")]
    connect: Some(super::connect),
    ..BackendInfo::named("gcpsecretmanager")
};
