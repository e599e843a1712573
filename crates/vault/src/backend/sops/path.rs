//! Where an encrypted file is, and whether it may be read.

use std::path::{Component, Path, PathBuf};

use crate::{PathError, SecretPath, VaultError, VaultErrorKind};

/// The folders that files may be in (rule R7: an app's author writes the paths, and must not
/// reach what lies beside the app).
#[derive(Clone, Debug)]
pub(super) struct Roots {
    /// Where relative paths start; what lies below is open.
    base: PathBuf,
    /// The folder that the operator opens besides.
    opened: Option<PathBuf>,
}

/// A path in its plain spelling: without `./` and doubled slashes. `..` stays, since what it
/// leads to depends on links.
pub(super) fn parse(path: &str) -> Result<SecretPath, PathError> {
    const EXAMPLE: &str = "it is the path of a file, such as secrets/db.yaml";
    if path.is_empty() {
        return Err(PathError::new("the path is empty").hint(EXAMPLE));
    }
    if path.chars().any(char::is_control) {
        let error = PathError::new("the path {} holds a control character").name(path);
        return Err(error.hint(EXAMPLE));
    }
    if path.ends_with('/') {
        let error = PathError::new("the path {} is that of a folder").name(path);
        return Err(error.hint(EXAMPLE));
    }
    // `components` drops what says nothing, but not a dot in front.
    let plain: PathBuf = Path::new(path)
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    match plain.to_str() {
        Some(plain) if !plain.is_empty() => Ok(SecretPath::verbatim(plain)),
        _ => Err(PathError::new("the path {} is that of a folder").name(path)),
    }
}

impl Roots {
    pub(super) fn new(base: PathBuf, opened: Option<PathBuf>) -> Self {
        Roots { base, opened }
    }

    /// The file itself, behind all links.
    ///
    /// # Errors
    /// [`VaultErrorKind::NotFound`] if there is none, [`VaultErrorKind::PermissionDenied`] if it
    /// lies elsewhere, whether or not it exists.
    pub(super) fn find(&self, path: &SecretPath) -> Result<PathBuf, VaultError> {
        let name = path.as_str();
        let error = |kind, message| VaultError::new(kind, message).name(name);
        let outside = || {
            error(
                VaultErrorKind::PermissionDenied,
                "the path {} leads out of the folder of the manifests",
            )
            .hint("the operator can open another folder with MANIFILL_FILE_ROOT")
        };
        let full = self.base.join(name);
        match full.canonicalize() {
            Ok(file) if self.holds(&file) => Ok(file),
            Ok(_) => Err(outside()),
            Err(_) if !self.holds_nearest(&full) => Err(outside()),
            Err(cause) => Err(match cause.kind() {
                std::io::ErrorKind::PermissionDenied => error(
                    VaultErrorKind::PermissionDenied,
                    "the file {} may not be read",
                ),
                _ => error(VaultErrorKind::NotFound, "there is no file {}"),
            }),
        }
    }

    fn holds(&self, file: &Path) -> bool {
        let roots = [Some(&self.base), self.opened.as_ref()];
        let mut roots = roots.into_iter().flatten();
        roots.any(|root| {
            let root = root.canonicalize();
            root.is_ok_and(|root| file.starts_with(root))
        })
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
