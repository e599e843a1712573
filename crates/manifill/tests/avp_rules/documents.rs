//! Rules 43 to 53: documents in and out.

use crate::*;

const FILL: &str = "a: <path:vaults/Prod/items/Db#user>\n";

#[test]
fn rule_43_a_line_that_begins_with_dashes_and_goes_on_is_an_error_t76() {
    for source in [
        "kind: A\n---foo\nkind: B\n".to_owned(),
        "kind: A\n----\nkind: B\n".to_owned(),
        format!("kind: A\n---x\n{FILL}"),
        // AVP takes this for a marker; YAML does not.
        "kind: A\n---#x\nkind: B\n".to_owned(),
    ] {
        refuse(&source, &["m.yaml:2:1: "]);
    }
}

#[test]
fn rule_43_what_follows_the_marker_is_yaml() {
    let source = format!(
        "--- {{kind: B, x: {}}}\n",
        "<path:vaults/Prod/items/Db#user>"
    );
    assert_eq!(
        documents(&render(&source)),
        documents("kind: B\nx: svc_orders\n")
    );
    let source = format!("%YAML 1.1\n---\nkind: A\n{FILL}");
    assert!(render(&source).ends_with("a: \"svc_orders\"\n"));
}

#[test]
fn rule_43_nothing_stands_beside_an_end_marker() {
    refuse(&format!("kind: A\n{FILL}... x\n"), &["m.yaml:3:5: "]);
}

#[test]
fn rule_43_a_stream_of_json_t79_t80() {
    let source = "{\"kind\":\"A\",\"x\":\"<path:vaults/Prod/items/Db#user>\"}\n{\"kind\":\"B\"} {\"kind\":\"C\", \"x\":\"\\u003cpath:kv/typed#n\\u003e\"}\n";
    assert_eq!(
        render(source),
        "{\"kind\":\"A\",\"x\":\"svc_orders\"}\n{\"kind\":\"B\"} {\"kind\":\"C\", \"x\":3}\n"
    );
}

#[test]
fn rule_43_braces_may_be_yaml_and_json_may_be_followed_by_yaml_t81_t82() {
    let source = format!("{{\"kind\":\"A\"}}\n---\nkind: B\n{FILL}");
    assert_eq!(
        documents(&render(&source)),
        documents("kind: A\n---\nkind: B\na: svc_orders\n")
    );
    let source = "{kind: A, x: <path:vaults/Prod/items/Db#user>}\n";
    assert_eq!(
        documents(&render(source)),
        documents("kind: A\nx: svc_orders\n")
    );
}

#[test]
fn rule_44_every_document_needs_a_kind_that_is_text_t83() {
    for source in [
        "a: sentinel\n",
        "kind: ''\na: sentinel\n",
        "kind: 3\na: sentinel\n",
        "- sentinel\n",
        "kind: A\n---\nmetadata: {a: sentinel}\n",
    ] {
        let error = error(source);
        assert!(
            error.contains("Object 'Kind' is missing") && error.starts_with("m.yaml:"),
            "{error}"
        );
        assert!(!error.contains("sentinel"), "{error}");
    }
    let source = "kind: A\n";
    assert_eq!(render(source), source);
}

#[test]
fn rule_45_no_document_is_no_error_t84() {
    for source in ["", "\n", "# only\n", "---\n", "null\n"] {
        assert_eq!(render(source), source);
    }
}

#[test]
fn rule_46_aliases_that_multiply_are_refused() {
    let mut source = format!("kind: A\n{FILL}l0: &l0 {{k0: x, j0: x}}\n");
    for level in 1..40 {
        let below = level - 1;
        source.push_str(&format!(
            "l{level}: &l{level} {{<<: [*l{below}, *l{below}], k{level}: *l{below}, j{level}: *l{below}}}\n"
        ));
    }
    source.push_str("metadata: {annotations: *l39}\n");
    refuse(&source, &["m.yaml:"]);
}

#[test]
fn rule_47_and_48_json_stays_json_and_markers_stay_where_they_were() {
    let source = "{\"kind\": \"A\", \"x\": [\"<path:kv/typed#n>\"]}";
    assert_eq!(render(source), "{\"kind\": \"A\", \"x\": [3]}");
    let source = format!("kind: A\n{FILL}---\nkind: B");
    assert_eq!(documents(&render(&source)).len(), 2);
    assert!(render(&source).ends_with("---\nkind: B"));
}

#[test]
fn rule_51_every_character_reads_back_t72_t73() {
    check(
        foo,
        "a: <nel>\nb: x<del>",
        "a: \"a\\u0085b\"\nb: \"xa\\x7fb\"",
    );
}

#[test]
fn rule_51_a_value_that_looks_like_something_else_stays_text() {
    for text in [
        "yes",
        "y",
        "1",
        "1e3",
        "0o17",
        "0b1",
        "1:30",
        "2021-05-06",
        "~",
        "null",
        ".inf",
        "a: b",
        "#c",
        "- a",
        "*x",
        "&x",
        "!x",
        " lead",
        "[a]",
        "{a",
        "=",
        "<<",
        "'",
        "\"",
        "\u{1f600}",
        "a\r\nb",
    ] {
        let vault = Memory::new().with("odd", [("k", text)]);
        let renderer = Renderer::with_backend("memory", vault);
        let rendered = render_by(
            &renderer,
            "kind: A\nx: <path:odd#k>\ny: '<path:odd#k>'\nz: [<path:odd#k>]\n",
        );
        let value = Value::Text(text.to_owned());
        let fields = [
            ("kind", Value::Text("A".to_owned())),
            ("x", value.clone()),
            ("y", value.clone()),
            ("z", Value::List(vec![value])),
        ];
        let expected = fields.map(|(key, value)| (key.to_owned(), value)).to_vec();
        assert_eq!(documents(&rendered), [Value::Map(expected)], "{rendered}");
    }
}

#[test]
fn rule_51_the_chomping_of_a_block_follows_the_value() {
    let source = plain("a: |\n  <path:vaults/Prod/items/Db#lead>\nb: 1");
    assert_eq!(
        documents(&render(&source)),
        documents(&plain("a: \"  two\\n    four\\n\\n\"\nb: 1"))
    );
    let rendered = render(&source.replace("#lead>", "#pem>"));
    assert!(rendered.starts_with("kind: Foo\na: |+\n"), "{rendered}");
    assert!(
        rendered.ends_with("  -----END KEY-----\n\nb: 1\n"),
        "{rendered}"
    );
}
