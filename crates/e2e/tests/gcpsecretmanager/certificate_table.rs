//! The configurations of `logins.rs` in which a certificate logs in.

use crate::parts::Found::Same;
use crate::parts::{EMPTY, Row};

const OWN: &str = "workload-pool-mtls-own-by-nobody-options-none-scope-cloud-platform";

const TRUST: [(&str, &str); 2] = [
    ("SSL_CERT_FILE", "HOME/ca.pem"),
    ("REQUESTS_CA_BUNDLE", "HOME/ca.pem"),
];

const AUTHORITY: (&str, &str) = ("ca.pem", "PEM_OF_AUTHORITY");
const CERTIFICATE: (&str, &str) = ("own.pem", "PEM_OF_CERTIFICATE");
const KEY: (&str, &str) = ("own.key", "PEM_OF_KEY");

/// Where the certificate and its key are.
const CONFIG: &str =
    r#"{"cert_configs":{"workload":{"cert_path":"HOME/own.pem","key_path":"HOME/own.key"}}}"#;

pub(crate) const CERTIFICATES: &[Row] = &[
    Row {
        what: "a certificate by a file that the credentials name",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            CERTIFICATE,
            KEY,
            ("config.json", CONFIG),
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":
                    {"certificate_config_location":"HOME/config.json"}}}"#,
            ),
        ],
        found: Same(OWN),
    },
    Row {
        what: "a certificate by the file of gcloud, and its chain",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            CERTIFICATE,
            KEY,
            (".config/gcloud/certificate_config.json", CONFIG),
            ("chain.pem", "PEM_OF_CERTIFICATEPEM_OF_AUTHORITY"),
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":
                    {"use_default_certificate_config":true,"trust_chain_path":"HOME/chain.pem"}}}"#,
            ),
        ],
        found: Same("workload-pool-mtls-own+authority-by-nobody-options-none-scope-cloud-platform"),
    },
    Row {
        what: "a certificate by a variable, and an account that it acts as",
        variables: &[
            TRUST[0],
            TRUST[1],
            ("GOOGLE_API_CERTIFICATE_CONFIG", "HOME/config.json"),
        ],
        files: &[
            AUTHORITY,
            CERTIFICATE,
            KEY,
            ("config.json", CONFIG),
            (".config/gcloud/certificate_config.json", "{}"),
            (
                "c.json",
                r#"{SHOWN},{AS_ACCOUNT_SHOWN},"credential_source":{"certificate":
                    {"use_default_certificate_config":true}}}"#,
            ),
        ],
        found: Same(
            "acting@shop-seconds-3600s-through--by-(workload-pool-mtls-own-by-nobody-options-none)-scope-cloud-platform",
        ),
    },
    Row {
        what: "a chain that the certificate is not the first in",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            CERTIFICATE,
            KEY,
            ("config.json", CONFIG),
            ("chain.pem", "PEM_OF_AUTHORITYPEM_OF_CERTIFICATE"),
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":
                    {"certificate_config_location":"HOME/config.json","trust_chain_path":"HOME/chain.pem"}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a certificate without its key",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            CERTIFICATE,
            ("config.json", CONFIG),
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":
                    {"certificate_config_location":"HOME/config.json"}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "two places of a certificate",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            CERTIFICATE,
            KEY,
            ("config.json", CONFIG),
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":
                    {"certificate_config_location":"HOME/config.json","use_default_certificate_config":true}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "no place of a certificate",
        variables: &TRUST,
        files: &[
            AUTHORITY,
            (
                "c.json",
                r#"{SHOWN},"credential_source":{"certificate":{}}}"#,
            ),
        ],
        ..EMPTY
    },
];
