//! The plugins that `install argocd --from-avp` writes, beside the commands they were made of, in
//! which manifill runs under the name of argocd-vault-plugin: both give the same objects. Where
//! `AVP_BIN` names argocd-vault-plugin itself, it runs there instead; not where a Secret has the
//! settings, which it reads only in a pod.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use manifill_e2e::{ADMIN_TOKEN, KubeApiserver, helm3, helm4, manifill, run, skip};
use serde::Deserialize as _;
use serde_json::json;
use serde_yaml::Value;

use crate::world::{PASSWORD, Way, World, app, call};

pub(crate) const PROGRAM: &str = "argocd-vault-plugin";

/// The plugins that run argocd-vault-plugin, wherever they stand in an installation, by name.
pub(crate) fn recipes(of: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Mapping(map) => {
            let named = |map: &Value| map.get("name").and_then(Value::as_str).map(str::to_owned);
            let name = map.get("metadata").and_then(named).or_else(|| named(value));
            let name = name.unwrap_or_else(|| of.to_owned());
            if map.get("generate").is_some_and(Value::is_mapping) {
                found.insert(name, value.clone());
                return;
            }
            for (key, value) in map {
                let key = key.as_str().unwrap();
                recipes(if key == "spec" { &name } else { key }, value, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| recipes(of, item, found)),
        Value::String(text) if text.contains('\n') && text.contains(PROGRAM) => {
            for value in documents(text) {
                recipes(of, &value, found);
            }
        }
        _ => {}
    }
}

pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let read = |document| {
        let mut value = Value::deserialize(document)?;
        value.apply_merge()?;
        Ok::<_, serde_yaml::Error>(value)
    };
    // Not every text that names the program is YAML.
    documents
        .map_while(|document| read(document).ok())
        .collect()
}

/// The file of a plugin as it was. Its program is in `PATH`, wherever its container had it.
pub(crate) fn file(name: &str, spec: &Value) -> String {
    let file = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ConfigManagementPlugin",
        "metadata": {"name": name},
        "spec": spec,
    });
    let mut file = serde_yaml::to_string(&file).unwrap();
    for folder in ["/custom-tools/", "/usr/local/bin/"] {
        file = file.replace(&format!("{folder}{PROGRAM}"), PROGRAM);
    }
    file
}

/// How often a plugin runs the program, and how often with a Secret that has the settings.
fn runs(file: &str) -> (usize, usize) {
    let words = file.split(|c: char| !(c.is_alphanumeric() || "-:".contains(c)));
    words.fold((0, 0), |(runs, with_secret), word| {
        let secret = ["-s", "--secret-name"].contains(&word);
        let run = word == "generate";
        (runs + usize::from(run), with_secret + usize::from(secret))
    })
}

/// What the plugins need.
struct Tools {
    cluster: KubeApiserver,
    folder: tempfile::TempDir,
}

impl Tools {
    /// A cluster with a Secret for every command that names one, and for each Helm a folder of
    /// programs in that of the world.
    fn new(world: &World) -> Tools {
        let cluster = KubeApiserver::start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for namespace in ["argocd", "team", "openshift-gitops"] {
            let mut create = cluster.kubectl();
            run(create.args(["create", "namespace", namespace])).unwrap();
        }
        for (namespace, name) in [
            ("team", "creds"),
            ("team", "web"),
            ("team", "vault-secret"),
            ("argocd", "named"),
            ("argocd", "vault-configuration"),
            ("argocd", "vault-creds"),
        ] {
            let mut create = cluster.kubectl();
            create.args(["create", "secret", "generic", name, "-n", namespace]);
            for (name, value) in world.settings() {
                create.arg(format!("--from-literal={name}={value}"));
            }
            run(&mut create).unwrap();
        }
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "clusters": [{"name": "it", "cluster": {
                "server": cluster.url(),
                "certificate-authority": cluster.ca_file(),
            }}],
            "users": [{"name": "it", "user": {"token": ADMIN_TOKEN}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        });
        fs::write(folder.path().join("kubeconfig"), config.to_string()).unwrap();
        let own = manifill().unwrap();
        let avp = std::env::var_os("AVP_BIN").map_or(own, PathBuf::from);
        for (name, helm) in [("helm3", helm3()), ("helm4", helm4())] {
            let programs = world.programs(name, &helm.unwrap());
            for (name, program) in [(PROGRAM, &avp), ("kubectl", &cluster.kubectl_program())] {
                std::os::unix::fs::symlink(program, programs.join(name)).unwrap();
            }
        }
        Tools { cluster, folder }
    }

