//! Installations of argocd-vault-plugin, in the ways in which people write them: the folders of
//! `avp`. `out.yaml` of each is what becomes of it, and its file in `avp-native` with native servers;
//! `MANIFILL_ACCEPT=1` writes them anew.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::install;
use manifill_argocd::{Avp, AvpError, Flavor, Install};
use serde::Deserialize as _;
use serde_yaml::Value;

/// What becomes of an installation, for people and for a comparison.
fn told(avp: &Avp) -> String {
    let mut out = String::new();
    for (what, lines) in [
        ("kept", &avp.kept),
        ("other", &avp.others),
        ("note", &avp.notes),
    ] {
        for line in lines {
            let _ = writeln!(out, "# {what}: {line}");
        }
    }
    let secrets: Vec<String> = avp.secrets.iter().map(ToString::to_string).collect();
    let _ = writeln!(
        out,
        "# account: {:?}, token: {}, secrets: {secrets:?}, backend: {:?}, namespace: {:?}, operator: {:?}",
        avp.service_account, avp.with_account, avp.backend, avp.namespace, avp.operator
    );
    let install = install(avp, Flavor::Helm);
    for warning in install.warnings() {
        let (first, _) = warning.split_once(':').unwrap_or((&warning, ""));
        let _ = writeln!(out, "# warning: {first}: …");
    }
    let values = install.files().remove(0).text;
    let values: Value = serde_yaml::from_str(&values).unwrap();
    let plugins = &values["configs"]["cmp"]["plugins"];
    if !plugins.is_null() {
        out += &serde_yaml::to_string(plugins).unwrap();
        out += "---\n";
    }
    for sidecar in values["repoServer"]["extraContainers"]
        .as_sequence()
        .unwrap()
    {
        let mut sidecar = sidecar.as_mapping().unwrap().clone();
        sidecar.remove("securityContext").unwrap();
        let usual = ["manifill:1", Install::ARGOCD_IMAGE];
        if usual.contains(&sidecar["image"].as_str().unwrap()) {
            sidecar.remove("image");
        }
        if sidecar["resources"]["requests"]["cpu"] == "10m" {
            sidecar.remove("resources");
        }
        for same in ["command", "ports", "readinessProbe", "livenessProbe"] {
            sidecar.remove(same);
        }
        let own = |mount: &Value| {
            let name = mount["name"].as_str().unwrap();
            name.starts_with("manifill-") || ["var-files", "plugins"].contains(&name)
        };
        let mounts = sidecar["volumeMounts"].as_sequence_mut().unwrap();
        mounts.retain(|mount| !own(mount) && mount["mountPath"] != "/tmp");
        out += &serde_yaml::to_string(&vec![sidecar]).unwrap();
    }
    out
}

fn read(folder: &Path) -> Avp {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "out.yaml")
        .collect();
    names.sort();
    let texts: Vec<_> = names
        .iter()
        .map(|name| std::fs::read_to_string(folder.join(name)).unwrap())
        .collect();
    let files = names.iter().zip(&texts);
    Avp::read(
        files.map(|(name, text)| (name.as_str(), text.as_str())),
        None,
    )
    .unwrap()
}

fn folders() -> Vec<std::path::PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/avp");
    let mut folders: Vec<_> = std::fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() > 5);
    folders
}

/// What is installed in place of an installation: plugins, and servers where they can be.
fn both(folder: &Path) -> [(PathBuf, Avp); 2] {
    let avp = read(folder);
    let served = avp.clone().served_natively();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let native = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/avp-native");
    [
        (folder.join("out.yaml"), avp),
        (native.join(format!("{name}.yaml")), served),
    ]
}

#[test]
fn installations_become_the_same_with_manifill() {
    for folder in folders() {
        for (file, avp) in both(&folder) {
            let told = told(&avp);
            if std::env::var_os("MANIFILL_ACCEPT").is_some() {
                std::fs::write(&file, &told).unwrap();
            }
            let expected = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(told, expected, "{}", file.display());
        }
    }
}

#[test]
fn no_application_has_to_change_for_native_servers() {
    // A plugin by the name that Applications use.
    let called = |plugin: &manifill_argocd::Plugin| match plugin.spec.get("version") {
        Some(version) => format!("{}-{}", plugin.name, version.as_str().unwrap()),
        None => plugin.name.clone(),
    };
    let mut served = 0;
    for folder in folders() {
        let [(_, plain), (_, native)] = both(&folder);
        let mut before: Vec<String> = plain.plugins.iter().map(called).collect();
        let natively = native.servers.iter().flat_map(|server| &server.plugins);
        let mut after: Vec<String> = natively.map(|plugin| plugin.name.clone()).collect();
        served += after.len();
        after.extend(native.plugins.iter().map(called));
        before.sort();
        after.sort();
        assert_eq!(after, before, "{}", folder.display());
        // Each that is left is told, with the reason.
        for plugin in &native.plugins {
            let told = format!("the plugin {} stays", plugin.name);
            assert!(native.notes.iter().any(|note| note.starts_with(&told)));
        }
    }
    assert!(served > 5);
}

