//! Which files are inputs: folders, links, globs, and files that are none (AVP rules 40 to 42, and
//! rule R2).
//!
//! ```
//! use manifill::inputs::{self, Selection};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let folder = folder.path();
//! std::fs::write(folder.join("a.yaml"), "kind: A\n").unwrap();
//! std::fs::write(folder.join("notes.txt"), "no manifest").unwrap();
//! let files = inputs::read(&Selection::new([folder]), &[]).unwrap();
//! assert_eq!(files.inputs.len(), 1);
//! assert_eq!(files.inputs[0].source, "kind: A\n");
//! ```

mod discover;
mod error;
mod files;
mod names;
mod references;
mod search;
mod selection;
mod text;
mod walk;

use std::path::PathBuf;

pub use self::discover::{discover, discover_in};
pub use self::error::{FilesError, Problem};
pub use self::files::Files;
use self::names::is_stdin;
pub use self::selection::Selection;
pub use self::text::weight;
use self::walk::Walk;
pub use crate::confines::Confines;
pub use crate::disk::Disk;
pub use crate::file_source::{FileSource, Identity, Kind, Missing};

/// What is told of inputs without a document, whether that is an error or a warning.
pub const NO_MANIFEST: &str = "there is no manifest in the input";

/// Reads everything the selection names, in the order it names it.
///
/// `never` are files that are never inputs, whatever they are called: the settings file, and what
/// a `file` backend reads. Files that a backend
/// [leaves aside](manifill_vault::backend::BackendInfo::leaves_aside) are no inputs either, such as
/// values that SOPS encrypted: they have no `kind`, so no cluster could take them.
///
/// In folders, the regular files that are called `.yaml`, `.yml` or `.json` are inputs. What the
/// selection names itself is read whatever it is called, a pipe too, up to 256 MiB and until the
/// deadline; devices are refused (rule R11). Folders called `..*`, which the kubelet makes where it
/// mounts a ConfigMap, are not entered: the files are read through the links beside them (rule R2).
/// A file that two paths of the selection name is read once.
///
/// # Errors
/// A selection without paths, a malformed glob, and all files that cannot be read.
pub fn read(selection: &Selection, never: &[PathBuf]) -> Result<Files, FilesError> {
    read_from(&Disk, selection, never)
}

/// The same for files that are somewhere else than on the disk: the same are inputs, with the same
/// names, notes and errors. `never` are paths of the source, too.
///
/// # Errors
/// As [`read`].
pub fn read_from(
    source: &dyn FileSource,
    selection: &Selection,
    never: &[PathBuf],
) -> Result<Files, FilesError> {
    if selection.paths.is_empty() {
        return Err(FilesError::Usage(
            "<path> argument required to generate manifests".to_owned(),
        ));
    }
    let stdin = |path: &&PathBuf| is_stdin(source, path);
    if selection.paths.iter().filter(stdin).count() > 1 {
        return Err(FilesError::Usage(
            "standard input can be read only once".to_owned(),
        ));
    }
    let mut walk = Walk::new(source, selection, never)?;
    let mut without = Vec::new();
    for path in &selection.paths {
        without.extend(walk.argument(path));
    }
    walk.end(without)
}
