//! `manifill discover`, which Argo CD asks before it uses a plugin.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, manifill};

#[test]
fn it_says_one_line_where_there_is_something_to_fill_and_never_fails() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: ConfigMap\ndata: {a: b}\n");
    let told = |arguments: &[&str]| {
        let all = ["discover"].iter().chain(arguments);
        // Whatever the settings are, it reads none.
        let ran = manifill(all)
            .dir(folder.path())
            .env("MANIFILL_CONFIG", "absent")
            .env("ARGOCD_APP_NAME", "web")
            .run();
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        ran.out
    };
    assert_eq!(told(&[]), "");
    assert_eq!(told(&["absent"]), "");
    // A recipe may name the folder by a variable that only some Applications set.
    assert_eq!(told(&[""]), "");
    // base64 of `<path:a#b>`
    folder.write("sub/b.yaml", "kind: Secret\ndata: {a: PHBhdGg6YSNiPg==}\n");
    folder.write("z.yaml", "a: <path:a#b>\n");
    assert_eq!(told(&[]), "./sub/b.yaml\n");
    assert_eq!(told(&["z.yaml"]), "z.yaml\n");
    folder.write("app/kustomization.yaml", "resources: [../sub]\n");
    assert_eq!(told(&["app"]), "");
    folder.write("sub/kustomization.yaml", "resources: [b.yaml]\n");
    assert_eq!(told(&["app"]), "app/../sub/b.yaml\n");
    folder.write("%0A\n.yaml", "a: <path:a#b>\n");
    assert_eq!(told(&[]).lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_shows_what_it_fills() {
    let folder = Folder::new();
    folder.write("shared/a.yaml", "kind: A\na: <path:db#user>\n");
    folder.write("web/b.yaml", "kind: B\n");
    std::os::unix::fs::symlink("../shared/a.yaml", folder.path().join("web/a.yaml")).unwrap();
    let web = folder.path().join("web");
    // Where the folder is all that Argo CD has checked out, the link leads out of it.
    for (source, shows) in [(".", false), ("web", true)] {
        let of_app = |command: &[&str]| {
            let run = manifill(command).dir(&web);
            let run = run.env("AVP_TYPE", "file");
            let run = run.env("MANIFILL_FILE", folder.path().join("vault.json"));
            let run = run.env("ARGOCD_APP_NAME", "web");
            run.env("ARGOCD_APP_SOURCE_PATH", source).run()
        };
        let found = of_app(&["discover"]);
        assert_eq!(
            (found.status, !found.out.is_empty()),
            (0, shows),
            "{source}"
        );
        let filled = of_app(&["generate", "."]);
        assert_eq!(filled.status == 0, shows, "{source}: {}", filled.err);
    }
}

#[test]
fn the_plugins_of_an_installation_share_the_folders_among_them() {
    let written = manifill(["install", "argocd", "--for", "helm", "--discover"]).run();
    let values = written.good();
    let values = values.split("---\n").next().unwrap();
    let values: serde_yaml::Value = serde_yaml::from_str(values).unwrap();
    let plugins = &values["configs"]["cmp"]["plugins"];
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_manifill"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    for (file, plugin) in [
        ("a.yaml", "manifill"),
        ("Chart.yaml", "manifill-helm"),
        ("kustomization.yml", "manifill-kustomize"),
    ] {
        for (text, filled) in [("a: <path:a#b>\n", true), ("a: b\n", false)] {
            let folder = Folder::new();
            folder.write(file, "kind: Kustomization\n");
            folder.write("b.yaml", text);
            for (name, spec) in plugins.as_mapping().unwrap() {
                let words = spec["discover"]["find"]["command"].as_sequence().unwrap();
                let words: Vec<_> = words.iter().map(|word| word.as_str().unwrap()).collect();
                let output = std::process::Command::new(words[0])
                    .args(&words[1..])
                    .env("PATH", &path)
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                assert!(output.status.success());
                let found = !output.stdout.is_empty();
                assert_eq!(found, filled && *name == plugin, "{file} {name:?}");
            }
        }
    }
}
