//! Pods follow what they read: the checksum in their template changes with it, and with nothing else.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::vault::{Secret, SecretRequest, SecretValue, VaultBackend, VaultError};
use manifill::{DigestKey, Input, Rendered, Renderer, RunContext, Severity};
use serde_json::Value;

const KEY: &str = "a key of the operator";

/// A vault whose secrets have versions.
#[derive(Debug)]
struct Versioned(&'static str, &'static str);

#[async_trait::async_trait]
impl VaultBackend for Versioned {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let answer = |request: &SecretRequest| {
            let mut secret = Secret::new().with_id(request.path.as_str());
            secret.insert("user", Ok(SecretValue::text(self.0)));
            // Only the secret `db` has other versions.
            let version = if request.path.as_str() == "db" {
                self.1
            } else {
                "1"
            };
            Ok(secret.with_version(version))
        };
        requests.iter().map(answer).collect()
    }
}

fn versioned(value: &'static str, version: &'static str) -> Renderer {
    Renderer::with_backend("memory", Versioned(value, version))
}

fn render<'i>(renderer: &Renderer, inputs: &'i [Input]) -> Rendered<'i> {
    let rendered = renderer.render(inputs, &RunContext::new()).now_or_never();
    rendered
        .unwrap()
        .unwrap_or_else(|error| panic!("{}", common::told(&error)))
}

fn json(text: &str) -> Vec<Value> {
    let values = manifill_manifest::read(text).expect("it can be read");
    let json = |value: &manifill_manifest::Value| serde_json::from_str(&value.to_json()).unwrap();
    values.iter().map(json).collect()
}

/// The checksums of all workloads, by name.
fn sums(renderer: &Renderer, source: &str) -> BTreeMap<String, String> {
    let inputs = [Input::new("a.yaml", source)];
    let rendered = render(renderer, &inputs);
    let mut found = BTreeMap::new();
    for object in json(&rendered.texts()[0]) {
        for template in ["/spec/template", "/spec/jobTemplate/spec/template"] {
            let sum = object.pointer(&format!(
                "{template}/metadata/annotations/manifill.dev~1checksum"
            ));
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            found.extend(sum.map(|sum| (name.to_owned(), sum.as_str().unwrap().to_owned())));
        }
    }
    found
}

fn sum(renderer: &Renderer, source: &str) -> String {
    let (_, sum) = sums(renderer, source)
        .pop_first()
        .expect("there is a checksum");
    sum
}

const SECRET: &str = "---\nkind: Secret\nmetadata: {name: s}\nstringData: {a: <path:db#user>}\n";
const WORKLOAD: &str = "kind: Deployment\nmetadata: {name: w, annotations: {manifill.dev/restart-on-change: \"true\"}}\nspec:\n  template:\n    # the pod\n    spec:\n      containers: [{name: c, envFrom: [{secretRef: {name: s}}]}]\n";

fn both() -> String {
    format!("{WORKLOAD}{SECRET}")
}