    /// The variables of a plugin's container: the settings, or what finds the Secret with them.
    fn environment(&self, world: &World, file: &str) -> Vec<(String, String)> {
        let (runs, with_secret) = runs(file);
        // Those that name no Secret.
        let mut environment = if runs > with_secret {
            world.settings()
        } else {
            Vec::new()
        };
        if with_secret > 0 {
            let config = self.folder.path().join("kubeconfig");
            environment.push(("KUBECONFIG".to_owned(), config.display().to_string()));
        }
        environment
    }
}

/// A folder of each kind that the recipes are for.
pub(crate) fn write_folders(world: &World) {
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  \
                  color: none\n  password: <path:vaults/Production/items/db#password>\n";
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  annotations:\n    \
                  avp.kubernetes.io/path: vaults/Production/items/db\ndata:\n  user: <username>\n  \
                  pin: '0123'\n";
    for folder in ["plain", "kustomization", "both"] {
        world.write(&format!("{folder}/a.yaml"), secret);
        world.write(&format!("{folder}/b.yaml"), config);
    }
    for folder in ["kustomization", "both"] {
        world.write(
            &format!("{folder}/kustomization.yaml"),
            "namePrefix: web-\nresources: [a.yaml, b.yaml]\nsecretGenerator:\n  - name: g\n    \
             literals: ['password=<path:vaults/Production/items/db#password>']\n",
        );
    }
    world.write("both/x.yaml", secret);
    world.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    world.write(
        "chart/values.yaml",
        "color: none\npassword: <path:vaults/Production/items/db#password>\n",
    );
    world.write(
        "chart/templates/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: \
         {{ .Release.Namespace }}\nstringData:\n  color: {{ .Values.color }}\n  \
         password: {{ .Values.password | quote }}\n",
    );
    world.write(
        "chart/crds/crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: d\n",
    );
}

/// The folders of an Application that a recipe is for.
pub(crate) fn folders(file: &str) -> &'static [&'static str] {
    if file.contains("x.yaml") {
        &["both", "kustomization"]
    } else if file.contains("kustomize") || file.contains("ARG_PARAMETERS") {
        &["kustomization"]
    } else if file.contains("helm template") {
        &["chart"]
    } else {
        &["plain"]
    }
}

/// What a plugin makes of the folders of its Applications, and which folders it takes for its own.
fn made_of(world: &World, tools: &Tools, helm: &str, name: &str, file: &str) -> String {
    let sockets = tempfile::tempdir().unwrap();
    let spec: Value = serde_yaml::from_str(file).unwrap();
    let version = spec["spec"].get("version").and_then(Value::as_str);
    let called = version.map_or(name.to_owned(), |version| format!("{name}-{version}"));
    let server = world.argocd.serve(
        sockets.path(),
        &called,
        file,
        &world.folder().join(helm),
        &tools.environment(world, file),
    );
    let server = server.unwrap();
    let plugin = plugin(&called, |_| true);
    let mut made = String::new();
    for folder in folders(file) {
        let answer = world
            .ask_at(sockets.path(), vec![app(folder, &plugin)])
            .remove(0);
        assert_eq!(answer["code"], "OK", "{name} {folder}: {answer}");
        made += &answer["manifests"].to_string();
        if spec["spec"].get("discover").is_none() {
            continue;
        }
        for folder in ["plain", "kustomization", "chart"] {
            let mut job = call("match", folder);
            job["plugin"] = json!(called);
            let answer = world.ask_at(sockets.path(), vec![job]).remove(0);
            assert_eq!(answer["code"], "OK", "{name} {folder}: {answer}");
            made += &format!("\n{folder}: {}", answer["supported"]);
        }
    }
    assert!(server.left().unwrap().is_empty());
    assert!(!server.log().unwrap().contains(PASSWORD), "{name}");
    made
}

