//! `manifill discover`.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use manifill::inputs::{self, Disk};
use manifill::printable;
use manifill::settings::{Config, Sources};

use crate::output::Output;

/// For Argo CD's `discover.find.command`: one line if there is something to fill below the folder, or in
/// what its kustomization reaches, and always status 0, since anything else is an error of the
/// Application there.
#[derive(Debug, Parser)]
pub(crate) struct DiscoverArgs {
    // A recipe may take it from a variable that some Applications do not set; clap would refuse an
    // empty path.
    /// The folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: OsString,
}

/// Prints the first file that shows something to fill.
pub(crate) fn run(args: &DiscoverArgs, output: &Output) -> ExitCode {
    // Links may lead where they may when the app is filled.
    let confines = Config::confines_of(&Sources::from_env());
    if let Some(file) = inputs::discover_in(&Disk, Path::new(&args.path), &confines) {
        // If nobody reads it, nobody wants to know.
        let _ = output.print(&format!("{}\n", printable(&file.to_string_lossy())));
    }
    ExitCode::SUCCESS
}
