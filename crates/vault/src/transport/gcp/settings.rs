//! The settings that every backend on Google Cloud reads.

use crate::settings::{Class, Kind, Setting};
use crate::transport::aws::settings as aws;

/// Declares a setting that only the operator may set.
const fn operators(name: &'static str, about: &'static str) -> Setting {
    Setting::new(name, Kind::Text, Class::Operator, about)
}

/// Declares a setting that is never an author's: it leads to a host, a program or a file.
const fn locked(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting::new(name, kind, Class::Locked, about)
}

/// Credentials can name a program to log in with, and hosts.
pub(crate) const FILE: Setting = locked(
    "GOOGLE_APPLICATION_CREDENTIALS",
    Kind::Program,
    "file with credentials, as JSON",
);
pub(crate) const CREDENTIALS: Setting = locked(
    "GOOGLE_CREDENTIALS",
    Kind::Program,
    "credentials as JSON, or a file with them",
);
pub(crate) const TOKEN: Setting =
    operators("GOOGLE_OAUTH_ACCESS_TOKEN", "access token that is there");
pub(crate) const CONFIG_FOLDER: Setting = locked(
    "CLOUDSDK_CONFIG",
    Kind::Program,
    "folder of gcloud's configuration, instead of ~/.config/gcloud",
);
/// Whoever sets it could have the token of the machine sent from elsewhere.
pub(crate) const METADATA_HOST: Setting = locked(
    "GCE_METADATA_HOST",
    Kind::Text,
    "host that gives the token of this machine or pod",
);
/// Where secrets are asked for follows from it.
pub(crate) const UNIVERSE: Setting = locked(
    "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
    Kind::Text,
    "domain of a cloud that is built like Google's, instead of googleapis.com",
);
pub(crate) const QUOTA_PROJECT: Setting = operators(
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "project that requests are counted for",
);
pub(crate) const EXECUTABLES: Setting = locked(
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
    Kind::Switch,
    "whether credentials may name a program to log in with",
);

pub(crate) const CERTIFICATE_CONFIG: Setting = locked(
    "GOOGLE_API_CERTIFICATE_CONFIG",
    Kind::SecretFile,
    "file that says where the certificate of a workload is",
);

/// Those of AWS with which a workload there shows who it is.
pub(crate) const OF_AWS: [Setting; 5] = [
    aws::REGION,
    aws::DEFAULT_REGION,
    aws::KEY_ID,
    aws::SECRET,
    aws::TOKEN,
];

/// All but [those of AWS](OF_AWS).
pub(crate) const SETTINGS: [Setting; 9] = [
    FILE,
    CREDENTIALS,
    TOKEN,
    CONFIG_FOLDER,
    METADATA_HOST,
    UNIVERSE,
    QUOTA_PROJECT,
    EXECUTABLES,
    CERTIFICATE_CONFIG,
];
