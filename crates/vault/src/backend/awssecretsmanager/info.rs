//! What the backend of AWS Secrets Manager declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};
use crate::transport::aws::settings;

const SETTINGS: [Setting; settings::SETTINGS.len() + 2] = settings::with_own([
    Setting::new(
        "MANIFILL_AWS_BATCH",
        Kind::Switch,
        Class::Operator,
        "whether secrets are read twenty at a time, which needs a permission more",
    ),
    Setting::new(
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        Kind::Url,
        Class::Locked,
        "address of AWS Secrets Manager",
    ),
]);

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "aws",
        "awssecrets",
        "secretsmanager",
        "awssm",
        "awssecretmanager",
    ],
    about: "AWS Secrets Manager",
    example: "team/db#password",
    settings: &SETTINGS,
    #[cfg(feature = "awssecretsmanager")]
    connect: Some(super::connect),
    ..BackendInfo::named("awssecretsmanager")
};
