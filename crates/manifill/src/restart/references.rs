//! What the pods of a workload read.

use std::collections::BTreeSet;

use manifill_manifest::Value;

/// A Secret or a ConfigMap, by its kind and its name.
pub(super) type Reference = (&'static str, String);

const SECRET: &str = "Secret";
const CONFIG_MAP: &str = "ConfigMap";

/// The Secrets and ConfigMaps that a pod's spec refers to: in variables, in files, and in files that
/// several of them make together.
pub(super) fn of_pod(spec: &Value) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    let mut add = |kind, source: Option<&Value>, name: &str| {
        if let Some(Value::Text(name)) = source.and_then(|source| source.get(name)) {
            found.insert((kind, name.clone()));
        }
    };
    for containers in ["containers", "initContainers", "ephemeralContainers"] {
        for container in items(spec.get(containers)) {
            for variable in items(container.get("env")) {
                let from = variable.get("valueFrom");
                let of = |key: &str| from.and_then(|from| from.get(key));
                add(SECRET, of("secretKeyRef"), "name");
                add(CONFIG_MAP, of("configMapKeyRef"), "name");
            }
            for from in items(container.get("envFrom")) {
                add(SECRET, from.get("secretRef"), "name");
                add(CONFIG_MAP, from.get("configMapRef"), "name");
            }
        }
    }
    for volume in items(spec.get("volumes")) {
        add(SECRET, volume.get("secret"), "secretName");
        add(CONFIG_MAP, volume.get("configMap"), "name");
        let projected = volume.get("projected");
        for source in items(projected.and_then(|projected| projected.get("sources"))) {
            add(SECRET, source.get("secret"), "name");
            add(CONFIG_MAP, source.get("configMap"), "name");
        }
    }
    found
}

fn items(list: Option<&Value>) -> &[Value] {
    match list {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}
