//! What a field takes, by its place in its object.

use manifill_manifest::Step;

/// What kind of field a value goes to; it decides how bytes and typed values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `data` of a Secret: base64 (the API server refuses anything else).
    SecretData,
    /// `binaryData` of a ConfigMap: base64.
    BinaryData,
    /// A text in a text that is no manifest.
    #[cfg(feature = "fill")]
    Text,
    /// Anything else in a ConfigMap: always text (AVP rule 18).
    ConfigMap,
    /// `stringData` of a Secret: text, and of a list or map its JSON (rule R3).
    StringData,
    /// A label or an annotation: text (rule R3).
    Label,
    /// A variable or an argument of a container: text in which the kubelet expands `$(NAME)`.
    Container,
    /// A whole list or map whose members are one of the above.
    Holder,
    /// Anything else.
    Other,
}

impl Target {
    /// What the field at these steps from its object takes.
    pub(crate) fn of(kind: &str, steps: &[Step<'_>]) -> Self {
        match (kind, steps) {
            ("Secret", [top, _, ..]) if is(top, "data") => Target::SecretData,
            ("Secret", [top, _, ..]) if is(top, "stringData") => Target::StringData,
            ("Secret", [top]) if is(top, "data") || is(top, "stringData") => Target::Holder,
            ("ConfigMap", [top, _, ..]) if is(top, "binaryData") => Target::BinaryData,
            ("ConfigMap", [top]) if is(top, "binaryData") => Target::Holder,
            (_, [above @ .., labels]) if is_labels(above, labels) => Target::Holder,
            ("ConfigMap", _) => Target::ConfigMap,
            _ if is_label(steps) => Target::Label,
            (_, [above @ .., env, Step::Item, value])
                if is(value, "value") && is(env, "env") && is_container(above) =>
            {
                Target::Container
            }
            (_, [above @ .., list, Step::Item]) if is_command(list) && is_container(above) => {
                Target::Container
            }
            (_, [above @ .., list]) if is_command(list) && is_container(above) => Target::Holder,
            _ => Target::Other,
        }
    }

    /// What [`of`](Self::of) says, if the last three steps from the object tell, the last one first:
    /// nearly always.
    pub(crate) fn at_once<'s>(kind: &str, mut up: impl Iterator<Item = Step<'s>>) -> Option<Self> {
        let (last, above) = (up.next(), up.next());
        let any = |step: &Option<Step<'_>>, names: &[&str]| match step {
            Some(Step::Key(key)) => names.contains(&key.as_ref()),
            _ => false,
        };
        if kind != "Secret" && kind != "ConfigMap" {
            let may_differ = match last {
                Some(Step::Item) => any(&above, &["args", "command"]),
                _ => {
                    any(
                        &last,
                        &["value", "args", "command", "labels", "annotations"],
                    ) || any(&above, &["labels", "annotations"])
                }
            };
            return (!may_differ).then_some(Target::Other);
        }
        match kind {
            "Secret" if any(&above, &["stringData"]) && up.next().is_none() => {
                Some(Target::StringData)
            }
            "Secret" if any(&above, &["data"]) && up.next().is_none() => Some(Target::SecretData),
            "ConfigMap" if any(&above, &["data"]) && !any(&last, &["labels", "annotations"]) => {
                Some(Target::ConfigMap)
            }
            _ => None,
        }
    }

    /// Whether a key of a map can be part of what makes a place take text only: a map without any
    /// of these is what it is wherever it goes.
    pub(crate) fn depends_on(key: &str) -> bool {
        matches!(
            key,
            "labels" | "annotations" | "env" | "value" | "args" | "command"
        )
    }

    /// The field and its object as messages call them, if it takes base64.
    pub(crate) fn base64_place(self) -> Option<&'static str> {
        match self {
            Target::SecretData => Some("data of a Secret"),
            Target::BinaryData => Some("binaryData of a ConfigMap"),
            _ => None,
        }
    }
}

