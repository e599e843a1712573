//! What the backend of HashiCorp Vault and OpenBao declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// The annotation that says which version of the KV engine a document's paths belong to.
pub(super) const KV_VERSION: &str = "avp.kubernetes.io/kv-version";

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "openbao",
        "bao",
        "hashicorp",
        "hashicorpvault",
        "hcvault",
        "vaultkv",
        "hvault",
    ],
    about: "HashiCorp Vault and OpenBao",
    example: "secret/data/db#password",
    settings: &[
        Setting::new("VAULT_ADDR", Kind::Url, Class::Bundle, "URL of the server")
            .with_alias("BAO_ADDR")
            .required(),
        Setting::new(
            "AVP_AUTH_TYPE",
            Kind::LoginMethod,
            Class::Bundle,
            "login: approle, github, jwt, k8s, token or userpass",
        )
        .required()
        .with_alternatives(&["VAULT_TOKEN"]),
        Setting::new("VAULT_NAMESPACE", Kind::Text, Class::Bundle, "namespace")
            .with_alias("BAO_NAMESPACE"),
        Setting::new(
            "AVP_MOUNT_PATH",
            Kind::Text,
            Class::Bundle,
            "where the login is mounted",
        ),
        Setting::new("VAULT_TOKEN", Kind::Text, Class::Bundle, "token")
            .with_alias("BAO_TOKEN")
            .required_with(&["token"]),
        Setting::new("AVP_ROLE_ID", Kind::Text, Class::Bundle, "role").required_with(&["approle"]),
        Setting::new(
            "AVP_SECRET_ID",
            Kind::Text,
            Class::Bundle,
            "secret of the role",
        )
        .required_with(&["approle"]),
        Setting::new(
            "AVP_GITHUB_TOKEN",
            Kind::Text,
            Class::Bundle,
            "access token",
        )
        .required_with(&["github"]),
        Setting::new("AVP_USERNAME", Kind::Text, Class::Bundle, "user")
            .required_with(&["userpass"]),
        Setting::new("AVP_PASSWORD", Kind::Text, Class::Bundle, "password")
            .required_with(&["userpass"]),
        Setting::new("AVP_JWT", Kind::Text, Class::Bundle, "the JWT itself")
            .required_with(&["jwt"])
            .with_alternatives(&["AVP_JWT_PATH"]),
        Setting::new(
            "AVP_JWT_PATH",
            Kind::SecretFile,
            Class::Locked,
            "file with the JWT, for jwt",
        )
        .with_login(),
        Setting::new("AVP_JWT_ROLE", Kind::Text, Class::Operator, "role, for jwt"),
        Setting::new("AVP_K8S_ROLE", Kind::Text, Class::Operator, "role")
            .required_with(&["k8s", "kubernetes"]),
        Setting::new(
            "AVP_K8S_MOUNT_PATH",
            Kind::Text,
            Class::Bundle,
            "where k8s is mounted",
        ),
        Setting::new(
            "AVP_K8S_TOKEN_PATH",
            Kind::SecretFile,
            Class::Locked,
            "file with the token, for k8s",
        ),
        Setting::new(
            "AVP_KV_VERSION",
            Kind::Text,
            Class::Free,
            "2, or 1 for other engines",
        ),
        Setting::new(
            "VAULT_CACERT",
            Kind::File,
            Class::Operator,
            "file with the CA",
        ),
        Setting::new("VAULT_CACERT_BYTES", Kind::Text, Class::Operator, "the CA"),
        Setting::new(
            "VAULT_CAPATH",
            Kind::Folder,
            Class::Locked,
            "folder with CAs",
        ),
        Setting::new(
            "VAULT_CLIENT_CERT",
            Kind::File,
            Class::Operator,
            "file with a client certificate",
        )
        .with_login(),
        Setting::new(
            "VAULT_CLIENT_KEY",
            Kind::File,
            Class::Operator,
            "file with its key",
        )
        .with_login(),
        Setting::new(
            "VAULT_TLS_SERVER_NAME",
            Kind::Text,
            Class::Operator,
            "name in the certificate",
        ),
        Setting::new(
            "VAULT_SKIP_VERIFY",
            Kind::Switch,
            Class::Operator,
            "take any certificate",
        ),
        Setting::new(
            "VAULT_MAX_RETRIES",
            Kind::Text,
            Class::Operator,
            "how often to try again",
        ),
        Setting::new(
            "VAULT_CLIENT_TIMEOUT",
            Kind::Text,
            Class::Operator,
            "time for one try",
        ),
        Setting::new(
            "MANIFILL_VAULT_TOKEN_CACHE",
            Kind::Folder,
            Class::Locked,
            "folder to keep tokens in",
        )
        .with_login(),
        Setting::new(
            "MANIFILL_VAULT_PATH_REPAIR",
            Kind::Switch,
            Class::Operator,
            "whether to add /data/",
        ),
        Setting::new(
            "MANIFILL_VAULT_LOCAL_LOGIN",
            Kind::Switch,
            Class::Operator,
            "whether to send a local token",
        ),
    ],
    annotations: &[KV_VERSION],
    #[cfg(feature = "vault")]
    connect: Some(super::connect),
    ..BackendInfo::named("vault")
};
