//! Fields of Kubernetes' own objects that take a number.

use manifill_manifest::Step;

/// Names that end so.
const ENDS: [&str; 6] = [
    "Seconds",
    "Port",
    "Replicas",
    "Limit",
    "Threshold",
    "Percentage",
];

/// The others.
const NAMES: [&str; 17] = [
    "averageUtilization",
    "completions",
    "defaultMode",
    "fsGroup",
    "maxSurge",
    "maxUnavailable",
    "minAvailable",
    "number",
    "parallelism",
    "partition",
    "port",
    "priority",
    "replicas",
    "runAsGroup",
    "runAsUser",
    "startOrdinal",
    "weight",
];

/// What holds quantities: a number is one.
const QUANTITIES: [&str; 4] = ["capacity", "hard", "limits", "requests"];

/// The number for the field at these steps, if it takes one: the least that a cluster accepts there.
pub(super) fn number(steps: &[Step<'_>]) -> Option<&'static str> {
    let Some(Step::Key(name)) = steps.last() else {
        return None;
    };
    let name = name.as_ref();
    let above = steps.len().checked_sub(2).and_then(|at| steps.get(at));
    let is_quantity =
        matches!(above, Some(Step::Key(above)) if QUANTITIES.contains(&above.as_ref()));
    match name {
        "nodePort" => Some("30000"),
        "expirationSeconds" => Some("600"),
        _ if is_quantity || NAMES.contains(&name) => Some("1"),
        _ if ENDS.iter().any(|end| name.ends_with(end)) => Some("1"),
        _ => None,
    }
}
