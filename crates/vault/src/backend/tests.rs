//! A new backend is complete, or the line that it lacks is named.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// What a backend's folder calls for in the shared files.
struct Texts {
    list: String,
    manifest: String,
}

/// The lines that are missing for a backend of this folder and this entry.
fn missing(folder: &str, feature: &str, texts: &Texts) -> Vec<String> {
    let cfg = format!("#[cfg(feature = \"{feature}\")]");
    let full = texts
        .manifest
        .lines()
        .find(|line| line.starts_with("full = "))
        .unwrap_or("");
    let entry = texts.manifest.lines().any(|line| {
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        name.trim_matches('"') == feature
    });
    let mut lines = Vec::new();
    if !texts.list.contains(&format!("{cfg}\npub mod {folder};")) {
        lines.push(format!("src/backend/mod.rs: {cfg} pub mod {folder};"));
    }
    if !texts
        .list
        .contains(&format!("connect: Some({folder}::connect),"))
    {
        lines.push(format!("BACKENDS: connect: Some({folder}::connect),"));
    }
    if !entry {
        lines.push(format!("Cargo.toml, [features]: {feature} = []"));
    }
    if !full.contains(&format!("\"{feature}\"")) {
        lines.push(format!("Cargo.toml, [features], full: \"{feature}\""));
    }
    lines
}

/// A module cannot begin with a digit, the name of a backend can.
fn folder_of(backend: &BackendInfo) -> String {
    match backend.name.strip_prefix('1') {
        Some(rest) => format!("one{rest}"),
        None => backend.name.to_owned(),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders() -> BTreeSet<String> {
    std::fs::read_dir(root().join("src/backend"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_folder_is_a_backend() {
    let listed: BTreeSet<String> = BACKENDS.iter().map(folder_of).collect();
    assert_eq!(
        folders(),
        listed,
        "left: folders in src/backend, right: entries in BACKENDS"
    );
}

#[test]
fn no_backend_lacks_a_line() {
    let texts = Texts {
        list: include_str!("mod.rs").to_owned(),
        manifest: include_str!("../../Cargo.toml").to_owned(),
    };
    for backend in BACKENDS {
        let folder = folder_of(backend);
        let lines = missing(&folder, backend.feature, &texts);
        assert!(
            lines.is_empty(),
            "missing for {folder}:\n{}",
            lines.join("\n")
        );

        let readme = root().join("src/backend").join(&folder).join("README.md");
        assert!(readme.is_file(), "missing: {}", readme.display());
        let module = std::fs::read_to_string(readme.with_file_name("mod.rs")).unwrap();
        let include = "#![doc = include_str!(\"README.md\")]";
        assert!(
            module.starts_with(include),
            "missing in {folder}/mod.rs: {include}"
        );
        for setting in backend.settings {
            let text = std::fs::read_to_string(&readme).unwrap();
            assert!(
                text.contains(setting.name),
                "missing in {folder}/README.md: {}",
                setting.name
            );
        }
    }
}

#[test]
fn the_missing_line_is_named() {
    let texts = Texts {
        list: String::new(),
        manifest: "full = [\"file\"]\n".to_owned(),
    };
    assert_eq!(
        missing("vault", "vault", &texts),
        [
            "src/backend/mod.rs: #[cfg(feature = \"vault\")] pub mod vault;",
            "BACKENDS: connect: Some(vault::connect),",
            "Cargo.toml, [features]: vault = []",
            "Cargo.toml, [features], full: \"vault\"",
        ]
    );
}

#[test]
fn names_and_settings_are_well_formed() {
    for backend in BACKENDS {
        assert!(
            std::ptr::eq(by_name(backend.name).unwrap(), backend),
            "{} is listed twice",
            backend.name
        );
        assert!(
            backend.example.contains('#') && !backend.about.is_empty(),
            "{}",
            backend.name
        );
        let mut names = BTreeSet::new();
        for setting in backend.settings {
            let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            assert!(
                setting.name.chars().all(upper),
                "{} is not in upper case",
                setting.name
            );
            assert!(
                names.insert(setting.name),
                "{} is listed twice",
                setting.name
            );
            assert!(!setting.about.is_empty(), "{} says nothing", setting.name);
        }
    }
    let names: Vec<_> = BACKENDS.iter().map(|backend| backend.name).collect();
    assert!(names.is_sorted(), "the entries are sorted by name");
    assert!(by_name("nosuchbackend").is_none());
}
