//! Where a value is in an answer: `$.data['my key'][0]`, the plain part of jsonPath.

use crate::{Exposed, SecretValue};

/// The way to a value, from the whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selector(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Selector {
    /// Reads `$`, then `.name`, `['name']`, `["name"]` or `[0]` as often as one likes; `None` if it is
    /// anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('.') {
                Some(name) => {
                    let end = name.find(['.', '[']).unwrap_or(name.len());
                    let (name, after) = name.split_at_checked(end)?;
                    (Step::Key(name.to_owned()), after)
                }
                None => bracket(rest.strip_prefix('[')?)?,
            };
            if step == Step::Key(String::new()) {
                return None;
            }
            steps.push(step);
            rest = after;
        }
        Some(Selector(steps))
    }

    /// The value at the end of the way; `None` if there is none.
    pub(super) fn select<'v>(&self, from: &'v SecretValue) -> Option<&'v SecretValue> {
        self.0
            .iter()
            .try_fold(from, |value, step| match (value.expose(), step) {
                (Exposed::Map(entries), Step::Key(name)) => {
                    let mut entries = entries.iter();
                    entries.find(|(key, _)| key == name).map(|(_, value)| value)
                }
                (Exposed::List(items), Step::Index(index)) => items.get(*index),
                _ => None,
            })
    }
}

/// What stands in brackets, of which the first is gone, and what follows them.
fn bracket(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(name) = text.strip_prefix(quote) {
            let (name, after) = name.split_once(quote)?;
            return Some((Step::Key(name.to_owned()), after.strip_prefix(']')?));
        }
    }
    let (index, after) = text.split_once(']')?;
    let is_number = index.bytes().all(|byte| byte.is_ascii_digit());
    let index = index.parse().ok().filter(|_| is_number)?;
    Some((Step::Index(index), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_leads_through_maps_and_lists() {
        let text = r#"{"a":{"b.c":[1,{"d":"x"}],"":"e"},"$":null}"#;
        let value = SecretValue::from_json(text).unwrap();
        for (way, found) in [
            ("$", Some(text)),
            ("$.a['b.c'][0]", Some("1")),
            ("$.a[\"b.c\"][1].d", Some("\"x\"")),
            ("$['a']['b.c'][1]['d']", Some("\"x\"")),
            ("$.$", Some("null")),
            ("$.a['b.c'][2]", None),
            ("$.a['b.c'].d", None),
            ("$.a[0]", None),
            ("$.x.y", None),
        ] {
            let found_here = Selector::parse(way)
                .unwrap()
                .select(&value)
                .map(SecretValue::to_json);
            assert_eq!(found_here.as_deref(), found, "{way}");
        }
    }

    #[test]
    fn what_is_no_way_is_refused() {
        for text in [
            "",
            "a",
            ".a",
            "$a",
            "$.",
            "$..a",
            "$.a.",
            "$[",
            "$[]",
            "$[-1]",
            "$[+1]",
            "$[*]",
            "$['a]",
            "$['a'",
            "$['']",
            "$[a]",
            "$[?(@.x)]",
            "$[99999999999999999999999]",
        ] {
            assert_eq!(Selector::parse(text), None, "{text:?}");
        }
    }
}
