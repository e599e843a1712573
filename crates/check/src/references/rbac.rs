//! Whom RoleBindings and ClusterRoleBindings name.

use manifill::{DiagnosticKind, Finding, near_names};

use super::reference::is_name;
use crate::externals::Externals;
use crate::problem::Problem;
use crate::set::{Field, Object, Set};

const GROUP: &str = "rbac.authorization.k8s.io";

/// The ClusterRoles for people that every cluster has; those of its own parts begin with `system:`.
const OF_CLUSTER: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

/// Bindings whose role or account is neither here nor external.
pub(crate) fn check(set: &Set, externals: &Externals) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        let cluster_wide = object.is(GROUP, "ClusterRoleBinding");
        if !cluster_wide && !object.is(GROUP, "RoleBinding") {
            continue;
        }
        let root = object.root();
        let mut tell = |wrong: Option<(Field<'_>, Finding)>| {
            problems.extend(wrong.map(|(at, finding)| Problem::new(number, at.path, finding)));
        };
        tell(
            root.key("roleRef")
                .and_then(|role| self::role(set, externals, object, &role)),
        );
        for subject in root.each("subjects") {
            tell(account(set, externals, object, &subject));
        }
    }
    problems
}

/// What is wrong with the role of a binding.
fn role<'o>(
    set: &Set,
    externals: &Externals,
    binding: &Object,
    role: &Field<'o>,
) -> Option<(Field<'o>, Finding)> {
    let kind = role.text_at(&["kind"])?;
    let at = role.key("name")?;
    let name = at.text().filter(|name| is_name(name))?;
    let namespace = match kind {
        "ClusterRole" if OF_CLUSTER.contains(&name) || name.starts_with("system:") => return None,
        "ClusterRole" => None,
        "Role" => binding.namespace.as_deref(),
        _ => return None,
    };
    let group = GROUP;
    let finding = missing(set, externals, (group, kind), name, namespace)?;
    Some((at, finding))
}

/// What is wrong with an account of a binding.
fn account<'o>(
    set: &Set,
    externals: &Externals,
    binding: &Object,
    subject: &Field<'o>,
) -> Option<(Field<'o>, Finding)> {
    if subject.text_at(&["kind"]) != Some("ServiceAccount") {
        return None;
    }
    let at = subject.key("name")?;
    // Every namespace has a `default`.
    let name = at
        .text()
        .filter(|name| is_name(name) && *name != "default")?;
    let own = binding.namespace.as_deref();
    let namespace = subject.text_at(&["namespace"]).or(own);
    let finding = missing(set, externals, ("", "ServiceAccount"), name, namespace)?;
    Some((at, finding))
}

/// What is told of an object that is not here.
fn missing(
    set: &Set,
    externals: &Externals,
    (group, kind): (&str, &str),
    name: &str,
    namespace: Option<&str>,
) -> Option<Finding> {
    let of_kind = || set.objects.iter().filter(|one| one.is(group, kind));
    let named = || of_kind().filter(|one| one.name.as_deref() == Some(name));
    if externals.has(name) || named().any(|one| one.may_be_in(namespace)) {
        return None;
    }
    let other = named().find_map(|one| one.namespace.as_deref());
    let message = match (other, namespace) {
        (Some(other), Some(namespace)) => {
            format!("{kind} `{name}` is in namespace `{other}`, and not in `{namespace}`")
        }
        _ => format!("{kind} `{name}` is not among these manifests"),
    };
    let near = near_names(name, of_kind().filter_map(|one| one.name.as_deref()));
    let hint = match near.as_str() {
        near if near.is_empty() || other.is_some() => {
            format!("if it is made elsewhere: --external {name}")
        }
        near => format!("did you mean {near}? if it is made elsewhere: --external {name}"),
    };
    Some(Finding::error(DiagnosticKind::Reference, message).with_hint(hint))
}
