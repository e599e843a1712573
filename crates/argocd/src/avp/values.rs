//! Looking into values.

use serde_yaml::{Mapping, Value};

pub(super) fn is_named(value: &Value, name: &str) -> bool {
    value.get("name").and_then(Value::as_str) == Some(name)
}

pub(super) fn list<'v>(of: Option<&'v Value>, key: &str) -> impl Iterator<Item = &'v Value> {
    let items = of.and_then(|of| of.get(key)).and_then(Value::as_sequence);
    items.into_iter().flatten()
}

/// Whether a text anywhere below holds a word.
pub(super) fn holds(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text.contains(word),
        Value::Sequence(items) => items.iter().any(|item| holds(item, word)),
        Value::Mapping(map) => map.values().any(|value| holds(value, word)),
        _ => false,
    }
}

/// The words of `command` and `args`.
pub(super) fn words(command: &Value) -> Vec<String> {
    let mut words = Vec::new();
    for key in ["command", "args"] {
        match command.get(key) {
            Some(Value::Sequence(items)) => {
                words.extend(items.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            Some(Value::String(text)) => words.push(text.clone()),
            _ => {}
        }
    }
    words
}

/// The parts of a `ConfigManagementPlugin` that this kind of plugin has.
pub(super) fn spec_of(map: &Mapping) -> Mapping {
    const KEPT: [&str; 7] = [
        "version",
        "init",
        "generate",
        "discover",
        "parameters",
        "preserveFileMode",
        "provideGitCreds",
    ];
    let kept = map
        .iter()
        .filter(|(key, _)| key.as_str().is_some_and(|key| KEPT.contains(&key)));
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
