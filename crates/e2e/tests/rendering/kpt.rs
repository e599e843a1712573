//! `manifill krm` as kpt runs it, on the example and on mistakes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use manifill_e2e::{direct, kpt, manifill, run, skip};

use crate::functions::{SECRETS, copy};

/// The example in a folder of its own, with the program in `bin`.
struct Package(tempfile::TempDir);

impl Package {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        copy(&examples.join("kpt"), &folder.path().join("package"));
        let vault = examples.join("kustomize/vault.yaml");
        fs::copy(vault, folder.path().join("vault.yaml")).unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        symlink(manifill().unwrap(), folder.path().join("bin/manifill")).unwrap();
        Package(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join("package").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    fn change(&self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        assert!(text.contains(old), "{name}: {text}");
        fs::write(self.file(name), text.replace(old, new)).unwrap();
    }

    /// What kpt prints, or all that it tells.
    fn kpt(&self, args: &[&str]) -> Result<String, String> {
        let mut command = direct(kpt().unwrap());
        command.arg("fn").args(args);
        self.run(command)
    }

    fn run(&self, mut command: Command) -> Result<String, String> {
        command
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", self.0.path().join("bin"))
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", self.0.path().join("vault.yaml"));
        run(&mut command).map_err(|error| error.to_string())
    }
}

/// The example with its values, as a person would have written them.
fn filled() -> String {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/kpt/database.yaml");
    let text = fs::read_to_string(example).unwrap();
    text.replace("<username>", "\"shop\"")
        .replace("<password>", "\"p@ss: #1\"")
}

#[test]
fn a_pipeline_fills_the_package_and_is_guarded() {
    if skip("pipelines of kpt") {
        return;
    }
    let package = Package::new();
    package.kpt(&["render", "--allow-exec", "package"]).unwrap();
    assert_eq!(package.text("database.yaml"), filled());
    for name in ["Kptfile", "fill.yaml", "guard.yaml"] {
        assert_eq!(package.text(name), Package::new().text(name));
    }
}

#[test]
fn one_function_prints_what_is_filled_and_writes_nothing() {
    if skip("functions of kpt") {
        return;
    }
    let package = Package::new();
    let eval = ["eval", "package", "--exec", "manifill krm", "-o", "unwrap"];
    let printed = package.kpt(&eval).unwrap();
    assert!(printed.contains(&filled()), "{printed}");
    let limited = [&eval[..], &["--", "onlyKinds=Secret"]].concat();
    assert_eq!(package.kpt(&limited).unwrap(), printed);
    let config = [&eval[..], &["--fn-config", "package/fill.yaml"]].concat();
    assert_eq!(package.kpt(&config).unwrap(), printed);
    assert_eq!(
        package.text("database.yaml"),
        Package::new().text("database.yaml")
    );
    // A value for another kind is one too many.
    package.change(
        "database.yaml",
        "db.example.com",
        "<path:vaults/Home/items/db#username>",
    );
    let told = package.kpt(&limited).unwrap_err();
    assert!(told.contains("ConfigMap"), "{told}");
    assert!(!told.contains("\"shop\""), "{told}");
}

#[test]
fn what_is_wrong_is_in_kpts_results_and_no_file_is_changed() {
    if skip("results of kpt") {
        return;
    }
    let render = [
        "render",
        "--allow-exec",
        "package",
        "--results-dir",
        "results",
    ];
    for (file, old, new, words) in [
        (
            "database.yaml",
            "<username>",
            "<nobody>",
            [
                "path: stringData.user",
                "name: database",
                "path: database.yaml",
            ],
        ),
        (
            "database.yaml",
            "host: db.example.com",
            "host: <path:vaults/Home/items/db#username>",
            ["path: data.host", "kind: ConfigMap", "path: database.yaml"],
        ),
        (
            "Kptfile",
            "mutators:\n    - exec: manifill krm\n      configPath: fill.yaml",
            "mutators: []",
            [
                "path: stringData.user",
                "severity: error",
                "path: database.yaml",
            ],
        ),
    ] {
        let package = Package::new();
        package.change(file, old, new);
        let before = package.text("database.yaml");
        let told = package.kpt(&render).unwrap_err();
        let results = fs::read_to_string(package.0.path().join("results/results.yaml")).unwrap();
        for word in words {
            assert!(results.contains(word), "{word}: {results}");
        }
        for secret in SECRETS {
            assert!(
                !told.contains(secret) && !results.contains(secret),
                "{told}"
            );
        }
        assert_eq!(package.text("database.yaml"), before);
    }
}

#[test]
fn the_commands_of_the_page_print_what_is_filled() {
    if skip("the page of kpt") {
        return;
    }
    let package = Package::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    fs::create_dir(package.0.path().join("examples")).unwrap();
    copy(
        &examples.join("kpt"),
        &package.0.path().join("examples/kpt"),
    );
    symlink(kpt().unwrap(), package.0.path().join("bin/kpt")).unwrap();
    let page = fs::read_to_string(examples.join("kustomize/README.md")).unwrap();
    let commands: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .filter(|line| line.starts_with("kpt "))
        .collect();
    assert_eq!(commands.len(), 3, "{page}");
    for line in commands {
        let mut command = direct("/bin/sh");
        command.args(["-c", line]);
        let printed = package.run(command).unwrap();
        assert!(printed.contains(&filled()), "{line}: {printed}");
    }
}
