//! A new backend is complete, or the line that it lacks is named.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::settings::{Class, Kind};

/// What a backend's folder calls for in the shared files.
struct Texts {
    list: String,
    manifest: String,
}

/// The lines that are missing for a backend of this folder and this entry.
fn missing(folder: &str, feature: &str, texts: &Texts) -> Vec<String> {
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
    if !texts.list.contains(&format!("\npub mod {folder};\n")) {
        lines.push(format!("src/backend/mod.rs: pub mod {folder};"));
    }
    if !texts.list.contains(&format!("    {folder}::INFO,\n")) {
        lines.push(format!("BACKENDS: {folder}::INFO,"));
    }
    if !entry {
        lines.push(format!("Cargo.toml, [features]: {feature} = []"));
    }
    if !full.contains(&format!("\"{feature}\"")) {
        lines.push(format!("Cargo.toml, [features], full: \"{feature}\""));
    }
    lines
}

/// A module cannot begin with a digit, the name of a backend can; and `http` is what backends share.
fn folder_of(backend: &BackendInfo) -> String {
    match backend.name.strip_prefix('1') {
        Some(rest) => format!("one{rest}"),
        None if backend.name == "http" => "httpservice".to_owned(),
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
            for name in [setting.name].into_iter().chain(setting.alias) {
                assert!(text.contains(name), "missing in {folder}/README.md: {name}");
            }
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
            "src/backend/mod.rs: pub mod vault;",
            "BACKENDS: vault::INFO,",
            "Cargo.toml, [features]: vault = []",
            "Cargo.toml, [features], full: \"vault\"",
        ]
    );
}

#[test]
fn each_setting_is_as_safe_as_its_kind_asks_for() {
    for backend in BACKENDS {
        for setting in backend.settings {
            assert!(
                setting.class >= setting.kind.least_class(),
                "{} of {} is {}, and a {} must be {} at least",
                setting.name,
                backend.name,
                setting.class.as_str(),
                setting.kind.as_str(),
                setting.kind.least_class().as_str(),
            );
        }
    }
}

#[test]
fn one_name_is_of_one_kind_whichever_backend_declares_it() {
    let all = || BACKENDS.iter().flat_map(|backend| backend.settings);
    for setting in all() {
        for other in all().filter(|other| other.name == setting.name) {
            assert_eq!(other.kind, setting.kind, "{}", setting.name);
            assert_eq!(other.alias, setting.alias, "{}", setting.name);
        }
        if let Some(alias) = setting.alias {
            let named = |other: &Setting| other.name == alias;
            assert!(!all().any(named), "{alias} is a name and an alias");
            let shared = |other: &Setting| other.alias == Some(alias) && other.name != setting.name;
            assert!(!all().any(shared), "{alias} stands for two settings");
            assert_eq!(alias_of(setting.name), Some(alias));
        }
    }
    let roots: BTreeSet<_> = all()
        .filter(|setting| setting.kind == Kind::FileRoot)
        .map(|setting| setting.name)
        .collect();
    assert_eq!(roots.len(), 1, "the engine looks for one: {roots:?}");
}

#[test]
fn kinds_have_words_of_their_own_and_classes_an_order() {
    let words: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), Kind::ALL.len());
    assert!(Class::Free < Class::Bundle && Class::Bundle < Class::Operator);
    assert!(Class::Operator < Class::Locked);
}

#[test]
fn whoever_can_run_a_program_is_locked() {
    for (backend, setting) in [
        ("command", "MANIFILL_COMMAND"),
        ("kubernetessecret", "KUBECONFIG"),
        ("sops", "SOPS_GPG_EXEC"),
        ("sops", "GNUPGHOME"),
    ] {
        let setting = by_name(backend).unwrap().setting(setting).unwrap();
        assert_eq!(setting.kind, Kind::Program, "{}", setting.name);
        assert_eq!(setting.class, Class::Locked, "{}", setting.name);
    }
}

#[test]
fn a_path_is_claimed_by_one_backend_at_most() {
    const ONE: Option<&str> = Some("1passwordconnect");
    for (path, owner) in [
        ("op://v/i/f", ONE),
        ("https://start.1password.com/open/i?a=A", ONE),
        ("https://start.1PASSWORD.eu/open/i?a=A", ONE),
        ("https://1password.com/open/i", None),
        ("https://1password.com.example.org/open/i", None),
        ("https://a b.1password.com/", None),
        ("vaults/Home/items/db", None),
        ("", None),
    ] {
        let owners: Vec<_> = BACKENDS
            .iter()
            .filter(|backend| (backend.claims)(path))
            .map(|backend| backend.name)
            .collect();
        assert_eq!(owners, owner.into_iter().collect::<Vec<_>>(), "{path}");
        assert_eq!(claiming(path).map(|backend| backend.name), owner, "{path}");
    }
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
