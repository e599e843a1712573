//! The settings that every backend on AWS reads.

use crate::settings::{Class, Kind, Setting, joined};

/// Declares a setting that only the operator may set.
const fn operators(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting::new(name, kind, Class::Operator, about)
}

/// Declares a setting that is never an author's: it leads to a host, a program or a file.
const fn locked(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting::new(name, kind, Class::Locked, about)
}

pub(crate) const KEY_ID: Setting = operators("AWS_ACCESS_KEY_ID", Kind::Text, "access key");
pub(crate) const SECRET: Setting = operators(
    "AWS_SECRET_ACCESS_KEY",
    Kind::Text,
    "secret of the access key",
);
pub(crate) const TOKEN: Setting = operators(
    "AWS_SESSION_TOKEN",
    Kind::Text,
    "token of a temporary access key",
);
pub(crate) const REGION: Setting = Setting::new("AWS_REGION", Kind::Text, Class::Free, "region");
pub(crate) const DEFAULT_REGION: Setting = Setting::new(
    "AWS_DEFAULT_REGION",
    Kind::Text,
    Class::Free,
    "region where AWS_REGION is not set",
);
/// A profile can name a program to log in with.
pub(crate) const PROFILE: Setting = locked(
    "AWS_PROFILE",
    Kind::Program,
    "profile of the AWS configuration files",
);
pub(crate) const CONFIG_FILE: Setting = locked(
    "AWS_CONFIG_FILE",
    Kind::Program,
    "file of profiles, instead of ~/.aws/config",
);
pub(crate) const CREDENTIALS_FILE: Setting = locked(
    "AWS_SHARED_CREDENTIALS_FILE",
    Kind::Program,
    "file of access keys, instead of ~/.aws/credentials",
);
pub(crate) const ROLE: Setting = operators(
    "AWS_ROLE_ARN",
    Kind::Text,
    "role to assume with the web identity token",
);
pub(crate) const ROLE_SESSION: Setting = operators(
    "AWS_ROLE_SESSION_NAME",
    Kind::Text,
    "name of the session with that role",
);
pub(crate) const WEB_TOKEN_FILE: Setting = locked(
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    Kind::SecretFile,
    "file with the web identity token",
);
pub(crate) const CONTAINER_PATH: Setting = locked(
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    Kind::Text,
    "path of the credentials of a container of ECS",
);
pub(crate) const CONTAINER_URL: Setting = locked(
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    Kind::Url,
    "address of the credentials of a container or pod",
);
pub(crate) const CONTAINER_TOKEN: Setting = locked(
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    Kind::Text,
    "token for these credentials",
);
pub(crate) const CONTAINER_TOKEN_FILE: Setting = locked(
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    Kind::SecretFile,
    "file with the token for these credentials",
);
pub(crate) const METADATA_DISABLED: Setting = locked(
    "AWS_EC2_METADATA_DISABLED",
    Kind::Switch,
    "whether the machine is not asked for its role",
);
pub(crate) const METADATA_URL: Setting = locked(
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    Kind::Url,
    "address of the machine's metadata",
);
pub(crate) const METADATA_MODE: Setting = locked(
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    Kind::Text,
    "IPv4 or IPv6, for the machine's metadata",
);
pub(crate) const ENDPOINT: Setting = locked(
    "AWS_ENDPOINT_URL",
    Kind::Url,
    "address of all services, instead of those of AWS",
);
pub(crate) const STS_ENDPOINT: Setting = locked(
    "AWS_ENDPOINT_URL_STS",
    Kind::Url,
    "address of STS, which gives roles",
);
pub(crate) const SSO_ENDPOINT: Setting = locked(
    "AWS_ENDPOINT_URL_SSO",
    Kind::Url,
    "address of IAM Identity Center",
);
pub(crate) const SSO_OIDC_ENDPOINT: Setting = locked(
    "AWS_ENDPOINT_URL_SSO_OIDC",
    Kind::Url,
    "address where logins to IAM Identity Center are renewed",
);
pub(crate) const SIGN_IN_ENDPOINT: Setting = locked(
    "AWS_ENDPOINT_URL_SIGNIN",
    Kind::Url,
    "address where logins of `aws login` are renewed",
);
pub(crate) const LOGIN_CACHE: Setting = locked(
    "AWS_LOGIN_CACHE_DIRECTORY",
    Kind::Folder,
    "folder of the logins of `aws login`, instead of ~/.aws/login/cache",
);
pub(crate) const CA_FILE: Setting =
    locked("AWS_CA_BUNDLE", Kind::File, "PEM file with CAs to trust");
pub(crate) const FIPS: Setting = operators(
    "AWS_USE_FIPS_ENDPOINT",
    Kind::Switch,
    "whether the FIPS addresses are used",
);
pub(crate) const DUAL_STACK: Setting = operators(
    "AWS_USE_DUALSTACK_ENDPOINT",
    Kind::Switch,
    "whether the addresses for IPv4 and IPv6 are used",
);

/// All of them.
pub(crate) const SETTINGS: [Setting; 27] = [
    REGION,
    DEFAULT_REGION,
    KEY_ID,
    SECRET,
    TOKEN,
    PROFILE,
    CONFIG_FILE,
    CREDENTIALS_FILE,
    ROLE,
    ROLE_SESSION,
    WEB_TOKEN_FILE,
    CONTAINER_PATH,
    CONTAINER_URL,
    CONTAINER_TOKEN,
    CONTAINER_TOKEN_FILE,
    METADATA_DISABLED,
    METADATA_URL,
    METADATA_MODE,
    ENDPOINT,
    STS_ENDPOINT,
    SSO_ENDPOINT,
    SSO_OIDC_ENDPOINT,
    SIGN_IN_ENDPOINT,
    LOGIN_CACHE,
    CA_FILE,
    FIPS,
    DUAL_STACK,
];

/// The settings of a backend: its own and [these](SETTINGS). `ALL` is how many that makes.
pub(crate) const fn with_own<const OWN: usize, const ALL: usize>(
    own: [Setting; OWN],
) -> [Setting; ALL] {
    joined(own, SETTINGS)
}
