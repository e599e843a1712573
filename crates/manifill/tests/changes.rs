//! What a change touches, counted: CONTRIBUTING.md says it, and here is the proof.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use manifill::vault::backend::BACKENDS;
use manifill_placeholder::{MODIFIERS, ModifierKind};

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("crates/manifill has a root")
        .to_owned()
}

/// A line of code, or of a manifest, and where it stands below the root.
struct Line {
    file: String,
    text: String,
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("there is no {file}"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder of sources can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Tests and samples name what they test.
        let is_test = name.starts_with("test") || matches!(&*name, "samples.rs" | "sealing.rs");
        if path.is_dir() && !is_test {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            found.push(path);
        }
    }
}

/// The code of all crates and of the Python package, without comments and tests.
fn code() -> Vec<Line> {
    let mut found = Vec::new();
    let crates = fs::read_dir(root().join("crates")).expect("there are crates");
    for one in crates.chain(fs::read_dir(root().join("bindings")).expect("there are bindings")) {
        files(&one.expect("a crate").path().join("src"), &mut found);
    }
    assert!(found.len() > 150, "{} files of code", found.len());
    let lines = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source can be read");
        let file = path.strip_prefix(root()).expect("it is below the root");
        let file = file.to_string_lossy().into_owned();
        let (code, _) = text
            .split_once("#[cfg(test)]\nmod tests {")
            .unwrap_or((&text, ""));
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let line = |text: &str| Line {
            file: file.clone(),
            text: text.trim().to_owned(),
        };
        code.lines().filter(is_code).map(line).collect::<Vec<_>>()
    };
    found.into_iter().flat_map(lines).collect()
}

/// Whether a text has another one that is not the end of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part))
}

const SETTINGS: &str = "crates/manifill/src/settings/";

#[test]
fn a_backend_is_its_folder_and_four_lines() {
    let code = code();
    for backend in BACKENDS {
        let (name, feature) = (backend.name, backend.feature);
        let declared = format!("(\"{name}\")");
        let infos = code.iter().find(|line| {
            line.file.starts_with("crates/vault/src/backend/")
                && line.file.ends_with("/info.rs")
                && (line.text.contains(&declared)
                    || line.text.contains(&format!("name: \"{name}\"")))
        });
        let info = infos.unwrap_or_else(|| panic!("no info.rs declares {name}"));
        let home = info.file.trim_end_matches("info.rs");
        let folder = home
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();

        let names = [
            format!("pub mod {folder};"),
            format!("{folder}::INFO"),
            format!("backend::{folder}"),
            format!("feature = \"{feature}\""),
        ];
        let touched: Vec<String> = code
            .iter()
            .filter(|line| !line.file.starts_with(home))
            .filter(|line| names.iter().any(|name| has_word(&line.text, name)))
            // The flag `-s`, which is AVP's: settings from a Secret of the cluster.
            .filter(|line| {
                let secret = ["mod.rs", "secret.rs"].map(|one| format!("{SETTINGS}{one}"));
                name != "kubernetessecret" || !secret.contains(&line.file)
            })
            .map(|line| format!("{}: {}", line.file, line.text))
            .collect();
        let list = "crates/vault/src/backend/mod.rs";
        assert_eq!(
            touched,
            [
                format!("{list}: pub mod {folder};"),
                format!("{list}: {folder}::INFO,")
            ]
        );
        for manifest in ["crates/vault/Cargo.toml", "crates/manifill/Cargo.toml"] {
            let text = read(manifest);
            let starts = |line: &&str| line.starts_with(&format!("{feature} = ["));
            let named = text.lines().filter(starts).count();
            assert_eq!(named, 1, "the feature {feature} in {manifest}");
        }
    }
}

#[test]
fn a_modifier_is_two_files() {
    let here = [
        "crates/manifill/src/transform/mod.rs",
        "crates/placeholder/src/modifier.rs",
    ];
    // What more than these two must know: what stands for a missing value is decided before any
    // modifier runs, what is told of a value and its place depends on what was done with it, and a
    // policy may allow what is derived and nothing else.
    let beyond = |kind: &str| -> &[&str] {
        match kind {
            "Default" => &[
                "crates/manifill/src/apply/field.rs",
                "crates/placeholder/src/body.rs",
                "crates/placeholder/src/placeholder.rs",
            ],
            "Base64Encode" => &[
                "crates/manifill/src/apply/checks/base64.rs",
                "crates/manifill/src/apply/checks/pem.rs",
            ],
            "JsonEscape" => &[
                "crates/manifill/src/apply/checks/json.rs",
                "crates/manifill/src/apply/checks/pem.rs",
            ],
            "ToJson" => &["crates/manifill/src/apply/checks/json.rs"],
            "Derive" => &[
                "crates/manifill/src/apply/checks/base64.rs",
                "crates/manifill/src/policy/rules.rs",
            ],
            "JsonParse" | "YamlParse" => &["crates/manifill/src/apply/mock/mod.rs"],
            "Indent" | "NIndent" => &["crates/manifill/src/apply/checks/lines.rs"],
            _ => &[],
        }
    };
    let code = code();
    let named = |line: &Line| -> Vec<String> {
        let uses = line.text.split("ModifierKind::").skip(1);
        uses.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect())
            .collect()
    };
    let kinds: BTreeSet<String> = code
        .iter()
        .filter(|line| line.file == here[1])
        .flat_map(named)
        .collect();
    assert_eq!(kinds.len(), MODIFIERS.len(), "{kinds:?}");
    assert!(kinds.contains("Trim") && ModifierKind::Trim.name() == "trim");
    for kind in &kinds {
        let found: BTreeSet<&str> = code
            .iter()
            .filter(|line| named(line).contains(kind))
            .map(|line| line.file.as_str())
            .collect();
        let allowed: BTreeSet<&str> = here.iter().chain(beyond(kind)).copied().collect();
        assert_eq!(found, allowed, "{kind}");
    }
}

#[test]
fn an_annotation_of_the_engine_is_one_file() {
    let home = "crates/manifill/src/plan/directives.rs";
    let code = code();
    let own: Vec<&str> = code
        .iter()
        .filter(|line| line.file == home && line.text.starts_with("const "))
        .filter_map(|line| line.text.split('"').nth(1))
        .filter(|text| text.contains("/") && !text.ends_with('/'))
        .collect();
    assert!(own.len() >= 5, "{own:?}");
    for annotation in own {
        // As a name of its own; messages may mention it.
        let name = format!("\"{annotation}\"");
        let found: Vec<&str> = code
            .iter()
            .filter(|line| line.text.contains(&name))
            .map(|line| line.file.as_str())
            .collect();
        assert_eq!(found, [home], "{annotation}");
    }
}

#[test]
fn an_output_format_is_one_file_and_the_lines_that_choose_it() {
    let (folder, list) = ("crates/cli/src/output/", "crates/cli/src/output/mod.rs");
    let code = code();
    let forms: Vec<(&str, &str)> = code
        .iter()
        .filter_map(|line| {
            let name = line.text.strip_prefix("impl Form for ")?;
            Some((line.file.as_str(), name.trim_end_matches(" {")))
        })
        .collect();
    assert!(!forms.is_empty());
    for (file, form) in forms {
        let module = file.trim_start_matches(folder).trim_end_matches(".rs");
        assert_ne!(module, file, "{form} has a file of its own in {folder}");
        let chosen = format!("{module}::{form}");
        let found: Vec<&str> = code
            .iter()
            .filter(|line| line.file != file && line.text.contains(&chosen))
            .map(|line| line.file.as_str())
            .collect();
        assert_eq!(found, [list], "{form}");
    }
}
