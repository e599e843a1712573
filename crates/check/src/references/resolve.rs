//! Whether what a place names is there.

use manifill::{DiagnosticKind, Finding, near_names};

use super::reference::{Label, Reference, Wants};
use crate::externals::Externals;
use crate::problem::Problem;
use crate::set::{Holder, Holders, Keys, Kind, Object, Set};

/// Those that a cluster has in each namespace.
const OF_CLUSTER: [&str; 2] = ["kube-root-ca.crt", "openshift-service-ca.crt"];

/// What is wrong with a reference.
pub(super) fn problem(
    reference: &Reference,
    set: &Set,
    holders: &Holders<'_>,
    externals: &Externals,
) -> Option<Problem> {
    let from = set.objects.get(reference.object)?;
    let told = |finding| Problem {
        object: reference.object,
        path: reference.path.clone(),
        part: reference.part.clone(),
        finding,
    };
    if reference.wants == Wants::Text {
        let message =
            "a cluster takes only text here, and this reads as a number or as true or false";
        let finding = Finding::error(DiagnosticKind::Reference, message);
        return Some(told(finding.with_hint("put it in quotes")));
    }
    if reference.optional || externals.has(&reference.name) || is_of_cluster(reference) {
        return None;
    }
    let named = holders.named(reference.kind, &reference.name);
    let namespace = from.namespace.as_deref();
    let here: Vec<&Holder<'_>> = named
        .iter()
        .filter(|holder| holder.of.may_be_in(namespace))
        .collect();
    let finding = if here.is_empty() {
        outside(reference, from, named, holders)
    } else {
        label(reference, &here).or_else(|| key(reference, &here))?
    };
    Some(told(finding))
}

fn is_of_cluster(reference: &Reference) -> bool {
    reference.kind == Kind::ConfigMap && OF_CLUSTER.contains(&reference.name.as_str())
}

/// Nothing of this name is here: it may be elsewhere.
fn outside(
    reference: &Reference,
    from: &Object,
    named: &[Holder<'_>],
    holders: &Holders<'_>,
) -> Finding {
    let (kind, name) = (reference.kind, &reference.name);
    let namespace = from.namespace.as_deref().unwrap_or_default();
    let others: Vec<&str> = named
        .iter()
        .filter_map(|one| one.of.namespace.as_deref())
        .collect();
    let message = match others.first() {
        Some(other) => {
            format!("{kind} `{name}` is in namespace `{other}`, and not in `{namespace}`")
        }
        None => format!("{kind} `{name}` is not among these manifests"),
    };
    let near = near_names(name, holders.names(kind));
    let hint = if near.is_empty() || !others.is_empty() {
        format!("if it is made elsewhere: --external {name}")
    } else {
        format!("did you mean {near}? if it is made elsewhere: --external {name}")
    };
    Finding::note(DiagnosticKind::Reference, message)
        .with_hint(hint)
        .with_cause(&format!("{kind} {namespace}/{name}"))
}

/// The Secret lacks a label without which nobody reads it.
fn label(reference: &Reference, here: &[&Holder<'_>]) -> Option<Finding> {
    let label = reference.label?;
    let has = |holder: &&Holder<'_>| has_label(holder, label);
    if here.iter().any(has) {
        return None;
    }
    let Label {
        key,
        value,
        wanted_by,
    } = label;
    let message = format!(
        "{wanted_by} does not read {} `{}`: it lacks the label {key}",
        reference.kind, reference.name
    );
    let hint = format!("add the label `{key}: {value}` to it");
    Some(Finding::error(DiagnosticKind::Reference, message).with_hint(hint))
}

fn has_label(holder: &Holder<'_>, label: Label) -> bool {
    let own = matches!(holder.keys, Keys::Known(_));
    let at = ["metadata", "labels", label.key];
    // What is made in the cluster may get it there.
    !own || holder.of.root().text_at(&at) == Some(label.value)
}

/// It has not the key.
fn key(reference: &Reference, here: &[&Holder<'_>]) -> Option<Finding> {
    let has = |key: &str| here.iter().any(|holder| holder.keys.may_have(key));
    let missing = match &reference.wants {
        Wants::Object | Wants::Text => None,
        Wants::Key(key) => (!has(key)).then_some(key.as_str()),
        Wants::AllOf(keys) => keys.iter().find(|key| !has(key)).copied(),
        Wants::OneOf(keys) => {
            let any = keys.iter().any(|key| has(key));
            keys.first().filter(|_| !any).copied()
        }
    }?;
    let known = || {
        here.iter().flat_map(|holder| match &holder.keys {
            Keys::Known(keys) => keys.iter().copied().collect(),
            Keys::Unknown => Vec::new(),
        })
    };
    let (kind, name) = (reference.kind, &reference.name);
    if here.iter().any(|holder| holder.lost.contains(missing)) {
        let message =
            format!("{kind} `{name}` loses its key `{missing}`: the vault has no value for it");
        let finding = Finding::error(DiagnosticKind::Reference, message);
        return Some(finding.with_hint("give it a value there, or mark this as `optional: true`"));
    }
    let mut message = format!("{kind} `{name}` has no key `{missing}`");
    let shown: Vec<String> = known().take(12).map(|key| format!("`{key}`")).collect();
    match shown.len() {
        0 => message.push_str("; it is empty"),
        _ => message.push_str(&format!("; it has {}", shown.join(", "))),
    }
    let near = near_names(missing, known());
    let hint = if near.is_empty() {
        format!("if something else adds the key: --external {name}")
    } else {
        format!("did you mean {near}?")
    };
    Some(Finding::error(DiagnosticKind::Reference, message).with_hint(hint))
}
