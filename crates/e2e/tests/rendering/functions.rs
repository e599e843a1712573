//! `manifill krm` as kustomize runs it, on the example and on mistakes.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;

use manifill_e2e::{direct, kubectl, kustomize, manifill, run, skip};
use manifill_manifest::{Value, read};

/// The example in a folder of its own, with the program in `bin`.
struct Example(tempfile::TempDir);

/// How kustomize is run.
const FUNCTIONS: [&str; 3] = ["build", "--enable-alpha-plugins", "--enable-exec"];

/// What must never be told.
pub(crate) const SECRETS: [&str; 3] = ["p@ss: #1", "cEBzczogIzE=", "tok-123"];

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|one| (one.path(), one.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

impl Example {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/kustomize");
        copy(&example, &folder.path().join("app"));
        fs::create_dir(folder.path().join("bin")).unwrap();
        symlink(manifill().unwrap(), folder.path().join("bin/manifill")).unwrap();
        Example(folder)
    }

    fn change(&self, file: &str, old: &str, new: &str) {
        let path = self.0.path().join("app").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}: {text}");
        fs::write(path, text.replace(old, new)).unwrap();
    }

    /// What a program prints, or what it tells.
    fn run(&self, program: &Path, flags: &[&str]) -> Result<String, String> {
        let app = self.0.path().join("app");
        let mut command = direct(program);
        command
            .args(flags)
            .arg(&app)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", self.0.path().join("bin"))
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", app.join("vault.yaml"));
        run(&mut command).map_err(|error| error.to_string())
    }

    /// What kustomize prints, or what it tells, which holds no secret.
    fn functions(&self) -> Result<String, String> {
        let built = self.run(&kustomize().unwrap(), &FUNCTIONS);
        if let Err(told) = &built {
            for secret in SECRETS {
                assert!(!told.contains(secret), "{told}");
            }
        }
        built
    }
}

/// The value at the end of a way.
fn at<'v>(value: &'v Value, way: &[&str]) -> &'v str {
    let found = way.iter().try_fold(value, |value, key| value.get(key));
    match found {
        Some(Value::Text(text)) => text,
        _ => panic!("{way:?}: {value:?}"),
    }
}

fn named<'v>(objects: &'v [Value], kind: &str, name: &str) -> &'v Value {
    let is = |one: &&Value| {
        at(one, &["kind"]) == kind && at(one, &["metadata", "name"]).starts_with(name)
    };
    objects.iter().find(is).unwrap()
}

/// The name of the Secret that kustomize has made, and the name that the Deployment has for it.
fn database(text: &str) -> (String, String) {
    let objects = read(text).unwrap();
    let secret = named(&objects, "Secret", "database-");
    let spec = named(&objects, "Deployment", "web").get("spec");
    let spec = spec.and_then(|spec| spec.get("template")?.get("spec")?.get("containers"));
    let Some(Value::List(containers)) = spec else {
        panic!("{text}");
    };
    let Some(Value::List(from)) = containers[0].get("envFrom") else {
        panic!("{text}");
    };
    let name = at(secret, &["metadata", "name"]).to_owned();
    (name, at(&from[0], &["secretRef", "name"]).to_owned())
}

#[test]
fn kustomize_generates_fills_and_guards() {
    if skip("the functions of kustomize") {
        return;
    }
    let example = Example::new();
    let text = example.functions().unwrap();
    let objects = read(&text).unwrap();
    let mut kinds: Vec<&str> = objects.iter().map(|one| at(one, &["kind"])).collect();
    kinds.sort_unstable();
    // Nothing is there of what the functions are configured with.
    assert_eq!(kinds, ["Deployment", "Secret", "Secret"], "{text}");
    let database = named(&objects, "Secret", "database-");
    assert_eq!(at(database, &["data", "PASSWORD"]), SECRETS[1]);
    let tokens = named(&objects, "Secret", "tokens");
    assert_eq!(at(tokens, &["stringData", "mail"]), SECRETS[2]);
    assert!(!text.contains("config.kubernetes.io"), "{text}");
}

#[test]
fn a_changed_secret_has_another_name() {
    if skip("the hash of a filled Secret") {
        return;
    }
    let example = Example::new();
    let (before, referred) = database(&example.functions().unwrap());
    assert_eq!(before, referred);
    let (again, _) = database(&example.functions().unwrap());
    assert_eq!(again, before);
    example.change("vault.yaml", "p@ss: #1", "another");
    let (after, referred) = database(&example.functions().unwrap());
    assert_eq!(after, referred);
    assert_ne!(after, before);
}

