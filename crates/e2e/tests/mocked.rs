//! Manifests with mock values, before a real API server.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use manifill_e2e::{KubeApiserver, direct, manifill, run, skip};
use manifill_manifest::{Value, read};

/// What a server looks into: types of Secrets, and numbers, names and labels of what runs.
const TYPED: &str = r#"
apiVersion: v1
kind: Secret
metadata: {name: tls, namespace: mocked}
type: kubernetes.io/tls
stringData: {tls.crt: '<path:tls#certificate>', tls.key: '<path:tls#key>'}
---
apiVersion: v1
kind: Secret
metadata: {name: tls-in-base64, namespace: mocked}
type: kubernetes.io/tls
data: {tls.crt: '<path:tls#certificate | base64encode>', tls.key: '<path:tls#key | base64encode>'}
---
apiVersion: v1
kind: Secret
metadata: {name: pull, namespace: mocked}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '{"auths": {"registry.example": {"username": "<path:pull#user>", "password": "<path:pull#password | jsonEscape>"}}}'
---
apiVersion: v1
kind: Secret
metadata: {name: ssh, namespace: mocked}
type: kubernetes.io/ssh-auth
stringData: {ssh-privatekey: '<path:ssh#key>'}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: mocked}
spec:
  selector: {app: web}
  ports: [{port: <path:web#port>, targetPort: <path:web#port>}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: mocked
  labels: {tier: <path:web#tier>}
spec:
  replicas: <path:web#replicas>
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {example.com/note: '<path:web#note>'}}
    spec:
      imagePullSecrets: [{name: pull}]
      containers:
        - name: web
          image: nginx
          args: ['--token=<path:web#token>']
          ports: [{containerPort: <path:web#port>}]
          env: [{name: PORT, value: <path:web#port>}]
          envFrom: [{secretRef: {name: ssh}}]
"#;

/// The objects of manifests, those in Lists, too: kind and namespace.
fn objects(value: &Value, found: &mut Vec<(String, Option<String>)>) {
    let text = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let Some(kind) = text(value.get("kind")) else {
        return;
    };
    if let (Some(Value::List(items)), "List") = (value.get("items"), kind.as_str()) {
        items.iter().for_each(|item| objects(item, found));
        return;
    }
    let namespace = value.get("metadata").and_then(|one| one.get("namespace"));
    found.push((kind, text(namespace)));
}

#[test]
fn a_server_takes_mocked_manifests() {
    if skip("mock values before an API server") {
        return;
    }
    let (cluster, program) = (KubeApiserver::start().unwrap(), manifill().unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let typed = cluster.folder().join("typed.yaml");
    std::fs::write(&typed, TYPED).unwrap();
    let lab = root.join("examples/manifests/homelab");
    let settings = lab.join("manifill.yaml");
    let sso = root.join("crates/check/tests/check/sso.yaml");
    let generate = |settings: Option<&Path>, path: &Path| {
        let mut command: Command = direct(&program);
        command.args(["generate", "--mock"]).arg(path).env_clear();
        if let Some(settings) = settings {
            command.arg("-c").arg(settings);
        }
        run(&mut command).unwrap()
    };
    // One value is a whole list of maps, and a mock value stands for texts and numbers alone.
    let whole = generate(Some(&settings), &lab);
    let tolerations = |line: &&str| line.trim_start().starts_with("tolerations: ");
    assert_eq!(whole.lines().filter(tolerations).count(), 1);
    let rest: Vec<&str> = whole.lines().filter(|line| !tolerations(line)).collect();
    for text in [
        generate(None, &typed),
        generate(None, &sso),
        rest.join("\n") + "\n",
    ] {
        let mut all = Vec::new();
        read(&text)
            .unwrap()
            .iter()
            .for_each(|one| objects(one, &mut all));
        assert!(all.len() > 5, "{text}");
        let spaces: BTreeSet<&str> = all.iter().filter_map(|one| one.1.as_deref()).collect();
        for space in spaces.into_iter().filter(|space| *space != "default") {
            let namespace =
                format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: {space}}}}}\n");
            cluster.apply(&namespace).unwrap();
        }
        let file = cluster.folder().join("mocked.yaml");
        std::fs::write(&file, &text).unwrap();
        let mut apply = cluster.kubectl();
        apply.args(["apply", "--dry-run=server", "-f"]).arg(&file);
        let told = run(&mut apply).unwrap();
        assert_eq!(
            told.matches("(server dry run)").count(),
            all.len(),
            "{told}"
        );
    }
}
