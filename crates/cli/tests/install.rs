//! `manifill install`.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{documents, manifill, root};
use serde_yaml::Value;

/// The files of a folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_examples_are_what_the_command_writes() {
    for (flavor, native, example) in [
        ("kustomize", false, "manifill"),
        ("helm", false, "helm"),
        ("kustomize", true, "native"),
        ("helm", true, "native-helm"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().to_str().unwrap();
        let image = if native {
            "manifill:0.1.0-tools"
        } else {
            "manifill:0.1.0"
        };
        let run = ["install", "argocd", "--for", flavor, "--to", to];
        let arguments = ["--image", image, "--project", "infrastructure"];
        let native: &[_] = if native { &["--native"] } else { &[] };
        manifill(run.iter().chain(&arguments).chain(native))
            .run()
            .good();
        let written = files(folder.path());
        assert!(written.len() > 3, "{flavor}");
        let example = root().join("examples/argocd").join(example);
        assert_eq!(files(&example), written, "{flavor}");
    }
}

#[test]
fn what_is_printed_is_the_files_for_every_backend_and_flavor() {
    let listed = manifill(["backends", "--markdown"]).run().good();
    let backends: Vec<_> = listed
        .lines()
        .skip(2)
        .map(|line| line.split('`').nth(1).unwrap())
        .collect();
    assert!(backends.len() > 5);
    for backend in backends {
        for (flavor, native) in ["kustomize", "helm", "operator", "raw"]
            .into_iter()
            .flat_map(|flavor| [(flavor, None), (flavor, Some("--native"))])
        {
            let run = ["install", "argocd", "--for", flavor, "--backend", backend];
            let run = run.into_iter().chain(native);
            let printed = manifill(run.clone()).run().good();
            let folder = tempfile::tempdir().unwrap();
            let to = ["--to", folder.path().to_str().unwrap()];
            manifill(run.chain(to)).run().good();
            let files = files(folder.path());
            for (name, text) in &files {
                let part = format!("# ==== {name} ====\n{text}");
                assert!(printed.contains(&part), "{name}");
            }
            assert_eq!(documents(&printed).len(), files.len());
            let secret: Value = serde_yaml::from_str(&files["secret.yaml"]).unwrap();
            assert_eq!(secret["stringData"]["AVP_TYPE"], backend);
        }
    }
}

#[test]
fn what_somebody_has_changed_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let run = ["install", "argocd", "--to", to];
    manifill(run).run().good();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("secret.yaml"), "filled").unwrap();
    manifill(run).run().good();
    let before = files(folder.path());
    assert_eq!(before["secret.yaml"], "filled");
    std::fs::write(path("params.yaml"), "changed").unwrap();
    let other = ["install", "argocd", "--to", to, "--memory", "1Gi"];
    let told = manifill(other).run().failed();
    assert!(told.contains("is there and different"), "{told}");
    // None is replaced if one must not be.
    assert_eq!(
        files(folder.path())["repo-server.yaml"],
        before["repo-server.yaml"]
    );
    manifill(other.into_iter().chain(["--force"])).run().good();
    let after = files(folder.path());
    assert_eq!(after["params.yaml"], before["params.yaml"]);
    assert!(after["repo-server.yaml"].contains("1Gi"));
    assert_eq!(after["secret.yaml"], "filled");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path("secret.yaml"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}

#[test]
fn a_wrong_argument_is_told() {
    for (arguments, words) in [
        (
            &["--backend", "onepassword"][..],
            "did you mean `1passwordconnect`?",
        ),
        (&["--backend", "valt"], "did you mean `vault`?"),
        (&["--address", "connect:8080"], "--address is not a URL"),
        (
            &["--backend", "file", "--address", "http://a"],
            "has no address",
        ),
        (&["-s", "a:b:c"], "-s: it is not the name of a Secret"),
        (&["--memory", "lots"], "`lots` is not a size"),
        (&["--memory", "0"], "`0` is too little"),
        (&["--memory", "63Mi"], "`63Mi` is too little"),
        (&["--tmp-size", "0"], "`0` is too little"),
        (&["--namespace", "a b"], "is not the name of an object"),
        (&["--image", ""], "`` is not the name of an image"),
        (
            &["--argocd-image", "a b"],
            "`a b` is not the name of an image",
        ),
    ] {
        let ran = manifill(["install", "argocd"].iter().chain(arguments)).run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let ran = manifill(["install"]).run();
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--copy-to"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn the_program_copies_itself_whole_and_with_its_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let copy = folder.path().join("manifill");
    // What is there already, even read-only, is replaced.
    std::fs::write(&copy, "an old one").unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o400)).unwrap();
    manifill(["install", "--copy-to", to]).run().good();
    let metadata = std::fs::metadata(&copy).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o755);
    let program = env!("CARGO_BIN_EXE_manifill");
    assert_eq!(metadata.len(), std::fs::metadata(program).unwrap().len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // The copy runs, and copies itself.
    let again = tempfile::tempdir().unwrap();
    let to = again.path().to_str().unwrap();
    common::program(&copy, ["install", "--copy-to", to])
        .run()
        .good();
    assert!(again.path().join("manifill").exists());
    let told = manifill(["install", "--copy-to", "/nowhere/at/all"])
        .run()
        .failed();
    assert!(told.contains("a folder that exists"), "{told}");
}

