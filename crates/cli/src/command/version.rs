//! `manifill version`.

use std::process::ExitCode;

use manifill::vault::backend::BACKENDS;

use crate::output::Output;

/// Shows the version, the commit it was built from, where that is known, and its backends.
pub(crate) fn run(output: &Output) -> ExitCode {
    let built = BACKENDS.iter().filter(|info| info.is_built());
    let backends: Vec<&str> = built.map(|info| info.name).collect();
    // A packager's script may set it to nothing.
    let commit = option_env!("MANIFILL_COMMIT").filter(|commit| !commit.is_empty());
    let commit = commit.unwrap_or("unknown");
    output.print(&format!(
        "manifill {}\ncommit {commit}\nbackends {}\n",
        env!("CARGO_PKG_VERSION"),
        backends.join(", ")
    ))
}