#[test]
fn what_becomes_of_them_is_yaml_in_every_flavor() {
    for (folder, flavor) in folders()
        .iter()
        .flat_map(|folder| Flavor::ALL.map(|flavor| (folder, flavor)))
    {
        for (_, avp) in both(folder) {
            for file in install(&avp, flavor).files() {
                for document in serde_yaml::Deserializer::from_str(&file.text) {
                    Value::deserialize(document).unwrap();
                }
                // Whoever runs it does not run the old program.
                let runs = file.text.lines().any(|line| {
                    let line = line.trim_start();
                    line.contains("argocd-vault-plugin generate") && !line.starts_with('#')
                });
                assert!(!runs, "{}", file.text);
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_without_what_it_holds() {
    let read = |text: &str| Avp::read([("a.yaml", text)], None).unwrap_err();
    let error = read("a: b\ntoken: {hvs.secret: [\n");
    assert!(matches!(error, AvpError::NotYaml { .. }));
    let told = error.to_string();
    assert!(
        told.starts_with("a.yaml:") && !told.contains("hvs"),
        "{told}"
    );
    for text in [
        "",
        "kind: ConfigMap\n",
        "kind: ConfigManagementPlugin\nmetadata: {name: a}\nspec: {generate: {command: [jsonnet]}}\n",
    ] {
        assert_eq!(read(text), AvpError::NoPlugin);
    }
}

#[test]
fn a_container_has_the_token_of_the_account_where_it_needs_it() {
    let plugin = "cmp: {plugins: {avp: {generate: {command: [argocd-vault-plugin, generate, .]}}}}";
    let sidecar = "{name: avp, image: x, command: [/var/run/argocd/argocd-cmp-server]";
    let token = |values: &str| {
        let text = format!("configs: {{{plugin}}}\n{values}");
        Avp::read([("values.yaml", text.as_str())], None)
            .unwrap()
            .with_account
    };
    let known = "env: [{name: AVP_TYPE, value: vault}, {name: AVP_AUTH_TYPE, value: approle}]";
    let by_account = "env: [{name: AVP_AUTH_TYPE, value: k8s}]";
    let unknown = "envFrom: [{secretRef: {name: login}}]";
    let hidden = "env: [{name: AVP_AUTH_TYPE, valueFrom: {secretKeyRef: {name: a, key: b}}}]";
    for (said, env, wanted) in [
        ("", known, false),
        ("", by_account, true),
        ("", unknown, true),
        ("", hidden, true),
        ("automountServiceAccountToken: false,", unknown, false),
        (
            "serviceAccount: {automountServiceAccountToken: false},",
            unknown,
            false,
        ),
        ("automountServiceAccountToken: false,", by_account, true),
        ("automountServiceAccountToken: true,", known, true),
        (
            "serviceAccount: {automountServiceAccountToken: true},",
            known,
            true,
        ),
    ] {
        let values = format!("repoServer: {{{said} extraContainers: [{sidecar}, {env}}}]}}\n");
        assert_eq!(token(&values), wanted, "{values}");
    }
    // A patch leaves what the object says, which is `false` in Argo CD's own manifests.
    for (server, wanted) in [("", false), (", image: x", true)] {
        let values = format!(
            "kind: Deployment\nspec: {{template: {{spec: {{containers: [{{name: argocd-repo-server{server}}}, {sidecar}, {unknown}}}]}}}}}}\n"
        );
        assert_eq!(token(&values), wanted, "{values}");
    }
}

#[test]
fn a_plugin_that_cannot_be_read_is_told() {
    let file =
        |name: &str, text: &str| format!("  {name}: |\n    {}\n", text.replace('\n', "\n    "));
    let plugin = |name: &str| {
        format!(
            "kind: ConfigManagementPlugin\nmetadata: {{{name}}}\nspec: {{generate: {{command: [argocd-vault-plugin, generate, .]}}}}"
        )
    };
    let template = format!(
        "{{{{- if .Values.avp }}}}\n{}\n{{{{- end }}}}",
        plugin("name: b")
    );
    let without_spec =
        "kind: ConfigManagementPlugin\nmetadata: {name: argocd-vault-plugin}\n# none";
    let read = |files: &[String]| {
        let text = format!("\u{feff}kind: ConfigMap\ndata:\n{}", files.concat());
        Avp::read([("cmp-plugin.yaml", text.as_str())], None)
    };
    let avp = read(&[
        file("a.yaml", &plugin("name: a")),
        file("b.yaml", &template),
        file("c.yaml", &plugin("")),
        file("d.yaml", without_spec),
        // A script that is no YAML is none either.
        file(
            "install.sh",
            "curl \"$ADDRESS\" > 'argocd-vault-plugin\nx: [\n",
        ),
    ])
    .unwrap();
    let names: Vec<_> = avp.plugins.iter().map(|plugin| &plugin.name).collect();
    assert_eq!(names, ["a"]);
    let told = |part: &str| {
        let notes = avp.notes.iter().filter(|note| note.contains(part));
        notes.map(|note| note.split('`').nth(1).unwrap()).collect()
    };
    let [templates, incomplete]: [Vec<_>; 2] = ["not YAML", "without a name"].map(told);
    assert_eq!(
        (templates, incomplete),
        (vec!["b.yaml"], vec!["c.yaml", "d.yaml"])
    );
    let error = read(&[file("b.yaml", &template)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.yaml is not YAML; if it is a template, render it first"
    );
}