#[test]
fn the_template_gets_64_digits_and_nothing_else_changes() {
    let source = both();
    let inputs = [Input::new("a.yaml", source.as_str())];
    let rendered = render(&versioned("svc", "1"), &inputs);
    let sum = sum(&versioned("svc", "1"), &source);
    assert!(sum.len() == 64 && sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    let wanted = source
        .replace("    # the pod\n", &format!("    metadata:\n      annotations:\n        manifill.dev/checksum: \"{sum}\"\n    # the pod\n"))
        .replace("<path:db#user>", "\"svc\"");
    assert_eq!(rendered.texts()[0], wanted);
    assert!(rendered.warnings().is_empty(), "{:?}", rendered.warnings());
}

#[test]
fn it_follows_the_version_and_the_template_and_not_the_value() {
    let source = both();
    let one = sum(&versioned("svc", "1"), &source);
    assert_eq!(sum(&versioned("svc", "1"), &source), one);
    assert_eq!(
        sum(&versioned("other", "1"), &source),
        one,
        "values do not count"
    );
    assert_ne!(sum(&versioned("svc", "2"), &source), one);
    let renamed = source.replace("{a: <path", "{b: <path");
    assert_ne!(sum(&versioned("svc", "1"), &renamed), one);
    // What the workload itself says is its own business.
    let scaled = source.replace("spec:\n  template", "spec:\n  replicas: 2\n  template");
    assert_eq!(sum(&versioned("svc", "1"), &scaled), one);
    // Where it stands does not count either.
    let swapped = format!("{}---\n{WORKLOAD}", SECRET.trim_start_matches("---\n"));
    assert_eq!(sum(&versioned("svc", "1"), &swapped), one);
}

#[test]
fn a_checksum_that_is_there_is_replaced_and_not_counted() {
    let source = both();
    let one = sum(&versioned("svc", "1"), &source);
    for old in ["x".repeat(64), "1".repeat(64)] {
        let with = format!(
            "    metadata: {{annotations: {{a: b, manifill.dev/checksum: {old}}}}}\n    # the pod\n"
        );
        let source = source.replace("    # the pod\n", &with);
        let inputs = [Input::new("a.yaml", source.as_str())];
        let rendered = render(&versioned("svc", "1"), &inputs);
        let text = &rendered.texts()[0];
        assert!(
            text.contains(&format!("{{a: b, manifill.dev/checksum: \"{one}\"}}")),
            "{text}"
        );
        assert!(rendered.warnings().is_empty(), "{:?}", rendered.warnings());
        // Nor does a second run change it.
        let again = text.replace("\"svc\"", "<path:db#user>");
        assert_eq!(sum(&versioned("svc", "1"), &again), one);
    }
}

#[test]
fn a_key_of_the_operator_lets_values_count() {
    let source = both();
    let memory =
        |user: &str| Renderer::with_backend("memory", Memory::new().with("db", [("user", user)]));
    let keyed =
        |renderer: Renderer, key: &str| renderer.with_digest_key(DigestKey::new(key).unwrap());
    let one = sum(&keyed(memory("svc"), KEY), &source);
    assert_eq!(sum(&keyed(memory("svc"), KEY), &source), one);
    assert_ne!(sum(&keyed(memory("other"), KEY), &source), one);
    assert_ne!(
        sum(&keyed(memory("svc"), "another key, as long"), &source),
        one
    );
    // The version of an item says less than the value then.
    let versions = ["1", "2"].map(|version| sum(&keyed(versioned("svc", version), KEY), &source));
    assert_eq!(versions[0], versions[1]);
}

#[test]
fn a_backend_without_versions_is_one_warning() {
    let more = both()
        + "---\n"
        + &both()
            .replace("name: s}", "name: t}")
            .replace("name: w,", "name: x,");
    let memory = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
    let inputs = [Input::new("a.yaml", more.as_str())];
    let rendered = render(&memory, &inputs);
    let [warning] = rendered.warnings() else {
        panic!("{:?}", rendered.warnings());
    };
    assert!(
        warning.message.contains("restarts no pods"),
        "{}",
        warning.message
    );
    assert!(
        warning
            .hint
            .as_ref()
            .unwrap()
            .contains("MANIFILL_DIGEST_KEY")
    );
    assert_eq!(warning.place.resource.as_deref(), Some("Deployment/w"));
    assert_eq!(sums(&memory, &more).len(), 2);
    let keyed = memory.with_digest_key(DigestKey::new(KEY).unwrap());
    assert!(render(&keyed, &inputs).warnings().is_empty());
}

/// All ways in which a pod refers to something, each with what Reloader watches for it.
const WAYS: [(&str, &str); 12] = [
    (
        "containers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: X, key: a}}}]}]",
        "Secret",
    ),
    (
        "containers: [{env: [{name: A, valueFrom: {configMapKeyRef: {name: X, key: a}}}]}]",
        "ConfigMap",
    ),
    (
        "containers: [{name: a}, {envFrom: [{secretRef: {name: X}}]}]",
        "Secret",
    ),
    (
        "containers: [{envFrom: [{configMapRef: {name: X}}]}]",
        "ConfigMap",
    ),
    (
        "initContainers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: X, key: a}}}]}]",
        "Secret",
    ),
    (
        "initContainers: [{env: [{name: A, valueFrom: {configMapKeyRef: {name: X, key: a}}}]}]",
        "ConfigMap",
    ),
    (
        "initContainers: [{envFrom: [{secretRef: {name: X}}]}]",
        "Secret",
    ),
    (
        "initContainers: [{envFrom: [{configMapRef: {name: X}}]}]",
        "ConfigMap",
    ),
    ("volumes: [{name: v, secret: {secretName: X}}]", "Secret"),
    ("volumes: [{name: v, configMap: {name: X}}]", "ConfigMap"),
    (
        "volumes: [{name: v, projected: {sources: [{secret: {name: X}}]}}]",
        "Secret",
    ),
    (
        "volumes: [{name: v, projected: {sources: [{configMap: {name: X}}]}}]",
        "ConfigMap",
    ),
];

#[test]
fn everything_that_reloader_watches_is_followed() {
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "CronJob"] {
        for (spec, read) in WAYS {
            let template = format!("template: {{spec: {{{spec}}}}}");
            let spec = match kind {
                "CronJob" => format!("jobTemplate: {{spec: {{{template}}}}}"),
                _ => template,
            };
            let object = |name: &str, value: &str| {
                ["Secret", "ConfigMap"].map(|kind| {
                    format!("---\nkind: {kind}\nmetadata: {{name: {name}}}\ndata: {{a: {kind}{value}}}\n")
                }).concat()
            };
            let workload = format!(
                "kind: {kind}\nmetadata: {{name: w, annotations: {{manifill.dev/restart-on-change: 'true'}}}}\nspec: {{{spec}}}\n"
            );
            let with = |x: &str| {
                sum(
                    &versioned("", "1"),
                    &format!("{workload}{x}{}", object("Y", "0")),
                )
            };
            let one = with(&object("X", "0"));
            let other = with(&object("X", "0").replace(&format!("{read}0"), "new"));
            assert_ne!(one, other, "{kind} {spec}");
            let unread = if read == "Secret" {
                "ConfigMap"
            } else {
                "Secret"
            };
            let same = with(&object("X", "0").replace(&format!("{unread}0"), "new"));
            assert_eq!(one, same, "{kind} {spec}");
        }
    }
}

