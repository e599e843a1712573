//! The backends, and [`BACKENDS`], the one list of them.

#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "kubernetessecret")]
pub mod kubernetessecret;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "1passwordconnect")]
pub mod onepasswordconnect;
#[cfg(feature = "sops")]
pub mod sops;
#[cfg(test)]
mod tests;
#[cfg(feature = "vault")]
pub mod vault;

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
            required(
                "OP_CONNECT_HOST",
                Class::Bundle,
                "URL of the Connect server",
            ),
            required("OP_CONNECT_TOKEN", Class::Bundle, "access token"),
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
        settings: &[required(
            "MANIFILL_COMMAND",
            Class::Operator,
            "the executable, or a JSON list of it and its arguments",
        )],
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
        settings: &[required("MANIFILL_FILE", Class::Operator, "the file")],
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
            optional(
                "KUBECONFIG",
                Class::Operator,
                "kubeconfig files, by absolute paths",
            ),
            optional(
                "MANIFILL_KUBE_CONTEXT",
                Class::Operator,
                "context of the kubeconfig",
            ),
            optional(
                "MANIFILL_KUBE_NAMESPACE",
                Class::Operator,
                "namespace of paths without one",
            ),
        ],
        #[cfg(feature = "kubernetessecret")]
        connect: Some(kubernetessecret::connect),
        #[cfg(not(feature = "kubernetessecret"))]
        connect: None,
    },
    BackendInfo {
        name: "sops",
        feature: "sops",
        about: "files encrypted with SOPS",
        example: "secrets/db.yaml#password",
        settings: &[
            optional("SOPS_AGE_KEY", Class::Free, "age keys, one a line"),
            optional("SOPS_AGE_KEY_FILE", Class::Operator, "file with age keys"),
            optional(
                "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
                Class::Operator,
                "SSH key that age uses",
            ),
            optional("SOPS_GPG_EXEC", Class::Operator, "the gpg executable"),
            optional("GNUPGHOME", Class::Operator, "folder of the PGP keys"),
            optional(
                "VAULT_ADDR",
                Class::Operator,
                "URL of the server that holds transit keys",
            ),
            optional("VAULT_TOKEN", Class::Operator, "its access token"),
            optional(
                "VAULT_NAMESPACE",
                Class::Operator,
                "namespace of the transit keys",
            ),
            optional(
                "VAULT_CACERT",
                Class::Operator,
                "PEM file with the CA of the server",
            ),
            optional(
                "SOPS_HC_VAULT_ALLOWLIST",
                Class::Operator,
                "other servers that the token may be sent to",
            ),
            optional(
                "MANIFILL_FILE_ROOT",
                Class::Operator,
                "folder that files may be read from, besides that of the manifests",
            ),
        ],
        #[cfg(feature = "sops")]
        connect: Some(sops::connect),
        #[cfg(not(feature = "sops"))]
        connect: None,
    },
    BackendInfo {
        name: "vault",
        feature: "vault",
        about: "HashiCorp Vault and OpenBao",
        example: "secret/data/db#password",
        settings: &[
            required("VAULT_ADDR", Class::Bundle, "URL of the server"),
            required(
                "AVP_AUTH_TYPE",
                Class::Bundle,
                "login: approle, github, jwt, k8s, token or userpass",
            ),
            optional("VAULT_NAMESPACE", Class::Bundle, "namespace"),
            optional(
                "AVP_MOUNT_PATH",
                Class::Bundle,
                "where the login is mounted",
            ),
            optional("VAULT_TOKEN", Class::Bundle, "token, for token"),
            optional("AVP_ROLE_ID", Class::Bundle, "role, for approle"),
            optional(
                "AVP_SECRET_ID",
                Class::Bundle,
                "secret of the role, for approle",
            ),
            optional(
                "AVP_GITHUB_TOKEN",
                Class::Bundle,
                "access token, for github",
            ),
            optional("AVP_USERNAME", Class::Bundle, "user, for userpass"),
            optional("AVP_PASSWORD", Class::Bundle, "password, for userpass"),
            optional("AVP_JWT", Class::Bundle, "JWT, for jwt"),
            optional(
                "AVP_JWT_PATH",
                Class::Operator,
                "file with the JWT, for jwt",
            ),
            optional("AVP_JWT_ROLE", Class::Operator, "role, for jwt"),
            optional("AVP_K8S_ROLE", Class::Operator, "role, for k8s"),
            optional("AVP_K8S_MOUNT_PATH", Class::Bundle, "where k8s is mounted"),
            optional(
                "AVP_K8S_TOKEN_PATH",
                Class::Operator,
                "file with the token, for k8s",
            ),
            optional("AVP_KV_VERSION", Class::Free, "2, or 1 for other engines"),
            optional("VAULT_CACERT", Class::Operator, "file with the CA"),
            optional("VAULT_CACERT_BYTES", Class::Operator, "the CA"),
            optional("VAULT_CAPATH", Class::Operator, "folder with CAs"),
            optional(
                "VAULT_CLIENT_CERT",
                Class::Operator,
                "file with a client certificate",
            ),
            optional("VAULT_CLIENT_KEY", Class::Operator, "file with its key"),
            optional(
                "VAULT_TLS_SERVER_NAME",
                Class::Operator,
                "name in the certificate",
            ),
            optional("VAULT_SKIP_VERIFY", Class::Operator, "take any certificate"),
            optional(
                "VAULT_MAX_RETRIES",
                Class::Operator,
                "how often to try again",
            ),
            optional("VAULT_CLIENT_TIMEOUT", Class::Operator, "time for one try"),
            optional(
                "MANIFILL_VAULT_TOKEN_CACHE",
                Class::Operator,
                "folder to keep tokens in",
            ),
            optional(
                "MANIFILL_VAULT_PATH_REPAIR",
                Class::Operator,
                "whether to add /data/",
            ),
            optional(
                "MANIFILL_VAULT_LOCAL_LOGIN",
                Class::Operator,
                "whether to send a local token",
            ),
        ],
        #[cfg(feature = "vault")]
        connect: Some(vault::connect),
        #[cfg(not(feature = "vault"))]
        connect: None,
    },
];

/// A setting that a backend cannot work without.
const fn required(name: &'static str, class: Class, about: &'static str) -> Setting {
    Setting {
        name,
        class,
        required: true,
        about,
    }
}

/// A setting that a backend can do without.
const fn optional(name: &'static str, class: Class, about: &'static str) -> Setting {
    Setting {
        name,
        class,
        required: false,
        about,
    }
}

/// The backend of a name, in a build with it or without.
pub fn by_name(name: &str) -> Option<&'static BackendInfo> {
    BACKENDS.iter().find(|backend| backend.name == name)
}

/// Whether a path is the link to an item that the 1Password apps copy. Such a link goes to the
/// backend `1passwordconnect`, whichever is the default.
///
/// ```
/// use manifill_vault::backend::is_item_link;
///
/// assert!(is_item_link("https://start.1password.com/open/i?a=A&v=V&i=I&h=my.1password.com"));
/// assert!(!is_item_link("https://vault.example.com/open/i?v=V&i=I"));
/// ```
pub fn is_item_link(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    [".1password.com", ".1password.ca", ".1password.eu"]
        .iter()
        .filter_map(|domain| host.strip_suffix(domain))
        .any(|sub| {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
            !sub.is_empty() && sub.bytes().all(word)
        })
}
