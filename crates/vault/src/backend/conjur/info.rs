//! What the backend of Conjur declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["cyberark", "cyberarkconjur", "conjuross", "conjurcloud"],
    about: "CyberArk Conjur",
    example: "prod/db#password",
    settings: &[
        Setting::new(
            "CONJUR_APPLIANCE_URL",
            Kind::Url,
            Class::Bundle,
            "URL of the server",
        )
        .required(),
        Setting::new(
            "CONJUR_ACCOUNT",
            Kind::Text,
            Class::Bundle,
            "account of the organization",
        )
        .required(),
        Setting::new(
            "CONJUR_AUTHN_TYPE",
            Kind::LoginMethod,
            Class::Bundle,
            "login: authn or jwt; by what is set, unless set",
        ),
        Setting::new(
            "CONJUR_AUTHN_LOGIN",
            Kind::Text,
            Class::Bundle,
            "user, or host/ and the host",
        )
        .required_with(&["authn"]),
        Setting::new(
            "CONJUR_AUTHN_API_KEY",
            Kind::Text,
            Class::Bundle,
            "its API key",
        )
        .required_with(&["authn"]),
        Setting::new(
            "CONJUR_SERVICE_ID",
            Kind::Text,
            Class::Operator,
            "service that takes tokens, for jwt",
        )
        .with_alias("CONJUR_AUTHN_JWT_SERVICE_ID")
        .required_with(&["jwt"]),
        Setting::new(
            "CONJUR_AUTHN_JWT_HOST_ID",
            Kind::Text,
            Class::Operator,
            "host, for jwt, where the token does not name it",
        ),
        Setting::new(
            "JWT_TOKEN_PATH",
            Kind::SecretFile,
            Class::Locked,
            "file with the token, for jwt",
        ),
        Setting::new(
            "CONJUR_CERT_FILE",
            Kind::File,
            Class::Operator,
            "file with the CA",
        ),
        Setting::new(
            "CONJUR_SSL_CERTIFICATE",
            Kind::Text,
            Class::Operator,
            "the CA",
        ),
    ],
    #[cfg(feature = "conjur")]
    connect: Some(super::connect),
    ..BackendInfo::named("conjur")
};
