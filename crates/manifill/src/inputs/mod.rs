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

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use manifill_vault::backend::BACKENDS;

use crate::diagnostic::printable;
use crate::input::Input;

/// Which files are inputs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use]
pub struct Selection {
    /// Files and folders, or `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// If there are any, only files that match one of these globs, seen from the folder given.
    pub include: Vec<String>,
    /// No files and folders that match one of these globs.
    pub exclude: Vec<String>,
}

impl Selection {
    /// Files and folders, or `-` for standard input.
    pub fn new<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Self {
        Selection {
            paths: paths.into_iter().map(Into::into).collect(),
            ..Selection::default()
        }
    }

    /// Takes only files that match one of these globs, seen from the folder given.
    pub fn with_include(mut self, globs: impl IntoIterator<Item = String>) -> Self {
        self.include.extend(globs);
        self
    }

    /// Leaves out files and folders that match one of these globs.
    pub fn with_exclude(mut self, globs: impl IntoIterator<Item = String>) -> Self {
        self.exclude.extend(globs);
        self
    }
}

/// The inputs and what was found on the way to them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Files {
    /// The inputs, in the order the selection names them.
    pub inputs: Vec<Input>,
    /// The folders of the inputs, for [`RunContext::with_roots`](crate::RunContext::with_roots): that
    /// of a file is the one it lies in, that of standard input the working folder.
    pub roots: Vec<PathBuf>,
    /// Files that hold settings or secrets and therefore are no manifests.
    pub set_aside: Vec<PathBuf>,
}

/// Why the inputs could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum FilesError {
    /// The selection makes no sense.
    Usage(String),
    /// Files that cannot be read.
    Files(Vec<Problem>),
    /// A file or folder that gives no input.
    Nothing(Problem),
}

/// A file or folder that does not give what it should.
#[derive(Debug)]
#[non_exhaustive]
pub struct Problem {
    /// The file or folder as messages show it.
    pub file: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilesError::Usage(message) => f.write_str(message),
            FilesError::Files(problems) => {
                f.write_str("could not read YAML/JSON files:")?;
                problems.iter().try_for_each(|one| {
                    write!(f, "\ncould not read file: {}: {}", one.file, one.reason)
                })
            }
            FilesError::Nothing(one) => write!(f, "{} in {}", one.reason, one.file),
        }
    }
}

impl std::error::Error for FilesError {}

/// Reads everything the selection names, in the order it names it.
///
/// `never` are files that are never inputs, whatever they are called: the settings file, and what
/// a `file` backend reads. Files that a backend
/// [leaves aside](manifill_vault::backend::BackendInfo::leaves_aside) are no inputs either, such as
/// values that SOPS encrypted: they have no `kind`, so no cluster could take them.
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
        never: never
            .iter()
            .filter_map(|path| fs::canonicalize(path).ok())
            .collect(),
        root: PathBuf::new(),
        files: Files::default(),
        problems: Vec::new(),
    };
    let mut without = Vec::new();
    for path in &selection.paths {
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
        Some(parent) if !path.is_dir() => parent,
        _ => path,
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
            FilesError::Usage(format!("`{pattern}` is no glob: {}", error.kind()))
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
    never: BTreeSet<PathBuf>,
    /// The folder that links must stay inside of.
    root: PathBuf,
    files: Files,
    problems: Vec<Problem>,
}

impl Walk {
    /// Reads what an argument names, and tells one that gives no input.
    fn argument(&mut self, path: &Path) -> Option<Problem> {
        if is_stdin(path) {
            let mut bytes = Vec::new();
            match io::stdin().lock().read_to_end(&mut bytes) {
                Ok(_) => self.take(None, "-".to_owned(), bytes),
                Err(error) => self.problem("standard input", error.kind()),
            }
            return None;
        }
        let before = self.files.inputs.len() + self.problems.len();
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
        } else if is_manifest(path) {
            self.file(path);
        }
        let reason = if self.files.set_aside.len() == set_aside {
            "no YAML or JSON files were found"
        } else {
            "only settings and secrets, no manifests, were found"
        };
        let nothing = self.files.inputs.len() + self.problems.len() == before;
        nothing.then(|| Problem {
            file: shown(path),
            reason: reason.to_owned(),
        })
    }

    /// Reads a folder in the byte order of its names; folders come at their sorted place.
    fn folder(&mut self, path: &Path, relative: &Path) {
        let entries = match fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.unread(path, &error),
        };
        let mut names: Vec<_> = entries.into_iter().map(|entry| entry.file_name()).collect();
        names.sort();
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
            Err(error) => return self.unread(path, &error),
        };
        if metadata.is_dir() {
            // A link to a folder is not followed, as in AVP: it may lead round in circles.
            if !link {
                self.folder(path, relative);
            }
        } else if metadata.is_file() && is_manifest(path) && self.is_included(relative) {
            if link && !self.is_inside(path) {
                return self.problem(&path.to_string_lossy(), "the link leads out of the folder");
            }
            self.file(path);
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

    fn file(&mut self, path: &Path) {
        if fs::canonicalize(path).is_ok_and(|path| self.never.contains(&path)) {
            self.files.set_aside.push(path.to_owned());
            return;
        }
        match fs::read(path) {
            Ok(bytes) => self.take(Some(path), path.display().to_string(), bytes),
            Err(error) => self.unread(path, &error),
        }
    }

    fn take(&mut self, path: Option<&Path>, name: String, bytes: Vec<u8>) {
        match String::from_utf8(bytes) {
            Ok(source) => match path.filter(|_| is_a_backends(source.as_bytes())) {
                Some(path) => self.files.set_aside.push(path.to_owned()),
                None => self.files.inputs.push(Input::new(name, source)),
            },
            Err(error) => {
                let byte = error.utf8_error().valid_up_to();
                self.problem(&name, format!("byte {byte} is not UTF-8"));
            }
        }
    }

    fn unread(&mut self, path: &Path, error: &io::Error) {
        let file = path.to_string_lossy();
        match error.kind() {
            io::ErrorKind::NotFound => self.problem(&file, "there is no such file"),
            kind => self.problem(&file, kind),
        }
    }

    fn problem(&mut self, file: &str, reason: impl fmt::Display) {
        self.problems.push(Problem {
            file: printable(file).into_owned(),
            reason: reason.to_string(),
        });
    }
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
