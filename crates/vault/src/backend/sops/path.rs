//! Where an encrypted file is, and whether it may be read.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::{PathError, SecretPath, VaultError, VaultErrorKind};

/// The folders that files may be in (rule R7: an app's author writes the paths, and must not
/// reach what lies beside the app).
pub(super) struct Roots<'a> {
    /// The folders that relative paths start from: the working folder, as with AVP, and those of
    /// the inputs.
    starts: Vec<&'a Path>,
    /// The folder that the operator opens, from which a path starts if it leads to no file from
    /// the others.
    opened: Option<&'a Path>,
    /// The working folder behind all links.
    base: Option<PathBuf>,
    /// What is open, behind all links, with everything below.
    open: Vec<PathBuf>,
}

/// Where a path leads from one folder.
enum Lead {
    /// To a file, behind all links.
    File(PathBuf),
    /// To a file that may not be read.
    Closed,
    /// To a file of the working folder that lies in no root.
    Beside,
    /// Nowhere, inside the roots.
    Nowhere,
    /// Out of the roots, to a file or nowhere.
    Out,
}

/// A path in its plain spelling: without `./` and doubled slashes. `..` stays, since what it
/// leads to depends on links.
pub(super) fn parse(path: &str) -> Result<SecretPath, PathError> {
    const EXAMPLE: &str = "it is the path of a file, such as secrets/db.yaml";
    if path.is_empty() {
        return Err(PathError::new("the path is empty").with_hint(EXAMPLE));
    }
    if path.chars().any(char::is_control) {
        let error = PathError::new("the path {} contains a control character").with_name(path);
        return Err(error.with_hint(EXAMPLE));
    }
    if path.ends_with('/') {
        let error = PathError::new("the path {} is that of a folder").with_name(path);
        return Err(error.with_hint(EXAMPLE));
    }
    // `components` drops what says nothing, but not a dot in front.
    let plain: PathBuf = Path::new(path)
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    match plain.to_str() {
        Some(plain) if !plain.is_empty() => Ok(SecretPath::verbatim(plain)),
        _ => Err(PathError::new("the path {} is that of a folder").with_name(path)),
    }
}

impl<'a> Roots<'a> {
    /// `inputs` are the folders of the inputs; without any it is the working folder. `opened` is
    /// what the operator opens besides.
    pub(super) fn new(base: &'a Path, inputs: &'a [PathBuf], opened: Option<&'a Path>) -> Self {
        let inputs: Vec<&Path> = match inputs {
            [] => vec![base],
            inputs => inputs.iter().map(PathBuf::as_path).collect(),
        };
        let real = |folder: &Path| folder.canonicalize().ok();
        Roots {
            starts: std::iter::once(base).chain(inputs.clone()).collect(),
            opened,
            base: real(base),
            open: inputs.into_iter().chain(opened).filter_map(real).collect(),
        }
    }

    /// The file itself, behind all links.
    ///
    /// # Errors
    /// [`VaultErrorKind::NotFound`] if there is none, [`VaultErrorKind::PermissionDenied`] if it
    /// lies elsewhere, whether or not it exists, [`VaultErrorKind::Ambiguous`] if the path means
    /// one file from the working folder and another one from the folder of an input.
    pub(super) fn find(&self, path: &SecretPath) -> Result<PathBuf, VaultError> {
        let name = path.as_str();
        let mut files = BTreeSet::new();
        let (mut closed, mut beside, mut nowhere) = (false, false, false);
        for starts in [&self.starts, self.opened.as_slice()] {
            for start in starts {
                match self.lead(start, name) {
                    Lead::File(file) => drop(files.insert(file)),
                    Lead::Closed => closed = true,
                    Lead::Beside => beside = true,
                    Lead::Nowhere => nowhere = true,
                    Lead::Out => {}
                }
            }
            // The opened folder stands in for no file that is there already, readable or not.
            if !files.is_empty() || closed || beside {
                break;
            }
        }
        let error = |kind, message| VaultError::new(kind, message).with_name(name);
        Err(match files.pop_first() {
            Some(file) if files.is_empty() => return Ok(file),
            Some(_) => error(
                VaultErrorKind::Ambiguous,
                "the path {} means one file from one folder and another one from another",
            )
            .with_hint(
                "paths start from the working folder and from the folders that are filled; write it in a way that only one of them has such a file, or fill one folder at a time",
            ),
            None if closed => error(
                VaultErrorKind::PermissionDenied,
                "the file {} may not be read",
            ),
            None if nowhere && !beside => {
                error(VaultErrorKind::NotFound, "there is no file {}")
            }
            None => error(
                VaultErrorKind::PermissionDenied,
                "the path {} leads out of the folder of the manifests",
            )
            .with_hint("the operator can open another folder with MANIFILL_FILE_ROOT"),
        })
    }

    fn lead(&self, start: &Path, name: &str) -> Lead {
        let full = start.join(name);
        match full.canonicalize() {
            Ok(file) if self.holds(&file) => Lead::File(file),
            // AVP would read it. That it is there is no news to anybody who sees the folder, and
            // it must not be taken for missing, which `default` would hide.
            Ok(file)
                if self
                    .base
                    .as_ref()
                    .is_some_and(|base| file.starts_with(base)) =>
            {
                Lead::Beside
            }
            Ok(_) => Lead::Out,
            Err(_) if !self.holds_nearest(&full) => Lead::Out,
            Err(cause) if cause.kind() == ErrorKind::PermissionDenied => Lead::Closed,
            Err(_) => Lead::Nowhere,
        }
    }

    fn holds(&self, file: &Path) -> bool {
        self.open.iter().any(|root| file.starts_with(root))
    }

    /// Whether the nearest folder that exists on the way to a missing file is inside. A link that
    /// leads nowhere counts as leading out, so that nobody learns what exists elsewhere.
    fn holds_nearest(&self, full: &Path) -> bool {
        let exists = |path: &&Path| path.symlink_metadata().is_ok();
        let nearest = full.ancestors().find(exists);
        let nearest = nearest.and_then(|path| path.canonicalize().ok());
        nearest.is_some_and(|path| self.holds(&path))
    }
}
