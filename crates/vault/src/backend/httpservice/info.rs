//! What the backend of any service that speaks JSON declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "https",
        "webhook",
        "json",
        "rest",
        "httpservice",
        "httpjson",
    ],
    feature: "httpservice",
    about: "any service that answers with JSON",
    example: "team/db#password",
    // An author who could set the form of requests would choose what they say with the operator's
    // login.
    settings: &[
        Setting::new(
            "MANIFILL_HTTP_URL",
            Kind::Url,
            Class::Locked,
            "URL with {path}, or {1}, {2} and so on, for the path",
        )
        .required(),
        Setting::new(
            "MANIFILL_HTTP_METHOD",
            Kind::Text,
            Class::Operator,
            "GET, or POST with a body",
        ),
        Setting::new(
            "MANIFILL_HTTP_HEADERS",
            Kind::Text,
            Class::Locked,
            "headers, as a JSON map",
        ),
        Setting::new(
            "MANIFILL_HTTP_BODY",
            Kind::Text,
            Class::Locked,
            "body, as JSON",
        ),
        Setting::new(
            "MANIFILL_HTTP_VALUES",
            Kind::Text,
            Class::Operator,
            "where the values are in an answer, such as $.data",
        ),
        Setting::new(
            "MANIFILL_HTTP_CACERT",
            Kind::File,
            Class::Operator,
            "file with the CA",
        ),
    ],
    #[cfg(feature = "httpservice")]
    connect: Some(super::connect),
    ..BackendInfo::named("http")
};
