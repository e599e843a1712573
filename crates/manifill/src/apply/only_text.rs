//! Lists and maps that are put in whole: their members, too, are text where a cluster takes only
//! text (rule R3).

use manifill_manifest::Step;
use manifill_placeholder as placeholder;
use manifill_vault::{Exposed, SecretValue};

use super::checks::is_expanded;
use crate::plan::Target;
use crate::transform;

/// Whether a list or map holds a name that can lead to a place for text only.
pub(super) fn may_depend(value: Exposed<'_>) -> bool {
    match value {
        Exposed::List(items) => items.iter().any(|item| may_depend(item.expose())),
        Exposed::Map(entries) => entries
            .iter()
            .any(|(key, item)| Target::depends_on(key) || may_depend(item.expose())),
        _ => false,
    }
}

/// Makes a value fit to a place, member by member.
pub(super) struct Fitter<'f> {
    kind: &'f str,
    steps: Vec<Step<'f>>,
    /// Whether the kubelet would expand a part of a text.
    pub(super) expands: bool,
}

/// Why a member cannot be put in.
pub(super) struct Misfit {
    pub(super) message: String,
    pub(super) hint: &'static str,
}

impl<'f> Fitter<'f> {
    /// The place at these steps in an object of this kind.
    pub(super) fn new(kind: &'f str, steps: Vec<Step<'f>>) -> Self {
        Fitter {
            kind,
            steps,
            expands: false,
        }
    }

    /// The value as it is put there.
    pub(super) fn fit(&mut self, value: &'f SecretValue) -> Result<SecretValue, Misfit> {
        let target = Target::of(self.kind, &self.steps);
        let exposed = value.expose();
        if let Some(place) = target.base64_place() {
            return encoded(exposed, place);
        }
        match (exposed, target) {
            (Exposed::Text(text), Target::Container) => {
                self.expands |= is_expanded(text);
                Ok(value.clone())
            }
            (Exposed::List(_) | Exposed::Map(_), Target::Label | Target::Container) => {
                Err(misfit(exposed, target))
            }
            (
                Exposed::Number(_) | Exposed::Bool(_),
                Target::Label | Target::Container | Target::StringData | Target::ConfigMap,
            )
            | (Exposed::List(_) | Exposed::Map(_), Target::StringData | Target::ConfigMap) => {
                // Bytes inside that are no text are refused with the whole value.
                let text = transform::text_of(value);
                Ok(text.map_or_else(|| value.clone(), SecretValue::text))
            }
            (Exposed::List(items), _) => {
                let fit = |item| self.below(Step::Item, item);
                let items: Result<Vec<_>, _> = items.iter().map(fit).collect();
                Ok(SecretValue::list(items?))
            }
            (Exposed::Map(entries), _) => {
                let fit = |(key, item): &'f (String, SecretValue)| {
                    let fitted = self.below(Step::Key(key.as_str().into()), item)?;
                    Ok((key.clone(), fitted))
                };
                let entries: Result<Vec<_>, _> = entries.iter().map(fit).collect();
                Ok(SecretValue::map(entries?))
            }
            _ => Ok(value.clone()),
        }
    }

    fn below(&mut self, step: Step<'f>, value: &'f SecretValue) -> Result<SecretValue, Misfit> {
        self.steps.push(step);
        let fitted = self.fit(value);
        self.steps.pop();
        fitted
    }
}

/// A list or map where only text is allowed.
pub(super) fn misfit(value: Exposed<'_>, target: Target) -> Misfit {
    let place = match target {
        Target::Label => "a label or annotation",
        _ => "a variable or argument of a container",
    };
    let type_name = value.type_name();
    Misfit {
        message: format!("the value is of type {type_name}, and {place} takes text"),
        hint: "add | toJson",
    }
}

/// A member of `data` of a Secret or of `binaryData` of a ConfigMap.
fn encoded(value: Exposed<'_>, place: &str) -> Result<SecretValue, Misfit> {
    let what = match value {
        Exposed::Null => return Ok(SecretValue::null()),
        Exposed::Bytes(bytes) => return Ok(SecretValue::text(placeholder::encode(bytes))),
        Exposed::Text(text) if placeholder::is_base64(text) => {
            return Ok(SecretValue::text(text));
        }
        Exposed::Text(_) => "clear text".to_owned(),
        other => format!("of type {}", other.type_name()),
    };
    let hint = if place.contains("Secret") {
        "use stringData"
    } else {
        "use data"
    };
    Err(Misfit {
        message: format!("a member of the value is {what}, and {place} takes base64 text"),
        hint,
    })
}
