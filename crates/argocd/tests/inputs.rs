//! The files of a repository in memory are chosen as those on the disk are.
#![allow(clippy::unwrap_used)]
#![cfg(all(unix, feature = "rendering"))]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use manifill::inputs::{
    Confines, Disk, FileSource, Files, FilesError, Selection, discover_in, read_from,
};
use manifill_argocd::{App, Entry, Tree};
use proptest::prelude::*;
use tempfile::TempDir;

const MANIFEST: &[u8] = b"kind: A\nx: 1\n";
const FILLED: &[u8] = b"kind: A\nx: <path:a#b>\n";
const KUSTOMIZATION: &[u8] =
    b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml, ../d, e, ../../e, f.txt]\n";
const SOPS: &[u8] = b"password: ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\n";

/// What is at a name. Where a link leads out of the repository, it leads to what is there.
#[derive(Clone, Debug)]
enum Thing {
    File(&'static [u8]),
    Link(&'static str),
    /// A link to a file beside the repository.
    Out,
}

/// The same repository on the disk and in memory.
struct Twins {
    folder: TempDir,
    tree: Tree,
}

/// What is chosen of one of the two.
struct Of<'t> {
    source: &'t dyn FileSource,
    root: PathBuf,
}

impl Twins {
    fn new<'n>(things: impl IntoIterator<Item = (&'n str, Thing)>) -> Twins {
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

    fn both(&self) -> [Of<'_>; 2] {
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
    fn choose(&self, want: &Want<'_>) -> String {
        let [disk, memory] = self.both().map(|of| of.choose(want));
        assert_eq!(memory, disk, "{want:?}");
        memory
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
struct Want<'w> {
    paths: Vec<&'w str>,
    include: Vec<&'w str>,
    exclude: Vec<&'w str>,
    never: Vec<&'w str>,
}

impl Of<'_> {
    /// Everything that comes of it, with the names as they are in the repository.
    fn choose(&self, want: &Want<'_>) -> String {
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
            .map(|path| discover_in(self.source, &path))
            .collect();
        let told = format!("{told}{found:?}");
        if self.root.as_os_str().is_empty() {
            return told;
        }
        told.replace(&format!("{}/", self.root.display()), "")
    }
}

fn told(files: &Files, problems: &[manifill::inputs::Problem]) -> String {
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

#[test]
fn each_shape_is_chosen_from_memory_as_from_the_disk() {
    let file = |data| Thing::File(data);
    let twins = Twins::new([
        ("a.yaml", file(MANIFEST)),
        ("apps/web/..2026/c.yaml", file(MANIFEST)),
        ("apps/web/..data", Thing::Link("..2026")),
        ("apps/web/c.yaml", Thing::Link("..data/c.yaml")),
        ("apps/web/.git/x.yaml", file(MANIFEST)),
        ("apps/web/a.yaml", file(FILLED)),
        ("apps/web/kustomization.yaml", file(KUSTOMIZATION)),
        ("apps/web/nested/b.yml", file(MANIFEST)),
        ("apps/web/notes.txt", file(b"x")),
        ("apps/web/round", Thing::Link(".")),
        ("apps/web/secret.yaml", file(SOPS)),
        ("broken/gone.yaml", Thing::Link("nothing.yaml")),
        ("broken/gone.txt", Thing::Link("nothing.txt")),
        ("broken/itself.yaml", Thing::Link("itself.yaml")),
        ("broken/out.yaml", Thing::Out),
        ("broken/out.txt", Thing::Out),
        ("broken/below.yaml", Thing::Link("../a.yaml/x")),
        ("broken/slash.yaml", Thing::Link("../a.yaml/")),
        ("broken/up.yaml", Thing::Link("../a.yaml")),
        ("broken/gzip.yaml", file(b"\x1f\x8b\x08\0")),
        ("broken/latin1.yaml", file(b"a: \xe9\n")),
        ("broken/utf16.yaml", file(b"k\0i\0n\0d\0")),
        ("empty/x.txt", file(b"")),
        ("l", Thing::Link("apps/web")),
        ("o", Thing::Out),
        ("sops/s.yaml", file(SOPS)),
    ]);
    let want = |paths: &[&'static str]| Want {
        paths: paths.to_vec(),
        ..Want::default()
    };
    let chosen = twins.choose(&want(&["apps/web"]));
    for (input, times) in [
        ("apps/web/a.yaml\", source", 1),
        ("found_as: Some(\"kustomization.yaml\")", 1),
        ("apps/web/nested/b.yml", 1),
        ("c.yaml\", source", 1),
        ("aside \"apps/web/secret.yaml\"", 1),
        ("round", 0),
        (".git", 0),
        ("notes", 0),
        ("[Some(\"apps/web/a.yaml\")]", 1),
    ] {
        assert_eq!(chosen.matches(input).count(), times, "{input}: {chosen}");
    }
    // Named twice, read once, whatever the way.
    for way in ["l/a.yaml", "l/round/a.yaml", "./apps/../apps/web/a.yaml"] {
        let chosen = twins.choose(&want(&["apps/web", way]));
        assert!(
            chosen.contains(&format!("note {way} is named twice")),
            "{chosen}"
        );
    }
    let chosen = twins.choose(&want(&["broken"]));
    let wrong = [
        (
            "gone.yaml",
            "the link leads to something that does not exist",
        ),
        ("itself.yaml", "filesystem loop"),
        ("out.yaml", "the link leads out of the app's repository"),
        (
            "below.yaml",
            "the link leads to something that does not exist",
        ),
        (
            "slash.yaml",
            "the link leads to something that does not exist",
        ),
        ("gzip.yaml", "it is compressed"),
        ("latin1.yaml", "byte 3 is not UTF-8"),
        ("utf16.yaml", "it is UTF-16"),
    ];
    for (file, reason) in wrong {
        let told = format!("broken/{file}: {reason}");
        assert!(chosen.contains(&told), "{told}: {chosen}");
    }
    assert_eq!(chosen.lines().count(), wrong.len() + 1, "{chosen}");
    for (paths, part) in [
        (vec!["o"], "it leads out of the app's repository"),
        (vec!["l"], "l/a.yaml"),
        (vec!["empty"], "no YAML or JSON files were found"),
        (vec!["sops"], "only settings and secrets"),
        (vec!["sops", "absent"], "absent: there is no such file"),
        (vec!["a.yaml/b"], "there is no such file"),
        (vec!["empty/x.txt"], "name: \"empty/x.txt\""),
        (
            vec!["apps", "apps/web/nested"],
            "nested/b.yml is named twice",
        ),
        (
            vec!["", "a.yaml"],
            "the link leads out of the app's repository",
        ),
        (vec![], "argument required"),
        (vec!["-"], "-: there is no such file"),
    ] {
        let chosen = twins.choose(&want(&paths));
        assert!(chosen.contains(part), "{paths:?}: {chosen}");
    }
    let chosen = twins.choose(&Want {
        include: vec!["**/*.y*ml"],
        exclude: vec!["**/secret.yaml", "nested"],
        never: vec!["l/c.yaml"],
        ..want(&["apps/web"])
    });
    assert!(
        !chosen.contains("nested") && !chosen.contains("secret"),
        "{chosen}"
    );
    assert!(chosen.contains("aside \"apps/web/c.yaml\""), "{chosen}");
    let chosen = twins.choose(&Want {
        include: vec!["[x"],
        ..want(&["apps"])
    });
    assert!(chosen.contains("is not a glob"), "{chosen}");
}

/// Whoever can put a link there can read the repository.
#[test]
fn links_lead_to_anywhere_in_the_repository_of_an_app() {
    let tree = Tree::from_entries([
        ("e/l.yaml", Entry::Link("../plain/a.yaml".to_owned())),
        ("e/folder", Entry::Link("../plain".to_owned())),
        ("plain/a.yaml", Entry::File(MANIFEST.to_vec())),
    ]);
    let selection = Selection::new(["e"]);
    let error = read_from(&tree, &selection, &[]).unwrap_err().to_string();
    assert!(
        error.ends_with("e/l.yaml: the link leads out of the folder"),
        "{error}"
    );
    let selection = selection.with_confines(Confines::of(&tree, Path::new("/"), None));
    let files = read_from(&tree, &selection, &[]).unwrap();
    let names: Vec<_> = files
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .collect();
    assert_eq!(names, ["e/l.yaml"]);
}

/// Only of an archive can something be left out.
#[test]
fn what_was_not_taken_in_is_a_mistake_where_it_would_be_an_input() {
    let tree = Tree::from_entries([
        ("a/LICENSE", Entry::Dropped("is a hard link")),
        ("a/b.yaml", Entry::File(MANIFEST.to_vec())),
        ("c/d", Entry::Dropped("is both a file and a folder")),
        ("c/d/e.yaml", Entry::File(MANIFEST.to_vec())),
        ("f/g.yaml", Entry::Dropped("is a hard link")),
        ("f/h.yaml", Entry::Link("g.yaml".to_owned())),
    ]);
    let choose = |path: &str| read_from(&tree, &Selection::new([path]), &[]);
    assert_eq!(choose("a").unwrap().inputs.len(), 1);
    for (path, told) in [
        ("c", "c/d: it is both a file and a folder"),
        (
            "c/d/e.yaml",
            "c/d/e.yaml: `c/d` is both a file and a folder",
        ),
        (
            "f",
            "f/g.yaml: it is a hard link\ncould not read file: f/h.yaml: `f/g.yaml` is a hard link",
        ),
        ("f/g.yaml", "f/g.yaml: it is a hard link"),
    ] {
        let error = choose(path).unwrap_err().to_string();
        assert!(error.ends_with(told), "{error}");
    }
}

/// With manifest-generate-paths, Argo CD sends a folder of the repository alone.
#[test]
fn places_start_from_the_root_of_the_repository() {
    let archive = Tree::from_entries([
        ("web/a.yaml", Entry::File(MANIFEST.to_vec())),
        ("web/b.yaml", Entry::Link("../../other/b.yaml".to_owned())),
    ]);
    let app = App::from_variables("web", [("ARGOCD_APP_SOURCE_PATH", "apps/team/web")]);
    let tree = archive.rooted_at(&app.root);
    let confines = Confines::of(&tree, Path::new("/"), None);
    let choose = |path: &str| {
        let selection = Selection::new([path]).with_confines(confines.clone());
        read_from(&tree, &selection, &[])
    };
    let error = choose(&app.path).unwrap_err().to_string();
    let told =
        "could not read file: apps/team/web/b.yaml: the link leads out of the app's repository";
    assert!(error.ends_with(told), "{error}");
    let files = choose("apps/team/web/a.yaml").unwrap();
    assert_eq!(files.inputs[0].name, "apps/team/web/a.yaml");
    let error = choose("apps/other").unwrap_err().to_string();
    assert!(
        error.ends_with("it leads out of the app's repository"),
        "{error}"
    );
}

/// Nothing of the machine is read, whatever the names are.
#[test]
fn a_tree_has_neither_standard_input_nor_files_of_the_machine() {
    let tree = Tree::from_entries([
        ("-", Entry::File(MANIFEST.to_vec())),
        ("abs.yaml", Entry::Link("/etc/hostname".to_owned())),
    ]);
    let files = read_from(&tree, &Selection::new(["-"]), &[]).unwrap();
    assert_eq!((&*files.inputs[0].name, files.roots.len()), ("-", 0));
    assert!(Path::new("/etc/hostname").exists());
    for path in ["/etc/hostname", "abs.yaml", "../etc/hostname"] {
        let error = read_from(&tree, &Selection::new([path]), &[]).unwrap_err();
        let told = error.to_string();
        let leads_nowhere = [
            "there is no such file",
            "it leads out of the app's repository",
        ];
        assert!(
            leads_nowhere.iter().any(|end| told.ends_with(end)),
            "{told}"
        );
    }
}

const NAMES: [&str; 12] = [
    "a.yaml",
    "b.yml",
    "c.json",
    "d",
    "e",
    "f.txt",
    "..data",
    ".git",
    ".env",
    "x.yaml",
    "é.yaml",
    "kustomization.yaml",
];

/// Where links lead, from wherever they are. Nothing leads through a link that leads out: what is there,
/// memory does not know.
const TARGETS: [&str; 12] = [
    "a.yaml",
    "d",
    "d/a.yaml",
    "e/b.yml",
    "d/..",
    ".",
    "nothing.yaml",
    "x.yaml",
    "..data/a.yaml",
    "e",
    "b.yml",
    "./d/./e/../a.yaml",
];

const TEXTS: [&[u8]; 8] = [
    MANIFEST,
    FILLED,
    KUSTOMIZATION,
    SOPS,
    b"",
    b"\xff",
    b"\x1f\x8b",
    b"k\0i\0",
];

fn things() -> impl Strategy<Value = BTreeMap<String, Thing>> {
    let part = || proptest::sample::select(&NAMES[..]);
    let name = proptest::collection::vec(part(), 1..4).prop_map(|parts| parts.join("/"));
    let thing = prop_oneof![
        4 => proptest::sample::select(&TEXTS[..]).prop_map(Thing::File),
        2 => proptest::sample::select(&TARGETS[..]).prop_map(Thing::Link),
        1 => Just(Thing::Out),
    ];
    proptest::collection::vec((name, thing), 1..14).prop_map(|things| {
        let mut kept: BTreeMap<String, Thing> = BTreeMap::new();
        for (mut name, thing) in things {
            if let Thing::Out = thing {
                name += "/out.yaml";
            }
            let clash = kept.keys().any(|other| {
                let (short, long) = if other.len() < name.len() {
                    (other, &name)
                } else {
                    (&name, other)
                };
                long == short || long.starts_with(&format!("{short}/"))
            });
            if !clash {
                kept.insert(name, thing);
            }
        }
        kept
    })
}

fn globs() -> impl Strategy<Value = Vec<&'static str>> {
    let glob = proptest::sample::select(&["*.yaml", "d/**", "**/b.yml", "e", "*"][..]);
    proptest::collection::vec(glob, 0..2)
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    let part =
        proptest::sample::select(&["", ".", "a.yaml", "d", "e", "d/..", "b.yml", "x.yaml"][..]);
    let path = proptest::collection::vec(part, 1..3).prop_map(|parts| parts.join("/"));
    // A path with `/` in front is another one.
    let path = path.prop_map(|path| path.trim_start_matches('/').to_owned());
    proptest::collection::vec(path, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_repository_is_chosen_from_memory_as_from_the_disk(
        things in things(),
        paths in paths(),
        include in globs(),
        exclude in globs(),
        never in paths(),
    ) {
        let twins = Twins::new(things.iter().map(|(name, thing)| (name.as_str(), thing.clone())));
        twins.choose(&Want {
            paths: paths.iter().map(String::as_str).collect(),
            include,
            exclude,
            never: never.iter().map(String::as_str).collect(),
        });
    }
}

/// Whoever writes a repository decides how long it takes to walk through it.
#[test]
fn a_walk_ends_with_its_time() {
    let tree = Tree::from_entries([
        ("a/a.yaml", Entry::File(MANIFEST.to_vec())),
        ("a/deep/b.yaml", Entry::File(MANIFEST.to_vec())),
        ("a/deep/c.yaml", Entry::File(MANIFEST.to_vec())),
    ]);
    let selection = Selection::new(["a"]).with_deadline(std::time::Instant::now());
    let error = read_from(&tree, &selection, &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "could not read YAML/JSON files:\ncould not read file: a: the time of the run ran out while this folder was read"
    );
}
