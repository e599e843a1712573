//! The backends, and [`BACKENDS`], the one list of them.

#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "1passwordconnect")]
pub mod onepasswordconnect;
#[cfg(feature = "sops")]
pub mod sops;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::settings::{Class, Setting, Settings};
use crate::{VaultBackend, VaultError};

/// A backend that settings can name.
///
/// The command line, the Python package, the table in the README and the message about a backend
/// that a build lacks all come from these entries.
#[derive(Debug)]
pub struct BackendInfo {
    /// Its name, as in `AVP_TYPE`.
    pub name: &'static str,
    /// The cargo feature that builds it.
    pub feature: &'static str,
    /// What it reads, in a few words.
    pub about: &'static str,
    /// A path with its key, as it stands in a placeholder.
    pub example: &'static str,
    /// The settings it reads.
    pub settings: &'static [Setting],
    /// Makes the backend; `None` in a build without the feature.
    pub connect: Option<Connect>,
}

/// Makes a backend from its settings.
pub type Connect = fn(&Settings) -> Result<Arc<dyn VaultBackend>, VaultError>;

/// Every backend, those that this build lacks included.
pub static BACKENDS: &[BackendInfo] = &[
    BackendInfo {
        name: "1passwordconnect",
        feature: "1passwordconnect",
        about: "1Password, through a Connect server",
        example: "vaults/Home/items/db#password",
        settings: &[
            Setting {
                name: "OP_CONNECT_HOST",
                class: Class::Bundle,
                required: true,
                about: "URL of the Connect server",
            },
            Setting {
                name: "OP_CONNECT_TOKEN",
                class: Class::Bundle,
                required: true,
                about: "access token",
            },
        ],
        #[cfg(feature = "1passwordconnect")]
        connect: Some(onepasswordconnect::connect),
        #[cfg(not(feature = "1passwordconnect"))]
        connect: None,
    },
    BackendInfo {
        name: "command",
        feature: "command",
        about: "an executable of the operator's choice",
        example: "Home/db#password",
        settings: &[Setting {
            name: "MANIFILL_COMMAND",
            class: Class::Operator,
            required: true,
            about: "the executable, or a JSON list of it and its arguments",
        }],
        #[cfg(feature = "command")]
        connect: Some(command::connect),
        #[cfg(not(feature = "command"))]
        connect: None,
    },
    BackendInfo {
        name: "file",
        feature: "file",
        about: "a local YAML or JSON file, for tests and offline work",
        example: "db#password",
        settings: &[Setting {
            name: "MANIFILL_FILE",
            class: Class::Operator,
            required: true,
            about: "the file",
        }],
        #[cfg(feature = "file")]
        connect: Some(file::connect),
        #[cfg(not(feature = "file"))]
        connect: None,
    },
    BackendInfo {
        name: "sops",
        feature: "sops",
        about: "files encrypted with SOPS",
        example: "secrets/db.yaml#password",
        settings: &[
            Setting {
                name: "SOPS_AGE_KEY",
                class: Class::Free,
                required: false,
                about: "age keys, one a line",
            },
            Setting {
                name: "SOPS_AGE_KEY_FILE",
                class: Class::Operator,
                required: false,
                about: "file with age keys",
            },
            Setting {
                name: "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
                class: Class::Operator,
                required: false,
                about: "SSH key that age uses",
            },
            Setting {
                name: "SOPS_GPG_EXEC",
                class: Class::Operator,
                required: false,
                about: "the gpg executable",
            },
            Setting {
                name: "GNUPGHOME",
                class: Class::Operator,
                required: false,
                about: "folder of the PGP keys",
            },
            Setting {
                name: "VAULT_ADDR",
                class: Class::Operator,
                required: false,
                about: "URL of the server that holds transit keys",
            },
            Setting {
                name: "VAULT_TOKEN",
                class: Class::Operator,
                required: false,
                about: "its access token",
            },
            Setting {
                name: "VAULT_NAMESPACE",
                class: Class::Operator,
                required: false,
                about: "namespace of the transit keys",
            },
            Setting {
                name: "VAULT_CACERT",
                class: Class::Operator,
                required: false,
                about: "PEM file with the CA of the server",
            },
            Setting {
                name: "SOPS_HC_VAULT_ALLOWLIST",
                class: Class::Operator,
                required: false,
                about: "other servers that the token may be sent to",
            },
            Setting {
                name: "MANIFILL_FILE_ROOT",
                class: Class::Operator,
                required: false,
                about: "folder that files may be read from, besides that of the manifests",
            },
        ],
        #[cfg(feature = "sops")]
        connect: Some(sops::connect),
        #[cfg(not(feature = "sops"))]
        connect: None,
    },
];

/// The backend of a name, in a build with it or without.
pub fn by_name(name: &str) -> Option<&'static BackendInfo> {
    BACKENDS.iter().find(|backend| backend.name == name)
}
