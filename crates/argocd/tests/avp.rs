//! Installations of argocd-vault-plugin, in the ways in which people write them: the folders of
//! `avp`. `out.yaml` of each is what becomes of it; `MANIFILL_ACCEPT=1` writes them anew.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

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
    let values = install.files().remove(0).text;
    let values: Value = serde_yaml::from_str(&values).unwrap();
    let plugins = &values["configs"]["cmp"]["plugins"];
    out += &serde_yaml::to_string(plugins).unwrap();
    out += "---\n";
    for sidecar in values["repoServer"]["extraContainers"]
        .as_sequence()
        .unwrap()
    {
        let mut sidecar = sidecar.as_mapping().unwrap().clone();
        for same in ["image", "command", "securityContext", "resources"] {
            sidecar.remove(same).unwrap();
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

fn install(avp: &Avp, flavor: Flavor) -> Install {
    let mut install = Install::new("manifill:1");
    install.flavor = flavor;
    install.plugins.clone_from(&avp.plugins);
    install.volumes.clone_from(&avp.volumes);
    install.more_secrets.clone_from(&avp.secrets);
    install.with_account = avp.with_account;
    install
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

#[test]
fn installations_become_the_same_with_manifill() {
    for folder in folders() {
        let told = told(&read(&folder));
        let file = folder.join("out.yaml");
        if std::env::var_os("MANIFILL_ACCEPT").is_some() {
            std::fs::write(&file, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(told, expected, "{}", folder.display());
    }
}

#[test]
fn what_becomes_of_them_is_yaml_in_every_flavor() {
    for folder in folders() {
        let avp = read(&folder);
        for flavor in Flavor::ALL {
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
