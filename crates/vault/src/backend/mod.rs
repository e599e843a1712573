//! The backends, and [`BACKENDS`], the one list of them.

#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "kubernetessecret")]
pub mod kubernetessecret;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "1passwordconnect")]
pub mod onepasswordconnect;
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
        name: "kubernetessecret",
        feature: "kubernetessecret",
        about: "Kubernetes Secrets, by the pod's account or a kubeconfig",
        example: "argocd:db#password",
        settings: &[
            Setting {
                name: "KUBECONFIG",
                class: Class::Operator,
                required: false,
                about: "kubeconfig files, by absolute paths",
            },
            Setting {
                name: "MANIFILL_KUBE_CONTEXT",
                class: Class::Operator,
                required: false,
                about: "context of the kubeconfig",
            },
            Setting {
                name: "MANIFILL_KUBE_NAMESPACE",
                class: Class::Operator,
                required: false,
                about: "namespace of paths without one",
            },
        ],
        #[cfg(feature = "kubernetessecret")]
        connect: Some(kubernetessecret::connect),
        #[cfg(not(feature = "kubernetessecret"))]
        connect: None,
    },
];

/// The backend of a name, in a build with it or without.
pub fn by_name(name: &str) -> Option<&'static BackendInfo> {
    BACKENDS.iter().find(|backend| backend.name == name)
}
