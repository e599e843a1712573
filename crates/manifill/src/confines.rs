//! How far what an app's author wrote may lead (rule R7).

use std::fs;
use std::path::{Component, Path, PathBuf};

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
        let resolved = |folder: &Path| fs::canonicalize(folder).ok();
        let real = resolved(root);
        let written = [normal(root)].into_iter().chain(real.clone()).collect();
        let real = real.into_iter().chain(opened.and_then(resolved)).collect();
        Confines { written, real }
    }

    /// Whether a path may be read. It tells nothing of what lies outside, not even whether there is
    /// something.
    pub fn allow(&self, path: &Path) -> bool {
        let written = normal(path);
        if !self.written.iter().any(|root| written.starts_with(root)) {
            return true;
        }
        let inside = |real: PathBuf| self.real.iter().any(|folder| real.starts_with(folder));
        // A `..` behind a link leads elsewhere than its text says.
        let absolute = std::path::absolute(path).unwrap_or(written);
        for ancestor in absolute.ancestors() {
            match fs::canonicalize(ancestor) {
                Ok(real) => return inside(real),
                // Where a link leads to nothing, it may lead out.
                Err(_) if ancestor.is_symlink() => return false,
                Err(_) => {}
            }
        }
        false
    }
}

/// An absolute path without `.` and `..`, as far as that shows in the text.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let here = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    // It fails only if the process has no folder, and then nothing relative can be read either.
    let absolute = std::path::absolute(here).unwrap_or_else(|_| here.to_owned());
    let mut parts = PathBuf::new();
    for part in absolute.components() {
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
