//! The settings that every backend on Azure reads.

use crate::settings::{Class, Kind, Setting, joined};

/// Declares a setting that only the operator may set.
const fn operators(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting::new(name, kind, Class::Operator, about)
}

/// Declares a setting that is never an author's: it leads to a host, a program or a file.
const fn locked(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting::new(name, kind, Class::Locked, about)
}

pub(crate) const TENANT: Setting = operators(
    "AZURE_TENANT_ID",
    Kind::Text,
    "tenant of the application, its id or a domain of it",
);
pub(crate) const CLIENT: Setting = operators(
    "AZURE_CLIENT_ID",
    Kind::Text,
    "id of the application or of the managed identity",
);
pub(crate) const SECRET: Setting = operators(
    "AZURE_CLIENT_SECRET",
    Kind::Text,
    "secret of the application",
);
pub(crate) const CERTIFICATE: Setting = locked(
    "AZURE_CLIENT_CERTIFICATE_PATH",
    Kind::File,
    "file with a certificate of the application and its key, PEM or PKCS #12",
);
pub(crate) const PASSWORD: Setting = operators(
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    Kind::Text,
    "password of this file",
);
pub(crate) const SEND_CHAIN: Setting = operators(
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    Kind::Switch,
    "whether the certificate is sent with the login, for applications that know it by its name",
);
pub(crate) const FEDERATED_TOKEN: Setting = locked(
    "AZURE_FEDERATED_TOKEN_FILE",
    Kind::SecretFile,
    "file with the token of the pod, for workload identity",
);
pub(crate) const AUTHORITY: Setting = locked(
    "AZURE_AUTHORITY_HOST",
    Kind::Url,
    "host that applications log in at, which says the cloud",
);
pub(crate) const ENDPOINT: Setting = locked(
    "IDENTITY_ENDPOINT",
    Kind::Url,
    "address of the managed identity of an app service",
);
pub(crate) const HEADER: Setting = locked(
    "IDENTITY_HEADER",
    Kind::Text,
    "what to send to this address",
);
pub(crate) const THUMBPRINT: Setting = locked(
    "IDENTITY_SERVER_THUMBPRINT",
    Kind::Text,
    "tells Service Fabric, which is not asked",
);
pub(crate) const ARC_ENDPOINT: Setting = locked(
    "IMDS_ENDPOINT",
    Kind::Url,
    "tells that IDENTITY_ENDPOINT is the address of Azure Arc",
);
pub(crate) const MSI_ENDPOINT: Setting = locked(
    "MSI_ENDPOINT",
    Kind::Url,
    "address of the managed identity in Azure Machine Learning and in the cloud shell",
);
pub(crate) const MSI_SECRET: Setting = locked(
    "MSI_SECRET",
    Kind::Text,
    "what to send to this address in Azure Machine Learning",
);
pub(crate) const LEARNING_CLIENT: Setting = locked(
    "DEFAULT_IDENTITY_CLIENT_ID",
    Kind::Text,
    "id of the managed identity in Azure Machine Learning, if AZURE_CLIENT_ID is not set",
);
pub(crate) const MACHINE: Setting = locked(
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    Kind::Url,
    "address of the managed identity of the machine",
);
/// The folder says which program a login runs, and its extensions are programs.
pub(crate) const CLI_FOLDER: Setting = locked(
    "AZURE_CONFIG_DIR",
    Kind::Program,
    "folder of the Azure CLI, instead of ~/.azure",
);
pub(crate) const CREDENTIALS: Setting = operators(
    "AZURE_TOKEN_CREDENTIALS",
    Kind::Text,
    "which sources of a login count: prod, dev, or the name of one",
);
pub(crate) const HOSTS: Setting = operators(
    "AZURE_KEYVAULT_HOSTS",
    Kind::Url,
    "other hosts of key vaults that the login may be sent to",
);
pub(crate) const CA_FILE: Setting =
    locked("AZURE_CA_BUNDLE", Kind::File, "PEM file with CAs to trust");

/// All of them.
pub(crate) const SETTINGS: [Setting; 20] = [
    TENANT,
    CLIENT,
    SECRET,
    CERTIFICATE,
    PASSWORD,
    SEND_CHAIN,
    FEDERATED_TOKEN,
    AUTHORITY,
    ENDPOINT,
    HEADER,
    THUMBPRINT,
    ARC_ENDPOINT,
    MSI_ENDPOINT,
    MSI_SECRET,
    LEARNING_CLIENT,
    MACHINE,
    CLI_FOLDER,
    CREDENTIALS,
    HOSTS,
    CA_FILE,
];

/// The settings of a backend: its own and [these](SETTINGS). `ALL` is how many that makes.
pub(crate) const fn with_own<const OWN: usize, const ALL: usize>(
    own: [Setting; OWN],
) -> [Setting; ALL] {
    joined(own, SETTINGS)
}
