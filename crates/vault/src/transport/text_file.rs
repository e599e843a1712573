//! Text files of secrets: read up to a limit, and wiped.

use std::path::Path;
use std::time::Instant;

use zeroize::Zeroizing;

use crate::RunContext;
use crate::files;
pub(crate) use crate::files::Unread;

/// More than this is not a file of secrets.
const MOST: u64 = 64 * 1024 * 1024;

/// Reads a whole file, within the time that a run has if nothing is said.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Unread> {
    read_until(path, Instant::now() + RunContext::DEFAULT_TIMEOUT)
}

/// Reads a whole file, until a deadline.
pub(crate) fn read_until(path: &Path, deadline: Instant) -> Result<Zeroizing<String>, Unread> {
    let mut bytes = files::read(path, MOST, deadline)?;
    String::from_utf8(std::mem::take(&mut bytes))
        .map(Zeroizing::new)
        .map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            Unread::NotText
        })
}
