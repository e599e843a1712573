//! What the backend of SOPS files declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting, joined};
use crate::transport::{aws, azure, gcp};

const OWN: [Setting; 13] = [
    Setting::new(
        "SOPS_AGE_KEY",
        Kind::Text,
        Class::Free,
        "age keys, one a line",
    ),
    Setting::new(
        "SOPS_AGE_KEY_FILE",
        Kind::File,
        Class::Operator,
        "file with age keys",
    ),
    Setting::new(
        "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
        Kind::File,
        Class::Operator,
        "SSH key that age uses",
    ),
    Setting::new(
        "SOPS_GPG_EXEC",
        Kind::Program,
        Class::Locked,
        "the gpg executable",
    ),
    // Its gpg.conf can name programs.
    Setting::new(
        "GNUPGHOME",
        Kind::Program,
        Class::Locked,
        "folder of the PGP keys",
    ),
    Setting::new(
        "VAULT_ADDR",
        Kind::Url,
        Class::Operator,
        "URL of the server that holds transit keys",
    )
    .with_alias("BAO_ADDR"),
    Setting::new(
        "VAULT_TOKEN",
        Kind::Text,
        Class::Operator,
        "its access token",
    )
    .with_alias("BAO_TOKEN"),
    Setting::new(
        "VAULT_NAMESPACE",
        Kind::Text,
        Class::Operator,
        "namespace of the transit keys",
    )
    .with_alias("BAO_NAMESPACE"),
    Setting::new(
        "VAULT_CACERT",
        Kind::File,
        Class::Operator,
        "PEM file with the CA of the server",
    ),
    Setting::new(
        "SOPS_HC_VAULT_ALLOWLIST",
        Kind::Url,
        Class::Operator,
        "other servers that the token may be sent to",
    ),
    Setting::new(
        "MANIFILL_FILE_ROOT",
        Kind::FileRoot,
        Class::Locked,
        "folder that files may be read from, besides that of the manifests",
    ),
    Setting::new(
        "AWS_ENDPOINT_URL_KMS",
        Kind::Url,
        Class::Locked,
        "address of AWS KMS",
    ),
    Setting::new(
        "SOPS_GCP_KMS_ENDPOINT",
        Kind::Url,
        Class::Locked,
        "address of Google Cloud KMS",
    ),
];

const WITH_GOOGLE: [Setting; OWN.len() + gcp::settings::SETTINGS.len()] =
    joined(OWN, gcp::settings::SETTINGS);

const WITH_AZURE: [Setting; WITH_GOOGLE.len() + azure::settings::SETTINGS.len()] =
    azure::settings::with_own(WITH_GOOGLE);

const SETTINGS: [Setting; WITH_AZURE.len() + aws::settings::SETTINGS.len()] =
    aws::settings::with_own(WITH_AZURE);

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["mozillasops", "getsops", "sopsage", "age"],
    about: "files encrypted with SOPS",
    example: "secrets/db.yaml#password",
    settings: &SETTINGS,
    #[cfg(feature = "sops")]
    leaves_aside: super::holds_no_object,
    #[cfg(feature = "sops")]
    connect: Some(super::connect),
    ..BackendInfo::named("sops")
};
