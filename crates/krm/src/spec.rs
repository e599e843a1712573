//! The fields of a `spec`, read one by one: whatever nobody has asked for is unknown.

use std::path::{Component, PathBuf};

use manifill::near_names;
use manifill_check::AllowedField;
use manifill_manifest::{FieldPath, Value};

use crate::problem::Problem;

/// A `spec`, or the `data` of a ConfigMap, whose values are all text.
pub(crate) struct Spec<'c> {
    kind: &'c str,
    at: FieldPath,
    entries: &'c [(String, Value)],
    is_data: bool,
    known: Vec<&'static str>,
    problems: &'c mut Vec<Problem>,
}

impl<'c> Spec<'c> {
    /// The `spec` of a function of this kind.
    pub(crate) fn of(
        kind: &'c str,
        spec: Option<&'c Value>,
        problems: &'c mut Vec<Problem>,
    ) -> Self {
        Spec::new(kind, "spec", spec, problems)
    }

    /// The `data` of a ConfigMap.
    pub(crate) fn of_config_map(data: Option<&'c Value>, problems: &'c mut Vec<Problem>) -> Self {
        Spec::new("ConfigMap", "data", data, problems)
    }

    fn new(
        kind: &'c str,
        field: &str,
        value: Option<&'c Value>,
        problems: &'c mut Vec<Problem>,
    ) -> Self {
        let at = FieldPath::new().key(field);
        let entries = match value {
            None | Some(Value::Null) => &[][..],
            Some(Value::Map(entries)) => entries,
            Some(_) => {
                problems.push(Problem::new(at.clone(), format!("`{field}` is not a map")));
                &[]
            }
        };
        Spec {
            kind,
            at,
            entries,
            is_data: field == "data",
            known: Vec::new(),
            problems,
        }
    }

    /// Tells the fields that nobody has asked for.
    pub(crate) fn end(self) {
        let known = || self.known.iter().copied();
        for (name, _) in self.entries {
            if known().any(|known| known == name) {
                continue;
            }
            let message = if self.is_data {
                format!("no setting of manifill's function is called `{name}`")
            } else {
                format!("the `spec` of a {} has no field `{name}`", self.kind)
            };
            let near = near_names(name, known());
            let hint = if near.is_empty() {
                let all: Vec<String> = known().map(|name| format!("`{name}`")).collect();
                format!("use one of {}", all.join(", "))
            } else {
                format!("did you mean {near}?")
            };
            let problem = Problem::new(self.at.clone().key(name), message);
            self.problems.push(problem.with_hint(hint));
        }
    }

    /// Tells something of the whole.
    pub(crate) fn problem(&mut self, message: &str) {
        self.problems.push(Problem::new(self.at.clone(), message));
    }

    /// Tells something of a field.
    pub(crate) fn problem_at(&mut self, name: &str, message: impl Into<String>) {
        let path = self.at.clone().key(name);
        self.problems.push(Problem::new(path, message));
    }

    /// Whether a field is there, right or wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key == name)
    }

    fn take(&mut self, name: &'static str) -> Option<&'c Value> {
        self.known.push(name);
        let found = self.entries.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// A switch, which is off if nothing is said.
    pub(crate) fn switch(&mut self, name: &'static str) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Bool(on)) if !self.is_data => *on,
            Some(Value::Text(text)) if self.is_data && text == "true" => true,
            Some(Value::Text(text)) if self.is_data && text == "false" => false,
            Some(_) => {
                self.problem_at(name, format!("`{name}` is neither true nor false"));
                false
            }
        }
    }

    /// Words; in a ConfigMap, with commas between them.
    pub(crate) fn words(&mut self, name: &'static str) -> Vec<String> {
        let words: Option<Vec<String>> = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Text(text)) if self.is_data => {
                let words = text.split(',').map(|word| word.trim().to_owned());
                Some(words.collect())
            }
            Some(Value::List(items)) if !self.is_data => {
                let word = |item: &Value| match item {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                };
                items.iter().map(word).collect()
            }
            Some(_) => None,
        };
        match words {
            Some(words) if !words.is_empty() && !words.iter().any(String::is_empty) => words,
            _ => {
                self.problem_at(name, format!("`{name}` is not a list of words"));
                Vec::new()
            }
        }
    }

    /// Fields of objects.
    pub(crate) fn fields(&mut self, name: &'static str) -> Vec<AllowedField> {
        let mut fields = Vec::new();
        for word in self.words(name) {
            match word.parse() {
                Ok(field) => fields.push(field),
                Err(error) => self.problem_at(name, format!("`{word}`: {error}")),
            }
        }
        fields
    }

    /// Paths below the folder in which the function runs.
    pub(crate) fn paths(&mut self, name: &'static str) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for word in self.words(name) {
            let path = PathBuf::from(&word);
            let is_below =
                |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
            if word == "-" || !path.components().all(is_below) {
                let message = format!("`{word}` does not lie in the folder of the function");
                self.problem_at(name, message);
            } else {
                paths.push(path);
            }
        }
        paths
    }

    /// Texts: one text with any number of documents, or a list of objects.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<(String, String)> {
        let field = format!("functionConfig.{}", self.at.clone().key(name));
        let object = |(number, item): (usize, &Value)| match item {
            Value::Map(_) => Some((format!("{field}[{number}]"), item.to_json())),
            _ => None,
        };
        let texts: Option<Vec<(String, String)>> = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Text(text)) => Some(vec![(field, text.clone())]),
            Some(Value::List(items)) => items.iter().enumerate().map(object).collect(),
            Some(_) => None,
        };
        texts.unwrap_or_else(|| {
            let message =
                format!("`{name}` is neither a text with manifests nor a list of objects");
            self.problem_at(name, message);
            Vec::new()
        })
    }
}
