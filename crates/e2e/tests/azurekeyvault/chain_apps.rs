//! Applications: secrets, certificates and the tokens of pods.

use crate::chain_table::Found::{Other, Same};
use crate::chain_table::{
    AZ, BY_CERTIFICATE, BY_CHAIN, BY_POD, BY_SECRET, CLIENT, EMPTY, FROM_AZ, HEADER, PASSWORD, POD,
    Row, SECRET, SERVICE, TENANT,
};

pub(crate) const APPS: &[Row] = &[
    EMPTY,
    Row {
        what: "an application with a secret",
        variables: &[TENANT, CLIENT, SECRET],
        found: Same(BY_SECRET),
        ..EMPTY
    },
    Row {
        what: "the secret of a tenant by its domain",
        variables: &[("AZURE_TENANT_ID", "example.com"), CLIENT, SECRET],
        found: Same("client of example.com by secret for https://vault.azure.net/.default"),
        ..EMPTY
    },
    Row {
        what: "a secret that is refused, and the Azure CLI",
        variables: &[TENANT, CLIENT, ("AZURE_CLIENT_SECRET", "wrong")],
        programs: &[AZ],
        ..EMPTY
    },
    Row {
        what: "a secret comes before everything else",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/app.pem"),
            SECRET,
            POD,
            SERVICE,
            HEADER,
        ],
        programs: &[AZ],
        found: Same(BY_SECRET),
    },
    Row {
        what: "a secret without a tenant, and the Azure CLI",
        variables: &[CLIENT, SECRET],
        programs: &[AZ],
        // A source that is set up in part is an error.
        found: Other {
            ours: "none",
            theirs: FROM_AZ,
        },
    },
    Row {
        what: "a secret without a tenant",
        variables: &[CLIENT, SECRET],
        ..EMPTY
    },
    Row {
        what: "the host to log in at without its scheme",
        variables: &[TENANT, CLIENT, SECRET, ("AZURE_AUTHORITY_HOST", "HOST")],
        found: Same(BY_SECRET),
        ..EMPTY
    },
    Row {
        what: "a host to log in at in clear text",
        variables: &[
            TENANT,
            CLIENT,
            SECRET,
            ("AZURE_AUTHORITY_HOST", "http://203.0.113.1"),
        ],
        ..EMPTY
    },
    Row {
        what: "a certificate as PEM",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/app.pem"),
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "a certificate comes before the token of a pod",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/app.pem"),
            POD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "a certificate with its chain",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/aes256.pem"),
            PASSWORD,
            ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true"),
        ],
        found: Same(BY_CHAIN),
        ..EMPTY
    },
    Row {
        what: "a certificate of PKCS #12 with its chain",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/modern.pfx"),
            PASSWORD,
            ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true"),
        ],
        found: Same(BY_CHAIN),
        ..EMPTY
    },
    Row {
        what: "a chain that is switched off",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/modern.pfx"),
            PASSWORD,
            ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "false"),
        ],
        // The client for Python takes any text for yes, that for Go does not.
        found: Other {
            ours: BY_CERTIFICATE,
            theirs: BY_CHAIN,
        },
        ..EMPTY
    },
    Row {
        what: "a key that is encrypted with AES",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/aes256.pem"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "a key that is encrypted with 3DES",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/3des.pem"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "a key that is encrypted with RC2",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/legacy.pem"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "a key that is encrypted with scrypt",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/scrypt.pem"),
            PASSWORD,
        ],
        // It is told how to rewrite it.
        found: Other {
            ours: "none",
            theirs: BY_CERTIFICATE,
        },
        ..EMPTY
    },
    Row {
        what: "a key that is encrypted as before there was PKCS #8",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/traditional.pem"),
            PASSWORD,
        ],
        // It is told how to rewrite it.
        found: Other {
            ours: "none",
            theirs: BY_CERTIFICATE,
        },
        ..EMPTY
    },
    Row {
        what: "PKCS #12 of OpenSSL 3",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/modern.pfx"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 of AES with shorter keys",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/aes128.pfx"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 of Windows",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/3des.pfx"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 of older programs",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/legacy.pfx"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 of even older ones",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/old.pfx"),
            PASSWORD,
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 with an empty password",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/empty.pfx"),
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 without a password",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/plain.pfx"),
        ],
        found: Same(BY_CERTIFICATE),
        ..EMPTY
    },
    Row {
        what: "PKCS #12 with another password",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/modern.pfx"),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "x"),
        ],
        ..EMPTY
    },
    Row {
        what: "PKCS #12 whose password is not set",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "TESTDATA/modern.pfx"),
        ],
        ..EMPTY
    },
    Row {
        what: "an encrypted key with another password",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/aes256.pem"),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "x"),
        ],
        ..EMPTY
    },
    Row {
        what: "an encrypted key whose password is not set",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/aes256.pem"),
        ],
        ..EMPTY
    },
    Row {
        what: "a password for a key that is not encrypted",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/app.pem"),
            PASSWORD,
        ],
        // Nothing is lost by it.
        found: Other {
            ours: BY_CERTIFICATE,
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "a certificate behind that of its CA",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/turned.pem"),
            PASSWORD,
        ],
        // The client for Go looks for it, too; that for Python takes the first.
        found: Other {
            ours: BY_CERTIFICATE,
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "a certificate that is none",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/nonsense.pem"),
        ],
        ..EMPTY
    },
    Row {
        what: "a certificate that is not there",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_CLIENT_CERTIFICATE_PATH", "FOLDER/absent.pem"),
        ],
        ..EMPTY
    },
    Row {
        what: "the token of a pod",
        variables: &[TENANT, CLIENT, POD],
        found: Same(BY_POD),
        ..EMPTY
    },
    Row {
        what: "the token of a pod comes before the service",
        variables: &[TENANT, CLIENT, POD, SERVICE, HEADER],
        found: Same(BY_POD),
        ..EMPTY
    },
    Row {
        what: "the token of a pod that is not there",
        variables: &[
            TENANT,
            CLIENT,
            ("AZURE_FEDERATED_TOKEN_FILE", "FOLDER/absent"),
        ],
        ..EMPTY
    },
    Row {
        what: "the token of a pod without a tenant, and the Azure CLI",
        variables: &[CLIENT, POD],
        programs: &[AZ],
        // A source that is set up in part is an error.
        found: Other {
            ours: "none",
            theirs: FROM_AZ,
        },
    },
];
