//! The backend that an argument names.

use std::process::ExitCode;

use manifill::near_names;
use manifill::vault::backend::{BACKENDS, BackendInfo, by_name, known_as};

use crate::output::Output;

/// The backend of a name; what people call it instead is told.
pub(super) fn find(name: &str, output: &Output) -> Result<&'static BackendInfo, ExitCode> {
    if let Some(info) = by_name(name) {
        return Ok(info);
    }
    let names = || BACKENDS.iter().map(|info| info.name);
    let hint = match (known_as(name), near_names(name, names())) {
        (Some(BackendInfo { name, .. }), _) => format!("did you mean `{name}`?"),
        (None, near) if near.is_empty() => {
            format!("use one of {}", names().collect::<Vec<_>>().join(", "))
        }
        (None, near) => format!("did you mean {near}?"),
    };
    Err(output.usage("there is no such backend", &hint))
}
