//! What the backend of a command declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["exec", "cmd", "program", "shell", "script"],
    about: "an executable of the operator's choice",
    example: "Home/db#password",
    settings: &[
        Setting::new(
            "MANIFILL_COMMAND",
            Kind::Program,
            Class::Locked,
            "the executable, or a JSON list of it and its arguments",
        )
        .required(),
        Setting::new(
            "MANIFILL_COMMAND_SHARE",
            Kind::Switch,
            Class::Operator,
            "whether a long-lived server shares what it prints between apps",
        ),
    ],
    #[cfg(feature = "command")]
    connect: Some(super::connect),
    ..BackendInfo::named("command")
};
