//! Whether there is something to fill in a folder: what Argo CD asks a plugin before it uses it.

use std::path::{Path, PathBuf};

use super::names::{is_hidden, is_manifest};
use super::references;
use super::search::Search;
use crate::confines::Confines;
use crate::disk::Disk;
use crate::file_source::{FileSource, Kind};

/// The first file below a folder, in the order of names, that shows something to fill: a placeholder
/// with a path, the annotation that names one, or either of them escaped or in base64. `None` if there
/// is none, or if a file is given that shows none.
///
/// Files need not be manifests: the templates and values of a chart count, and so do the files that
/// kustomize makes Secrets of. Of a folder with a kustomization, what that reaches counts as well, such
/// as `../base`. Nothing else is parsed, and what cannot be read shows nothing. Links count where
/// [`read`](super::read) follows them.
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
    discover_in(&Disk, path, &Confines::default())
}

/// The same for files that are somewhere else than on the disk, and with links that may lead as far as
/// [those of inputs](super::Selection::confines).
pub fn discover_in(source: &dyn FileSource, path: &Path, confines: &Confines) -> Option<PathBuf> {
    let search = Search::new(source);
    let root = source.real_path(path).ok()?;
    if source.kind(path) == Ok(Kind::File) {
        return search.shows(path).then(|| path.to_owned());
    }
    let below = first_below(&search, path, &|real| {
        real.starts_with(&root) || confines.hold(real)
    });
    below.or_else(|| references::first(&search, path))
}

/// The first file below a folder; where links lead must be allowed.
fn first_below(
    search: &Search<'_>,
    folder: &Path,
    is_allowed: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    for name in search.source.names(folder).ok()? {
        if search.is_over() {
            return None;
        }
        let path = folder.join(&name);
        let Ok(kind) = search.source.own_kind(&path) else {
            continue;
        };
        if kind == Kind::Folder && !is_hidden(&path) && name != ".git" {
            let found = first_below(search, &path, is_allowed);
            if found.is_some() {
                return found;
            }
        } else if is_looked_at(&path)
            && (kind == Kind::File || search.is_file_where(&path, is_allowed))
            && search.shows(&path)
        {
            return Some(path);
        }
    }
    None
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
