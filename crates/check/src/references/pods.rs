//! What pods read: environment, volumes, pull secrets.

use super::reference::{Reference, Wants};
use crate::set::{Field, Kind, Object};

/// The keys of which a pull secret has one.
pub(super) const PULL_KEYS: &[&str] = &[".dockerconfigjson", ".dockercfg"];

/// Finds what the pods of an object read.
pub(super) fn find(number: usize, object: &Object, found: &mut Vec<Reference>) {
    let Some(spec) = pod_spec(object) else {
        return;
    };
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec.each(list) {
            environment(number, &container, found);
        }
    }
    for volume in spec.each("volumes") {
        volumes(number, &volume, found);
    }
    for secret in spec.each("imagePullSecrets") {
        let name = secret.key("name");
        let wants = Wants::OneOf(PULL_KEYS);
        found.extend(name.and_then(|name| Reference::new(number, Kind::Secret, &name, wants)));
    }
}

/// The specification of the pods that an object is or makes. What other kinds do with one of the same
/// shape is theirs.
fn pod_spec(object: &Object) -> Option<Field<'_>> {
    let is = |group, kinds: &[&str]| kinds.iter().any(|kind| object.is(group, kind));
    let apps = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];
    let root = object.root();
    if is("", &["Pod"]) {
        root.key("spec")
    } else if is("", &["PodTemplate"]) {
        root.down(&["template", "spec"])
    } else if is("apps", &apps)
        || is("extensions", &apps)
        || is("", &["ReplicationController"])
        || is("batch", &["Job"])
    {
        root.down(&["spec", "template", "spec"])
    } else if is("batch", &["CronJob"]) {
        root.down(&["spec", "jobTemplate", "spec", "template", "spec"])
    } else {
        None
    }
}

fn environment(number: usize, container: &Field<'_>, found: &mut Vec<Reference>) {
    let mut add = |kind, map: Option<Field<'_>>| {
        found.extend(map.and_then(|map| Reference::selector(number, kind, &map)));
    };
    for variable in container.each("env") {
        add(Kind::Secret, variable.down(&["valueFrom", "secretKeyRef"]));
        let map = variable.down(&["valueFrom", "configMapKeyRef"]);
        add(Kind::ConfigMap, map);
    }
    for source in container.each("envFrom") {
        add(Kind::Secret, source.key("secretRef"));
        add(Kind::ConfigMap, source.key("configMapRef"));
    }
}

fn volumes(number: usize, volume: &Field<'_>, found: &mut Vec<Reference>) {
    let mut files = |kind, source: Option<Field<'_>>, name| {
        if let Some(source) = source {
            projected(number, kind, &source, name, found);
        }
    };
    files(Kind::Secret, volume.key("secret"), "secretName");
    files(Kind::ConfigMap, volume.key("configMap"), "name");
    if let Some(all) = volume.key("projected") {
        for source in all.each("sources") {
            files(Kind::Secret, source.key("secret"), "name");
            files(Kind::ConfigMap, source.key("configMap"), "name");
        }
    }
    let azure = volume.down(&["azureFile", "secretName"]);
    let driver = volume.down(&["csi", "nodePublishSecretRef", "name"]);
    let logins = volume
        .entries()
        .filter_map(|(_, one)| one.down(&["secretRef", "name"]));
    for name in azure.into_iter().chain(driver).chain(logins) {
        found.extend(Reference::new(number, Kind::Secret, &name, Wants::Object));
    }
}

/// The keys that a volume makes files of; all of them if it names none.
fn projected(
    number: usize,
    kind: Kind,
    source: &Field<'_>,
    name: &str,
    found: &mut Vec<Reference>,
) {
    let Some(name) = source.key(name) else {
        return;
    };
    let Some(mut whole) = Reference::new(number, kind, &name, Wants::Object) else {
        return;
    };
    whole.optional = source.is_true("optional");
    let keys = source.each("items").filter_map(|item| item.key("key"));
    let named: Vec<Reference> = keys.filter_map(|key| whole.key(key)).collect();
    if named.is_empty() {
        found.push(whole);
    }
    found.extend(named);
}
