//! What holds for every source and every value.
#![allow(clippy::unwrap_used)]

mod support;

use manifill_manifest::{
    Document, Edit, LineIndex, ParseOptions, Removable, Replacement, Telltales, Value, is_blank,
    join, may_need_filling, read, split,
};
use proptest::prelude::*;
use support::{MARK, PLACES, fill, finished, parse, secrets};

/// Pieces that manifests are made of, and pieces that break them.
const PIECES: &[&str] = &[
    "kind: A\n",
    "kind: Secret\n",
    "kind: List\nitems:\n",
    "---\n",
    "...\n",
    "--- ",
    "%YAML 1.1\n",
    "\u{feff}",
    "a: ",
    "b:",
    "? ",
    ": ",
    "- ",
    "-\n",
    "  ",
    "    ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "<x>",
    "<path:a#b>",
    "<op://v/i/f>",
    "x",
    "'",
    "\"",
    "''",
    "\\\"",
    "\\u003c",
    "\\\n",
    "|\n",
    "|-\n",
    "|+ # c\n",
    ">2\n",
    ">-\n",
    "&n ",
    "*n",
    "!!str ",
    "!t ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ",",
    "#",
    " # c\n",
    "<<: ",
    "{{ x }}",
    "metadata: {annotations: {avp.kubernetes.io/path: p}}\n",
    "{\"kind\":\"A\",\"x\":\"<x>\"}",
    "é",
    "😀",
    "\u{85}",
    "\u{2028}",
    "null\n",
    "~",
    "5",
    "yes",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// A place for a value with some of its bytes replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        0..3,
        prop::sample::select(PIECES),
    );
    (
        prop::sample::select(PLACES),
        prop::collection::vec(change, 0..4),
    )
        .prop_map(|(place, changes)| {
            let mut text = place.to_owned();
            for (at, what, piece) in changes {
                let mut at = at.index(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                match (what, text[at..].chars().next()) {
                    (0, Some(c)) => text.replace_range(at..at + c.len_utf8(), piece),
                    (1, Some(c)) => text.replace_range(at..at + c.len_utf8(), ""),
                    _ => text.insert_str(at, piece),
                }
            }
            text
        })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(secrets()),
        any::<String>(),
        "[ -~\n\t]{0,40}",
        prop::collection::vec(prop::sample::select(PIECES), 0..5)
            .prop_map(|pieces| pieces.concat()),
    ]
}

/// Every document of a source that parses, with the values that hold `<`.
fn documents(source: &str) -> Vec<Document> {
    split(source)
        .into_iter()
        .filter_map(|span| {
            let options = ParseOptions::default();
            let keep = |_: &_, value: &str| value.contains('<');
            let parsed = Document::parse(source, span.clone(), &options, keep);
            if let Err(error) = &parsed {
                assert!(
                    (span.start..=span.end).contains(&error.offset()),
                    "{source:?}"
                );
            }
            parsed.ok()
        })
        .collect()
}

fn site_like(value: &Value) -> bool {
    match value {
        Value::Text(text) => ["<path:", "<op://", "%3Cpath", "&lt;path"]
            .iter()
            .any(|opener| text.contains(opener)),
        Value::List(items) => items.iter().any(site_like),
        Value::Map(entries) => entries.iter().any(|(_, value)| site_like(value)),
        _ => false,
    }
}

fn steered(value: &Value) -> bool {
    let Value::Map(entries) = value else {
        return false;
    };
    entries
        .iter()
        .any(|(key, value)| match (key.as_str(), value) {
            ("kind", Value::Text(kind)) => {
                matches!(kind.as_str(), "Secret" | "List" | "ResourceList")
            }
            ("metadata", metadata) => format!("{metadata:?}").contains("avp.kubernetes.io/"),
            _ => false,
        })
}

/// Checks everything that must hold for any source, edits included.
fn check(source: &str, text: &str) {
    let mut end = 0;
    for span in split(source) {
        assert_eq!(span.start, end);
        end = span.end;
        let document = &source[span];
        if !may_need_filling(document, &support::telltales()) {
            assert!(!is_blank(document), "{document:?}");
            for value in read(document).unwrap_or_default() {
                assert!(!site_like(&value) && !steered(&value), "{document:?}");
            }
        }
    }
    assert_eq!(end, source.len());
    let index = LineIndex::new(source);
    for document in documents(source) {
        let span = document.span();
        assert_eq!(document.apply(source, &[]).unwrap(), source[span.clone()]);
        for (n, scalar) in document.scalars(source).enumerate() {
            for (at, _) in scalar.value.match_indices('<') {
                let found = document.locate(source, n, at);
                assert!(scalar.span.contains(&found), "{source:?}");
                index.line_column(found);
            }
            document.field_path(source, n);
            let edits = [
                fill(&document, source, n, text),
                Edit {
                    scalar: n,
                    change: Replacement::Json("{\"a\": [1, null]}".into()),
                },
            ];
            for edit in edits {
                // A refusal is fine here, a change elsewhere is not.
                if let Ok(result) = document.apply(source, &[edit]) {
                    let before = scalar.span.start - span.start;
                    let after = source[scalar.span.end..span.end].len();
                    assert_eq!(result[..before], source[span.start..scalar.span.start]);
                    assert_eq!(
                        result[result.len() - after..],
                        source[scalar.span.end..span.end]
                    );
                }
            }
            if scalar.removable == Removable::MapValue {
                let edit = Edit {
                    scalar: n,
                    change: Replacement::Remove,
                };
                let _ = document.apply(source, &[edit]);
            }
        }
    }
}

