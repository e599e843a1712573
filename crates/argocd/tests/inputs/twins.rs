//! The same repository on the disk and in memory.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use manifill::inputs::{
    Confines, Disk, FileSource, Files, FilesError, Selection, discover_in, read_from,
};
use manifill_argocd::{Entry, Tree};
use tempfile::TempDir;

pub(crate) const MANIFEST: &[u8] = b"kind: A\nx: 1\n";
pub(crate) const FILLED: &[u8] = b"kind: A\nx: <path:a#b>\n";
pub(crate) const KUSTOMIZATION: &[u8] =
    b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml, ../d, e, ../../e, f.txt]\n";
pub(crate) const SOPS: &[u8] = b"password: ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\n";

/// What is at a name. Where a link leads out of the repository, it leads to what is there.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    File(&'static [u8]),
    Link(&'static str),
    /// A link to a file beside the repository.
    Out,
}

/// The same repository on the disk and in memory.
pub(crate) struct Twins {
    pub(crate) folder: TempDir,
    pub(crate) tree: Tree,
}

/// What is chosen of one of the two.
pub(crate) struct Of<'t> {
    pub(crate) source: &'t dyn FileSource,
    pub(crate) root: PathBuf,
}

impl Twins {
    pub(crate) fn new<'n>(things: impl IntoIterator<Item = (&'n str, Thing)>) -> Twins {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("out.yaml"), MANIFEST).unwrap();
        let root = folder.path().join("repository");
        fs::create_dir(&root).unwrap();
        let mut entries = Vec::new();
        for (name, thing) in things {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let up = "../".repeat(name.matches('/').count() + 1);
            let to = match thing {
                Thing::File(data) => {
                    fs::write(path, data).unwrap();
                    entries.push((name, Entry::File(data.to_vec())));
                    continue;
                }
                Thing::Link(to) => to.to_owned(),
                Thing::Out => format!("{up}out.yaml"),
            };
            symlink(&to, path).unwrap();
            entries.push((name, Entry::Link(to)));
        }
        Twins {
            folder,
            tree: Tree::from_entries(entries),
        }
    }

    pub(crate) fn both(&self) -> [Of<'_>; 2] {
        let on_disk = Of {
            source: &Disk,
            root: self.folder.path().join("repository"),
        };
        let in_memory = Of {
            source: &self.tree,
            root: PathBuf::new(),
        };
        [on_disk, in_memory]
    }

    /// What both choose, which is the same.
    pub(crate) fn choose(&self, want: &Want<'_>) -> String {
        let [disk, memory] = self.both().map(|of| of.choose(want));
        assert_eq!(memory, disk, "{want:?}");
        memory
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Want<'w> {
    pub(crate) paths: Vec<&'w str>,
    pub(crate) include: Vec<&'w str>,
    pub(crate) exclude: Vec<&'w str>,
    pub(crate) never: Vec<&'w str>,
}

impl Of<'_> {
    /// Everything that comes of it, with the names as they are in the repository.
    pub(crate) fn choose(&self, want: &Want<'_>) -> String {
        let owned = |globs: &[&str]| {
            globs
                .iter()
                .map(|glob| (*glob).to_owned())
                .collect::<Vec<_>>()
        };
        let never: Vec<PathBuf> = want.never.iter().map(|path| self.root.join(path)).collect();
        let confines = Confines::of(self.source, &self.root, None);
        let selection = Selection::new(want.paths.iter().map(|path| self.root.join(path)))
            .with_include(owned(&want.include))
            .with_exclude(owned(&want.exclude))
            .with_confines(confines.clone());
        let told = match read_from(self.source, &selection, &never) {
            Ok(mut files) => {
                // They are of the disk.
                files.roots.clear();
                told(&files, &[])
            }
            Err(FilesError::Files(problems)) => told(&Files::default(), &problems),
            Err(error) => format!("{error:?}\n"),
        };
        let paths = want.paths.iter().map(|path| self.root.join(path));
        let found: Vec<_> = paths
            .filter(|path| confines.allow_in(self.source, path))
            .map(|path| discover_in(self.source, &path, &confines))
            .collect();
        let told = format!("{told}{found:?}");
        if self.root.as_os_str().is_empty() {
            return told;
        }
        told.replace(&format!("{}/", self.root.display()), "")
    }
}

pub(crate) fn told(files: &Files, problems: &[manifill::inputs::Problem]) -> String {
    let mut told = String::new();
    for input in &files.inputs {
        told += &format!("{input:?}\n");
    }
    for path in &files.set_aside {
        told += &format!("aside {path:?}\n");
    }
    for note in &files.notes {
        told += &format!("note {note}\n");
    }
    for problem in problems {
        told += &format!("{}: {} {:?}\n", problem.file, problem.reason, problem.hint);
    }
    told
}
