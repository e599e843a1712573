//! What the backend of KeePass declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["keepassxc", "keepass2", "kdbx", "kdbx4"],
    about: "databases of KeePass and KeePassXC",
    example: "shop/database#Password",
    settings: &[
        Setting::new(
            "KEEPASS_FILE",
            Kind::File,
            Class::Locked,
            "the database, a file of KDBX 4",
        )
        .required(),
        Setting::new(
            "KEEPASS_PASSWORD",
            Kind::Text,
            Class::Operator,
            "its password",
        )
        .required()
        .with_alternatives(&["KEEPASS_KEY_FILE"]),
        Setting::new(
            "KEEPASS_KEY_FILE",
            Kind::File,
            Class::Locked,
            "its key file",
        ),
    ],
    #[cfg(feature = "keepass")]
    connect: Some(super::connect),
    ..BackendInfo::named("keepass")
};
