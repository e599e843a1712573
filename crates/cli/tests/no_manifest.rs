//! Input that is no manifest: what is left out, and what the messages say to do about the rest.
#![allow(clippy::unwrap_used)]

mod common;

use common::Folder;

const MANIFEST: &str = "kind: A\nx: <path:db#user>\n";
const FILLED: &str = "kind: A\nx: \"svc\"\n";

#[test]
fn a_kustomization_is_left_out_with_the_command_that_builds_it() {
    for kustomization in [
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "kind: Kustomization\napiVersion: \"kustomize.config.k8s.io/v1beta1\"\nnamePrefix: <path:no#such>\n",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n",
        // kustomize goes by the name.
        "resources:\n- a.yaml\n",
        "kind: Kustomization\nresources: [a.yaml]\n",
        "{\"kind\": \"Kustomization\", \"apiVersion\": \"kustomize.config.k8s.io/v1\"}\n",
    ] {
        let folder = Folder::new();
        folder.write("app/kustomization.yaml", kustomization);
        folder.write("app/a.yaml", MANIFEST);
        for arguments in [vec!["generate", "app"], vec!["generate", "app", "--strict"]] {
            let ran = folder.manifill(arguments).run();
            assert_eq!(ran.out, FILLED, "{kustomization}: {}", ran.err);
            assert!(
                ran.err.contains("warning: this is a kustomization")
                    && ran.err.contains("app/kustomization.yaml:1:1")
                    && ran
                        .err
                        .contains("run `kustomize build app | manifill generate -`"),
                "{}",
                ran.err
            );
        }
        // Alone it is nothing.
        let folder = Folder::new();
        folder.write("kustomization.yaml", kustomization);
        let ran = folder.manifill(["generate", ".", "--fail-on-empty"]).run();
        assert!(ran.failed().contains("there is no manifest in the input"));
    }
}

#[test]
fn a_kustomization_among_other_documents_is_left_out_and_nothing_else() {
    let folder = Folder::new();
    let kustomization = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n";
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: <path:db#user>}\n";
    let other =
        "apiVersion: core.oam.dev/v1beta1\nkind: Component\nspec: {a: kustomize.config.k8s.io/}\n";
    let source = format!("{MANIFEST}---\n{kustomization}---\n{flux}---\n{other}");
    let ran = folder.manifill(["generate", "-"]).stdin(&source).run();
    assert_eq!(ran.err.matches("this is a kustomization").count(), 1);
    let flux = flux.replace("<path:db#user>", "\"svc\"");
    assert_eq!(ran.good(), format!("{FILLED}---\n{flux}---\n{other}"));
}

/// The message about a file in a folder, and the same for the file alone.
fn told(name: &str, text: &str) -> (String, String) {
    let folder = Folder::new();
    let path = format!("app/{name}");
    folder.write(&path, text);
    folder.write("app/ok.yaml", MANIFEST);
    let told = folder.manifill(["generate", "app"]).run().failed();
    // A hint that names a flag is followed.
    if let Some((_, flag)) = told.split_once("`--exclude ") {
        let (flag, _) = flag.split_once('`').unwrap();
        let ran = folder
            .manifill(["generate", "app", "--exclude", flag])
            .run();
        assert_eq!(ran.good(), FILLED, "{told}");
    }
    let alone = folder.manifill(["generate", &path]).run().failed();
    assert!(!alone.contains("--exclude"), "{alone}");
    (told, alone)
}

#[test]
fn a_file_without_a_kind_says_what_it_looks_like() {
    for (name, text, hint) in [
        (
            "Chart.yaml",
            "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
            "this folder is a Helm chart; run `helm template app | manifill generate -`",
        ),
        (
            "values.yaml",
            "image: nginx\n",
            "if these are the values of a Helm chart, run `helm template app | manifill generate -`, or leave it out with `--exclude values.yaml`",
        ),
        (
            ".github/workflows/ci.yaml",
            "on: push\njobs: {}\n",
            "leave a file that is no manifest out with `--exclude .github/workflows/ci.yaml`",
        ),
        (
            "docker-compose.yml",
            "services: {}\n",
            "leave a file that is no manifest out with `--exclude docker-compose.yml`",
        ),
        (
            "package.json",
            "{\"name\": \"x\"}\n",
            "leave a file that is no manifest out with `--exclude package.json`",
        ),
        (
            "manifill.yaml",
            "backends: {}\n",
            "this looks like a settings file; give it with `-c app/manifill.yaml`",
        ),
        (
            "x.yaml",
            "default: op\nbackends:\n  op: {type: file}\n",
            "this looks like a settings file; give it with `-c app/x.yaml`",
        ),
    ] {
        let (told, _) = told(name, text);
        assert!(told.contains(hint), "{name}: {told}");
    }
}

