//! Entries that are set: where they go, and that nothing else changes.

mod support;

use manifill_manifest::{
    ManifestErrorKind, NewEntry, NewValue, Value, add_items, read_one, set_entries,
};
use support::{PLACES, judge};

const PATH: [&str; 2] = ["metadata", "annotations"];

fn entry(object: usize) -> NewEntry<'static> {
    NewEntry {
        object,
        path: &PATH,
        key: "a.b/c",
        value: NewValue::Text("true"),
    }
}

/// Sets the annotation of the first object, with line breaks of both kinds.
#[track_caller]
fn becomes(source: &str, wanted: &str) {
    let set = |source: &str| set_entries(source, &[entry(0)]);
    assert_eq!(set(source).as_deref(), Ok(wanted), "{source:?}");
    assert_eq!(set(wanted).as_deref(), Ok(wanted), "a second time");
    let (crlf, wanted) = (source.replace('\n', "\r\n"), wanted.replace('\n', "\r\n"));
    assert_eq!(set(&crlf).as_deref(), Ok(&*wanted), "{crlf:?}");
}

#[test]
fn a_map_in_lines_gets_it_below_its_key() {
    becomes(
        "kind: A\nmetadata:\n  annotations: # mine\n    # first\n    x: 'y' # z\n  name: a\n",
        "kind: A\nmetadata:\n  annotations: # mine\n    a.b/c: \"true\"\n    # first\n    x: 'y' # z\n  name: a\n",
    );
    becomes(
        "kind: A\nmetadata:\n    annotations: &a\n      x: y\nb: *a\n",
        "kind: A\nmetadata:\n    annotations: &a\n      a.b/c: \"true\"\n      x: y\nb: *a\n",
    );
    becomes(
        "kind: A\nmetadata:\n  annotations:\n    &a\n    x: y\n",
        "kind: A\nmetadata:\n  annotations:\n    &a\n    a.b/c: \"true\"\n    x: y\n",
    );
    becomes(
        "kind: A\nmetadata:\n  annotations:\n\n    ? x\n    : y\n",
        "kind: A\nmetadata:\n  annotations:\n    a.b/c: \"true\"\n\n    ? x\n    : y\n",
    );
    becomes(
        "kind: A\n? metadata\n: annotations:\n    x: y\n",
        "kind: A\n? metadata\n: annotations:\n    a.b/c: \"true\"\n    x: y\n",
    );
}

#[test]
fn maps_that_are_missing_are_made() {
    becomes(
        "kind: A\nmetadata:\n  name: a\n",
        "kind: A\nmetadata:\n  annotations:\n    a.b/c: \"true\"\n  name: a\n",
    );
    // Four spaces where four are in use.
    becomes(
        "kind: A\nmetadata:\n    name: a\nspec:\n    a: b\n",
        "kind: A\nmetadata:\n    annotations:\n        a.b/c: \"true\"\n    name: a\nspec:\n    a: b\n",
    );
    becomes(
        "# top\n---\nkind: A # mine\n# below\nspec:\n   a: b\n",
        "# top\n---\nkind: A # mine\nmetadata:\n   annotations:\n      a.b/c: \"true\"\n# below\nspec:\n   a: b\n",
    );
    becomes(
        "a: |+\n  x\n\nkind: A\n...\n",
        "a: |+\n  x\n\nkind: A\nmetadata:\n  annotations:\n    a.b/c: \"true\"\n...\n",
    );
    becomes(
        "\u{feff}\"kind\": \"A\n  B\"\n",
        "\u{feff}\"kind\": \"A\n  B\"\n"
            .replace(
                "\"kind",
                "metadata:\n  annotations:\n    a.b/c: \"true\"\n\"kind",
            )
            .as_str(),
    );
}

#[test]
fn what_is_empty_becomes_a_map_in_braces() {
    for (empty, name) in [
        ("", " x"),
        (" null", " x"),
        (" ~ # none", " x"),
        (" {}", " x"),
    ] {
        let source = format!("kind: A\nmetadata:\n  annotations:{empty}\n  name:{name}\n");
        let comment = if empty.contains('#') { " # none" } else { "" };
        let wanted = format!(
            "kind: A\nmetadata:\n  annotations: {{a.b/c: \"true\"}}{comment}\n  name:{name}\n"
        );
        becomes(&source, &wanted);
    }
    becomes(
        "kind: A\nmetadata:\n",
        "kind: A\nmetadata: {annotations: {a.b/c: \"true\"}}\n",
    );
    becomes(
        "kind: A\nmetadata: # none\n",
        "kind: A\nmetadata: {annotations: {a.b/c: \"true\"}} # none\n",
    );
}

