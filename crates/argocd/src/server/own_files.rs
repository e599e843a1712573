//! The files of an app that its author may name in placeholders.

use std::fmt;

use manifill_vault::{AppFiles, NoAppFile};

use crate::tree::{Node, Tree, TreeError};

/// The files in an app's folder, behind all links (rule R7).
pub(crate) struct OwnFiles {
    tree: Tree,
    folder: String,
}

impl OwnFiles {
    pub(crate) fn new(tree: &Tree, folder: &str) -> Self {
        OwnFiles {
            tree: tree.clone(),
            folder: folder.to_owned(),
        }
    }
}

impl AppFiles for OwnFiles {
    fn find(&self, path: &str) -> Result<(String, &[u8]), NoAppFile> {
        let folder = match self.tree.resolve(&self.folder) {
            Ok(Some((folder, Node::Folder))) => folder,
            _ => return Err(NoAppFile::Absent),
        };
        let inside = |real: &str| match folder.as_str() {
            "" => true,
            folder => real
                .strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        };
        if path.starts_with('/') {
            return Err(NoAppFile::Outside);
        }
        match self.tree.resolve(&format!("{folder}/{path}")) {
            Ok(Some((real, _))) if !inside(&real) => Err(NoAppFile::Outside),
            Ok(Some((real, Node::File(data)))) => Ok((real, data)),
            Ok(Some((_, Node::Folder))) | Err(TreeError::Dropped { .. }) => {
                Err(NoAppFile::NotAFile)
            }
            // Whether something is there is told only of what is inside.
            Ok(None) if path.split('/').any(|part| part == "..") => Err(NoAppFile::Outside),
            Ok(None) => Err(NoAppFile::Absent),
            Err(TreeError::LeadsOut(_) | TreeError::TooManyLinks(_)) => Err(NoAppFile::Outside),
        }
    }
}

impl fmt::Debug for OwnFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnFiles")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