#[test]
fn an_installation_of_avp_keeps_its_names_and_tells_what_is_different() {
    let ran = manifill([
        "install",
        "argocd",
        "--for",
        "raw",
        "--from-avp",
        "crates/argocd/tests/avp/argocd-cm/argocd-cm.yaml",
    ])
    .run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    for words in [
        "warning: the command of the plugin fallback is not one of the usual ones",
        "chooses the Secret of -s by a variable: give vplugin the right",
        "take the old ones out when you add these: init container download-tools",
    ] {
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    // What is in the cluster already is used; nothing is left to fill.
    let documents = documents(&ran.out);
    assert!(documents.iter().all(|one| one["kind"] != "Secret"));
    let plugins = documents
        .iter()
        .find(|one| one["metadata"]["name"] == "manifill-plugins");
    let files = plugins.unwrap()["data"].as_mapping().unwrap();
    let names: Vec<_> = files.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "argocd-vault-plugin.yaml",
            "argocd-vault-plugin-helm-with-args.yaml",
            "fallback.yaml"
        ]
    );
    let binding = documents.iter().find(|one| one["kind"] == "RoleBinding");
    assert_eq!(binding.unwrap()["subjects"][0]["name"], "vplugin");
    let told = manifill(["install", "argocd", "--from-avp", "Cargo.toml"])
        .run()
        .failed();
    assert!(told.contains("Cargo.toml:"), "{told}");
}

#[test]
fn one_native_sidecar_is_told_what_it_needs() {
    let ran = manifill([
        "install",
        "argocd",
        "--for",
        "raw",
        "--native",
        "--discover",
    ])
    .run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    let tools = format!("manifill:{}-tools", env!("CARGO_PKG_VERSION"));
    let told = format!("build {tools} (images/Containerfile.tools)");
    assert!(ran.err.contains(&told), "{}", ran.err);
    let containers = |out: &str| -> Vec<Value> {
        let all = documents(out);
        let mut all = all.iter();
        let deployment = all.find(|one| one["kind"] == "Deployment").unwrap();
        let containers = &deployment["spec"]["template"]["spec"]["containers"];
        containers.as_sequence().unwrap().clone()
    };
    let [server] = &containers(&ran.out)[..] else {
        panic!("{}", ran.out)
    };
    assert_eq!(server["image"], tools);
    assert_eq!(server["args"][0], "--plugin=manifill=auto,discover");
    // What is asked for holds for it, too.
    let more = ["--memory", "2Gi", "--image", "own:1"];
    let all = ["install", "argocd", "--for", "raw", "--native"];
    let printed = manifill(all.iter().chain(&more)).run().good();
    assert_eq!(containers(&printed)[0]["image"], "own:1");
    assert_eq!(
        containers(&printed)[0]["resources"]["limits"]["memory"],
        "2Gi"
    );
}

#[test]
fn an_installation_of_avp_becomes_native_where_it_can_and_the_rest_is_listed() {
    let old = "crates/argocd/tests/avp/sidecar";
    let files = [
        format!("{old}/cmp-plugin.yaml"),
        format!("{old}/repo-server.yaml"),
    ];
    let all = [
        "install",
        "argocd",
        "--for",
        "raw",
        "--native",
        "--from-avp",
    ];
    let ran = manifill(all.into_iter().chain(files.iter().map(String::as_str))).run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    let told = "the plugin argocd-vault-plugin-kustomize is chosen for";
    assert!(ran.err.contains(told), "{}", ran.err);
    // One sidecar in place of three.
    let deployment = &documents(&ran.out)[0];
    let containers = &deployment["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers.as_sequence().unwrap().len(), 1);
    assert_eq!(
        containers[0]["args"].as_sequence().unwrap()[..3],
        [
            "--plugin=argocd-vault-plugin=plain,discover",
            "--plugin=argocd-vault-plugin-helm=helm,discover-all,skip-crds",
            "--plugin=argocd-vault-plugin-kustomize-v2=kustomize,discover-all",
        ]
    );
    // What it cannot do stays beside it.
    let old = "crates/argocd/tests/avp/argocd-cm/argocd-cm.yaml";
    let ran = manifill(all.into_iter().chain([old])).run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    let told = "the plugin fallback stays one that Argo CD's own plugin server runs: ";
    assert!(ran.err.contains(told), "{}", ran.err);
    for words in [
        "--plugin=argocd-vault-plugin=plain",
        "fallback.yaml: |",
        "command: [/var/run/argocd/argocd-cmp-server]",
    ] {
        assert!(ran.out.contains(words), "{}", ran.out);
    }
}

#[test]
fn an_installation_of_avp_can_come_from_a_pipe() {
    let old = root().join("crates/argocd/tests/avp/sidecar");
    let text = std::fs::read_to_string(old.join("cmp-plugin.yaml")).unwrap();
    let arguments = ["install", "argocd", "--from-avp"];
    let piped = manifill(arguments.iter().chain(&["-"])).stdin(&text);
    let named = manifill(arguments).stdin("");
    assert_eq!(named.run().status, 2);
    let file = old.join("cmp-plugin.yaml");
    let file = file.to_str().unwrap();
    let named = manifill(arguments.iter().chain(&[file]));
    assert_eq!(piped.run().good(), named.run().good());
    let broken = manifill(arguments.iter().chain(&["-"])).stdin("a: [");
    let told = broken.run().failed();
    assert!(told.contains("standard input:2:1 is not YAML"), "{told}");
}

#[test]
fn a_file_is_no_folder_to_write_to() {
    let folder = common::Folder::new();
    let file = folder.write("there", "");
    let ran = manifill(["install", "argocd", "--to", file.to_str().unwrap()]).run();
    let told = ran.failed();
    assert!(told.contains("there is not a folder"), "{told}");
}