#[test]
fn namespaces_are_kept_apart_and_files_are_not() {
    let workload = WORKLOAD.replace("{name: w,", "{name: w, namespace: n,");
    let secret = |namespace: &str| {
        SECRET.replace("{name: s}", &format!("{{name: s, namespace: {namespace}}}"))
    };
    let inputs = [
        Input::new("a", workload.as_str()),
        Input::new("b", secret("n")),
        Input::new("c", secret("m")),
    ];
    let alone = render(&versioned("svc", "1"), &inputs[..2]);
    let beside = render(&versioned("svc", "1"), &inputs);
    assert_eq!(alone.texts()[0], beside.texts()[0]);
    assert!(alone.texts()[0].contains("manifill.dev/checksum"));
    let other = [
        Input::new("a", workload.as_str()),
        Input::new("c", secret("m")),
    ];
    let other = render(&versioned("svc", "1"), &other);
    assert_eq!(other.texts()[0], workload);
    assert!(
        other.warnings()[0]
            .message
            .contains("no Secret and no ConfigMap of this run")
    );
}

#[test]
fn only_workloads_that_ask_for_it_are_touched() {
    for (old, new) in [
        ("\"true\"", "\"false\""),
        ("manifill.dev/restart-on-change: \"true\"", "x: y"),
        (
            "{manifill.dev/r",
            "{avp.kubernetes.io/ignore: 'true', manifill.dev/r",
        ),
    ] {
        let source = both().replace(old, new);
        assert!(sums(&versioned("svc", "1"), &source).is_empty(), "{source}");
    }
    let source = "kind: Secret\nmetadata: {name: s, annotations: {manifill.dev/restart-on-change: 'true'}}\n";
    let inputs = [Input::new("a", source)];
    let rendered = render(&versioned("svc", "1"), &inputs);
    assert_eq!(rendered.texts()[0], source);
    assert_eq!(rendered.warnings()[0].severity, Severity::Warning);
    assert!(
        rendered.warnings()[0]
            .message
            .contains("does nothing on a Secret")
    );
}

