//! The files of a repository as those that inputs are chosen from.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use manifill::inputs::{FileSource, Identity, Kind, Missing};
use manifill_vault::files::Unread;
use zeroize::Zeroizing;

use crate::tree::{Entry, Node, Tree, TreeError};

/// Paths start from the root of the repository, with `/` in front or without.
impl FileSource for Tree {
    fn names(&self, folder: &Path) -> Result<Vec<OsString>, Missing> {
        match self.found(folder)? {
            (real, Node::Folder) => {
                let mut names = self.children(&real);
                names.sort_unstable();
                names.dedup();
                Ok(names.into_iter().map(OsString::from).collect())
            }
            (_, Node::File(_)) => Err(Missing::NotFound),
        }
    }

    fn kind(&self, path: &Path) -> Result<Kind, Missing> {
        match self.resolve(name(path)?) {
            Ok(Some((_, Node::File(_)))) => Ok(Kind::File),
            Ok(Some((_, Node::Folder))) => Ok(Kind::Folder),
            Ok(None) => Err(Missing::NotFound),
            // What is below it would be left out without a word.
            Err(TreeError::Dropped { name, reason }) if !self.children(&name).is_empty() => {
                Err(Missing::Other(reason_of(path, &name, reason)))
            }
            Err(TreeError::Dropped { name, reason }) => {
                Ok(Kind::Unusable(reason_of(path, &name, reason)))
            }
            Err(error) => Err(missing(path, &error)),
        }
    }

    fn own_kind(&self, path: &Path) -> Result<Kind, Missing> {
        // With a slash behind it, a link is followed.
        let text = name(path)?;
        let follows = text.ends_with('/') || text.ends_with("/.");
        let last = path.file_name().filter(|_| !follows);
        let (Some(folder), Some(last)) = (path.parent(), last) else {
            return self.kind(path);
        };
        let (folder, _) = self.found(folder)?;
        let own = match (folder.as_str(), name(Path::new(last))?) {
            ("", last) => last.to_owned(),
            (folder, last) => format!("{folder}/{last}"),
        };
        match self.entry(&own) {
            Some(Entry::Link(_)) => Ok(Kind::Link),
            _ => self.kind(Path::new(&own)),
        }
    }

    fn real_path(&self, path: &Path) -> Result<PathBuf, Missing> {
        let (real, _) = self.found(path)?;
        Ok(Path::new("/").join(real))
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path).components().collect()
    }

    fn identity(&self, path: &Path) -> Option<Identity> {
        match self.found(path) {
            Ok((real, Node::File(_))) => Some(Identity::of_real_path(real)),
            _ => None,
        }
    }

    fn read(&self, path: &Path, most: u64, _: Instant) -> Result<Zeroizing<Vec<u8>>, Unread> {
        match self.found(path) {
            Ok((_, Node::File(data))) if data.len() as u64 > most => Err(Unread::TooLarge),
            Ok((_, Node::File(data))) => Ok(Zeroizing::new(data.to_vec())),
            Ok((_, Node::Folder)) => Err(Unread::Folder),
            Err(Missing::NotFound) => Err(Unread::NotFound),
            Err(_) => Err(Unread::Failed),
        }
    }
}

impl Tree {
    fn found(&self, path: &Path) -> Result<(String, Node<'_>), Missing> {
        match self.resolve(name(path)?) {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(Missing::NotFound),
            Err(error) => Err(missing(path, &error)),
        }
    }
}

/// Names that are not UTF-8 are in no tree.
fn name(path: &Path) -> Result<&str, Missing> {
    path.to_str().ok_or(Missing::NotFound)
}

fn missing(path: &Path, error: &TreeError) -> Missing {
    match error {
        TreeError::LeadsOut(_) => Missing::LeadsOut,
        TreeError::TooManyLinks(_) => Missing::from(io::Error::from(rustix::io::Errno::LOOP)),
        TreeError::Dropped { name, reason } => Missing::Other(reason_of(path, name, reason)),
    }
}

/// Why something is not there, behind the path by which it was looked for.
fn reason_of(path: &Path, name: &str, reason: &str) -> String {
    if path.strip_prefix("/").unwrap_or(path) == Path::new(name) {
        format!("it {reason}")
    } else {
        format!("`{}` {reason}", manifill::printable(name))
    }
}
