//! The types of secrets, and what a secret of each holds.

/// A type of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretType {
    /// Its name in the API.
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    /// Whether a secret of the type can be asked for by its name.
    pub(super) has_names: bool,
}

/// What of a secret is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// One text, in this field.
    Text(&'static str),
    /// These fields, as far as they are there.
    Fields(&'static [&'static str]),
    /// An object of any keys, in this field.
    Map(&'static str),
}

const fn of(name: &'static str, holds: Holds) -> SecretType {
    SecretType {
        name,
        holds,
        has_names: true,
    }
}

const TYPES: [SecretType; 9] = [
    of("arbitrary", Holds::Text("payload")),
    SecretType {
        name: "custom_credentials",
        holds: Holds::Map("credentials_content"),
        // The documentation of the look-up by name leaves this type out.
        has_names: false,
    },
    of("iam_credentials", Holds::Fields(&["api_key"])),
    of(
        "imported_cert",
        Holds::Fields(&["certificate", "private_key", "intermediate"]),
    ),
    of("kv", Holds::Map("data")),
    of(
        "private_cert",
        Holds::Fields(&["certificate", "private_key", "issuing_ca", "ca_chain"]),
    ),
    of(
        "public_cert",
        Holds::Fields(&["certificate", "private_key", "intermediate"]),
    ),
    of("service_credentials", Holds::Map("credentials")),
    of(
        "username_password",
        Holds::Fields(&["username", "password"]),
    ),
];

impl SecretType {
    /// The type of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TYPES.into_iter().find(|of_type| of_type.name == name)
    }
}
