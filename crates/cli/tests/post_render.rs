//! `manifill post-render`, which Helm runs.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use common::{Folder, manifill};

/// What Helm 4 gives a post-renderer.
const CHART: &str = "# a comment\nkind: Secret\napiVersion: v1\nmetadata: {name: db, annotations: {postrenderer.helm.sh/postrender-filename: 'web/templates/db.yaml'}}\nstringData:\n  password: <path:db#password> # kept\n---\nkind: ConfigMap\nmetadata:\n  annotations:\n    postrenderer.helm.sh/postrender-filename: 'web/templates/cm.yaml'\ndata:\n  a: \"b\"\n";

const EMPTY: [&str; 5] = [
    "",
    "\n",
    "---\n# Source: web/templates/a.yaml\n\n",
    "---\nnull\n",
    "apiVersion: v1\nkind: List\nitems: []\n",
];

#[test]
fn only_values_change() {
    let folder = Folder::new();
    let filled = folder.manifill(["post-render"]).stdin(CHART).run();
    assert_eq!(filled.err, "");
    assert_eq!(
        filled.good(),
        CHART.replace("<path:db#password>", "\"p@ss: #1\"")
    );
}

#[test]
fn an_empty_input_is_an_error_unless_it_is_allowed() {
    let folder = Folder::new();
    for source in EMPTY {
        let told = folder
            .manifill(["post-render"])
            .stdin(source)
            .run()
            .failed();
        assert_eq!(
            told,
            "error: the input is empty: Helm has rendered no manifest\n  \
             hint: --allow-empty lets it pass, for a chart that has nothing but hooks\n"
        );
        let passed = folder
            .manifill(["post-render", "--allow-empty"])
            .stdin(source)
            .run()
            .good();
        // Helm must never be given nothing.
        assert!(!passed.trim().is_empty(), "{source:?}");
        assert!(passed == source || passed == "---\n", "{passed:?}");
    }
    // Nothing is left of what no cluster takes.
    let kustomization = "kind: Kustomization\nresources: [a]\n";
    let told = folder
        .manifill(["post-render"])
        .stdin(kustomization)
        .run()
        .failed();
    assert!(
        told.contains("it is left out") && told.contains("the input is empty"),
        "{told}"
    );
    let passed = folder
        .manifill(["post-render", "--allow-empty"])
        .stdin(kustomization)
        .run();
    assert_eq!(passed.good(), "---\n");
}

#[test]
fn what_is_wrong_is_told_with_the_file_of_the_chart_and_nothing_is_printed() {
    let folder = Folder::new();
    let source = CHART.replace("#password", "#pasword");
    let told = folder
        .manifill(["post-render"])
        .stdin(&source)
        .run()
        .failed();
    assert!(
        told.contains("-:6:13 (web/templates/db.yaml)  Secret/db  stringData.password"),
        "{told}"
    );
    let left = folder
        .manifill(["post-render"])
        .stdin("kind: A\nx: <path:db>\n")
        .run()
        .failed();
    assert!(
        left.contains("a placeholder has a path and no `#KEY`"),
        "{left}"
    );
}

#[test]
fn an_object_with_mock_values_is_refused() {
    let folder = Folder::new();
    let source = CHART.replace(
        "annotations: {",
        "annotations: {manifill.dev/mock: \"true\", ",
    );
    let told = folder
        .manifill(["post-render"])
        .stdin(&source)
        .run()
        .failed();
    assert!(
        told.contains("this object is filled with mock values"),
        "{told}"
    );
    assert!(told.contains("Secret/db"), "{told}");
}

#[test]
fn the_flags_of_generate_work() {
    let folder = Folder::new();
    let escaped = "kind: A\nx: '%3Cpath:db%23user%3E'\n";
    let ran = folder
        .manifill(["post-render", "--escaped"])
        .stdin(escaped)
        .run();
    assert_eq!(ran.good(), "kind: A\nx: 'svc'\n");
    let ran = folder
        .manifill(["post-render", "--allow-unresolved"])
        .stdin(escaped)
        .run();
    assert_eq!(ran.good(), escaped);
    let double = "kind: A\nx: 1\nx: 2\n";
    folder
        .manifill(["post-render", "--strict"])
        .stdin(double)
        .run()
        .failed();
    folder.write(
        "settings.yaml",
        "AVP_TYPE: file\nMANIFILL_FILE: vault.json\n",
    );
    let ran = manifill(["post-render", "-c", "settings.yaml"])
        .dir(folder.path())
        .stdin(CHART)
        .run();
    assert!(ran.good().contains("p@ss"));
    let ran = folder
        .manifill(["post-render", "--stats"])
        .stdin(CHART)
        .run();
    assert!(ran.err.starts_with("stats: "), "{}", ran.err);
    let told = folder
        .manifill(["post-render", "--format", "json"])
        .stdin("")
        .run()
        .failed();
    assert!(told.starts_with("{\"version\":1,"), "{told}");
}

