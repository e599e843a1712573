//! Paths: a project and a config.

use std::fmt;

use crate::{PathError, SecretPath};

const HINT: &str = "write <project>/<config>";

/// A config of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConfigName {
    pub(super) project: String,
    pub(super) config: String,
}

impl ConfigName {
    /// Parses `project/config`.
    ///
    /// # Errors
    /// If there are not two parts, or one of them is empty or holds a control character.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        if path.contains(char::is_control) {
            return Err(PathError::new("the path {} contains a control character").with_name(path));
        }
        let wrong = |message| PathError::new(message).with_name(path).with_hint(HINT);
        let (project, config) = path
            .split_once('/')
            .ok_or_else(|| wrong("the path {} has no config"))?;
        let is_odd = |part: &str| matches!(part, "" | "." | "..") || part.contains('/');
        if is_odd(project) || is_odd(config) {
            return Err(wrong("the path {} is not a project and a config"));
        }
        Ok(ConfigName {
            project: project.to_owned(),
            config: config.to_owned(),
        })
    }

    /// The path in its plain spelling.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }
}

impl fmt::Display for ConfigName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_project_and_a_config() {
        for path in ["shop/prd", "my shop/dev_personal", "a%2f?&#/b=c"] {
            assert_eq!(ConfigName::parse(path).unwrap().plain().as_str(), path);
        }
    }

    #[test]
    fn anything_else_is_told() {
        for (path, message) in [
            ("", "the path `` has no config"),
            ("shop", "the path `shop` has no config"),
            ("shop/", "the path `shop/` is not a project and a config"),
            ("/prd", "the path `/prd` is not a project and a config"),
            ("a/b/c", "the path `a/b/c` is not a project and a config"),
            ("../prd", "the path `../prd` is not a project and a config"),
            ("shop/.", "the path `shop/.` is not a project and a config"),
            ("a/b\n", "the path `a/b\\n` contains a control character"),
        ] {
            let error = ConfigName::parse(path).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
