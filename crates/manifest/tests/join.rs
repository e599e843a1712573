//! Several inputs as one stream.

use manifill_manifest::{Document, ParseOptions, join};

#[test]
fn one_input_is_its_bytes() {
    for text in ["", "\u{feff}kind: A", "{\"a\":1}{\"b\":2}", "a: |\n  b"] {
        assert_eq!(join(&[text]), text);
    }
    assert_eq!(join(&[]), "");
}

#[test]
fn markers_stand_between_unless_they_are_there() {
    assert_eq!(join(&["a: 1\n", "b: 2\n"]), "a: 1\n---\nb: 2\n");
    assert_eq!(join(&["a: 1", "b: 2"]), "a: 1\n---\nb: 2");
    assert_eq!(join(&["a: 1\n", "---\nb: 2\n"]), "a: 1\n---\nb: 2\n");
    assert_eq!(join(&["a: 1\n---\n", "b: 2\n"]), "a: 1\n---\nb: 2\n");
    assert_eq!(
        join(&["a: 1\n", "# c\n--- # d\nb: 2\n"]),
        "a: 1\n# c\n--- # d\nb: 2\n"
    );
    assert_eq!(join(&["a: 1\n", "", "b: 2\n"]), "a: 1\n---\nb: 2\n");
    assert_eq!(
        join(&["a: 1\n...\n", "%YAML 1.1\n---\nb: 2\n"]),
        "a: 1\n...\n%YAML 1.1\n---\nb: 2\n"
    );
    assert_eq!(
        join(&["a: 1\n", "%YAML 1.1\n---\nb: 2\n"]),
        "a: 1\n...\n%YAML 1.1\n---\nb: 2\n"
    );
}

#[test]
fn later_byte_order_marks_go() {
    assert_eq!(
        join(&["\u{feff}a: 1\n", "\u{feff}b: 2\n"]),
        "\u{feff}a: 1\n---\nb: 2\n"
    );
}

#[test]
fn json_values_are_separated() {
    assert_eq!(
        join(&["{\"a\":1}\n{\"b\":2}", "c: 3\n"]),
        "{\"a\":1}\n---\n{\"b\":2}\n---\nc: 3\n"
    );
}

#[test]
fn an_input_without_a_final_line_break_gets_one_and_nothing_else() {
    for last in [
        "kind: A\nx: |\n  a\n  b",
        "kind: A\nx: >+ # c\n  a\n  b",
        "kind: A\nx: |-\n  a",
        "kind: A\nx: a",
        "kind: A\nx: |+\n  a\n  ",
        "kind: A\nx: |\n  a\n    ",
        "kind: A\nx: |\n  a\n  ",
        "kind: A\nx: |",
    ] {
        let joined = join(&[last, "kind: B\n"]);
        assert_eq!(joined, format!("{last}\n---\nkind: B\n"));
        // The file means the same alone.
        let value = |source: &str, end: usize| {
            let keep = |_: &_, _: &str| true;
            let document = Document::parse(source, 0..end, &ParseOptions::default(), keep).unwrap();
            document.scalar(source, 1).unwrap().value.to_owned()
        };
        assert_eq!(
            value(last, last.len()),
            value(&joined, last.len() + 1),
            "{last:?}"
        );
    }
}
