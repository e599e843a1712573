//! What a repository in memory has, and what it has not: links, files of the machine, time.

use std::path::Path;

use manifill::inputs::{Confines, Selection, read_from};
use manifill_argocd::{App, Entry, Tree};

use crate::twins::MANIFEST;

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
