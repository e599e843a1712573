//! The parameters of an Application, as Argo CD hands them over: `ARGOCD_APP_PARAMETERS`, a JSON list.

use std::collections::BTreeMap;

use manifill::near_names;
use serde_json::{Map, Value};

use super::error::{RenderingError, shown};
use super::yaml;

const VARIABLE: &str = "ARGOCD_APP_PARAMETERS";

/// What is rendered, which decides what its parameters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A folder of manifests.
    Plain,
    /// A chart of Helm.
    Helm,
    /// A kustomization.
    Kustomize,
}

impl SourceKind {
    fn told(self) -> &'static str {
        match self {
            SourceKind::Plain => "a folder of manifests",
            SourceKind::Helm => "a chart",
            SourceKind::Kustomize => "a kustomization",
        }
    }
}

/// How many values a parameter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collection {
    Array,
    String,
    Map,
}

impl Collection {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Collection::Array => "array",
            Collection::String => "string",
            Collection::Map => "map",
        }
    }
}

/// A parameter that can be set.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) kind: SourceKind,
    pub(crate) collection: Collection,
    pub(crate) title: &'static str,
    pub(crate) tooltip: &'static str,
}

pub(crate) const KNOWN: [Known; 11] = [
    Known {
        name: "helm-values-files",
        kind: SourceKind::Helm,
        collection: Collection::Array,
        title: "Values files",
        tooltip: "Files of values in this repository, relative to the chart; later ones win",
    },
    Known {
        name: "helm-values",
        kind: SourceKind::Helm,
        collection: Collection::String,
        title: "Values",
        tooltip: "Values as YAML; they win over files",
    },
    Known {
        name: "helm-set",
        kind: SourceKind::Helm,
        collection: Collection::Map,
        title: "Values by name",
        tooltip: "As with helm --set; they win over values as YAML",
    },
    Known {
        name: "helm-set-string",
        kind: SourceKind::Helm,
        collection: Collection::Map,
        title: "Texts by name",
        tooltip: "As with helm --set-string: numbers and booleans stay text",
    },
    Known {
        name: "kustomize-images",
        kind: SourceKind::Kustomize,
        collection: Collection::Array,
        title: "Images",
        tooltip: "As with kustomize edit set image: name=new/name:tag, name:tag or name@digest",
    },
    Known {
        name: "kustomize-name-prefix",
        kind: SourceKind::Kustomize,
        collection: Collection::String,
        title: "Name prefix",
        tooltip: "What the names of all resources begin with",
    },
    Known {
        name: "kustomize-name-suffix",
        kind: SourceKind::Kustomize,
        collection: Collection::String,
        title: "Name suffix",
        tooltip: "What the names of all resources end with",
    },
    Known {
        name: "kustomize-namespace",
        kind: SourceKind::Kustomize,
        collection: Collection::String,
        title: "Namespace",
        tooltip: "The namespace of all resources",
    },
    Known {
        name: "kustomize-labels",
        kind: SourceKind::Kustomize,
        collection: Collection::Map,
        title: "Labels",
        tooltip: "Labels of all resources and of their selectors",
    },
    Known {
        name: "include",
        kind: SourceKind::Plain,
        collection: Collection::Array,
        title: "Include",
        tooltip: "Globs of the files to render, below the folder; without any, all are rendered",
    },
    Known {
        name: "exclude",
        kind: SourceKind::Plain,
        collection: Collection::Array,
        title: "Exclude",
        tooltip: "Globs of the files and folders to leave out, below the folder",
    },
];

/// What an Application sets. Nothing else of it is ever read for that, no `PARAM_…` either, whose
/// names can mean several parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameters {
    /// `helm-values-files`, relative to the chart.
    pub helm_values_files: Vec<String>,
    /// `helm-values`, YAML.
    pub helm_values: String,
    /// `helm-set`.
    pub helm_set: BTreeMap<String, String>,
    /// `helm-set-string`.
    pub helm_set_string: BTreeMap<String, String>,
    /// `kustomize-images`.
    pub kustomize_images: Vec<String>,
    /// `kustomize-name-prefix`.
    pub kustomize_name_prefix: String,
    /// `kustomize-name-suffix`.
    pub kustomize_name_suffix: String,
    /// `kustomize-namespace`.
    pub kustomize_namespace: String,
    /// `kustomize-labels`.
    pub kustomize_labels: BTreeMap<String, String>,
    /// `include`, globs.
    pub include: Vec<String>,
    /// `exclude`, globs.
    pub exclude: Vec<String>,
}

