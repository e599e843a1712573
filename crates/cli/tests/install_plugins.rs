//! The plugins that `manifill install argocd` writes, run as Argo CD runs them.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{documents, manifill};
use serde_yaml::Value;

/// A folder with programs in place of Helm and kustomize: each prints a Secret with what it was
/// called with, or fails.
fn stand_ins() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    for name in ["helm", "kustomize", "kubectl"] {
        let path = folder.path().join(name);
        let script = "#!/bin/sh\n[ -z \"$FAILS\" ] || exit 3\n[ \"$1\" != dependency ] || exit 0\n\
                      printf 'kind: Secret\\nstringData:\\n  a: <path:db#user>\\n  b: |\\n'\n\
                      for word in \"$@\"; do printf '    %s\\n' \"$word\"; done\n";
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_manifill");
    std::os::unix::fs::symlink(program, folder.path().join("manifill")).unwrap();
    folder
}

/// Runs `init` or `generate` of a plugin as Argo CD does.
fn run_plugin(
    command: &Value,
    programs: &Path,
    folder: &Path,
    app: &str,
    fails: bool,
) -> std::process::Output {
    let words = ["command", "args"]
        .iter()
        .filter_map(|key| command.get(*key));
    let words = words.flat_map(|words| words.as_sequence().unwrap());
    let words: Vec<_> = words.map(|word| word.as_str().unwrap()).collect();
    std::process::Command::new(words[0])
        .args(&words[1..])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("FAILS", if fails { "yes" } else { "" })
        .env("AVP_TYPE", "file")
        .env("MANIFILL_FILE", folder.join("vault.json"))
        .env("ARGOCD_APP_NAME", app)
        .env("ARGOCD_APP_NAMESPACE", "kube-web")
        .env("ARGOCD_APP_PROJECT_NAME", "p")
        .env("ARGOCD_ENV_HELM_ARGS", "-f values.yaml")
        .env("ARGOCD_ENV_HELM_VALUES", "x: 1")
        .env("ARGOCD_ENV_FILE", "a.yaml")
        .env("KUBE_VERSION", "1.33")
        .env("KUBE_API_VERSIONS", "v1,apps/v1")
        .current_dir(folder)
        .output()
        .unwrap()
}

/// The plugins that a run of `install argocd` gives.
fn plugins(arguments: &[&str]) -> Vec<(String, Value)> {
    let all = ["install", "argocd", "--for", "helm"];
    let printed = manifill(all.iter().chain(arguments)).run().good();
    let values = &documents(&printed)[0];
    let plugins = values["configs"]["cmp"]["plugins"].as_mapping().unwrap();
    plugins
        .iter()
        .map(|(name, spec)| (name.as_str().unwrap().to_owned(), spec.clone()))
        .collect()
}

#[test]
fn each_plugin_fills_what_its_program_prints_and_fails_with_it() {
    let programs = stand_ins();
    let folder = common::Folder::new();
    folder.write("a.yaml", "kind: Secret\nstringData:\n  a: <path:db#user>\n");
    let old = "crates/argocd/tests/avp/sidecar";
    let patch = format!("{old}/repo-server.yaml");
    let old = format!("{old}/cmp-plugin.yaml");
    let taken_over = ["--from-avp", &*old, &*patch];
    for (arguments, names) in [
        (&[][..], ["manifill", "manifill-helm", "manifill-kustomize"]),
        (
            &taken_over,
            [
                "argocd-vault-plugin",
                "argocd-vault-plugin-helm",
                "argocd-vault-plugin-kustomize",
            ],
        ),
    ] {
        let plugins = plugins(arguments);
        let named: Vec<_> = plugins.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(named, names);
        for (name, spec) in &plugins {
            let run = |command: &Value, fails| {
                run_plugin(command, programs.path(), folder.path(), "web app", fails)
            };
            if let Some(init) = spec.get("init") {
                assert!(run(init, false).status.success());
            }
            let generate = &spec["generate"];
            let good = run(generate, false);
            let out = String::from_utf8(good.stdout).unwrap();
            assert!(
                good.status.success(),
                "{}",
                String::from_utf8_lossy(&good.stderr)
            );
            assert!(out.contains("  a: \"svc\"\n"), "{name}: {out}");
            if name.ends_with("helm") && arguments.is_empty() {
                // What an author can choose stays one word.
                assert!(
                    out.contains("    web app\n") && out.contains("    v1,apps/v1\n"),
                    "{out}"
                );
            }
            if name.ends_with("helm") && !arguments.is_empty() {
                assert!(out.contains("    -f\n    values.yaml\n"), "{out}");
            }
            // A failing program is no empty success, which would delete everything.
            if name != "manifill" && name != "argocd-vault-plugin" {
                let failed = run(generate, true);
                assert!(
                    !failed.status.success() && failed.stdout.is_empty(),
                    "{name}"
                );
            }
        }
    }
    // Nothing to print is an error, too.
    let empty = tempfile::tempdir().unwrap();
    for (name, spec) in plugins(&[]) {
        if name == "manifill" {
            let ran = run_plugin(
                &spec["generate"],
                programs.path(),
                empty.path(),
                "web",
                false,
            );
            assert!(!ran.status.success());
        }
    }
}

#[test]
fn a_chart_has_a_release_that_helm_takes_wherever_its_application_lies() {
    let programs = stand_ins();
    let folder = common::Folder::new();
    let plugins = plugins(&[]);
    let (_, helm) = plugins
        .iter()
        .find(|(name, _)| name == "manifill-helm")
        .unwrap();
    let long = "a".repeat(60);
    for (app, release) in [
        ("web", "web"),
        ("team-a_web", "web"),
        (&*long, &long[..53]),
        (&*format!("team-a_{long}"), &long[..53]),
    ] {
        let ran = run_plugin(
            &helm["generate"],
            programs.path(),
            folder.path(),
            app,
            false,
        );
        let out = String::from_utf8(ran.stdout).unwrap();
        assert!(
            out.contains(&format!("    template\n    {release}\n    .\n")),
            "{app}: {out}"
        );
    }
}
