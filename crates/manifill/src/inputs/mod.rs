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
mod identity;
mod selection;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use globset::{Glob, GlobSet, GlobSetBuilder};
use manifill_vault::RunContext;
use manifill_vault::backend::BACKENDS;
use manifill_vault::files::{self, Unread};
use zeroize::Zeroizing;

pub use self::discover::discover;
use self::error::reason;
pub use self::error::{FilesError, Problem};
use self::identity::Identity;
pub use self::selection::Selection;
pub use crate::confines::Confines;
use crate::diagnostic::printable;
use crate::input::Input;

/// The most that a file, a pipe or standard input may hold (rule R11).
const MOST: u64 = 256 << 20;

/// The inputs and what was found on the way to them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Files {
    /// The inputs, in the order the selection names them.
    pub inputs: Vec<Input>,
    /// The folders of the inputs, for [`RunContext::with_roots`](crate::RunContext::with_roots): that
    /// of a file is the one it lies in, that of a pipe the working folder.
    pub roots: Vec<PathBuf>,
    /// Files that hold settings or secrets and therefore are no manifests.
    pub set_aside: Vec<PathBuf>,
    /// Remarks for the user, such as that a file is named twice and read once.
    pub notes: Vec<String>,
}

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
    if selection.paths.is_empty() {
        return Err(FilesError::Usage(
            "<path> argument required to generate manifests".to_owned(),
        ));
    }
    if selection.paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(FilesError::Usage(
            "standard input can be read only once".to_owned(),
        ));
    }
    let mut walk = Walk {
        include: globs(&selection.include)?,
        exclude: globs(&selection.exclude)?,
        never: never.iter().filter_map(|path| Identity::of(path)).collect(),
        argument: 0,
        read: BTreeMap::new(),
        root: PathBuf::new(),
        deadline: selection
            .deadline
            .unwrap_or_else(|| Instant::now() + RunContext::DEFAULT_TIMEOUT),
        files: Files::default(),
        problems: Vec::new(),
    };
    let mut without = Vec::new();
    for (number, path) in selection.paths.iter().enumerate() {
        walk.argument = number;
        if !is_stdin(path) && !selection.confines.allow(path) {
            walk.leads_out(path);
            continue;
        }
        without.extend(walk.argument(path));
        walk.files.roots.push(root(path));
    }
    match (walk.problems.is_empty(), without.pop()) {
        (true, None) => Ok(walk.files),
        (true, Some(only)) if without.is_empty() => Err(FilesError::Nothing(only)),
        (_, last) => {
            walk.problems.extend(without.into_iter().chain(last));
            Err(FilesError::Files(walk.problems))
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The folder of a path that is given, in a spelling that holds wherever the process goes.
fn root(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        _ if is_stdin(path) => Path::new(""),
        Some(parent) if path.is_file() => parent,
        _ if path.is_dir() => path,
        // What comes out of a pipe has no folder.
        _ => Path::new(""),
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, FilesError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = Glob::new(pattern).map_err(|error| {
            FilesError::Usage(format!("`{pattern}` is not a glob: {}", error.kind()))
        })?;
        set.add(glob);
    }
    set.build()
        .map(Some)
        .map_err(|error| FilesError::Usage(error.kind().to_string()))
}

struct Walk {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    never: BTreeSet<Identity>,
    /// Which path of the selection is read, and for which the regular files were that have been.
    argument: usize,
    read: BTreeMap<Identity, usize>,
    /// The folder that links must stay inside of.
    root: PathBuf,
    deadline: Instant,
    files: Files,
    problems: Vec<Problem>,
}

impl Walk {
    /// Reads what an argument names, and tells one that gives no input.
    fn argument(&mut self, path: &Path) -> Option<Problem> {
        if is_stdin(path) {
            match files::read_stdin(MOST, self.deadline) {
                Ok(bytes) => self.take(None, "-".to_owned(), bytes),
                Err(unread) => self.problem("standard input", reason(unread)),
            }
            return None;
        }
        let found =
            |walk: &Walk| walk.files.inputs.len() + walk.problems.len() + walk.files.notes.len();
        let before = found(self);
        let set_aside = self.files.set_aside.len();
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => {
                self.unread(path, &error);
                return None;
            }
        };
        if metadata.is_dir() {
            match fs::canonicalize(path) {
                Ok(root) => self.root = root,
                Err(error) => self.unread(path, &error),
            }
            self.folder(path, Path::new(""));
        } else {
            self.file(path, None);
        }
        let filtered = self.include.is_some() || self.exclude.is_some();
        let (reason, hint) = if self.files.set_aside.len() != set_aside {
            (
                "only settings and secrets, no manifests, were found",
                /* hint */ "name the folder of the manifests",
            )
        } else if filtered {
            (
                "no YAML or JSON files were found",
                /* hint */
                "`--include` and `--exclude` are matched against the path below the folder",
            )
        } else {
            (
                "no YAML or JSON files were found",
                /* hint */
                "files in folders count if they end with .yaml, .yml or .json; one with another ending is read if it is named itself",
            )
        };
        let nothing = found(self) == before;
        nothing.then(|| Problem {
            file: shown(path),
            reason: reason.to_owned(),
            hint: metadata.is_dir().then_some(hint),
        })
    }

    /// Reads a folder in the byte order of its names; folders come at their sorted place.
    fn folder(&mut self, path: &Path, relative: &Path) {
        let names = match sorted_names(path) {
            Ok(names) => names,
            Err(error) => return self.unread(path, &error),
        };
        for name in names {
            if name == ".git" {
                continue;
            }
            self.entry(&path.join(&name), &relative.join(&name));
        }
    }

    fn entry(&mut self, path: &Path, relative: &Path) {
        if self
            .exclude
            .as_ref()
            .is_some_and(|exclude| exclude.is_match(relative))
        {
            return;
        }
        let link = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata.is_symlink(),
            Err(error) => return self.unread(path, &error),
        };
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            // What would be no input if it were there; editors make such links.
            Err(_) if link && !is_manifest(path) => return,
            Err(error) => return self.unread(path, &error),
        };
        if metadata.is_dir() {
            let hidden = relative
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
            // A link to a folder is not followed, as in AVP: it may lead round in circles.
            if !link && !hidden {
                self.folder(path, relative);
            }
        } else if metadata.is_file() && is_manifest(path) && self.is_included(relative) {
            if link && !self.is_inside(path) {
                return self.problem(&path.to_string_lossy(), "the link leads out of the folder");
            }
            self.file(path, Some(relative));
        }
    }

    fn is_included(&self, relative: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|include| include.is_match(relative))
    }

    fn is_inside(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|path| path.starts_with(&self.root))
    }

    /// Reads a file, which was found in a folder if it has a path below it.
    fn file(&mut self, path: &Path, relative: Option<&Path>) {
        if let Some(identity) = Identity::of(path) {
            if self.never.contains(&identity) {
                self.files.set_aside.push(path.to_owned());
                return;
            }
            let first = *self.read.entry(identity).or_insert(self.argument);
            if first != self.argument {
                let note = format!("{} is named twice and read once", shown(path));
                self.files.notes.push(note);
                return;
            }
        }
        match files::read(path, MOST, self.deadline) {
            Ok(bytes) => {
                let before = self.files.inputs.len();
                self.take(Some(path), path.display().to_string(), bytes);
                if let Some(input) = self.files.inputs.get_mut(before) {
                    input.found_as = relative.and_then(Path::to_str).map(str::to_owned);
                }
            }
            Err(unread) => self.problem(&path.to_string_lossy(), reason(unread)),
        }
    }

    fn take(&mut self, path: Option<&Path>, name: String, mut bytes: Zeroizing<Vec<u8>>) {
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            // Without its mark, English text in UTF-16 is UTF-8 full of zeros.
            Ok(source) if is_utf16(source.as_bytes()) => self.unlike(&name, UTF16, UTF8_HINT),
            Ok(source) => match path.filter(|_| is_a_backends(source.as_bytes())) {
                Some(path) => self.files.set_aside.push(path.to_owned()),
                None => self.files.inputs.push(Input::new(name, source)),
            },
            Err(error) => {
                let first = error.utf8_error().valid_up_to();
                match error.as_bytes() {
                    file if is_utf16(file) => self.unlike(&name, UTF16, UTF8_HINT),
                    [0x1f, 0x8b, ..] => self.unlike(&name, "it is compressed", PACKED_HINT),
                    _ => self.unlike(&name, &format!("byte {first} is not UTF-8"), UTF8_HINT),
                }
            }
        }
    }

    /// Tells of a file that is not text in UTF-8.
    fn unlike(&mut self, name: &str, reason: &str, hint: &'static str) {
        self.problems.push(Problem {
            file: printable(name).into_owned(),
            reason: reason.to_owned(),
            hint: Some(hint),
        });
    }

    fn unread(&mut self, path: &Path, error: &io::Error) {
        let file = path.to_string_lossy();
        match error.kind() {
            io::ErrorKind::NotFound if fs::symlink_metadata(path).is_ok() => {
                self.problem(&file, "the link leads to something that does not exist");
            }
            io::ErrorKind::NotFound => self.problem(&file, reason(Unread::NotFound)),
            kind => self.problem(&file, kind),
        }
    }

    /// Tells of a path that leads out of the app's checkout, and not where it leads.
    fn leads_out(&mut self, path: &Path) {
        self.problems.push(Problem {
            file: shown(path),
            reason: "it leads out of the app's repository".to_owned(),
            hint: Some("the operator can open a folder with MANIFILL_FILE_ROOT"),
        });
    }

    fn problem(&mut self, file: &str, reason: impl fmt::Display) {
        self.problems.push(Problem {
            file: printable(file).into_owned(),
            reason: reason.to_string(),
            hint: None,
        });
    }
}

/// What is in a folder, in the byte order of the names.
fn sorted_names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let mut names: Vec<_> = entries.iter().map(fs::DirEntry::file_name).collect();
    names.sort();
    Ok(names)
}

const UTF16: &str = "it is UTF-16";
const UTF8_HINT: &str = "save it as UTF-8";
const PACKED_HINT: &str = "unpack it; `helm template` renders a chart that is packed";

/// Whether a file is UTF-16, by its mark, or by two letters that begin it.
fn is_utf16(file: &[u8]) -> bool {
    matches!(
        file,
        [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [1..=255, 0, 1..=255, 0, ..]
            | [0, 1..=255, 0, 1..=255, ..]
    )
}

/// Whether a file belongs to a backend and is no manifest.
fn is_a_backends(file: &[u8]) -> bool {
    BACKENDS.iter().any(|info| (info.leaves_aside)(file))
}

/// A path as messages show it.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
}
