//! What the backend of password stores declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["passwordstore", "gopass", "passage", "zx2c4"],
    about: "stores of pass and gopass, encrypted with PGP or age",
    example: "web/db#password",
    settings: &[
        Setting::new(
            "PASSWORD_STORE_DIR",
            Kind::Folder,
            Class::Locked,
            "the store, if it is not where pass or gopass has it",
        )
        .with_alias("PASSAGE_DIR"),
        Setting::new(
            "GOPASS_GPG_BINARY",
            Kind::Program,
            Class::Locked,
            "the gpg executable",
        ),
        // Its gpg.conf can name programs.
        Setting::new(
            "GNUPGHOME",
            Kind::Program,
            Class::Locked,
            "folder of the PGP keys",
        ),
        Setting::new(
            "PASSAGE_IDENTITIES_FILE",
            Kind::File,
            Class::Operator,
            "file with age keys or an SSH key",
        ),
        Setting::new(
            "GOPASS_AGE_PASSWORD",
            Kind::Text,
            Class::Operator,
            "passphrase of the file with age keys",
        ),
    ],
    #[cfg(feature = "pass")]
    connect: Some(super::connect),
    ..BackendInfo::named("pass")
};
