//! Paths: a project, an environment, and folders.

use std::fmt;

use crate::format::uuid::is_uuid;
use crate::{PathError, SecretPath};

const HINT: &str = "write <project>/<environment>, and the folders behind it";

/// A folder of an environment of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FolderPath {
    /// Its id or its slug.
    pub(super) project: String,
    pub(super) environment: String,
    /// `/`, or the folders with a `/` before each.
    pub(super) folder: String,
}

impl FolderPath {
    /// Parses `project/environment[/folder…]`.
    ///
    /// # Errors
    /// If a part is missing, or would not arrive as it is written: the server trims them.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        if path.contains(char::is_control) {
            return Err(PathError::new("the path {} contains a control character").with_name(path));
        }
        let is_odd = |part: &&str| matches!(*part, "" | "." | "..") || part.trim() != *part;
        if let Some(part) = path.split('/').find(is_odd) {
            return Err(PathError::new("the path {} has the part {}")
                .with_name(path)
                .with_name(part)
                .with_hint(HINT));
        }
        let (project, rest) = path.split_once('/').ok_or_else(|| {
            PathError::new("the path {} has no environment")
                .with_name(path)
                .with_hint(HINT)
        })?;
        let (environment, folder) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(FolderPath {
            project: project.to_owned(),
            environment: environment.to_owned(),
            folder: format!("/{folder}"),
        })
    }

    /// The path in its plain spelling.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }

    /// Whether the project is called by its id, which is a UUID.
    pub(super) fn has_id(&self) -> bool {
        is_uuid(&self.project)
    }
}

impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.environment)?;
        match self.folder.as_str() {
            "/" => Ok(()),
            folder => f.write_str(folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_project_an_environment_and_folders() {
        for (path, folder) in [
            ("shop/prod", "/"),
            ("shop/prod/db", "/db"),
            ("my shop/prod/a b/c&d", "/a b/c&d"),
        ] {
            let parsed = FolderPath::parse(path).unwrap();
            assert_eq!(parsed.folder, folder);
            assert_eq!(parsed.plain().as_str(), path);
        }
    }

    #[test]
    fn what_would_not_arrive_is_told() {
        for (path, message) in [
            ("", "the path `` has the part ``"),
            ("shop", "the path `shop` has no environment"),
            ("shop/", "the path `shop/` has the part ``"),
            ("/shop/prod", "the path `/shop/prod` has the part ``"),
            ("shop/prod//db", "the path `shop/prod//db` has the part ``"),
            ("shop/../db", "the path `shop/../db` has the part `..`"),
            ("shop/prod/.", "the path `shop/prod/.` has the part `.`"),
            ("shop/ prod", "the path `shop/ prod` has the part ` prod`"),
            ("a/b\t", "the path `a/b\\t` contains a control character"),
        ] {
            let error = FolderPath::parse(path).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn an_id_is_a_uuid() {
        let has_id = |project: &str| FolderPath::parse(&format!("{project}/e")).unwrap().has_id();
        assert!(has_id("8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6"));
        assert!(!has_id("shop-x7k2"));
    }
}
