//! The plugins that `install argocd --native --from-avp` gives to a native server, beside the commands
//! they were made of: both give the same objects.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use manifill_e2e::{PluginServer, helm3, helm4, kustomize, manifill, run, skip};
use serde_json::json;
use serde_yaml::Value;

use crate::from_avp::{
    PROGRAM, commands, documents, file, folders, installations, plugin, recipes, write_folders,
};
use crate::world::{PASSWORD, Way, World, app, call};

/// The arguments of the native servers of an installation that name plugins.
fn served(files: &[PathBuf]) -> Vec<String> {
    let written = tempfile::tempdir().unwrap();
    let folder = written.path().join("installed");
    let mut install = Command::new(manifill().unwrap());
    install
        .args(["install", "argocd", "--native", "--to"])
        .arg(&folder);
    run(install.arg("--from-avp").args(files)).unwrap();
    let patch = fs::read_to_string(folder.join("repo-server.yaml")).unwrap();
    let mut found = Vec::new();
    documents(&patch)
        .iter()
        .for_each(|value| arguments(value, &mut found));
    found
}

fn arguments(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(map) => map.values().for_each(|value| arguments(value, found)),
        Value::Sequence(items) => items.iter().for_each(|item| arguments(item, found)),
        Value::String(text) if text.starts_with("--plugin=") => found.push(text.clone()),
        _ => {}
    }
}

/// A recipe that has its settings from its container and not from a Secret, which would need a cluster.
fn without_secret(value: &Value) -> Value {
    let is_flag = |word: &str| ["-s", "--secret-name"].contains(&word);
    let is_joined = |word: &str| word.starts_with("--secret-name=");
    let kept = |words: Vec<&str>| {
        let mut kept = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if is_flag(word) {
                words.next();
            } else if !is_joined(word) {
                kept.push(word.to_owned());
            }
        }
        kept
    };
    match value {
        Value::Mapping(map) => {
            let entries = map.iter();
            let entries = entries.map(|(key, value)| (key.clone(), without_secret(value)));
            Value::Mapping(entries.collect())
        }
        Value::Sequence(items) if items.iter().all(Value::is_string) => {
            let words = items.iter().filter_map(Value::as_str).collect();
            let words = kept(words).into_iter();
            words
                .map(|word| without_secret(&Value::String(word)))
                .collect()
        }
        Value::Sequence(items) => items.iter().map(without_secret).collect(),
        Value::String(script)
            if script
                .split(' ')
                .any(|word| is_flag(word) || is_joined(word)) =>
        {
            Value::String(kept(script.split(' ').collect()).join(" "))
        }
        other => other.clone(),
    }
}

/// A folder of programs for the recipes, with this Helm.
fn programs(world: &World, name: &str, helm: &Path) -> PathBuf {
    let programs = world.programs(name, helm);
    let avp = std::env::var_os("AVP_BIN").map_or(manifill().unwrap(), PathBuf::from);
    symlink(avp, programs.join(PROGRAM)).unwrap();
    // The one in kubectl is an older kustomize.
    let kubectl = programs.join("kubectl");
    fs::write(&kubectl, "#!/bin/sh\nshift\nexec kustomize build \"$@\"\n").unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

/// What a server makes of the folders of a recipe's Applications.
fn made(world: &World, sockets: &Path, called: &str, before: &str) -> String {
    // An Application sets what its recipe reads.
    let plugin = plugin(called, |name| {
        before.contains(&format!("ARGOCD_ENV_{name}"))
    });
    let mut made = String::new();
    for folder in folders(before) {
        let mut jobs = vec![app(folder, &plugin)];
        if before.contains("discover:") {
            let mut job = call("match", folder);
            job["plugin"] = json!(called);
            jobs.push(job);
        }
        let answers = world.ask_at(sockets, jobs);
        for answer in &answers {
            assert_eq!(answer["code"], "OK", "{called} {folder}: {answer}");
        }
        made += &answers[0]["manifests"].to_string();
        made += &answers
            .get(1)
            .map_or(String::new(), |answer| answer["supported"].to_string());
    }
    made
}

/// Compares each plugin of an installation that a native server takes over with what it was. Hands
/// back the names of them.
fn compare(world: &World, helm: &Path, programs: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut recipes_by_name = BTreeMap::new();
    for file in files {
        for value in documents(&fs::read_to_string(file).unwrap()) {
            recipes("", &value, &mut recipes_by_name);
        }
    }
    let arguments = served(files);
    let native = tempfile::tempdir().unwrap();
    let name_of = |argument: &String| {
        let named = argument.trim_start_matches("--plugin=");
        named.split('=').next().unwrap().to_owned()
    };
    let names: Vec<String> = arguments.iter().map(name_of).collect();
    let kustomize = kustomize().unwrap();
    let mut all = vec!["--helm", helm.to_str().unwrap()];
    all.extend(["--kustomize", kustomize.to_str().unwrap()]);
    all.extend(arguments.iter().map(String::as_str));
    let sockets: Vec<&str> = names.iter().map(String::as_str).collect();
    let program = manifill().unwrap();
    let server = if names.is_empty() {
        return names;
    } else {
        let settings = world.settings();
        PluginServer::native(&[&program], native.path(), &sockets, &all, &settings).unwrap()
    };
    for (name, recipe) in &recipes_by_name {
        let version = recipe.get("version").and_then(Value::as_str);
        let called = version.map_or(name.clone(), |version| format!("{name}-{version}"));
        if !names.contains(&called) {
            continue;
        }
        let before = file(name, &without_secret(recipe));
        let classic = tempfile::tempdir().unwrap();
        let serves = world.argocd.serve(
            classic.path(),
            &called,
            &before,
            programs,
            &world.settings(),
        );
        let serves = serves.unwrap();
        let old = made(world, classic.path(), &called, &before);
        let new = made(world, native.path(), &called, &before);
        assert_eq!(new, old, "{called}:\n{before}\n{}", serves.log().unwrap());
        assert!(new.contains(PASSWORD) && !new.contains("<path:"), "{new}");
    }
    assert!(server.left().unwrap().is_empty());
    assert!(!server.log().unwrap().contains(PASSWORD));
    names
}

#[test]
fn the_plugins_of_an_installation_give_natively_what_they_gave() {
    if skip("plugins of argocd-vault-plugin, natively") {
        return;
    }
    let world = World::new(Way::Native);
    write_folders(&world);
    for (name, helm) in [("helm3", helm3().unwrap()), ("helm4", helm4().unwrap())] {
        let programs = programs(&world, name, &helm);
        let mut names = Vec::new();
        for files in installations() {
            names.extend(compare(&world, &helm, &programs, &files));
        }
        assert!(names.len() > 5, "{names:?}");
        let names = compare(&world, &helm, &programs, &[commands()]);
        for kind in ["plain", "kustomize", "helm"] {
            let is_one = |name: &&String| name.starts_with(kind);
            assert!(names.iter().filter(is_one).count() > 1, "{names:?}");
        }
    }
}