#[test]
fn items_of_lists_and_documents_behind_others_are_found() {
    let kustomization =
        "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n---\n# nothing\n---\n";
    let item = |text: &str| {
        text.trim_start_matches("---\n")
            .trim_end()
            .replace('\n', "\n  ")
    };
    let list = format!(
        "{kustomization}kind: List\nitems:\n- {}\n- {}\n",
        item(SECRET),
        item(WORKLOAD)
    );
    let inputs = [Input::new("a", list.as_str())];
    let rendered = render(&versioned("svc", "1"), &inputs);
    let text = &rendered.texts()[0];
    let objects = json(text);
    let list = objects.iter().find(|one| one["kind"] == "List").unwrap();
    let annotations = &list["items"][1]["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(
        annotations["manifill.dev/checksum"].as_str().unwrap().len(),
        64,
        "{text}"
    );
}

#[test]
fn a_template_without_a_place_for_it_is_an_error() {
    let source = both().replace("    # the pod\n", "    metadata: [a]\n");
    let inputs = [Input::new("a", source.as_str())];
    let rendered = versioned("svc", "1")
        .render(&inputs, &RunContext::new())
        .now_or_never();
    let error = rendered.unwrap().map(drop).unwrap_err();
    assert!(
        error.diagnostics()[0]
            .message
            .contains("manifill.dev/checksum")
    );
}

#[test]
fn mock_values_have_the_checksum_of_the_text() {
    let source = both();
    let inputs = [Input::new("a", source.as_str())];
    let rendered = versioned("svc", "1").mock(&inputs).unwrap();
    assert!(rendered.texts()[0].contains("manifill.dev/checksum"));
    assert!(rendered.warnings().is_empty());
}

/// What the first seed installs Reloader for: its homepage restarts when its ConfigMap changes.
#[cfg(feature = "file")]
#[test]
fn the_home_lab_needs_no_reloader() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/manifests/homelab/homepage");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let read = |old: &str, new: &str| {
        let inputs: Vec<Input> = files
            .iter()
            .map(|file| {
                let text = std::fs::read_to_string(file).unwrap();
                let text = text.replace(
                    "reloader.stakater.com/auto",
                    "manifill.dev/restart-on-change",
                );
                Input::new(file.to_string_lossy(), text.replace(old, new))
            })
            .collect();
        let renderer = Renderer::new(
            manifill::Backends::new()
                .with_named(
                    "shared",
                    "memory",
                    std::sync::Arc::new(Versioned("svc", "1")),
                )
                .with_named(
                    "homelab",
                    "memory",
                    std::sync::Arc::new(Versioned("svc", "1")),
                )
                .with_default("homelab"),
        );
        let rendered = renderer.mock(&inputs).unwrap();
        let texts = rendered.texts().iter();
        let sums: Vec<String> = texts
            .flat_map(|text| {
                text.lines()
                    .filter(|line| line.contains("manifill.dev/checksum:"))
            })
            .map(str::to_owned)
            .collect();
        assert_eq!(sums.len(), 1, "{sums:?}");
        sums
    };
    let one = read("", "");
    assert_eq!(
        one,
        read("revisionHistoryLimit: 3", "revisionHistoryLimit: 4")
    );
    assert_ne!(one, read("kind: ConfigMap", "kind: ConfigMap # changed"));
}