/// Entries of a map, each with one value to change.
const ENTRIES: &[&str] = &[
    "K: <x>\n",
    "K: <x> # c\n",
    "K: 'it''s <x>'\n",
    "K: \"\\u00e9 <x>\"\n",
    "K: |\n    a\n    <x>\n",
    "K: >-\n    <x>\n    b\n\n",
    "# above\n  K:\n    <x>\n",
    "K: {a: 1, b: <x>, c: [2]}\n",
    "K: {b: <x>}\n",
    "K:\n  - b: <x>\n    c: 1\n",
    "K: &n <x>\n",
    "K: other\n",
];

/// A document with these entries, and with more of it around them.
fn entries() -> impl Strategy<Value = String> {
    let entry = prop::sample::select(ENTRIES);
    (prop::collection::vec(entry, 1..8), any::<bool>()).prop_map(|(entries, below)| {
        let mut source = "kind: A\nm:\n".to_owned();
        for (n, entry) in entries.iter().enumerate() {
            source.push_str("  ");
            source.push_str(
                &entry
                    .replace('K', &format!("k{n}"))
                    .replace("&n", &format!("&n{n}")),
            );
        }
        if below {
            source.push_str("z: 1\n");
        }
        source
    })
}

/// What a document means once its values are changed: `None` leaves a value as it is.
fn changed(
    value: &Value,
    changes: &mut impl Iterator<Item = Option<Replacement>>,
) -> Option<Value> {
    Some(match value {
        Value::Text(text) if text.contains(MARK) => match changes.next().flatten() {
            None => value.clone(),
            Some(Replacement::Text(fills)) => {
                let (_, text) = fills.iter().next().unwrap();
                return Some(replaced(value, text));
            }
            Some(Replacement::Json(json)) => read(&json).unwrap().remove(0),
            Some(_) => return None,
        },
        Value::List(items) => {
            let items = items.iter().map(|item| changed(item, changes).unwrap());
            Value::List(items.collect())
        }
        Value::Map(entries) => {
            let changed =
                |(key, value): &(String, Value)| Some((key.clone(), changed(value, changes)?));
            Value::Map(entries.iter().filter_map(changed).collect())
        }
        other => other.clone(),
    })
}

fn replaced(value: &Value, text: &str) -> Value {
    match value {
        Value::Text(old) => Value::Text(old.replace(MARK, text)),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_nothing_else_changes(source in soup(), text in value()) {
        check(&source, &text);
    }

    #[test]
    fn nor_for_manifests_with_mistakes(source in mutated(), text in value()) {
        check(&source, &text);
    }

    #[test]
    fn any_value_reads_back(place in prop::sample::select(PLACES), text in value()) {
        let document = parse(place);
        let edits: Vec<Edit> = (0..document.scalar_count())
            .map(|scalar| fill(&document, place, scalar, &text))
            .collect();
        let result = document.apply(place, &edits).unwrap();
        let again = Document::parse(&result, 0..result.len(), &ParseOptions::default(), |_, _| true)
            .unwrap();
        for scalar in document.scalars(place) {
            let wanted = scalar.value.replace(MARK, &text);
            prop_assert!(again.scalars(&result).any(|one| one.value == wanted));
        }
    }

    #[test]
    fn changes_of_every_kind_are_made_at_once(
        source in entries(),
        kinds in prop::collection::vec(0..6, 8),
        text in value(),
    ) {
        let document = parse(&source);
        let edit = |(scalar, kind)| {
            let typed = |json: &str| Replacement::Json(json.to_owned());
            let change = match kind {
                0 => return None,
                1 | 2 => return Some(fill(&document, &source, scalar, &text)),
                3 => typed("5"),
                4 => typed("{\"a\": [1, {\"b\": null}], \"c\": \"d\"}"),
                _ => Replacement::Remove,
            };
            Some(Edit { scalar, change })
        };
        let edits: Vec<Option<Edit>> = (0..document.scalar_count()).zip(kinds).map(edit).collect();
        let wanted = {
            let mut changes = edits.iter().map(|edit| Some(edit.as_ref()?.change.clone()));
            changed(&read(&source).unwrap()[0], &mut changes)
        };
        let edits: Vec<Edit> = edits.into_iter().flatten().rev().collect();
        let result = document.apply(&source, &edits).unwrap();
        prop_assert_eq!(&read(&result).unwrap()[..], &[wanted.unwrap()], "{}", result);
    }

    #[test]
    fn joined_inputs_read_as_their_parts(parts in prop::collection::vec(prop::sample::select(PLACES), 2..5)) {
        let mut wanted = Vec::new();
        for part in &parts {
            wanted.extend(read(&finished(part)).unwrap());
        }
        let found = read(&finished(&join(&parts))).unwrap();
        let kept: Vec<&Value> = found.iter().filter(|value| **value != Value::Null).collect();
        prop_assert_eq!(kept, wanted.iter().collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// An opener that nobody has thought of yet needs no other change: the prefilter honours what
    /// it is given, wherever it stands, with an escaped bracket too.
    #[test]
    fn a_made_up_opener_is_honoured(
        word in "[a-z]{2,8}",
        end in prop::sample::select(vec![":", "://", "="]),
        bracket in prop::sample::select(vec!["<", "%3C", "%3c", "&lt;"]),
        before in "[ -~]{0,12}",
        after in "[ -~]{0,12}",
    ) {
        let opener = format!("{word}{end}");
        let plain = format!("kind: ConfigMap\ndata: {{a: 'xyz'}}\n# {}{}\n", "x".repeat(3), "y");
        let document = format!("kind: ConfigMap\ndata:\n  a: |\n    {before}{bracket}{opener}{after}\n");
        let telltales = Telltales::new(&[&opener], &[], &[]);
        prop_assert!(may_need_filling(&document, &telltales), "{document}");
        prop_assert!(!may_need_filling(&plain, &telltales));
    }
}
