//! What `manifill install argocd` writes, against a real API server with Argo CD's own manifests and
//! the operator's resources in it: each object is applied, in a server-side dry run and strictly.
#![allow(clippy::unwrap_used)]

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use manifill_e2e::{KubeApiserver, direct, helm3, helm4, manifill, run, servers, skip};
use serde_json::{Value, json};

const FLAVORS: [&str; 4] = ["kustomize", "helm", "operator", "raw"];

const MODULES: [&str; 2] = [
    "github.com/argoproj/argo-cd/v3",
    "github.com/argoproj-labs/argocd-operator",
];

/// The folders of Argo CD and of its operator.
fn modules() -> io::Result<[PathBuf; 2]> {
    let mut go = direct("go");
    go.current_dir(servers().join("argocd"));
    go.args(["mod", "download", "-json"]).args(MODULES);
    let told = run(&mut go)?;
    let modules: Vec<Value> = serde_json::Deserializer::from_str(&told)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let folder = |name: &str| {
        let mut modules = modules.iter();
        let module = modules.find(|module| module["Path"] == name).unwrap();
        PathBuf::from(module["Dir"].as_str().unwrap())
    };
    Ok(MODULES.map(folder))
}

struct World {
    cluster: KubeApiserver,
    program: PathBuf,
    /// Argo CD's manifests without the definitions of its resources, which nothing here changes.
    argocd: String,
    folder: tempfile::TempDir,
}

