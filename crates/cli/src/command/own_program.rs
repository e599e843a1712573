//! This program as others start it, and the programs of whoever runs it by hand.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How this program is started from elsewhere.
pub(super) struct OwnProgram {
    pub(super) path: PathBuf,
    /// What comes before its own arguments: under Python the interpreter is the program.
    pub(super) arguments: &'static [&'static str],
}

impl OwnProgram {
    /// The program under the name by which it was found, links as they are: a link is what stays
    /// when the program is upgraded.
    pub(super) fn find() -> io::Result<Self> {
        let real = std::env::current_exe()?;
        let named = std::env::args_os().next().map(PathBuf::from);
        let path = named
            .and_then(|name| found_as(&name, &real))
            .unwrap_or(real);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let arguments: &[&str] = if name.starts_with("python") {
            &["-m", "manifill"]
        } else {
            &[]
        };
        Ok(OwnProgram { path, arguments })
    }

    /// Whether it is one file that can be copied.
    pub(super) fn is_one_file(&self) -> bool {
        self.arguments.is_empty()
    }
}

/// Where a program of this name is, if it is the one that runs.
fn found_as(name: &Path, real: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(real).ok()?;
    let is_it = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|path| path == real);
    let absolute = |path: PathBuf| std::path::absolute(path).ok();
    if name.components().count() > 1 {
        return absolute(name.to_owned()).filter(is_it);
    }
    let folders = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&folders).map(|folder| folder.join(name));
    places.find(is_it).and_then(absolute)
}

/// What a program of the user's prints, trimmed; `None` if it does not run or fails.
pub(super) fn ask<'a>(
    program: &OsString,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let ran = command.output().ok().filter(|ran| ran.status.success())?;
    let printed = String::from_utf8(ran.stdout).ok()?;
    Some(printed.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What a program prints for an input, without the variables whose names begin like this.
///
/// # Errors
/// If it cannot be started, or its last words if it fails.
pub(super) fn pipe(
    program: &Path,
    arguments: &[&str],
    without: &[&str],
    input: &str,
) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let is_one = |prefix: &&str| name.as_encoded_bytes().starts_with(prefix.as_bytes());
        if without.iter().any(is_one) {
            command.env_remove(&name);
        }
    }
    let failed = |error: io::Error| error.kind().to_string();
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that fails early does not read it, and says why itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    let ran = child.wait_with_output().map_err(failed)?;
    if ran.status.success() {
        return Ok(ran.stdout);
    }
    let told = String::from_utf8_lossy(&ran.stderr);
    let told = told.lines().next().unwrap_or_default().trim();
    Err(format!("{}, {told}", ran.status))
}
