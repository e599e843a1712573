//! Every difference in COMPATIBILITY.md and every promise of SECURITY.md names tests, and they
//! exist.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_difference_names_tests_that_exist() {
    name_tests_that_exist("COMPATIBILITY.md", "| rule |", 90);
}

#[test]
fn every_promise_names_tests_that_exist() {
    name_tests_that_exist("SECURITY.md", "| promise |", 12);
}

/// Looks at the last cell of each row of a document's tables.
fn name_tests_that_exist(document: &str, head: &str, more_than: usize) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let document = fs::read_to_string(crates.with_file_name(document)).unwrap();
    let mut files = Vec::new();
    sources(crates, &mut files);
    sources(&crates.with_file_name("examples"), &mut files);
    let rows: Vec<&str> = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with(head))
        .collect();
    assert!(rows.len() > more_than, "{} rows", rows.len());
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in cell.split(", ") {
            let name = name.trim_matches('`');
            if let Some(case) = name.strip_prefix("corpus/") {
                let folder = crates.join("manifill/tests/corpus").join(case);
                assert!(folder.join("in.yaml").is_file(), "there is no {name}");
                continue;
            }
            let (file, test) = name.split_once("::").unwrap_or_else(|| panic!("{row}"));
            let exists = files.iter().any(|path| {
                path.ends_with(file)
                    && fs::read_to_string(path)
                        .unwrap()
                        .contains(&format!("fn {test}("))
            });
            assert!(exists, "there is no {name}");
        }
    }
}
