//! The recorded cases of argocd-vault-plugin, and how its output and ours are compared.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;

use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill_manifest::Value;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct File {
    secrets: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) input: String,
    pub(crate) flags: Vec<String>,
    pub(crate) verdict: String,
    pub(crate) avp_stdout: String,
    pub(crate) avp_rc: i32,
}

/// The secrets that the cases read, and the cases.
pub(crate) fn recorded() -> (Memory, Vec<Case>) {
    let file: File = serde_json::from_str(include_str!("../avp-cases.json")).unwrap();
    let vault = file
        .secrets
        .into_iter()
        .fold(Memory::new(), |vault, (path, values)| {
            let values = values
                .into_iter()
                .map(|(key, value)| (key, SecretValue::from_json(value.get()).unwrap()));
            vault.with(path, values)
        });
    (vault, file.cases)
}

/// The documents of a text under YAML 1.1, without empty ones, their maps in one order: what two
/// texts have in common that mean the same.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    manifill_manifest::read(text)
        .unwrap_or_else(|error| panic!("{error}: {text}"))
        .into_iter()
        .filter(|document| *document != Value::Null)
        .map(sorted)
        .collect()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(sorted).collect()),
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Map(entries)
        }
        other => other,
    }
}