#[test]
fn every_error_is_seen_by_whoever_runs_kustomize() {
    if skip("the errors of functions") {
        return;
    }
    for (file, old, new, told) in [
        (
            "database.env",
            "#password",
            "#pasword",
            &[
                "`vaults/Home/items/db` has no key `pasword`; it has `username`, `password`",
                "Secret/database  data.PASSWORD",
                "hint: did you mean `password`?",
            ][..],
        ),
        (
            "secrets/tokens.yaml",
            "<mail>",
            "<mial>",
            &["--> secrets/tokens.yaml:8:9  Secret/tokens  stringData.mail"],
        ),
        (
            "web.yaml",
            "nginx:1.29",
            "<path:vaults/Home/items/db#username>",
            &[
                "a value goes to the image of a container, where none is allowed",
                "write `allow: ['Deployment/web:spec.template.spec.containers[0].image']`",
            ],
        ),
        (
            "fill.yaml",
            "onlyKinds",
            "onlyKind",
            &[
                "the `spec` of a ManifillFill has no field `onlyKind`",
                "did you mean `onlyKinds`?",
            ],
        ),
        (
            "generate.yaml",
            "[secrets]",
            "[../bin]",
            &["`../bin` does not lie in the folder of the function"],
        ),
        (
            "kustomization.yaml",
            "[fill.yaml, guard.yaml]",
            "[guard.yaml]",
            &["a placeholder in base64 is not filled", "Secret/database"],
        ),
        (
            "vault.yaml",
            "vaults/Home/items/db",
            "vaults/Home/items/other",
            &["could not find secrets at path `vaults/Home/items/db`"],
        ),
    ] {
        let example = Example::new();
        example.change(file, old, new);
        let error = example.functions().unwrap_err();
        for part in told {
            assert!(error.contains(part), "{file}: {error}");
        }
        assert!(error.contains("couldn't execute function"), "{error}");
    }
    let example = Example::new();
    fs::remove_file(example.0.path().join("app/vault.yaml")).unwrap();
    let error = example.functions().unwrap_err();
    assert!(error.contains("vault.yaml"), "{error}");
}

#[test]
fn a_validator_tells_what_it_finds_and_passes_behind_a_guard() {
    if skip("functions as validators") {
        return;
    }
    let list = "transformers: [fill.yaml, guard.yaml]";
    let example = Example::new();
    let validated = format!("{list}\nvalidators: [guard.yaml]");
    example.change("kustomization.yaml", list, &validated);
    let text = example.functions().unwrap();
    assert_eq!(text, Example::new().functions().unwrap());
    example.change("kustomization.yaml", list, "transformers: []");
    let error = example.functions().unwrap_err();
    assert!(
        error.contains("a placeholder in base64 is not filled"),
        "{error}"
    );
    // kustomize takes its own notes for changes of the function, and shows what it was given.
    let example = Example::new();
    let alone = "transformers: [fill.yaml]\nvalidators: [guard.yaml]";
    example.change("kustomization.yaml", list, alone);
    let error = example.run(&kustomize().unwrap(), &FUNCTIONS).unwrap_err();
    assert!(error.contains("validator shouldn't modify"), "{error}");
}

#[test]
fn a_guard_behind_kubectl_finds_what_its_kustomize_leaves_out() {
    if skip("the kustomize of kubectl") {
        return;
    }
    let example = Example::new();
    let kubectl = kubectl().unwrap();
    let refused = example.run(&kubectl, &["kustomize"]).unwrap_err();
    assert!(refused.contains("external plugins disabled"), "{refused}");
    // With the flag it leaves out programs and says nothing.
    let built = example.run(&kubectl, &["kustomize", "--enable-alpha-plugins"]);
    let built = built.unwrap();
    assert!(!built.contains("tokens"), "{built}");
    let mut guard = direct(example.0.path().join("bin/manifill"));
    let mut guard = guard
        .arg("guard")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = guard.stdin.take().unwrap();
    stdin.write_all(built.as_bytes()).unwrap();
    drop(stdin);
    let guarded = guard.wait_with_output().unwrap();
    assert_eq!(guarded.status.code(), Some(1));
    assert!(guarded.stdout.is_empty());
    let told = String::from_utf8(guarded.stderr).unwrap();
    assert!(
        told.contains("a placeholder in base64 is not filled"),
        "{told}"
    );
}
