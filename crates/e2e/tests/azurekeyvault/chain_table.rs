//! The configurations of `chain.rs`: `chain_apps.rs` and `chain_near.rs`, and what both have. `URL`
//! and `FRONT` stand for the server, in clear text and over TLS, `HOST` for the second without its
//! scheme and `THUMB` for its certificate; `FOLDER` for its files, `TESTDATA` for those of unit tests.
//!
//! What has fixed addresses or folders cannot be led elsewhere: a key of Azure Arc that is a good one.

/// A configuration and the token that is found with it.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Programs and what they do.
    pub(crate) programs: &'static [(&'static str, &'static str)],
    pub(crate) found: Found,
}

/// A token, `none` for an error.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    /// By both.
    Same(&'static str),
    /// By design, as COMPATIBILITY.md says.
    Other {
        ours: &'static str,
        theirs: &'static str,
    },
}

/// Nothing is set.
pub(crate) const EMPTY: Row = Row {
    what: "nothing at all",
    variables: &[],
    programs: &[],
    found: Found::Same("none"),
};

/// What several rows set.
pub(crate) const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "tenant");
pub(crate) const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "client");
pub(crate) const SECRET: (&str, &str) = ("AZURE_CLIENT_SECRET", "s+/");
pub(crate) const PASSWORD: (&str, &str) = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "pässword 🔑");
pub(crate) const POD: (&str, &str) = ("AZURE_FEDERATED_TOKEN_FILE", "FOLDER/pod");
pub(crate) const SERVICE: (&str, &str) = ("IDENTITY_ENDPOINT", "URL/app");
pub(crate) const HEADER: (&str, &str) = ("IDENTITY_HEADER", "h");
pub(crate) const MACHINE: (&str, &str) = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "URL");

/// Programs whose tokens say what they were asked.
pub(crate) const AZ: (&str, &str) = (
    "az",
    r#"echo "{\"accessToken\":\"az $*\",\"expires_on\":4070908800}""#,
);
pub(crate) const AZD: (&str, &str) = (
    "azd",
    r#"echo "{\"token\":\"azd $*\",\"expiresOn\":\"2099-01-01T00:00:00Z\"}""#,
);

/// Tokens that several rows find.
pub(crate) const BY_SECRET: &str =
    "client of tenant by secret for https://vault.azure.net/.default";
pub(crate) const BY_CERTIFICATE: &str =
    "client of tenant by certificate for https://vault.azure.net/.default";
pub(crate) const BY_CHAIN: &str =
    "client of tenant by certificate with 2 certificates for https://vault.azure.net/.default";
pub(crate) const BY_POD: &str = "client of tenant by pod for https://vault.azure.net/.default";
pub(crate) const OF_SERVICE: &str = "service: its own for https://vault.azure.net";
pub(crate) const OF_MACHINE: &str = "machine: its own for https://vault.azure.net";
pub(crate) const FROM_AZ: &str =
    "az account get-access-token --output json --resource https://vault.azure.net";
pub(crate) const FROM_AZD: &str =
    "azd auth token --output json --no-prompt --scope https://vault.azure.net/.default";
