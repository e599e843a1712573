//! Files of secrets that are written: closed to others from the start, and whole or not at all.

use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use zeroize::Zeroizing;

/// Room for what is kept, so that no copy is left behind where a buffer grows.
const ROOM: usize = 64 * 1024;

/// Writes a value as JSON to a file, in the place of one that is there.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, value)?;
    write(path, &text)
}

/// Writes a file, in the place of one that is there.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    // Gone again unless it gets its name.
    let mut part = tempfile::Builder::new()
        .suffix(".part")
        .tempfile_in(folder)?;
    part.write_all(content)?;
    part.as_file().sync_all()?;
    part.persist(path).map(drop).map_err(|failed| failed.error)
}
