//! The backend that an argument names.

use std::process::ExitCode;

use manifill::near_backends;
use manifill::vault::backend::{BACKENDS, BackendInfo, by_name};

use crate::output::Output;

/// The backend of a name; what people call it instead is told.
pub(super) fn find(name: &str, output: &Output) -> Result<&'static BackendInfo, ExitCode> {
    if let Some(info) = by_name(name) {
        return Ok(info);
    }
    let near = near_backends(name);
    let hint = if near.is_empty() {
        let names: Vec<&str> = BACKENDS.iter().map(|info| info.name).collect();
        format!("use one of {}", names.join(", "))
    } else {
        format!("did you mean {near}?")
    };
    Err(output.usage("there is no such backend", &hint))
}
