//! Values that go to places which are not made for secrets.

use manifill::{
    DiagnosticKind, Door, Finding, Findings, Input, LeftIn, LeftInKind, RenderError, find_left_in,
};

use crate::allowed::{AllowedField, in_spec};

/// Looks for placeholders in objects of other kinds than these, in labels and in annotations, for
/// whoever fills manifests; fields that are allowed may have them. `door` says what hints may name.
///
/// ```
/// use manifill::{Door, Input};
/// use manifill_check::refuse_elsewhere;
///
/// let inputs = [Input::new("a.yaml", "kind: Pod\nspec: {x: <path:db#user>}\n")];
/// let kinds = ["Secret".to_owned()];
/// let error = refuse_elsewhere(&inputs, &kinds, &[], Door::CommandLine).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a.yaml:2:11: a value goes to an object of kind Pod, where none is allowed"
/// );
/// ```
///
/// # Errors
/// All of these places.
pub fn refuse_elsewhere(
    inputs: &[Input],
    kinds: &[String],
    allowed: &[AllowedField],
    door: Door,
) -> Result<(), RenderError> {
    let found = find(inputs, kinds, allowed, door);
    found.settle("nothing was rendered").map(drop)
}

/// Finds the placeholders outside of Secrets. Those in objects of other kinds than these are errors,
/// if there are any.
pub(crate) fn find<'i>(
    inputs: &'i [Input],
    only_kinds: &[String],
    allowed: &[AllowedField],
    door: Door,
) -> Findings<'i> {
    find_left_in(inputs, |left| {
        let live = matches!(
            left.kind,
            LeftInKind::Placeholder | LeftInKind::InBase64 | LeftInKind::Escaped
        );
        let resource = left.resource.filter(|_| live)?;
        if allowed.iter().any(|field| field.has(left)) {
            return None;
        }
        let place = place(
            &resource.kind,
            left.own_field.as_deref().unwrap_or_default(),
        );
        let refused = !only_kinds.is_empty()
            && (!only_kinds.contains(&resource.kind) || place.is_some_and(Place::is_metadata));
        match (refused, place) {
            (true, place) => Some(refusal(left, place, &resource.kind, door)),
            (false, Some(place)) if only_kinds.is_empty() => Some(warning(place)),
            _ => None,
        }
    })
}

/// A place whose values others see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Label,
    Annotation,
    ConfigMap,
    Argument,
    Variable,
    Image,
}

impl Place {
    fn is_metadata(self) -> bool {
        matches!(self, Place::Label | Place::Annotation)
    }

    fn words(self) -> &'static str {
        match self {
            Place::Label => "a label",
            Place::Annotation => "an annotation",
            Place::ConfigMap => "a ConfigMap",
            Place::Argument => "an argument of a container",
            Place::Variable => "the environment of a container",
            Place::Image => "the image of a container",
        }
    }
}

/// What kind of place a field is, seen from its object.
fn place(kind: &str, field: &str) -> Option<Place> {
    let under = |name: &str| {
        let at = field.find(name);
        at.is_some_and(|at| at == 0 || field.as_bytes().get(at - 1) == Some(&b'.'))
    };
    if under("metadata.annotations") {
        return Some(Place::Annotation);
    }
    if under("metadata.labels") {
        return Some(Place::Label);
    }
    if kind == "ConfigMap" {
        return Some(Place::ConfigMap);
    }
    let lists = ["containers[", "initContainers[", "ephemeralContainers["];
    let inside = lists.iter().find_map(|list| {
        let (_, behind) = field.split_once(list)?;
        Some(behind.split_once("].")?.1)
    })?;
    if inside.starts_with("env[") {
        Some(Place::Variable)
    } else if inside == "image" {
        Some(Place::Image)
    } else if inside.starts_with("args[") || inside.contains("command[") {
        Some(Place::Argument)
    } else {
        None
    }
}

fn warning(place: Place) -> Finding {
    let message = format!(
        "this value goes to {}, which is not kept secret",
        place.words()
    );
    let finding = Finding::warning(DiagnosticKind::Exposed, message);
    match place {
        Place::Variable => {
            finding.with_hint("put it in a Secret and name that with valueFrom.secretKeyRef")
        }
        _ => finding.with_hint("put it in a Secret and name that"),
    }
}

fn refusal(left: &LeftIn<'_>, place: Option<Place>, kind: &str, door: Door) -> Finding {
    let message = match place {
        Some(place) => format!("a value goes to {}, where none is allowed", place.words()),
        None => format!("a value goes to an object of kind {kind}, where none is allowed"),
    };
    let finding = Finding::error(DiagnosticKind::Exposed, message);
    match (AllowedField::of(left, door), door) {
        (Some(field), Door::Function) => finding.with_hint(format!(
            "put it in a Secret and name that; if it belongs there, write {}",
            in_spec(&field)
        )),
        (Some(field), _) => finding.with_hint(format!(
            "put it in a Secret and name that; if it belongs there: --allow '{field}'"
        )),
        (None, _) => finding.with_hint("put it in a Secret and name that"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_their_fields() {
        use Place::*;
        for (kind, field, expected) in [
            ("Secret", "stringData.a", None),
            ("Secret", "metadata.annotations[\"a/b\"]", Some(Annotation)),
            (
                "Deployment",
                "spec.template.metadata.labels.app",
                Some(Label),
            ),
            ("ConfigMap", "data[\"a.yaml\"]", Some(ConfigMap)),
            ("A", "spec.metadata.labels.app", Some(Label)),
            ("A", "spec.xmetadata.labels.app", None),
            ("Pod", "spec.containers[0].env[1].value", Some(Variable)),
            ("Pod", "spec.initContainers[0].args[1]", Some(Argument)),
            (
                "Pod",
                "spec.containers[0].livenessProbe.exec.command[2]",
                Some(Argument),
            ),
            ("Pod", "spec.containers[0].image", Some(Image)),
            ("Pod", "spec.containers[0].workingDir", None),
            ("A", "spec.image", None),
        ] {
            assert_eq!(place(kind, field), expected, "{kind} {field}");
        }
    }
}
