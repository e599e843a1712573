//! What is found where a program runs: services, machines and command lines, and what narrows that.

use crate::chain_table::Found::{Other, Same};
use crate::chain_table::{
    AZ, AZD, BY_POD, BY_SECRET, CLIENT, EMPTY, FROM_AZ, FROM_AZD, HEADER, MACHINE, OF_MACHINE,
    OF_SERVICE, POD, Row, SECRET, SERVICE, TENANT,
};

pub(crate) const NEAR: &[Row] = &[
    Row {
        what: "an app service",
        variables: &[SERVICE, HEADER],
        found: Same(OF_SERVICE),
        ..EMPTY
    },
    Row {
        what: "an app service with an identity of several",
        variables: &[SERVICE, HEADER, ("AZURE_CLIENT_ID", "mine")],
        found: Same("service: mine for https://vault.azure.net"),
        ..EMPTY
    },
    Row {
        what: "an app service that refuses",
        variables: &[SERVICE, ("IDENTITY_HEADER", "x")],
        ..EMPTY
    },
    Row {
        what: "an app service has what machine learning has",
        variables: &[
            SERVICE,
            HEADER,
            ("MSI_ENDPOINT", "URL/learning"),
            ("MSI_SECRET", "s"),
        ],
        found: Same(OF_SERVICE),
        ..EMPTY
    },
    Row {
        what: "half of an app service, and the Azure CLI",
        variables: &[SERVICE],
        programs: &[AZ],
        // A source that is set up in part is an error.
        found: Other {
            ours: "none",
            theirs: FROM_AZ,
        },
    },
    Row {
        what: "half of an app service",
        variables: &[SERVICE],
        ..EMPTY
    },
    Row {
        what: "machine learning",
        variables: &[("MSI_ENDPOINT", "URL/learning"), ("MSI_SECRET", "s")],
        found: Same("learning: its own for https://vault.azure.net"),
        ..EMPTY
    },
    Row {
        what: "machine learning with an identity of several",
        variables: &[
            ("MSI_ENDPOINT", "URL/learning"),
            ("MSI_SECRET", "s"),
            ("AZURE_CLIENT_ID", "mine"),
        ],
        found: Same("learning: mine for https://vault.azure.net"),
        ..EMPTY
    },
    Row {
        what: "machine learning with the identity of the machine",
        variables: &[
            ("MSI_ENDPOINT", "URL/learning"),
            ("MSI_SECRET", "s"),
            ("DEFAULT_IDENTITY_CLIENT_ID", "default"),
        ],
        // As in the client for Go.
        found: Other {
            ours: "learning: default for https://vault.azure.net",
            theirs: "learning: its own for https://vault.azure.net",
        },
        ..EMPTY
    },
    Row {
        what: "the cloud shell",
        variables: &[("MSI_ENDPOINT", "URL/shell")],
        found: Same("shell: its own for https://vault.azure.net"),
        ..EMPTY
    },
    Row {
        what: "the cloud shell with an identity of several",
        variables: &[("MSI_ENDPOINT", "URL/shell"), CLIENT],
        // It has one, that of the user.
        found: Other {
            ours: "shell: its own for https://vault.azure.net",
            theirs: "shell: client for https://vault.azure.net",
        },
        ..EMPTY
    },
    Row {
        what: "Azure Arc with a key outside of its folder",
        variables: &[("IDENTITY_ENDPOINT", "URL/arc"), ("IMDS_ENDPOINT", "URL")],
        ..EMPTY
    },
    Row {
        what: "Service Fabric",
        variables: &[
            ("IDENTITY_ENDPOINT", "FRONT/fabric"),
            HEADER,
            ("IDENTITY_SERVER_THUMBPRINT", "THUMB"),
        ],
        // Its certificate must be looked at before anything is sent.
        found: Other {
            ours: "none",
            theirs: "fabric",
        },
        ..EMPTY
    },
    Row {
        what: "a machine",
        variables: &[MACHINE],
        found: Same(OF_MACHINE),
        ..EMPTY
    },
    Row {
        what: "a machine with an identity of several",
        variables: &[MACHINE, ("AZURE_CLIENT_ID", "mine")],
        found: Same("machine: mine for https://vault.azure.net"),
        ..EMPTY
    },
    Row {
        what: "a machine comes before the Azure CLI",
        variables: &[MACHINE],
        programs: &[AZ],
        found: Same(OF_MACHINE),
    },
    Row {
        what: "a machine without the identity, and the Azure CLI",
        variables: &[MACHINE, ("AZURE_CLIENT_ID", "unknown")],
        programs: &[AZ],
        // As in the client for Go: what the next one gives is somebody else's.
        found: Other {
            ours: "none",
            theirs: FROM_AZ,
        },
    },
    Row {
        what: "a machine without an identity, and the Azure CLI",
        programs: &[AZ],
        found: Same(FROM_AZ),
        ..EMPTY
    },
    Row {
        what: "the Azure CLI with a tenant",
        variables: &[TENANT],
        programs: &[AZ],
        // The tenant of the settings is the one that is meant.
        found: Other {
            ours: "az account get-access-token --output json --resource https://vault.azure.net --tenant tenant",
            theirs: FROM_AZ,
        },
    },
    Row {
        what: "the Azure CLI comes before the Azure Developer CLI",
        programs: &[AZ, AZD],
        found: Same(FROM_AZ),
        ..EMPTY
    },
    Row {
        what: "the Azure Developer CLI",
        programs: &[AZD],
        found: Same(FROM_AZD),
        ..EMPTY
    },
    Row {
        what: "the Azure CLI without a login, and the Azure Developer CLI",
        programs: &[("az", "echo no >&2; exit 1"), AZD],
        found: Same(FROM_AZD),
        ..EMPTY
    },
    Row {
        what: "the Azure CLI with nonsense, and the Azure Developer CLI",
        programs: &[("az", "echo nonsense"), AZD],
        found: Same(FROM_AZD),
        ..EMPTY
    },
    Row {
        what: "both without a login",
        programs: &[
            ("az", "echo no >&2; exit 1"),
            ("azd", "echo no >&2; exit 1"),
        ],
        ..EMPTY
    },
    Row {
        what: "only those of developers",
        variables: &[
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "dev"),
        ],
        programs: &[AZ, AZD],
        found: Same(FROM_AZ),
    },
    Row {
        what: "only those of developers, of which there is one",
        variables: &[
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "dev"),
        ],
        programs: &[AZD],
        found: Same(FROM_AZD),
    },
    Row {
        what: "only those of servers",
        variables: &[("AZURE_TOKEN_CREDENTIALS", "prod")],
        programs: &[AZ, AZD],
        ..EMPTY
    },
    Row {
        what: "only those of servers, of which there is one",
        variables: &[MACHINE, ("AZURE_TOKEN_CREDENTIALS", "prod")],
        programs: &[AZ],
        found: Same(OF_MACHINE),
    },
    Row {
        what: "only an application",
        variables: &[
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"),
            TENANT,
            CLIENT,
            SECRET,
        ],
        found: Same(BY_SECRET),
        ..EMPTY
    },
    Row {
        what: "only an application, and there is none",
        variables: &[
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"),
        ],
        programs: &[AZ],
        ..EMPTY
    },
    Row {
        what: "only a pod",
        variables: &[
            TENANT,
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential"),
        ],
        programs: &[AZ],
        found: Same(BY_POD),
    },
    Row {
        what: "only a managed identity",
        variables: &[
            TENANT,
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"),
        ],
        programs: &[AZ],
        found: Same("machine: client for https://vault.azure.net"),
    },
    Row {
        what: "only a managed identity, that of a service",
        variables: &[
            SERVICE,
            HEADER,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "managedidentitycredential"),
        ],
        programs: &[AZ],
        found: Same(OF_SERVICE),
    },
    Row {
        what: "only the Azure CLI",
        variables: &[
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential"),
        ],
        programs: &[AZ, AZD],
        found: Same(FROM_AZ),
    },
    Row {
        what: "only the Azure Developer CLI",
        variables: &[
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "AzureDeveloperCliCredential"),
        ],
        programs: &[AZ, AZD],
        found: Same(FROM_AZD),
    },
    Row {
        what: "only something that is not here",
        variables: &[
            TENANT,
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "VisualStudioCodeCredential"),
        ],
        programs: &[AZ],
        ..EMPTY
    },
    Row {
        what: "only something that there is not",
        variables: &[
            TENANT,
            CLIENT,
            SECRET,
            POD,
            MACHINE,
            ("AZURE_TOKEN_CREDENTIALS", "everything"),
        ],
        programs: &[AZ],
        ..EMPTY
    },
];