#[test]
fn a_map_in_braces_gets_it_first() {
    becomes(
        "kind: A\nmetadata: {annotations: {x: y}}\n",
        "kind: A\nmetadata: {annotations: {a.b/c: \"true\", x: y}}\n",
    );
    becomes(
        "kind: A\nmetadata: { name: a }\n",
        "kind: A\nmetadata: { annotations: {a.b/c: \"true\"}, name: a }\n",
    );
    becomes(
        "kind: A\nmetadata: {\n  # mine\n  name: a,\n}\n",
        "kind: A\nmetadata: {\n  # mine\n  annotations: {a.b/c: \"true\"},\n  name: a,\n}\n",
    );
}

#[test]
fn json_stays_json() {
    for (source, wanted) in [
        (
            r#"{"kind":"A","metadata":{"name":"a"}}"#,
            r#"{"kind":"A","metadata":{"annotations":{"a.b/c":"true"},"name":"a"}}"#,
        ),
        (
            r#"{"kind": "A", "metadata": {"annotations": {}}}"#,
            r#"{"kind": "A", "metadata": {"annotations": {"a.b/c": "true"}}}"#,
        ),
        (
            "{\n  \"metadata\": null,\n  \"kind\": \"A\"\n}\n",
            "{\n  \"metadata\": {\"annotations\": {\"a.b/c\": \"true\"}},\n  \"kind\": \"A\"\n}\n",
        ),
        (
            "{\n\t\"kind\": \"A\",\n\t\"metadata\": {\n\t\t\"annotations\": {\n\t\t\t\"x\": \"y\"\n\t\t}\n\t}\n}\n",
            "{\n\t\"kind\": \"A\",\n\t\"metadata\": {\n\t\t\"annotations\": {\n\t\t\t\"a.b/c\": \"true\",\n\t\t\t\"x\": \"y\"\n\t\t}\n\t}\n}\n",
        ),
        (
            "{\"kind\": \"A\"}",
            "{\"metadata\": {\"annotations\": {\"a.b/c\": \"true\"}}, \"kind\": \"A\"}",
        ),
    ] {
        becomes(source, wanted);
        let read: serde_json::Value = serde_json::from_str(wanted).expect("it is JSON");
        assert_eq!(read["metadata"]["annotations"]["a.b/c"], "true");
    }
}

#[test]
fn an_entry_that_is_there_gets_the_new_value() {
    for old in [
        "'false'",
        "\"x\\ny\"",
        "no",
        "|\n      x\n      y",
        "!!str >- # why\n      x",
    ] {
        let source =
            format!("kind: A\nmetadata:\n  annotations:\n    x: y\n    a.b/c: {old}\n  name: a\n");
        let new = set_entries(&source, &[entry(0)]).expect("it can be set");
        assert!(
            new.contains("\"true\"") && !new.contains('|') && !new.contains("false"),
            "{new}"
        );
        assert!(new.starts_with("kind: A\nmetadata:\n  annotations:\n    x: y\n    a.b/c: "));
        assert!(new.ends_with("\n  name: a\n"), "{new}");
        assert_eq!(new.contains("# why"), old.contains("# why"));
    }
}

#[test]
fn items_of_a_list_are_objects() {
    let source = "kind: List\nitems:\n- kind: A\n  metadata: {name: a}\n-   metadata:\n      name: b\n    kind: B\n- {kind: C}\n-\n  kind: D\n";
    let entries = [entry(1), entry(2), entry(3), entry(4)];
    assert_eq!(
        set_entries(source, &entries).as_deref(),
        Ok(concat!(
            "kind: List\nitems:\n- kind: A\n  metadata: {annotations: {a.b/c: \"true\"}, name: a}\n",
            "-   metadata:\n      annotations:\n        a.b/c: \"true\"\n      name: b\n    kind: B\n",
            "- {metadata: {annotations: {a.b/c: \"true\"}}, kind: C}\n",
            "-\n  kind: D\n  metadata:\n    annotations:\n      a.b/c: \"true\"\n"
        ))
    );
}

