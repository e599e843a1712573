//! What the backend of a local file declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["local", "localfile", "json", "yaml"],
    about: "a local YAML or JSON file, for tests and offline work",
    example: "db#password",
    settings: &[
        Setting::new("MANIFILL_FILE", Kind::DataFile, Class::Operator, "the file").required(),
    ],
    #[cfg(feature = "file")]
    connect: Some(super::connect),
    ..BackendInfo::named("file")
};