fn is(step: &Step<'_>, name: &str) -> bool {
    matches!(step, Step::Key(key) if key == name)
}

fn is_command(step: &Step<'_>) -> bool {
    is(step, "args") || is(step, "command")
}

/// Whether the steps lead below the containers of a pod, in whatever object the pod is embedded.
fn is_container(steps: &[Step<'_>]) -> bool {
    let names = ["containers", "initContainers", "ephemeralContainers"];
    let mut steps = steps.iter();
    steps.any(|step| names.iter().any(|name| is(step, name)))
}

fn is_label(steps: &[Step<'_>]) -> bool {
    (1..steps.len().saturating_sub(1)).any(|at| is_labels(&steps[..at], &steps[at]))
}

/// Whether a step leads to the labels or annotations of an object, or of a template of objects:
/// `template`, `jobTemplate`, an item of `volumeClaimTemplates`.
fn is_labels(above: &[Step<'_>], last: &Step<'_>) -> bool {
    if !(is(last, "labels") || is(last, "annotations")) {
        return false;
    }
    let ends = |step: &Step<'_>, end| matches!(step, Step::Key(key) if key.ends_with(end));
    match above {
        [owner @ .., metadata] if is(metadata, "metadata") => match owner {
            [] => true,
            [.., list, Step::Item] => ends(list, "emplates"),
            [.., template] => ends(template, "emplate"),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps that a path spells: names, and `[]` for an item.
    fn steps(path: &str) -> Vec<Step<'_>> {
        let step = |name| match name {
            "[]" => Step::Item,
            name => Step::Key(std::borrow::Cow::Borrowed(name)),
        };
        path.split(' ').map(step).collect()
    }

    #[test]
    fn places_are_told_by_their_names() {
        use Target::*;
        for (kind, path, target) in [
            ("Secret", "data a", SecretData),
            ("Secret", "stringData a", StringData),
            ("Secret", "stringData a b [] c", StringData),
            ("Secret", "stringData", Holder),
            ("Secret", "type", Other),
            ("A", "stringData a", Other),
            ("A", "spec data a", Other),
            ("ConfigMap", "binaryData a", BinaryData),
            ("ConfigMap", "data a", ConfigMap),
            ("ConfigMap", "data", ConfigMap),
            ("ConfigMap", "metadata labels", Holder),
            ("A", "metadata labels a", Label),
            ("Secret", "metadata annotations a", Label),
            ("A", "metadata labels", Holder),
            ("A", "metadata name", Other),
            ("A", "labels a", Other),
            ("A", "spec selector labels a", Other),
            ("A", "spec metadata labels a", Other),
            ("A", "spec template metadata annotations a", Label),
            (
                "A",
                "spec jobTemplate spec template metadata labels a",
                Label,
            ),
            ("A", "spec jobTemplate metadata labels a", Label),
            ("A", "spec volumeClaimTemplates [] metadata labels a", Label),
            ("A", "spec others [] metadata labels a", Other),
            ("A", "spec containers [] env [] value", Container),
            ("A", "spec x y initContainers [] env [] value", Container),
            ("A", "spec ephemeralContainers [] args []", Container),
            (
                "A",
                "spec containers [] lifecycle preStop exec command []",
                Container,
            ),
            ("A", "spec containers [] args", Holder),
            ("A", "spec containers [] env [] name", Other),
            ("A", "spec containers [] ports [] containerPort", Other),
            ("A", "spec containers [] resources value", Other),
            ("A", "spec env [] value", Other),
            ("A", "args []", Other),
            ("A", "spec replicas", Other),
        ] {
            let steps = steps(path);
            assert_eq!(Target::of(kind, &steps), target, "{kind} {path}");
            let up = steps.iter().rev().cloned();
            if let Some(at_once) = Target::at_once(kind, up) {
                assert_eq!(at_once, target, "{kind} {path}");
            }
        }
    }
}
