//! Whether there is something to fill below a folder: what Argo CD asks a plugin before it uses it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::names::{is_hidden, is_manifest};
use super::walk::MOST;
use crate::disk::Disk;
use crate::file_source::{FileSource, Kind};
use crate::plan::{may_need_filling, shows_placeholder};

/// The first file below a folder, in the order of names, that shows something to fill: a placeholder
/// with a path, the annotation that names one, or either of them escaped or in base64. `None` if there
/// is none, or if a file is given that shows none.
///
/// Files need not be manifests: the templates and values of a chart count, and so do the files that
/// kustomize makes Secrets of. Nothing is parsed, and what cannot be read shows nothing. Links count
/// where [`read`](super::read) follows them.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// std::fs::write(folder.join("a.yaml"), "kind: A\n").unwrap();
/// assert_eq!(manifill::inputs::discover(folder), None);
/// std::fs::write(folder.join("b.yaml"), "kind: B\nb: <path:a#b>\n").unwrap();
/// assert_eq!(manifill::inputs::discover(folder), Some(folder.join("b.yaml")));
/// ```
pub fn discover(path: &Path) -> Option<PathBuf> {
    discover_in(&Disk, path)
}

/// The same for files that are somewhere else than on the disk.
pub fn discover_in(source: &dyn FileSource, path: &Path) -> Option<PathBuf> {
    let search = Search {
        source,
        root: source.real_path(path).ok()?,
        deadline: Instant::now() + manifill_vault::RunContext::DEFAULT_TIMEOUT,
    };
    if source.kind(path) == Ok(Kind::File) {
        return search.shows(path).then(|| path.to_owned());
    }
    search.folder(path)
}

struct Search<'s> {
    source: &'s dyn FileSource,
    /// The folder that links must stay inside of.
    root: PathBuf,
    deadline: Instant,
}

impl Search<'_> {
    fn folder(&self, folder: &Path) -> Option<PathBuf> {
        for name in self.source.names(folder).ok()? {
            if Instant::now() >= self.deadline {
                return None;
            }
            let path = folder.join(&name);
            let Ok(kind) = self.source.own_kind(&path) else {
                continue;
            };
            if kind == Kind::Folder && !is_hidden(&path) && name != ".git" {
                let found = self.folder(&path);
                if found.is_some() {
                    return found;
                }
            } else if is_looked_at(&path)
                && self.is_file(&path, kind == Kind::Link)
                && self.shows(&path)
            {
                return Some(path);
            }
        }
        None
    }

    /// Whether it is a regular file, behind a link only where that does not lead out.
    fn is_file(&self, path: &Path, is_link: bool) -> bool {
        let stays = || {
            let real = self.source.real_path(path);
            real.is_ok_and(|to| to.starts_with(&self.root))
        };
        self.source.kind(path) == Ok(Kind::File) && (!is_link || stays())
    }

    fn shows(&self, path: &Path) -> bool {
        let Ok(bytes) = self.source.read(path, MOST, self.deadline) else {
            return false;
        };
        let text = String::from_utf8_lossy(&bytes);
        manifill_manifest::contents(&text)
            .map(|document| &text[document])
            .any(|document| may_need_filling(document) && shows_placeholder(document))
    }
}

/// Whether a file can be a manifest, a part of a chart, or what kustomize makes a Secret of.
fn is_looked_at(path: &Path) -> bool {
    const OTHERS: [&str; 3] = ["tpl", "env", "properties"];
    is_manifest(path)
        || path
            .extension()
            .is_some_and(|extension| OTHERS.iter().any(|other| extension == *other))
        || path.file_name().is_some_and(|name| name == ".env")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_is_told_and_links_stay_inside() {
        let outside = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let text = b"kind: A\na: <path:b#c>\n";
        std::fs::write(outside.path().join("out.yaml"), text).unwrap();
        write(".git/a.yaml", text);
        write("..data/a.yaml", text);
        write("notes.md", text);
        write("plain.yaml", b"kind: A\n");
        #[cfg(unix)]
        for (to, name) in [
            (outside.path().join("out.yaml"), "l.yaml"),
            ("/nowhere".into(), "m.yaml"),
            (outside.path().to_owned(), "n"),
        ] {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        }
        assert_eq!(discover(folder.path()), None);
        let last = write("z.env", b"A=<op://v/i/f>\n");
        assert_eq!(discover(folder.path()), Some(last.clone()));
        // What is not UTF-8 does not hide the rest.
        let broken = write(
            "chart/templates/a.yaml",
            b"\xff\nx: {{ y }}\na: \"<path:b#c>\"\n",
        );
        assert_eq!(discover(folder.path()), Some(broken));
        assert_eq!(discover(&last), Some(last));
        assert_eq!(discover(&folder.path().join("plain.yaml")), None);
        assert_eq!(discover(&folder.path().join("absent")), None);
    }
}