impl World {
    fn start() -> World {
        let [argocd, operator] = modules().unwrap();
        let argocd = argocd.join("manifests/install.yaml");
        let all = std::fs::read_to_string(&argocd).unwrap();
        let documents = all.split("\n---\n");
        let others = documents.filter(|one| !one.contains("kind: CustomResourceDefinition"));
        let world = World {
            cluster: KubeApiserver::start().unwrap(),
            program: manifill().unwrap(),
            argocd: others.collect::<Vec<_>>().join("\n---\n"),
            folder: tempfile::tempdir().unwrap(),
        };
        for namespace in ["argocd", "openshift-gitops", "team", "settings"] {
            let mut create = world.cluster.kubectl();
            run(create.args(["create", "namespace", namespace])).unwrap();
        }
        let bases = operator.join("config/crd/bases/argoproj.io_argocds.yaml");
        for (file, namespace) in [(&argocd, "argocd"), (&bases, "default")] {
            let mut apply = world.cluster.kubectl();
            apply.args(["apply", "--server-side", "--namespace", namespace, "-f"]);
            run(apply.arg(file)).unwrap();
        }
        // They are served a little later, and `kubectl wait` fails while one has no conditions yet.
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let mut wait = world.cluster.kubectl();
            wait.args(["wait", "--for=condition=established", "--timeout=60s"]);
            wait.args(["crd", "applications.argoproj.io", "argocds.argoproj.io"]);
            match run(&mut wait) {
                Ok(_) => return world,
                Err(error) if Instant::now() > deadline => panic!("{error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    /// Lets manifill write its files into a folder.
    fn install(&self, arguments: &[&str]) -> PathBuf {
        let folder = self.folder.path().join("manifill");
        let _ = std::fs::remove_dir_all(&folder);
        let mut command = Command::new(&self.program);
        command.args(["install", "argocd", "--to"]).arg(&folder);
        run(command.args(arguments).current_dir(root())).unwrap();
        folder
    }

    fn apply(&self, files: &[PathBuf], more: &[&str]) -> io::Result<String> {
        let mut apply = self.cluster.kubectl();
        apply.args([
            "apply",
            "--server-side",
            "--field-manager=manifill",
            "--validate=strict",
            "--output=json",
        ]);
        for file in files {
            apply.arg("-f").arg(file);
        }
        run(apply.args(more))
    }

    /// Applies the files in a dry run.
    fn try_out(&self, flavor: &str, arguments: &[&str]) {
        let all = [&["--for", flavor], arguments].concat();
        let folder = self.install(&all);
        let told = format!("{all:?}");
        let mut others: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        match flavor {
            "kustomize" => {
                let built = self.build(&folder);
                self.apply(&[built], &["--dry-run=server", "--force-conflicts"])
                    .expect(&told);
                // The rest is in it.
                others.retain(|path| {
                    path.ends_with("secret.yaml") || path.ends_with("application.yaml")
                });
            }
            "helm" => {
                let values = folder.join("values.yaml");
                let rendered = self.folder.path().join("rendered.yaml");
                std::fs::write(&rendered, as_the_chart_does(&read(&values))).unwrap();
                std::fs::remove_file(&values).unwrap();
                others.retain(|path| *path != values);
                others.push(rendered);
            }
            _ => {}
        }
        self.apply(&others, &["--dry-run=server"]).expect(&told);
    }

    /// Builds Argo CD's own manifests with the component.
    fn build(&self, component: &Path) -> PathBuf {
        let folder = component.parent().unwrap();
        std::fs::write(folder.join("install.yaml"), &self.argocd).unwrap();
        let text = "resources: [install.yaml]\nnamespace: argocd\ncomponents: [manifill]\n";
        std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
        let mut build = self.cluster.kubectl();
        let built = run(build.arg("kustomize").arg(folder)).unwrap();
        for file in ["install.yaml", "kustomization.yaml"] {
            std::fs::remove_file(folder.join(file)).unwrap();
        }
        let file = folder.join("built.yaml");
        std::fs::write(&file, built).unwrap();
        file
    }

    /// Applies the files, and checks which containers the repo-server has then, beside its own, and
    /// that a namespace which Kubernetes restricts takes them.
    fn put_in(&self, arguments: &[&str], plugins: &[&str], inits: &[&str]) {
        let folder = self.install(&[&["--for", "raw"], arguments].concat());
        self.apply(&[folder], &["--force-conflicts"]).unwrap();
        let mut get = self.cluster.kubectl();
        get.args(["get", "deployment", "argocd-repo-server"]);
        get.args(["--namespace=argocd", "--output=json"]);
        let deployment: Value = serde_json::from_str(&run(&mut get).unwrap()).unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        let all = |list: &str| pod[list].as_array().unwrap().clone();
        let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
        let named = |list: &str| -> Vec<String> {
            let mut names: Vec<_> = all(list).iter().map(name).collect();
            names.sort();
            names
        };
        let mut expected = vec!["argocd-repo-server"];
        expected.extend(plugins);
        assert_eq!(named("containers"), expected);
        assert_eq!(named("initContainers"), inits);
        assert_eq!(pod["automountServiceAccountToken"], false);
        let own = |list: &str| -> Vec<Value> {
            let mut items = all(list);
            items.retain(|one| name(one).starts_with("manifill"));
            items
        };
        let label = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        let namespace = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "restricted", "labels": label},
        });
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": plugins.join("."), "namespace": "restricted"},
            "spec": {
                "serviceAccountName": "argocd-repo-server",
                "initContainers": own("initContainers"),
                "containers": own("containers"),
                "volumes": pod["volumes"],
            },
        });
        let file = self.folder.path().join("restricted.yaml");
        std::fs::write(&file, format!("{namespace}\n---\n{pod}\n")).unwrap();
        self.apply(&[file], &[]).unwrap();
    }

    /// Whether the account of the repo-server may read a Secret.
    fn may_read(&self, secret: &str) -> bool {
        let (namespace, name) = secret.split_once(':').unwrap();
        let mut asked = self.cluster.kubectl();
        asked.args(["auth", "can-i", "get", &format!("secrets/{name}")]);
        asked.args(["--namespace", namespace]);
        run(asked.arg("--as=system:serviceaccount:argocd:argocd-repo-server")).is_ok()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A YAML file as JSON.
fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap();
    let value = manifill_manifest::read_one(&text).unwrap();
    serde_json::from_str(&value.to_json()).unwrap()
}

/// What the chart makes of values, as far as manifill sets them: a part of the Deployment, and the
/// ConfigMap of the plugins. The chart itself is compared with it in a test of its own.
fn as_the_chart_does(values: &Value) -> String {
    let all = chart_objects(values);
    all.iter()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join("\n---\n")
}

