//! Both ways side by side: the same objects, and natively the bytes of `generate`.

use manifill_e2e::{direct, helm3, helms, kustomize, manifill, run, skip};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, app, call};

/// A chart, a kustomization and plain manifests.
const FILES: &[(&str, &str)] = &[
    (
        "plain/a.yaml",
        "# kept\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  pin: '0123'\n  \
         password: <path:vaults/Production/items/db#password> # which\n---\n",
    ),
    (
        "plain/b.json",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"b\"},\n  \
         \"data\": {\"user\": \"<path:vaults/Production/items/db#username>\"}}\n",
    ),
    (
        "plain/deep/c.yml",
        "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: c}\r\ndata:\r\n  text: |\r\n    no end",
    ),
    ("plain/notes.md", "<path:vaults/Production/items/db#none>\n"),
    (
        "kustomization/kustomization.yaml",
        "namePrefix: web-\nnamespace: other\nresources: [../base]\nsecretGenerator:\n  \
         - name: g\n    literals: ['password=<path:vaults/Production/items/db#password>']\n",
    ),
    ("base/kustomization.yaml", "resources: [a.yaml]\n"),
    (
        "base/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  \
         password: <path:vaults/Production/items/db#password>\n",
    ),
    (
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - {name: sub, version: 1.0.0, repository: 'file://charts/sub'}\n",
    ),
    (
        "chart/values.yaml",
        "password: <path:vaults/Production/items/db#password>\n",
    ),
    (
        "chart/templates/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: \
         {{ .Release.Namespace }}\nstringData:\n  kube: {{ .Capabilities.KubeVersion.Version }}\n  \
         password: {{ .Values.password | quote }}\n",
    ),
    (
        "chart/templates/hook.yaml",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n",
    ),
    (
        "chart/crds/d.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: d}\n",
    ),
    (
        "chart/charts/sub/Chart.yaml",
        "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    ),
    (
        "chart/charts/sub/templates/e.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\ndata: {user: <path:vaults/Production/items/db#username>}\n",
    ),
    ("values.yaml", "of: nobody\n"),
];

fn write(world: &World) {
    for (name, text) in FILES {
        world.write(name, text);
    }
}

#[test]
fn the_same_objects_come_of_both_ways() {
    if skip("both ways side by side") {
        return;
    }
    for (_, helm) in helms().unwrap() {
        let worlds = [World::classic_with(&helm), World::native_with(&helm)];
        worlds.iter().for_each(write);
        for (path, plugin, count) in [
            ("plain", "manifill", 3),
            ("chart", "manifill-helm", 4),
            ("kustomization", "manifill-kustomize", 2),
            // By discovery.
            ("plain", "", 3),
            ("chart", "", 4),
            ("kustomization", "", 2),
        ] {
            let plugin = match plugin {
                "" => Value::Null,
                plugin => json!({"name": plugin}),
            };
            let [classic, native] = [0, 1].map(|way| worlds[way].ask_one(app(path, &plugin)));
            assert_eq!(native["code"], "OK", "{path}: {native}");
            assert_eq!(native["manifests"], classic["manifests"], "{path}");
            assert_eq!(native["sourceType"], "Plugin");
            assert_eq!(native["manifests"].as_array().unwrap().len(), count);
            let is_filled = native.to_string().contains(PASSWORD);
            assert!(
                is_filled && !native.to_string().contains("<path:"),
                "{native}"
            );
        }
        for world in &worlds {
            world.assert_clean();
        }
    }
}

/// What a command prints, run in a folder as a classic plugin is.
fn printed(world: &World, path: &str, script: &str) -> String {
    let mut bash = direct("bash");
    bash.args(["-c", script])
        .current_dir(world.root().join(path));
    for (name, program) in [
        ("MANIFILL", manifill().unwrap()),
        ("HELM", helm3().unwrap()),
        ("KUSTOMIZE", kustomize().unwrap()),
    ] {
        bash.env(name, program);
    }
    run(bash.envs(world.settings()).env("ARGOCD_APP_NAME", "web")).unwrap()
}

#[test]
fn natively_the_bytes_are_those_of_generate() {
    if skip("the bytes of generate") {
        return;
    }
    let world = World::native();
    write(&world);
    let helm = "$HELM template . --name-template web --namespace team --kube-version 1.34.0 \
                --api-versions v1 --api-versions apps/v1 --include-crds | $MANIFILL generate -";
    for (path, plugin, script) in [
        ("plain", "manifill", "$MANIFILL generate ."),
        ("chart", "manifill-helm", helm),
        (
            "kustomization",
            "manifill-kustomize",
            "$KUSTOMIZE build . | $MANIFILL generate -",
        ),
    ] {
        let mut job = call("generate", path);
        job["plugin"] = json!(plugin);
        job["env"] = json!([
            "ARGOCD_APP_NAME=web",
            "ARGOCD_APP_NAMESPACE=team",
            "ARGOCD_APP_PROJECT_NAME=infrastructure",
            format!("ARGOCD_APP_SOURCE_PATH={path}"),
            "KUBE_VERSION=1.34.0",
            "KUBE_API_VERSIONS=v1,apps/v1",
        ]);
        let answer = world.ask_one(job);
        assert_eq!(answer["code"], "OK", "{answer}");
        let expected = printed(&world, path, script);
        assert!(expected.contains(PASSWORD));
        assert_eq!(answer["texts"], json!([expected]), "{path}");
    }
    world.assert_clean();
}

#[test]
fn an_author_s_parameters_are_announced_and_do_what_they_say() {
    if skip("parameters") {
        return;
    }
    let world = World::native();
    write(&world);
    world.write("chart/prod.yaml", "password: from-a-file\n");
    let announced = |plugin: &str, path: &str| -> Vec<String> {
        let mut job = call("parameters", path);
        job["plugin"] = json!(plugin);
        let answer = world.ask_one(job);
        assert_eq!(answer["code"], "OK", "{answer}");
        let all = answer["parameters"].as_array().unwrap().iter();
        all.map(|known| known["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        announced("manifill-helm", "chart"),
        [
            "helm-values-files",
            "helm-values",
            "helm-set",
            "helm-set-string"
        ]
    );
    assert_eq!(announced("manifill", "plain"), ["include", "exclude"]);
    let kustomize = announced("manifill-kustomize", "kustomization");
    assert_eq!(kustomize.len(), 5, "{kustomize:?}");
    assert!(world.connect.requests().is_empty());
    for (plugin, path, parameters, expected) in [
        (
            "manifill-helm",
            "chart",
            json!([{"name": "helm-values-files", "array": ["prod.yaml"]}]),
            "from-a-file",
        ),
        (
            "manifill-helm",
            "chart",
            json!([{"name": "helm-set-string", "map": {"password": "0123"}}]),
            "0123",
        ),
        (
            "manifill",
            "plain",
            json!([{"name": "exclude", "array": ["a.yaml", "*.json"]}]),
            "no end",
        ),
        (
            "manifill-kustomize",
            "kustomization",
            json!([{"name": "kustomize-name-suffix", "string": "-v2"}]),
            "web-a-v2",
        ),
    ] {
        let plugin = json!({"name": plugin, "parameters": parameters});
        let answer = world.ask_one(app(path, &plugin));
        assert_eq!(answer["code"], "OK", "{answer}");
        assert!(
            answer["manifests"].to_string().contains(expected),
            "{answer}"
        );
    }
    for (plugin, path, parameters, expected) in [
        (
            "manifill-helm",
            "chart",
            json!([{"name": "helm-values-files", "array": ["../../../etc/passwd"]}]),
            "helm-values-files",
        ),
        (
            "manifill-helm",
            "chart",
            json!([{"name": "helm-post-renderer", "string": "sh"}]),
            "helm-post-renderer",
        ),
    ] {
        let plugin = json!({"name": plugin, "parameters": parameters});
        let told = world.ask_one(app(path, &plugin));
        assert!(crate::world::failed(&told).contains(expected), "{told}");
    }
    world.assert_clean();
}