/// Installations in the ways in which people write them: the files of each.
pub(crate) fn installations() -> Vec<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../argocd/tests/avp");
    let entries = fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| {
        let files = fs::read_dir(entry.unwrap().path()).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.file_name().is_some_and(|name| name != "out.yaml"));
        files.sort();
        files
    });
    let installations: Vec<_> = files.collect();
    assert!(installations.len() > 5);
    installations
}

/// The file of commands that people write.
pub(crate) fn commands() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd_cmp/avp/recipes.yaml")
}

/// What an Application sets for its plugin, in a world where each plugin reads only some of it.
pub(crate) const VARIABLES: [(&str, &str); 6] = [
    ("FILE", "."),
    ("FILE_NAME", "a.yaml"),
    ("HELM_ARGS", "--set color=red"),
    ("helm_args", "--set color=green"),
    ("HELM_VALUES", "color: blue"),
    ("ARG_PARAMETERS", "kustomize build ."),
];

/// The plugin of an Application that sets some of these variables.
pub(crate) fn plugin(name: &str, sets: impl Fn(&str) -> bool) -> serde_json::Value {
    let variables = VARIABLES.iter().filter(|(name, _)| sets(name));
    let variables = variables.map(|(name, value)| json!({"name": name, "value": value}));
    json!({"name": name, "env": variables.collect::<Vec<_>>()})
}

/// Rewrites an installation, and compares each of its plugins with what was. Hands back how many it
/// has.
fn compare(world: &World, tools: &Tools, files: &[PathBuf]) -> usize {
    let mut before = BTreeMap::new();
    for file in files {
        for value in documents(&fs::read_to_string(file).unwrap()) {
            recipes("", &value, &mut before);
        }
    }
    let written = tempfile::tempdir().unwrap();
    let folder = written.path().join("installed");
    let mut install = Command::new(manifill().unwrap());
    install.args(["install", "argocd", "--to"]).arg(&folder);
    run(install.arg("--from-avp").args(files)).unwrap();
    let mut plugins = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("plugin-")
        {
            continue;
        }
        let after = fs::read_to_string(&path).unwrap();
        let name = documents(&after)[0]["metadata"]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        plugins += 1;
        let before = file(&name, &before[&name]);
        if std::env::var_os("AVP_BIN").is_some() && runs(&before).1 > 0 {
            continue;
        }
        let helms = if after.contains("helm template") {
            &["helm3", "helm4"][..]
        } else {
            &["helm3"]
        };
        for helm in helms {
            let old = made_of(world, tools, helm, &name, &before);
            let new = made_of(world, tools, helm, &name, &after);
            assert_eq!(new, old, "{name} with {helm}:\n{before}\n{after}");
            assert!(new.contains(PASSWORD), "{name}: {new}");
            assert!(!new.contains("<path:"), "{name}: {new}");
        }
    }
    plugins
}

#[test]
fn the_plugins_of_an_installation_give_what_they_gave() {
    if skip("plugins of argocd-vault-plugin") {
        return;
    }
    let world = World::new(Way::Classic);
    let tools = Tools::new(&world);
    write_folders(&world);
    for files in installations() {
        assert!(compare(&world, &tools, &files) > 0, "{files:?}");
    }
    assert!(compare(&world, &tools, &[commands()]) > 20);
    if std::env::var_os("AVP_BIN").is_none() {
        assert!(tools.cluster.secret_reads("team", "creds").unwrap() > 0);
    }
}