fn chart_objects(values: &Value) -> Vec<Value> {
    let server = &values["repoServer"];
    let plugins = values["configs"]["cmp"]["plugins"].as_object();
    let files = plugins.into_iter().flatten().map(|(name, spec)| {
        let file = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ConfigManagementPlugin",
            "metadata": {"name": name},
            "spec": spec,
        });
        (format!("{name}.yaml"), Value::String(file.to_string()))
    });
    let metadata = |name: &str| json!({"name": name, "namespace": "argocd"});
    let mut pod = json!({
        "automountServiceAccountToken": server["automountServiceAccountToken"],
        "containers": server["extraContainers"],
        "volumes": server["volumes"],
    });
    for key in ["initContainers", "terminationGracePeriodSeconds"] {
        if !server[key].is_null() {
            pod[key] = server[key].clone();
        }
    }
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("argocd-repo-server"),
        "spec": {"template": {
            "metadata": {"labels": server["podLabels"]},
            "spec": pod,
        }},
    });
    let params = values["configs"]["params"].clone();
    let mut maps = vec![(metadata("argocd-cmd-params-cm"), params)];
    let files: serde_json::Map<_, _> = files.collect();
    if !files.is_empty() {
        maps.push((metadata("argocd-cmp-cm"), Value::Object(files)));
    }
    let maps = maps.into_iter().map(|(metadata, data)| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    });
    [deployment].into_iter().chain(maps).collect()
}

