//! JSON with the order of its keys and the digits of its numbers.

use std::collections::HashSet;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::tree::{Entries, Leaf, MAX_DEPTH, Misread, NO_MAP, Node, TOO_DEEP, TWICE};
use crate::format::raw_json::{List, Map};

/// Reads a JSON object.
pub(super) fn read(text: &str) -> Result<Entries, Misread> {
    let text = text.trim_start_matches('\u{feff}');
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| Misread {
        problem: "this is not JSON",
        line: error.line(),
        column: error.column(),
    })?;
    match node(raw, 0) {
        Ok(Node::Map(entries)) => Ok(entries),
        Ok(_) => Err(at_start(NO_MAP)),
        Err(problem) => Err(at_start(problem)),
    }
}

fn at_start(problem: &'static str) -> Misread {
    Misread {
        problem,
        line: 1,
        column: 1,
    }
}

fn node(raw: &RawValue, depth: usize) -> Result<Node, &'static str> {
    if depth > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    let text = raw.get();
    // Only nesting can still be wrong with it: it was read once.
    let again = |_| TOO_DEEP;
    Ok(match text.as_bytes().first() {
        Some(b'n') => Node::Leaf(Leaf::Null),
        Some(b't') => Node::Leaf(Leaf::bool(true)),
        Some(b'f') => Node::Leaf(Leaf::bool(false)),
        Some(b'"') => Node::text(serde_json::from_str::<String>(text).map_err(again)?),
        Some(b'[') => {
            let List(items) = serde_json::from_str(text).map_err(again)?;
            let items = items.into_iter().map(|item| node(item, depth + 1));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        Some(b'{') => {
            let Map(entries) = serde_json::from_str(text).map_err(again)?;
            let mut keys = HashSet::new();
            if !entries.iter().all(|(key, _)| keys.insert(key.as_str())) {
                return Err(TWICE);
            }
            let entry = |(key, item)| Ok((key, node(item, depth + 1)?));
            let entries: Result<Entries, &'static str> = entries.into_iter().map(entry).collect();
            Node::Map(entries?)
        }
        _ => Node::Leaf(number(text)),
    })
}

/// Versions of sops before 3.13.2 take every number for floating-point, later ones only those
/// that are no 64-bit integers. What each writes gives the same hash both ways.
fn number(digits: &str) -> Leaf {
    match (digits.parse::<i64>(), digits.parse::<f64>()) {
        // Only floating-point has a negative zero.
        (Ok(value), _) if digits != "-0" => Leaf::integer(value),
        (_, Ok(value)) => Leaf::float(digits, value),
        _ => Leaf::Text(Zeroizing::new(digits.to_owned())),
    }
}
