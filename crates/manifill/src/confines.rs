//! How far what an app's author wrote may lead (rule R7).

use std::path::{Component, Path, PathBuf};

use crate::disk::Disk;
use crate::file_source::{FileSource, Kind, Missing};

/// The checkout that arguments below it must not lead out of; by default there is none.
///
/// Under Argo CD the author chooses what the files of the checkout are, links too. An argument that
/// starts outside is the operator's command.
///
/// ```
/// use std::path::Path;
/// use manifill::inputs::Confines;
///
/// assert!(Confines::default().allow(Path::new("/etc/hostname")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Confines {
    /// The checkout in the spellings that it has.
    written: Vec<PathBuf>,
    /// The folders in which files may lie when their links are resolved.
    real: Vec<PathBuf>,
}

impl Confines {
    /// Everything below `root`, in this spelling or with its links resolved, must lie in it or in
    /// the folder that the operator opened.
    pub fn new(root: &Path, opened: Option<&Path>) -> Self {
        Confines::of(&Disk, root, opened)
    }

    /// The same for a root that is somewhere else than on the disk.
    pub fn of(source: &dyn FileSource, root: &Path, opened: Option<&Path>) -> Self {
        let resolved = |folder: &Path| source.real_path(folder).ok();
        let real = resolved(root);
        let written = [normal_in(source, root)].into_iter().chain(real.clone());
        Confines {
            written: written.collect(),
            real: real.into_iter().chain(opened.and_then(resolved)).collect(),
        }
    }

    /// Whether there is a checkout.
    pub(crate) fn is_set(&self) -> bool {
        !self.written.is_empty()
    }

    /// Whether a path behind all links lies in the checkout or in the folder that the operator opened.
    pub(crate) fn hold(&self, real: &Path) -> bool {
        self.real.iter().any(|folder| real.starts_with(folder))
    }

    /// Whether a path may be read. It tells nothing of what lies outside, not even whether there is
    /// something.
    pub fn allow(&self, path: &Path) -> bool {
        self.allow_in(&Disk, path)
    }

    /// The same where files are somewhere else than on the disk.
    pub fn allow_in(&self, source: &dyn FileSource, path: &Path) -> bool {
        if !self.is_set() {
            return true;
        }
        let written = normal_in(source, path);
        if !self.written.iter().any(|root| written.starts_with(root)) {
            return true;
        }
        // A `..` behind a link leads elsewhere than its text says, and with a slash behind it, a link
        // that leads to nothing would not look like one.
        let absolute: PathBuf = source.absolute(path).components().collect();
        for ancestor in absolute.ancestors() {
            match source.real_path(ancestor) {
                Ok(real) => return self.hold(&real),
                Err(Missing::LeadsOut) => return false,
                // Where a link leads to nothing, it may lead out.
                Err(_) if source.own_kind(ancestor) == Ok(Kind::Link) => return false,
                Err(_) => {}
            }
        }
        false
    }
}

/// An absolute path without `.` and `..`, as far as that shows in the text.
#[cfg(feature = "settings")]
pub(crate) fn normal(path: &Path) -> PathBuf {
    normal_in(&Disk, path)
}

fn normal_in(source: &dyn FileSource, path: &Path) -> PathBuf {
    let here = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let mut parts = PathBuf::new();
    for part in source.absolute(here).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}