#[test]
fn what_is_written_for_argo_cd_is_taken_by_a_cluster() {
    if skip("what is installed in Argo CD, at a real API server") {
        return;
    }
    let world = World::start();
    let listed = run(Command::new(&world.program).args(["backends", "--markdown"])).unwrap();
    let backends: Vec<&str> = listed
        .lines()
        .skip(2)
        .map(|line| line.split('`').nth(1).unwrap())
        .collect();
    assert!(backends.len() > 5);
    for flavor in FLAVORS {
        world.try_out(flavor, &["-s", "settings:manifill", "--discover"]);
        let rest = ["--manifest-generate-paths", "--restricted-egress"];
        world.try_out(flavor, &[&["--service-account-token"], &rest[..]].concat());
        world.try_out(flavor, &["--native", "--discover"]);
        world.try_out(flavor, &["--native", "-s", "settings:manifill"]);
        let native = ["--native", "--service-account-token"];
        world.try_out(flavor, &[&native, &rest[..]].concat());
    }
    for backend in backends {
        for flavor in ["helm", "raw"] {
            world.try_out(flavor, &["--backend", backend]);
            world.try_out(flavor, &["--native", "--backend", backend]);
        }
    }
    let mut old: Vec<_> = std::fs::read_dir(root().join("crates/argocd/tests/avp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    old.sort();
    assert!(old.len() > 5);
    for folder in old {
        let files: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().display().to_string())
            .filter(|file| !file.ends_with("out.yaml"))
            .collect();
        for flavor in FLAVORS {
            let mut arguments = vec!["--namespace", "argocd", "--from-avp"];
            // Where the Deployment is called otherwise, there is none here.
            if flavor != "operator" {
                arguments.splice(0..0, ["--repo-server", "argocd-repo-server"]);
            }
            arguments.extend(files.iter().map(String::as_str));
            world.try_out(flavor, &arguments);
            arguments.insert(0, "--native");
            world.try_out(flavor, &arguments);
        }
    }

    // What is applied leaves Argo CD's own container, opens one Secret, and is as restricted as
    // Kubernetes can ask for.
    assert!(!world.may_read("settings:manifill"));
    let plugins = ["manifill", "manifill-helm", "manifill-kustomize"];
    let copies = ["copyutil", "manifill-copy"];
    world.put_in(&["-s", "settings:manifill"], &plugins, &copies);
    assert!(world.may_read("settings:manifill"));
    assert!(!world.may_read("settings:other") && !world.may_read("argocd:manifill"));
    // And back: what is applied by the same manager takes the others' place.
    world.put_in(&["--native"], &["manifill"], &["copyutil"]);
}

/// Whether one value has all that another has: entries of maps, and items of lists by their name.
fn has(all: &Value, part: &Value) -> bool {
    match (all, part) {
        (Value::Object(all), Value::Object(part)) => part
            .iter()
            .all(|(key, part)| all.get(key).is_some_and(|all| has(all, part))),
        (Value::Array(all), Value::Array(part))
            if part.iter().any(|one| one["name"].is_string()) =>
        {
            part.iter().all(|part| all.contains(part))
        }
        _ => all == part,
    }
}

/// The chart is in no registry of packages, so it has to be brought: `charts/argo-cd` of argo-helm.
#[test]
#[ignore = "needs the chart argo-cd, in a folder that MANIFILL_ARGOCD_CHART names"]
fn the_chart_makes_of_the_values_what_these_tests_say_it_does() {
    let chart = std::env::var_os("MANIFILL_ARGOCD_CHART").unwrap();
    let program = manifill().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Without what it depends on, which is for several copies of Redis.
    let own = folder.path().join("chart");
    run(Command::new("cp").arg("-r").arg(chart).arg(&own)).unwrap();
    let about = std::fs::read_to_string(own.join("Chart.yaml")).unwrap();
    let about: Vec<_> = about.split("\ndependencies:\n").collect();
    let (_, behind) = about[1]
        .split_once("condition: redis-ha.enabled\n")
        .unwrap();
    std::fs::write(own.join("Chart.yaml"), format!("{}\n{behind}", about[0])).unwrap();
    let old = root().join("crates/argocd/tests/avp/sidecar");
    let old = ["cmp-plugin.yaml", "repo-server.yaml"].map(|name| old.join(name));
    let old = old.each_ref().map(|path| path.to_str().unwrap());
    let from_avp = ["--namespace", "argocd", "--from-avp", old[0], old[1]];
    for helm in [helm3().unwrap(), helm4().unwrap()] {
        for arguments in [
            &[][..],
            &["-s", "settings:manifill", "--discover"],
            &["--native", "--discover", "-s", "settings:manifill"],
            &["--native", "--service-account-token", "--restricted-egress"],
            &from_avp,
            &[&["--native"], &from_avp[..]].concat(),
        ] {
            let mut install = Command::new(&program);
            install.args(["install", "argocd", "--for", "helm", "--force", "--to"]);
            run(install.arg(folder.path().join("files")).args(arguments)).unwrap();
            let values = folder.path().join("files/values.yaml");
            let mut template = Command::new(&helm);
            template.args(["template", "argocd", "--namespace=argocd", "--values"]);
            template.env("HOME", folder.path());
            let text = run(template.arg(&values).arg(&own)).unwrap();
            let rendered = manifill_manifest::read(&text).unwrap();
            let rendered: Vec<Value> = rendered
                .iter()
                .map(|one| serde_json::from_str(&one.to_json()).unwrap())
                .collect();
            for part in chart_objects(&read(&values)) {
                let named = |one: &&Value| {
                    one["kind"] == part["kind"]
                        && one["metadata"]["name"] == part["metadata"]["name"]
                };
                let mut part = part.clone();
                let whole = rendered.iter().find(named).expect("an object");
                // A plugin's file is text: what it says counts.
                if part["metadata"]["name"] == "argocd-cmp-cm" {
                    for (name, file) in part["data"].as_object().unwrap() {
                        let says =
                            manifill_manifest::read_one(whole["data"][name].as_str().unwrap());
                        let says: Value = serde_json::from_str(&says.unwrap().to_json()).unwrap();
                        let file: Value = serde_json::from_str(file.as_str().unwrap()).unwrap();
                        assert_eq!(says, file);
                    }
                    continue;
                }
                // The chart puts nothing where a map is empty.
                if part["spec"]["template"]["metadata"]["labels"] == json!({}) {
                    part["spec"]["template"]["metadata"] = json!({});
                }
                assert!(has(whole, &part), "{arguments:?}\n{whole:#}\n{part:#}");
            }
        }
    }
}