impl Parameters {
    /// Reads the text of `ARGOCD_APP_PARAMETERS`; an empty one sets nothing. One parameter for
    /// another kind of source than this is an error, since it would have no effect.
    ///
    /// ```
    /// use manifill_argocd::rendering::{Parameters, SourceKind};
    ///
    /// let text = r#"[{"name": "helm-values-files", "array": ["prod.yaml"]}]"#;
    /// let parameters = Parameters::read(text, SourceKind::Helm).unwrap();
    /// assert_eq!(parameters.helm_values_files, ["prod.yaml"]);
    ///
    /// let error = Parameters::read(r#"[{"name": "helm-sett", "map": {}}]"#, SourceKind::Helm);
    /// let error = error.unwrap_err();
    /// assert_eq!(error.to_string(), "there is no parameter `helm-sett`");
    /// assert!(error.hint().unwrap().starts_with("did you mean `helm-set`?"));
    /// ```
    ///
    /// # Errors
    /// A text that is not such a list, parameters that are not known, set twice, of another type or
    /// for another kind of source.
    pub fn read(text: &str, kind: SourceKind) -> Result<Parameters, RenderingError> {
        let mut parameters = Parameters::default();
        if text.trim().is_empty() {
            return Ok(parameters);
        }
        let list = match yaml::parse_json(VARIABLE, text.as_bytes())? {
            // Argo CD writes `null` for an Application without parameters.
            Some(Value::Null) => return Ok(parameters),
            Some(Value::Array(list)) => list,
            _ => return Err(not_a_list()),
        };
        let mut seen: Vec<&str> = Vec::new();
        for parameter in &list {
            let parameter = parameter.as_object().ok_or_else(not_a_list)?;
            let name = parameter.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(not_a_list)?;
            let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
                return Err(unknown(name, kind));
            };
            if known.kind != kind {
                let message = format!(
                    "the parameter `{name}` is for {}, and this is {}",
                    known.kind.told(),
                    kind.told()
                );
                return Err(RenderingError::settings(message).with_hint(takes(kind)));
            }
            if seen.contains(&name) {
                let message = format!("the parameter `{name}` is set twice");
                return Err(RenderingError::settings(message));
            }
            seen.push(name);
            parameters.take(known, parameter)?;
        }
        Ok(parameters)
    }

    fn take(&mut self, known: &Known, set: &Map<String, Value>) -> Result<(), RenderingError> {
        let value = Typed::of(known, set)?;
        match (known.name, value) {
            (_, Typed::Nothing) => {}
            ("helm-values-files", Typed::Array(array)) => self.helm_values_files = array,
            ("helm-values", Typed::String(string)) => self.helm_values = string,
            ("helm-set", Typed::Map(map)) => self.helm_set = map,
            ("helm-set-string", Typed::Map(map)) => self.helm_set_string = map,
            ("kustomize-images", Typed::Array(array)) => self.kustomize_images = array,
            ("kustomize-name-prefix", Typed::String(string)) => self.kustomize_name_prefix = string,
            ("kustomize-name-suffix", Typed::String(string)) => self.kustomize_name_suffix = string,
            ("kustomize-namespace", Typed::String(string)) => self.kustomize_namespace = string,
            ("kustomize-labels", Typed::Map(map)) => self.kustomize_labels = map,
            ("include", Typed::Array(array)) => self.include = array,
            ("exclude", Typed::Array(array)) => self.exclude = array,
            (name, _) => return Err(unknown(name, known.kind)),
        }
        Ok(())
    }
}

enum Typed {
    Nothing,
    Array(Vec<String>),
    String(String),
    Map(BTreeMap<String, String>),
}