#[test]
fn text_that_is_something_else_says_so() {
    for (name, text, hint) in [
        (
            "a.yaml",
            "install.go:194: [debug] Original chart version: \"\"\ninstall.go:211: [debug] CHART PATH: /x\n\n---\nkind: A\n",
            "this is a line of a program's log; keep standard error out of the input",
        ),
        (
            "a.yaml",
            "level=WARN msg=\"unable to find exact version\"\nkind: A\nx: <path:db#user>\n",
            "this is a line of a program's log",
        ),
        (
            "a.yaml",
            "kind: A\nx: <path:db#user>\ncoalesce.go:289: warning: destination for a is a table\n",
            "this is a line of a program's log",
        ),
        (
            "a.yaml",
            "WARNING: Kubernetes configuration file is group-readable. This is insecure.\n---\nkind: A\n",
            "this is a line of a program's log",
        ),
        (
            "a.yaml",
            "Error: INSTALLATION FAILED: chart not found\n",
            "this is a line of a program's log, an error; see to that first",
        ),
        (
            "a.yaml",
            "Error: unknown flag: --nope\n",
            "this is a line of a program's log, an error; see to that first",
        ),
        (
            "a.yaml",
            "level=DEBUG msg=x\nError: INSTALLATION FAILED\n",
            "this is a line of a program's log",
        ),
        (
            "a.yaml",
            "NAME: web\nLAST DEPLOYED: Sun Nov 29 10:00:00 2026\nMANIFEST:\n---\nkind: A\n",
            "this is what Helm says of a release",
        ),
        (
            "a.yaml",
            "W0512 10:00:00.000000    1 warnings.go:70] policy/v1beta1 is deprecated: use policy/v1\n---\nkind: A\n",
            "this is a line of a program's log",
        ),
        (
            "a.yaml",
            "<!DOCTYPE html>\n<html lang=en>\n<title>x</title>\n",
            "this is HTML",
        ),
        (
            "a.yaml",
            "{% raw %}\nkind: A\n{% endraw %}\n",
            "this looks like a template of Jinja",
        ),
        (
            "a.yaml",
            "{{ if .Values.x }}\nkind: A\n{{ end }}\n",
            "this looks like a Helm template",
        ),
        (
            "a.yaml",
            "# How to\n\nWrite this:\n\n```yaml\nkind: A\nx: <path:db#user>\n```\n",
            "this looks like Markdown",
        ),
    ] {
        let (told, alone) = told(name, text);
        assert!(
            told.contains(hint) && alone.contains(hint),
            "{text}: {told}"
        );
    }
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let folder = Folder::new();
    for (source, bytes) in [
        ("\u{feff}kind: A\n", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("\u{feff}kind: A\n", u16::to_be_bytes),
        ("kind: A\n", u16::to_le_bytes),
        ("kind: A\n", u16::to_be_bytes),
        ("kind: Ä\n", u16::to_le_bytes),
    ] {
        let utf16: Vec<u8> = source.encode_utf16().flat_map(bytes).collect();
        folder.write("a.yaml", &utf16);
        let told = folder.manifill(["generate", "a.yaml"]).run().failed();
        assert!(
            told.contains("a.yaml: it is UTF-16") && told.contains("save it as UTF-8"),
            "{told}"
        );
    }
    folder.write("chart.tgz", b"\x1f\x8b\x08\0rest");
    let told = folder.manifill(["generate", "chart.tgz"]).run().failed();
    assert!(
        told.contains("chart.tgz: it is compressed") && told.contains("hint: unpack it"),
        "{told}"
    );
    folder.write("b.yaml", b"kind: \xe4\n");
    let told = folder.manifill(["generate", "b.yaml"]).run().failed();
    assert!(
        told.contains("b.yaml: byte 6 is not UTF-8") && told.contains("save it as UTF-8"),
        "{told}"
    );
    folder.write("empty/notes.txt", "");
    let told = folder.manifill(["generate", "empty"]).run().failed();
    assert!(
        told.contains("no YAML or JSON files were found in empty")
            && told.contains("count if they end with .yaml, .yml or .json"),
        "{told}"
    );
}