#[test]
fn several_entries_go_into_one_map_that_is_made_for_them() {
    let other = NewEntry {
        key: "d",
        value: NewValue::Text("it's \"1\"\n"),
        ..entry(0)
    };
    assert_eq!(
        set_entries("kind: A\nx: y\n", &[entry(0), other]).as_deref(),
        Ok(
            "kind: A\nmetadata:\n  annotations:\n    d: \"it's \\\"1\\\"\\n\"\n    a.b/c: \"true\"\nx: y\n"
        )
    );
}

#[test]
fn what_others_share_is_refused() {
    for (source, kind) in [
        (
            "kind: A\nb: &m {name: a}\nmetadata: *m\n",
            ManifestErrorKind::AliasedAnchor,
        ),
        (
            "kind: A\nb: &a {x: y}\nmetadata: {annotations: *a}\n",
            ManifestErrorKind::AliasedAnchor,
        ),
        (
            "kind: A\nb: &m {annotations: {x: y}}\nmetadata:\n  <<: *m\n  name: a\n",
            ManifestErrorKind::AliasedAnchor,
        ),
        ("kind: A\nmetadata: [a]\n", ManifestErrorKind::Type),
        ("kind: A\nmetadata: text\n", ManifestErrorKind::Type),
        (
            "kind: A\nmetadata: {annotations: {a.b/c: {}}}\n",
            ManifestErrorKind::Type,
        ),
        (
            "kind: A\nmetadata: {annotations: {a.b/c: !!bool \"true\"}}\n",
            ManifestErrorKind::Type,
        ),
        ("[a]\n", ManifestErrorKind::Type),
        ("kind: A\nmetadata: {\n", ManifestErrorKind::Syntax),
    ] {
        let error = set_entries(source, &[entry(0)]).expect_err(source);
        assert_eq!(error.kind(), kind, "{source}: {error}");
    }
    let error = set_entries("kind: A\n", &[entry(1)]).expect_err("there is one object");
    assert_eq!(error.kind(), ManifestErrorKind::Internal);
    // A merge key that brings none does not hinder.
    becomes(
        "kind: A\nb: &m {labels: {x: y}}\nmetadata:\n  <<: *m\n",
        "kind: A\nb: &m {labels: {x: y}}\nmetadata:\n  annotations:\n    a.b/c: \"true\"\n  <<: *m\n",
    );
}

#[test]
fn a_document_without_a_line_break_gets_one() {
    assert_eq!(
        set_entries("kind: A", &[entry(0)]).as_deref(),
        Ok("kind: A\nmetadata:\n  annotations:\n    a.b/c: \"true\"")
    );
}

#[test]
fn another_parser_reads_the_new_entry_and_the_old_rest() {
    let new = [
        "=metadata",
        "{",
        "=annotations",
        "{",
        "=a.b/c",
        "=true",
        "}",
        "}",
    ];
    let mut count = 0;
    for source in PLACES.iter().filter(|source| !source.contains("metadata")) {
        let Ok(mut expected) = judge(source) else {
            continue;
        };
        let set = set_entries(source, &[entry(0)]).expect(source);
        let found = judge(&set).expect(source);
        let at = found.windows(new.len()).position(|part| part == new);
        let at = at.unwrap_or_else(|| panic!("{set}"));
        expected.splice(at..at, new.map(str::to_owned));
        assert_eq!(found, expected, "{source:?}");
        count += 1;
    }
    assert!(count > 60, "{count}");
}

fn results(value: &Value) -> NewEntry<'_> {
    NewEntry {
        object: 0,
        path: &[],
        key: "results",
        value: NewValue::Any(value),
    }
}