impl Typed {
    /// The value of a parameter, which has the type that is announced for it.
    fn of(known: &Known, set: &Map<String, Value>) -> Result<Typed, RenderingError> {
        let wanted = known.collection.name();
        let wrong = |what: &str| {
            let article = if known.collection == Collection::Array {
                "an"
            } else {
                "a"
            };
            let message = format!(
                "the parameter `{}` is {what}, but it takes {article} {wanted}",
                known.name
            );
            let example = match known.collection {
                Collection::Array => "array: [a, b]",
                Collection::String => "string: a",
                Collection::Map => "map: {a: b}",
            };
            RenderingError::settings(message)
                .with_hint(format!("write `{example}` beside its name"))
        };
        let mut typed = Typed::Nothing;
        for (field, value) in set {
            let strings = "a list or map of something other than strings";
            let value = match (field.as_str(), value) {
                // Argo CD leaves out what is not set, or writes it empty.
                ("name", _) | (_, Value::Null) => continue,
                ("string", Value::String(text)) => Typed::String(text.clone()),
                ("array", Value::Array(items)) => {
                    let items = items.iter().map(|item| item.as_str().map(str::to_owned));
                    Typed::Array(items.collect::<Option<_>>().ok_or_else(|| wrong(strings))?)
                }
                ("map", Value::Object(entries)) => {
                    let entries = entries
                        .iter()
                        .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
                    Typed::Map(
                        entries
                            .collect::<Option<_>>()
                            .ok_or_else(|| wrong(strings))?,
                    )
                }
                ("string" | "array" | "map", _) => return Err(wrong("of another type")),
                (field, _) => {
                    let message = format!(
                        "the parameter `{}` has a field {}; it has `name` and `string`, `array` or `map`",
                        known.name,
                        shown(field)
                    );
                    return Err(RenderingError::settings(message));
                }
            };
            if field == wanted {
                typed = value;
            } else if !value.is_empty() {
                return Err(wrong(match value {
                    Typed::Array(_) => "an array",
                    Typed::Map(_) => "a map",
                    _ => "a string",
                }));
            }
        }
        Ok(typed)
    }

    fn is_empty(&self) -> bool {
        match self {
            Typed::Nothing => true,
            Typed::Array(items) => items.is_empty(),
            Typed::String(text) => text.is_empty(),
            Typed::Map(entries) => entries.is_empty(),
        }
    }
}

fn not_a_list() -> RenderingError {
    RenderingError::settings(format!(
        "{VARIABLE} is not a JSON list of parameters with a name each"
    ))
}

fn unknown(name: &str, kind: SourceKind) -> RenderingError {
    let near = near_names(name, KNOWN.iter().map(|known| known.name));
    let takes = takes(kind);
    let hint = match near.as_str() {
        "" => takes,
        near => {
            let nearest = near.split(", ").next().unwrap_or(near);
            format!("did you mean {nearest}? {takes}")
        }
    };
    RenderingError::settings(format!("there is no parameter {}", shown(name))).with_hint(hint)
}

