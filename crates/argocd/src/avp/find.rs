//! Finding the parts of an installation, wherever they stand in a file.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use super::error::AvpError;
use super::program::PROGRAM;
use super::values::{holds, list, spec_of};

/// The kind of the file that `argocd-cmp-server` reads.
const PLUGIN: &str = "ConfigManagementPlugin";

/// The parts that are found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) plugins: Vec<FoundPlugin>,
    /// Containers that run `argocd-cmp-server`.
    pub(super) sidecars: Vec<Value>,
    /// What is set for the repo-server's own container.
    pub(super) repo_server: Vec<Value>,
    pub(super) init_containers: Vec<Value>,
    pub(super) volumes: Vec<Value>,
    pub(super) account: Account,
    pub(super) service_account: Option<String>,
    /// The namespace of Argo CD, if an object says it.
    pub(super) namespace: Option<String>,
    /// The name of an `ArgoCD` resource of the operator.
    pub(super) operator: Option<String>,
    /// The plugins and the lists of containers that are texts which cannot be read: the chart takes
    /// templates there.
    pub(super) templates: BTreeSet<String>,
    /// The files of plugins that have no name or do nothing.
    pub(super) incomplete: BTreeSet<String>,
}

/// What is said of the token of the pod's account.
#[derive(Default)]
pub(super) struct Account {
    /// The containers have it because somebody says so.
    pub(super) is_given: bool,
    /// They have it because nobody says otherwise.
    pub(super) is_left: bool,
}

pub(super) struct FoundPlugin {
    pub(super) name: String,
    /// What its file is called in its ConfigMap.
    pub(super) file: Option<String>,
    pub(super) spec: Mapping,
}

impl FoundPlugin {
    pub(super) fn runs_avp(&self) -> bool {
        ["init", "generate"]
            .iter()
            .filter_map(|key| self.spec.get(*key))
            .any(|value| holds(value, PROGRAM))
    }
}

impl Found {
    /// Looks through a file.
    pub(super) fn file(&mut self, name: &str, text: &str) -> Result<(), AvpError> {
        for value in documents(text) {
            let value = value.map_err(|error| AvpError::NotYaml {
                place: match error.location() {
                    Some(at) => format!("{name}:{}:{}", at.line(), at.column()),
                    None => name.to_owned(),
                },
            })?;
            self.value("", &value);
        }
        Ok(())
    }

    /// The sidecar that runs a plugin: it mounts the plugin's file.
    pub(super) fn sidecar_of(&self, plugin: &FoundPlugin) -> Option<&Value> {
        let mounts_it = |sidecar: &&Value| {
            list(Some(sidecar), "volumeMounts").any(|mount| {
                let file = mount.get("subPath").and_then(Value::as_str);
                let at = mount.get("mountPath").and_then(Value::as_str);
                at.is_some_and(|at| at.ends_with("/plugin.yaml"))
                    && file.is_some()
                    && file == plugin.file.as_deref()
            })
        };
        let by_name = |sidecar: &&Value| {
            sidecar.get("name").and_then(Value::as_str) == Some(plugin.name.as_str())
        };
        let mut sidecars = self.sidecars.iter();
        sidecars
            .find(mounts_it)
            .or_else(|| self.sidecars.iter().find(by_name))
    }

    /// Looks through what stands under a key.
    fn value(&mut self, key: &str, value: &Value) {
        match value {
            Value::Mapping(map) => self.map(key, value, map),
            Value::Sequence(items) => {
                if key == "volumes" {
                    self.volumes.extend(items.iter().cloned());
                }
                items.iter().for_each(|item| self.value(key, item));
            }
            // Values of a chart in an Application, objects as text.
            Value::String(text) if text.contains('\n') && has_part(text) => {
                if key == "configManagementPlugins" {
                    self.plugins_of_old(text);
                } else {
                    self.text(key, text);
                }
            }
            _ => {}
        }
    }

    /// Looks through a text that is YAML.
    fn text(&mut self, key: &str, text: &str) {
        for value in documents(text) {
            let Ok(value) = value else {
                let holds_part = text.contains(PLUGIN)
                    || ["extraContainers", "initContainers", "sidecarContainers"].contains(&key);
                if holds_part {
                    self.templates.insert(key.to_owned());
                }
                return;
            };
            if value.is_mapping() || value.is_sequence() {
                let before = self.plugins.len();
                self.value("", &value);
                let kind = value.get("kind").and_then(Value::as_str);
                if kind == Some(PLUGIN) && self.plugins.len() == before {
                    self.incomplete.insert(key.to_owned());
                }
                for plugin in self.plugins.iter_mut().skip(before) {
                    plugin.file.get_or_insert_with(|| key.to_owned());
                }
            }
        }
    }