#[test]
fn any_value_takes_the_place_of_whatever_is_there() {
    let value = read_one("[{a: 'it''s', b: [1, true, null]}]").unwrap();
    let json = r#"[{"a": "it's", "b": [1, true, null]}]"#;
    for (source, wanted) in [
        ("kind: A # x\nb: c\n", "kind: A # x\nresults: NEW\nb: c\n"),
        ("{\"kind\":\"A\"}", "{\"results\":NEW,\"kind\":\"A\"}"),
        (
            "kind: A\nresults: [] # y\nb: c\n",
            "kind: A\nresults: NEW # y\nb: c\n",
        ),
        ("kind: A\nresults:\nb: c\n", "kind: A\nresults: NEW\nb: c\n"),
        ("kind: A\nresults: ~", "kind: A\nresults: NEW"),
        (
            "kind: A\nresults: # y\n- {a: b}\n- c: |\n    x\n    y\n\n# z\nb: c\n",
            "kind: A\nresults: NEW\n\n# z\nb: c\n",
        ),
        (
            "results:\n  a:\n    b: [{c: d}, e]\nkind: A\n",
            "results: NEW\nkind: A\n",
        ),
        (
            "kind: A\nx: &a y\n\"results\": [*a, *a]\n",
            "kind: A\nx: &a y\n\"results\": NEW\n",
        ),
        (
            "kind: A\nx: &a y\nresults: *a\n",
            "kind: A\nx: &a y\nresults: NEW\n",
        ),
    ] {
        let wanted = wanted.replace("NEW", json);
        let set = |source: &str| set_entries(source, &[results(&value)]);
        assert_eq!(set(source).as_deref(), Ok(wanted.as_str()), "{source:?}");
        assert_eq!(set(&wanted).as_deref(), Ok(wanted.as_str()), "again");
        let crlf = source.replace('\n', "\r\n");
        let wanted = wanted.replace('\n', "\r\n");
        assert_eq!(set(&crlf).as_deref(), Ok(wanted.as_str()), "{crlf:?}");
    }
}

#[test]
fn a_value_that_others_share_stays() {
    let value = Value::List(Vec::new());
    for source in [
        "kind: A\nresults: &a [b]\nx: *a\n",
        "kind: A\nresults: !!seq [b]\n",
    ] {
        let set = set_entries(source, &[results(&value)]);
        let error = set.unwrap_err();
        assert_eq!(error.kind(), ManifestErrorKind::Type, "{source:?}");
    }
}

#[test]
fn documents_become_items() {
    let list = "apiVersion: v1\nkind: List\nitems:\n  # one\n  - kind: A\n    text: |+\n      x\n\n# end\nx: y\n";
    let documents = [
        "# first\n---\n# Source: b.yaml\nkind: B\ntext: |\n  a\n   b\n\n  c\nlong: 'x\n\n  y'\n",
        "---\n# nothing\n",
        "{\"kind\": \"C\",\n\"a\": [\n1]}",
        "---\nkind: D\nkeep: |2+\n    e\n\n\n",
    ];
    let wanted = "apiVersion: v1\nkind: List\nitems:\n  # one\n  - kind: A\n    text: |+\n      x\n\n# end\n  - # Source: b.yaml\n    kind: B\n    text: |\n      a\n       b\n\n      c\n    long: 'x\n\n      y'\n  - {\"kind\": \"C\",\n    \"a\": [\n    1]}\n  - kind: D\n    keep: |2+\n        e\n\n\nx: y\n";
    assert_eq!(add_items(list, &documents).as_deref(), Ok(wanted));
    let list = "items: # mine\n- kind: A\nkind: List";
    let wanted = "items: # mine\n- kind: A\n- kind: B\nkind: List";
    assert_eq!(add_items(list, &["kind: B"]).as_deref(), Ok(wanted));
    assert_eq!(add_items(list, &["", "# no\n"]).as_deref(), Ok(list));
}

#[test]
fn items_that_cannot_stand_in_lines_are_json() {
    for (list, documents, wanted) in [
        (
            "kind: List\n",
            ["kind: A\n"],
            "kind: List\nitems: [{\"kind\": \"A\"}]\n",
        ),
        (
            "kind: List\nitems: []\n",
            ["kind: A\n"],
            "kind: List\nitems: [{\"kind\": \"A\"}]\n",
        ),
        (
            "{\"kind\": \"List\", \"items\": [{\"kind\": \"A\"}]}",
            ["kind: B\n"],
            "{\"kind\": \"List\", \"items\": [{\"kind\": \"A\"}, {\"kind\": \"B\"}]}",
        ),
        // Directives stand above documents alone.
        (
            "kind: List\nitems:\n- kind: A\n",
            ["%YAML 1.2\n---\nkind: B\n"],
            "kind: List\nitems: [{\"kind\": \"A\"}, {\"kind\": \"B\"}]\n",
        ),
        (
            "kind: List\nitems:\n- kind: A\n",
            ["  kind: B\n  a: b\n"],
            "kind: List\nitems:\n- kind: A\n-   kind: B\n    a: b\n",
        ),
    ] {
        assert_eq!(add_items(list, &documents).as_deref(), Ok(wanted));
    }
    let error = add_items("kind: List\nitems: {a: b}\n", &["kind: A\n"]).unwrap_err();
    assert_eq!(error.kind(), ManifestErrorKind::Type);
}
