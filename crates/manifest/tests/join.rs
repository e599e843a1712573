//! Several inputs as one stream.

use manifill_manifest::{join, read};

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
fn an_unfinished_block_scalar_keeps_its_value() {
    for (last, written) in [
        ("kind: A\nx: |\n  a\n  b", "kind: A\nx: \"a\\nb\"\n---\n"),
        (
            "kind: A\nx: >+ # c\n  a\n  b",
            "kind: A\nx: \"a b\" # c\n---\n",
        ),
        ("kind: A\nx: |-\n  a", "kind: A\nx: |-\n  a\n---\n"),
        ("kind: A\nx: a", "kind: A\nx: a\n---\n"),
        ("kind: A\nx: |+\n  a\n  ", "kind: A\nx: \"a\\n\"\n  \n---\n"),
        (
            "kind: A\nx: |\n  a\n    ",
            "kind: A\nx: \"a\\n  \"\n    \n---\n",
        ),
        ("kind: A\nx: |\n  a\n  ", "kind: A\nx: |\n  a\n  \n---\n"),
    ] {
        let joined = join(&[last, "kind: B\n"]);
        assert_eq!(joined, format!("{written}kind: B\n"));
        assert_eq!(
            read(&joined).unwrap()[0],
            read(last).unwrap()[0],
            "{last:?}"
        );
    }
}
