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
            Ok(Some((_, Node::Folder))) => Err(NoAppFile::NotAFile),
            // Whether something is there is told only of what is inside.
            Err(TreeError::Dropped { name, .. }) if inside(&name) => Err(NoAppFile::NotAFile),
            Err(TreeError::Dropped { .. }) => Err(NoAppFile::Outside),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Entry;

    #[test]
    fn what_is_outside_is_not_told_apart() {
        let link = |to: &str| Entry::Link(to.to_owned());
        let tree = Tree::from_entries([
            ("web/a.yaml", Entry::File(b"a".to_vec())),
            ("web/device", Entry::Dropped("is a device")),
            ("web/inner", link("device")),
            ("web/dropped", link("../jobs/device")),
            ("web/there", link("../jobs/b.yaml")),
            ("jobs/device", Entry::Dropped("is a device")),
            ("jobs/b.yaml", Entry::File(b"b".to_vec())),
        ]);
        let files = OwnFiles::new(&tree, "web");
        for (path, wanted) in [
            ("device", NoAppFile::NotAFile),
            ("inner", NoAppFile::NotAFile),
            (".", NoAppFile::NotAFile),
            ("absent", NoAppFile::Absent),
            ("dropped", NoAppFile::Outside),
            ("there", NoAppFile::Outside),
            ("../jobs/device", NoAppFile::Outside),
            ("../jobs/b.yaml", NoAppFile::Outside),
            ("../jobs/absent", NoAppFile::Outside),
        ] {
            assert_eq!(files.find(path), Err(wanted), "{path}");
        }
        assert_eq!(
            files.find("a.yaml"),
            Ok(("web/a.yaml".to_owned(), &b"a"[..]))
        );
    }
}
