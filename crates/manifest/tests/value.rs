//! The typed reading of YAML 1.1.
#![allow(clippy::unwrap_used)]

use manifill_manifest::{ManifestErrorKind, Value, read, read_one};

fn json(source: &str) -> String {
    let values: Vec<_> = read(source).unwrap().iter().map(Value::to_json).collect();
    values.join(" ")
}

#[test]
fn scalars_have_the_types_that_go_reads() {
    let source = "kind: Foo\na: yes\nb: off\nc: 0755\nd: 0o17\ne: 1_000\nf: 1:30\ng: ~\nh: 2021-05-06\ni: 'yes'\nj: '010'\n";
    assert_eq!(
        json(source),
        "{\"kind\": \"Foo\", \"a\": true, \"b\": false, \"c\": 493, \"d\": 15, \"e\": 1000, \"f\": \"1:30\", \
         \"g\": null, \"h\": \"2021-05-06\", \"i\": \"yes\", \"j\": \"010\"}"
    );
    assert_eq!(
        json("[1e21, 1e3, 12345678901234567890, '', ]"),
        "[1.0e+21, 1000, 12345678901234567890, \"\"]"
    );
}

#[test]
fn tags_count() {
    let source = "[!!str 5, !!int \"5\", !!float 5, !!bool yes, !!null '', !!binary aGV5, !t 5, !!timestamp 2021-05-06]";
    assert_eq!(
        json(source),
        "[\"5\", 5, 5, true, null, \"hey\", \"5\", \"2021-05-06\"]"
    );
    for source in [
        "!!int x",
        "!!float x",
        "!!bool 5",
        "!!null x",
        "!!binary \"*\"",
        "!!binary /w==",
        ".inf",
        "? {a: b}\n: c",
    ] {
        assert_eq!(
            read(source).unwrap_err().kind(),
            ManifestErrorKind::Type,
            "{source}"
        );
    }
}

#[test]
fn aliases_merges_and_duplicates_are_expanded() {
    assert_eq!(json("a: &a [1]\nb: *a\n"), "{\"a\": [1], \"b\": [1]}");
    assert_eq!(json("{<<: {a: 1, b: 2}, a: 3}"), "{\"a\": 3, \"b\": 2}");
    assert_eq!(json("{a: 3, <<: {a: 1}}"), "{\"a\": 1}");
    assert_eq!(json("{<<: [{a: 1}, {a: 2, b: 2}]}"), "{\"a\": 1, \"b\": 2}");
    assert_eq!(json("{a: 1, b: 2, a: 3}"), "{\"a\": 3, \"b\": 2}");
    assert_eq!(json("{y: 1, 010: 2}"), "{\"y\": 1, \"010\": 2}");
}

#[test]
fn documents_are_counted() {
    assert_eq!(
        json("# c\n---\n---\na: 1\n---\nnull\n"),
        "null {\"a\": 1} null"
    );
    assert_eq!(json("{\"a\":1} {\"b\":2}"), "{\"a\": 1} {\"b\": 2}");
    assert_eq!(read_one("").unwrap(), Value::Null);
    assert_eq!(read_one("a\n---\nb: [").unwrap(), Value::Text("a".into()));
    assert_eq!(read("a: 1\n---\nb: @\n").unwrap_err().offset(), 12);
}

#[test]
fn a_last_line_without_break_has_none() {
    assert_eq!(json("a: |\n  b"), "{\"a\": \"b\"}");
    assert_eq!(json("a: |+\n  b\n\n"), "{\"a\": \"b\\n\\n\"}");
}

#[test]
fn multiplying_aliases_are_refused() {
    let mut bomb = "a0: &a0 [lol]\n".to_owned();
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb += &format!("a{n}: &a{n} [{items}]\n");
    }
    assert_eq!(read(&bomb).unwrap_err().kind(), ManifestErrorKind::Limit);
    assert_eq!(
        read("a: &a [*a]").unwrap_err().kind(),
        ManifestErrorKind::Limit
    );
    // As deep as aliases of deep parts make it.
    let mut tower = "a0: &a0 x\n".to_owned();
    for n in 1..60 {
        let (open, close) = ("[".repeat(50), "]".repeat(50));
        tower += &format!("a{n}: &a{n} {open}*a{}{close}\n", n - 1);
    }
    assert_eq!(read(&tower).unwrap_err().kind(), ManifestErrorKind::Limit);
}

#[test]
fn json_text_reads_back() {
    let text = "a\"\\\n\r\t\u{0}\u{7f}\u{85}\u{2028}\u{feff}é😀/<>".to_owned();
    let value = Value::Map(vec![
        (text.clone(), Value::Text(text)),
        (
            "n".into(),
            Value::List(vec![Value::Number("-1.5e-7".into()), Value::Null]),
        ),
        ("e".into(), Value::List(vec![])),
    ]);
    assert_eq!(read_one(&value.to_json()).unwrap(), value);
}