#[test]
fn a_report_holds_what_is_told_whatever_the_outcome() {
    let folder = Folder::new();
    let report = folder.path().join("report.txt");
    let read = || fs::read_to_string(&report).unwrap();
    let run = |source: &str| {
        folder
            .manifill(["post-render", "--report", "report.txt"])
            .stdin(source)
            .run()
    };

    let good = run(CHART);
    assert_eq!(good.err, "");
    assert!(good.good().contains("p@ss"));
    let text = read();
    assert!(
        text.starts_with("stats: 0 requests, 1 secret, 1 placeholder, 2 documents, 1 input, "),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1);
    assert_eq!(
        fs::metadata(&report).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // It is replaced, and holds what standard error does.
    let told = run(&CHART.replace("#password", "#pasword")).failed();
    assert_eq!(read(), told);
    assert!(told.contains("web/templates/db.yaml"), "{told}");
    let told = run("").failed();
    assert_eq!(read(), told);

    // With colours or without warnings on standard error, the file has no colour and all of them.
    let ran = folder
        .manifill(["post-render", "--quiet", "--report", "report.txt"])
        .env("CLICOLOR_FORCE", "1")
        .stdin("kind: A\nx: 1\nx: <path:db#user>\n")
        .run();
    assert_eq!(ran.err, "");
    assert!(
        read().starts_with("warning: this map has a key twice"),
        "{}",
        read()
    );

    // Wrong settings are told, too.
    let ran = manifill(["post-render", "--report", "report.txt"])
        .dir(folder.path())
        .env("AVP_TYPE", "nonsense")
        .stdin(CHART)
        .run();
    assert_eq!(read(), ran.failed());
    // Nothing is left beside it.
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|one| one.unwrap().file_name())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().starts_with('.')),
        "{names:?}"
    );
}

#[test]
fn the_form_of_a_report_follows_from_its_name_or_the_flag() {
    let folder = Folder::new();
    let wrong = CHART.replace("#password", "#pasword");
    let report = |arguments: &[&'static str], name: &str| {
        let all = ["post-render"].iter().chain(arguments).copied();
        let told = folder.manifill(all).stdin(&wrong).run().failed();
        (fs::read_to_string(folder.path().join(name)).unwrap(), told)
    };
    let (json, told) = report(&["--report=a.json"], "a.json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["diagnostics"][0]["rendered_from"],
        "web/templates/db.yaml"
    );
    assert!(told.starts_with("error: "), "{told}");
    let (sarif, _) = report(&["--report=a.sarif"], "a.sarif");
    assert!(sarif.contains("\"version\":\"2.1.0\""), "{sarif}");
    let (github, told) = report(&["--report=b.json", "--format=github"], "b.json");
    assert_eq!(github, told);
    assert!(told.starts_with("::error "), "{told}");
}

#[test]
fn a_report_never_holds_a_value() {
    let folder = Folder::new();
    folder.write(
        "vault.json",
        r#"{"db": {"password": "sentinel-4711\n$$", "user": "x"}}"#,
    );
    for source in [
        CHART.to_owned(),
        // A value that does not fit its place, and one that a modifier refuses.
        "kind: Secret\ndata: {a: <path:db#password>}\n".to_owned(),
        "kind: A\na: <path:db#password | base64decode>\n".to_owned(),
        "kind: Pod\nspec: {containers: [{args: [<path:db#password>]}]}\n".to_owned(),
    ] {
        folder
            .manifill(["post-render", "--report", "r.txt", "-v"])
            .stdin(&source)
            .run();
        let text = fs::read_to_string(folder.path().join("r.txt")).unwrap();
        assert!(!text.is_empty() && !text.contains("4711"), "{text}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_read() {
    let folder = Folder::new();
    for name in ["absent/report.txt", "."] {
        let told = folder
            .manifill(["post-render", "--report", name])
            .stdin(CHART)
            .run()
            .failed();
        assert!(
            told.starts_with(&format!("error: the report cannot be written to {name}: ")),
            "{told}"
        );
    }
    let told = folder
        .manifill(["post-render", "--report", "/dev/null"])
        .stdin(CHART)
        .run()
        .failed();
    assert!(told.contains("it is not a file"), "{told}");
    // A link in a folder that others can write is replaced, not followed.
    let other = folder.write("other.txt", "kept");
    symlink(&other, folder.path().join("link.txt")).unwrap();
    folder
        .manifill(["post-render", "--report", "link.txt"])
        .stdin(CHART)
        .run()
        .good();
    assert_eq!(fs::read_to_string(other).unwrap(), "kept");
}
