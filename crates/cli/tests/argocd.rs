//! What a run tells under Argo CD, where it is one line of a page and stays until a refresh.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;

use common::{Folder, Manifill};

/// A folder with a Secret that wants these paths and keys.
fn folder(wanted: &[&str]) -> Folder {
    let folder = Folder::new();
    let mut text = "kind: Secret\nmetadata: {name: a}\nstringData:\n".to_owned();
    for (number, wanted) in wanted.iter().enumerate() {
        let _ = writeln!(text, "  k{number}: <path:{wanted}>");
    }
    folder.write("a.yaml", text);
    folder
}

fn generate(folder: &Folder, app: &str) -> Manifill {
    folder
        .manifill(["generate", "a.yaml"])
        .env("ARGOCD_APP_NAME", app)
        .env("ARGOCD_APP_PROJECT_NAME", "p")
}

/// The lines that begin with these words.
fn lines<'t>(told: &'t str, words: &str) -> Vec<&'t str> {
    told.lines()
        .filter(|line| line.starts_with(words))
        .collect()
}

#[test]
fn the_last_line_says_how_to_refresh() {
    let folder = folder(&["db#nothing"]);
    for (app, named) in [
        ("web", "web"),
        ("team-a_web", "team-a/web"),
        ("$(rm -rf x)", "APP"),
        ("--help", "APP"),
        ("", "APP"),
    ] {
        let told = generate(&folder, app).run().failed();
        assert!(told.starts_with("error: "), "{told}");
        let last = told.lines().last().unwrap();
        assert!(
            last.ends_with(&format!("argocd app get {named} --hard-refresh")),
            "{told}"
        );
    }
    // Outside of Argo CD, and for programs, nothing is different.
    let told = folder.manifill(["generate", "a.yaml"]).run().failed();
    assert!(!told.contains("argocd"), "{told}");
    let json = folder
        .manifill(["generate", "a.yaml", "--format", "json"])
        .env("ARGOCD_APP_NAME", "web")
        .run();
    assert!(
        json.err.starts_with('{') && !json.err.contains("argocd"),
        "{}",
        json.err
    );
}

#[test]
fn every_way_to_fail_ends_with_how_to_refresh() {
    let folder = folder(&["db#nothing"]);
    for (arguments, status) in [
        (&["generate", "a.yaml", "--no-such-flag"][..], 2),
        (&["generate", "--config-path"], 2),
        (&["genrate", "a.yaml"], 2),
        (&["generate", "no-such-file.yaml"], 1),
        (&["generate", "-c", "no-such-file", "a.yaml"], 1),
        (&["generate", "--include", "[", "a.yaml"], 2),
        (&["guard", "a.yaml"], 1),
        (&["krm"], 1),
    ] {
        let run = folder.manifill(arguments.iter().copied());
        let ran = run.env("ARGOCD_APP_NAME", "team-a_web").run();
        assert_eq!((ran.status, &*ran.out), (status, ""), "{}", ran.err);
        let last = ran.err.lines().last().unwrap();
        assert!(
            ran.err.starts_with("error: ")
                && last.ends_with("argocd app get team-a/web --hard-refresh"),
            "{arguments:?}: {}",
            ran.err
        );
    }
}

#[test]
fn few_errors_are_told_and_the_others_counted() {
    let wanted: Vec<String> = (0..8).map(|number| format!("db#none{number}")).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let told = generate(&folder(&wanted), "web").run().failed();
    assert_eq!(lines(&told, "error: ").len(), 5, "{told}");
    assert!(told.contains("\nand 3 more errors; "), "{told}");
}

#[test]
fn what_many_need_comes_first_and_remarks_come_last() {
    let folder = folder(&["db#none", "gone#a", "gone#b", "gone#c", "db#user"]);
    let run = generate(&folder, "web").env("VAULT_ADR", "http://a");
    let told = run.run().failed();
    let first = lines(&told, "error: ")[0];
    assert!(first.contains("gone"), "{told}");
    assert_eq!(lines(&told, "error: ").len(), 2, "{told}");
    let last_error = told.rfind("error: ").unwrap();
    for remark in ["note: ", "warning: "] {
        assert!(told.find(remark).is_none_or(|at| at > last_error), "{told}");
    }
}

#[test]
fn a_mistake_in_the_settings_comes_before_those_in_manifests() {
    let folder = folder(&["db#a", "db#b"]);
    folder.write("b.yaml", "kind: Secret\nstringData: {z: <word>}\n");
    let told = folder
        .manifill(["generate", "b.yaml", "a.yaml"])
        .env("AVP_TYPE", "")
        .env("ARGOCD_APP_NAME", "web")
        .run()
        .failed();
    assert!(
        told.starts_with("error: Must provide a supported Vault Type"),
        "{told}"
    );
}

#[test]
fn a_run_that_succeeds_tells_what_it_always_does() {
    let folder = folder(&["db#user"]);
    let arguments = ["generate", "a.yaml", "--stats", "--secret-name", ""];
    let outside = folder.manifill(arguments).run();
    let inside = folder
        .manifill(arguments)
        .env("ARGOCD_APP_NAME", "web")
        .run();
    assert_eq!((outside.status, inside.status), (0, 0), "{}", inside.err);
    assert_eq!(inside.out, outside.out);
    let firsts = |told: &str| {
        told.lines()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(firsts(&inside.err), firsts(&outside.err));
    assert!(!inside.err.contains("hard-refresh"), "{}", inside.err);
}