/// The parameters of a kind of source.
fn takes(kind: SourceKind) -> String {
    let own = KNOWN.iter().filter(|known| known.kind == kind);
    let names: Vec<String> = own.map(|known| format!("`{}`", known.name)).collect();
    let (kind, names) = (kind.told(), names.join(", "));
    format!("{kind} takes {names}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use SourceKind::{Helm, Kustomize, Plain};

    #[test]
    fn each_parameter_has_its_type() {
        let text = r#"[
            {"name": "helm-values-files", "array": ["a.yaml", "b.yaml"], "string": "", "map": null},
            {"name": "helm-values", "string": "a: b\n"},
            {"name": "helm-set", "map": {"a.b": "1", "c": "x,y"}},
            {"name": "helm-set-string", "map": {"d": "2"}, "array": []}
        ]"#;
        let helm = Parameters::read(text, Helm).unwrap();
        assert_eq!(helm.helm_values_files, ["a.yaml", "b.yaml"]);
        assert_eq!(helm.helm_values, "a: b\n");
        assert_eq!(helm.helm_set["c"], "x,y");
        assert_eq!(helm.helm_set_string["d"], "2");
        let text = r#"[
            {"name": "kustomize-images", "array": ["a=b:1"]},
            {"name": "kustomize-name-prefix", "string": "p-"},
            {"name": "kustomize-name-suffix", "string": "-s"},
            {"name": "kustomize-namespace", "string": "n"},
            {"name": "kustomize-labels", "map": {"l": "v"}}
        ]"#;
        let kustomize = Parameters::read(text, Kustomize).unwrap();
        assert_eq!(kustomize.kustomize_images, ["a=b:1"]);
        assert_eq!(kustomize.kustomize_name_prefix, "p-");
        assert_eq!(kustomize.kustomize_name_suffix, "-s");
        assert_eq!(kustomize.kustomize_namespace, "n");
        assert_eq!(kustomize.kustomize_labels["l"], "v");
        let text =
            r#"[{"name": "include", "array": ["*.yaml"]}, {"name": "exclude", "array": ["x"]}]"#;
        let plain = Parameters::read(text, Plain).unwrap();
        assert_eq!(
            (plain.include, plain.exclude),
            (vec!["*.yaml".to_owned()], vec!["x".to_owned()])
        );
        for nothing in ["", " \n", "null", "[]", r#"[{"name": "helm-set"}]"#] {
            assert_eq!(
                Parameters::read(nothing, Helm).unwrap(),
                Parameters::default()
            );
        }
    }

    #[test]
    fn another_type_is_an_error_for_each_parameter() {
        for known in &KNOWN {
            for (collection, value, told) in [
                (Collection::Array, "[\"a\"]", "an array"),
                (Collection::String, "\"a\"", "a string"),
                (Collection::Map, "{\"a\": \"b\"}", "a map"),
            ] {
                let (name, field) = (known.name, collection.name());
                let read = |value: &str| {
                    let text = format!("[{{\"name\": \"{name}\", \"{field}\": {value}}}]");
                    Parameters::read(&text, known.kind)
                };
                if collection == known.collection {
                    assert_ne!(read(value).unwrap(), Parameters::default(), "{name}");
                    for odd in ["7", "true", "[1]", "{\"a\": 1}"] {
                        assert!(read(odd).is_err(), "{name} {odd}");
                    }
                } else {
                    let error = read(value).unwrap_err().to_string();
                    assert!(
                        error.starts_with(&format!(
                            "the parameter `{name}` is {told}, but it takes a"
                        )),
                        "{error}"
                    );
                }
            }
        }
    }

    #[test]
    fn other_mistakes_are_told() {
        for (text, wanted) in [
            (
                "{",
                "ARGOCD_APP_PARAMETERS is not a JSON list of parameters with a name each",
            ),
            (
                "{}",
                "ARGOCD_APP_PARAMETERS is not a JSON list of parameters with a name each",
            ),
            (
                "[7]",
                "ARGOCD_APP_PARAMETERS is not a JSON list of parameters with a name each",
            ),
            (
                r#"[{"string": "a"}]"#,
                "ARGOCD_APP_PARAMETERS is not a JSON list of parameters with a name each",
            ),
            (r#"[{"name": "x\ny"}]"#, "there is no parameter `x\\ny`"),
            (
                r#"[{"name": "include", "array": []}]"#,
                "the parameter `include` is for a folder of manifests, and this is a chart",
            ),
            (
                r#"[{"name": "helm-values"}, {"name": "helm-values"}]"#,
                "the parameter `helm-values` is set twice",
            ),
            (
                r#"[{"name": "helm-values", "text": "a"}]"#,
                "the parameter `helm-values` has a field `text`; it has `name` and `string`, `array` or `map`",
            ),
        ] {
            let error = Parameters::read(text, Helm).unwrap_err();
            assert_eq!(error.to_string(), wanted);
        }
        let error = Parameters::read(r#"[{"name": "kustomize-image"}]"#, Kustomize).unwrap_err();
        assert_eq!(
            error.hint().unwrap(),
            "did you mean `kustomize-images`? a kustomization takes `kustomize-images`, `kustomize-name-prefix`, `kustomize-name-suffix`, `kustomize-namespace`, `kustomize-labels`"
        );
    }
}