    fn map(&mut self, key: &str, value: &Value, map: &Mapping) {
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        if text("kind") == Some(PLUGIN) {
            let spec = map.get("spec").and_then(Value::as_mapping);
            let name = map
                .get("metadata")
                .and_then(|metadata| metadata.get("name")?.as_str());
            if let (Some(name), Some(spec)) = (name, spec) {
                self.plugins.push(FoundPlugin {
                    name: name.to_owned(),
                    file: None,
                    spec: spec_of(spec),
                });
            }
            return;
        }
        self.object(value, map);
        let plugins = map.get("plugins").and_then(Value::as_mapping);
        if let Some(plugins) = plugins.filter(|_| key == "cmp") {
            for (name, spec) in plugins {
                if let (Some(name), Some(spec)) = (name.as_str(), spec.as_mapping()) {
                    self.plugins.push(FoundPlugin {
                        name: name.to_owned(),
                        file: Some(format!("{name}.yaml")),
                        spec: spec_of(spec),
                    });
                }
            }
            return;
        }
        if map.contains_key("image")
            || map.contains_key("volumeMounts")
            || map.contains_key("envFrom")
        {
            self.container(key, value, map);
        }
        self.account(key, value, map);
        let operation = text("path").zip(map.get("value"));
        if let Some((path, value)) = operation.filter(|_| map.contains_key("op")) {
            return self.operation(path, value);
        }
        for (key, value) in map {
            let key = key.as_str().unwrap_or_default();
            // kubectl keeps there what was applied, which may not be what is there now.
            if key != "annotations" {
                self.value(key, value);
            }
        }
    }

    /// What an operation of a JSON patch puts at a path.
    fn operation(&mut self, path: &str, value: &Value) {
        let is_place = |part: &&str| *part != "-" && part.parse::<usize>().is_err();
        let key = path.rsplit('/').find(is_place).unwrap_or_default();
        match value {
            Value::Mapping(_) if path.ends_with("/-") => {
                self.value(key, &Value::Sequence(vec![value.clone()]));
            }
            value => self.value(key, value),
        }
    }

    fn container(&mut self, key: &str, value: &Value, map: &Mapping) {
        let command = ["command", "args"].iter().filter_map(|key| map.get(*key));
        let name = map.get("name").and_then(Value::as_str).unwrap_or_default();
        if command
            .into_iter()
            .any(|command| holds(command, "argocd-cmp-server"))
        {
            self.sidecars.push(value.clone());
        } else if key == "initContainers"
            || (!name.ends_with("repo-server") && holds(value, PROGRAM))
        {
            self.init_containers.push(value.clone());
        } else if matches!(key, "repoServer" | "repo") || name.ends_with("repo-server") {
            self.repo_server.push(value.clone());
        }
    }

    /// What an object says of the installation as a whole.
    fn object(&mut self, value: &Value, map: &Mapping) {
        let kind = map.get("kind").and_then(Value::as_str);
        let of = |key: &str| Some(map.get("metadata")?.get(key)?.as_str()?.to_owned());
        if kind == Some("ArgoCD") {
            self.operator = of("name");
        }
        let is_part = matches!(kind, Some("ArgoCD" | "ConfigMap" | "Deployment"))
            && (holds(value, PROGRAM) || holds(value, "argocd-cmp-server"));
        if is_part && self.namespace.is_none() {
            self.namespace = of("namespace");
        }
    }

    /// The account of the pod, where a map is that of a pod or stands for it.
    fn account(&mut self, key: &str, value: &Value, map: &Mapping) {
        let is_pod = matches!(key, "repoServer" | "repo") || map.contains_key("containers");
        if !is_pod {
            return;
        }
        const TOKEN: &str = "automountServiceAccountToken";
        let said = [
            map.get(TOKEN),
            map.get("serviceAccount")
                .and_then(|account| account.get(TOKEN)),
            map.get("mountsatoken"),
        ];
        let said: Vec<bool> = said
            .into_iter()
            .flatten()
            .filter_map(Value::as_bool)
            .collect();
        self.account.is_given |= said.contains(&true);
        // The chart's default and that of Kubernetes; a patch leaves the object's own `false`, and the
        // operator has another default.
        let is_whole = key == "repoServer" || list(Some(value), "containers").any(is_whole_server);
        self.account.is_left |= said.is_empty() && is_whole;
        let name = map
            .get("serviceAccountName")
            .or_else(|| map.get("serviceaccount"))
            .or_else(|| {
                map.get("serviceAccount")
                    .and_then(|account| account.get("name"))
            });
        if let Some(name) = name.and_then(Value::as_str) {
            self.service_account = Some(name.to_owned());
        }
    }

    /// The plugins of `argocd-cm`, which Argo CD had before 2.8.
    fn plugins_of_old(&mut self, text: &str) {
        let plugins = documents(text).flatten();
        for plugin in plugins
            .filter_map(|value| value.as_sequence().cloned())
            .flatten()
        {
            let name = plugin.get("name").and_then(Value::as_str);
            if let (Some(name), Some(map)) = (name, plugin.as_mapping()) {
                self.plugins.push(FoundPlugin {
                    name: name.to_owned(),
                    file: None,
                    spec: spec_of(map),
                });
            }
        }
    }
}

/// Whether a container is that of the repo-server and not a patch of it.
fn is_whole_server(container: &Value) -> bool {
    let name = container.get("name").and_then(Value::as_str);
    name.is_some_and(|name| name.ends_with("repo-server")) && container.get("image").is_some()
}

/// Whether a text may hold a part of an installation.
fn has_part(text: &str) -> bool {
    [PROGRAM, "argocd-cmp-server"]
        .iter()
        .any(|part| text.contains(part))
}

/// The documents of a text, with aliases and merge keys resolved.
fn documents(text: &str) -> impl Iterator<Item = Result<Value, serde_yaml::Error>> {
    use serde::Deserialize as _;
    let mut ended = false;
    // Windows puts a mark at the beginning of what it redirects to a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let mut value = Value::deserialize(document)?;
            value.apply_merge()?;
            Ok(value)
        })
        // Behind what is not YAML nothing can be read.
        .take_while(move |value| !std::mem::replace(&mut ended, value.is_err()))
}
