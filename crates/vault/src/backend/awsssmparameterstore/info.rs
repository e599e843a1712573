//! What the backend of the Parameter Store declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};
use crate::transport::aws::settings;

const SETTINGS: [Setting; settings::SETTINGS.len() + 1] = settings::with_own([Setting::new(
    "AWS_ENDPOINT_URL_SSM",
    Kind::Url,
    Class::Locked,
    "address of AWS Systems Manager",
)]);

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "ssm",
        "awsssm",
        "parameterstore",
        "awsparameterstore",
        "ssmparameterstore",
    ],
    about: "parameters and folders of the AWS SSM Parameter Store",
    example: "/team/db/#password",
    settings: &SETTINGS,
    #[cfg(feature = "awsssmparameterstore")]
    connect: Some(super::connect),
    ..BackendInfo::named("awsssmparameterstore")
};
