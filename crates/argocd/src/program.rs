//! Bringing the program into a volume.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Copies a program into a folder, under its own name, with mode 0755 on Unix. The file is there
/// whole or not at all: it is written beside its place and moved there.
///
/// # Errors
/// If the program cannot be read, or the folder cannot be written.
pub fn copy_program(program: &Path, folder: &Path, name: &str) -> io::Result<PathBuf> {
    let place = folder.join(name);
    let beside = folder.join(format!(".{name}.{}", std::process::id()));
    let copied = copy(program, &beside).and_then(|()| fs::rename(&beside, &place));
    if copied.is_err() {
        // It may never have been there.
        let _ = fs::remove_file(&beside);
    }
    copied.map(|()| place)
}

fn copy(program: &Path, beside: &Path) -> io::Result<()> {
    let mut from = fs::File::open(program)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    let mut to = options.open(beside)?;
    io::copy(&mut from, &mut to)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        to.set_permissions(fs::Permissions::from_mode(0o755))?;
    }
    to.sync_all()
}
