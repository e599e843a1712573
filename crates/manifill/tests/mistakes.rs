//! What is told of mistakes: all of them, each at its place, without a value.

mod common;

use common::{errors, render, render_with, with_options};
use manifill::Options;

#[test]
fn missing_keys_are_errors_with_place_and_names() {
    let error = errors(
        "kind: Secret\nmetadata:\n  name: s\n  namespace: n\n  annotations: {avp.kubernetes.io/path: db}\nstringData:\n  a: x<pasword>\n",
    );
    assert!(
        error.starts_with("m.yaml:7:7: missing Vault value for placeholder pasword: `db` has no key `pasword`; it has `user`, `password`"),
        "{error}"
    );
    assert!(
        error.contains("[Secret/n/s] [stringData.a] [<pasword>] hint: did you mean `password`?"),
        "{error}"
    );
    assert!(errors("kind: A\nx: <path:db#none>\n").contains("missing Vault value"));
}

#[test]
fn every_error_of_every_document_is_told_in_order() {
    let error = errors(
        "kind: A\nx: <path:db#gone>\ny: <path:nope#a>\n---\nkind: B\nz: <path:db#user | nope>\n---\nno: kind\n",
    );
    // Mistakes that show without reading come alone: nothing was read.
    let lines: Vec<&str> = error
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(lines, ["m.yaml:6:20", "m.yaml:8:1"], "{error}");
    let error = errors(
        "kind: A\nx: <path:db#gone>\ny: <path:nope#a>\n---\nkind: B\nz: <path:db#user | jsonParse>\n",
    );
    let lines: Vec<&str> = error
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        lines,
        ["m.yaml:2:4", "m.yaml:3:4", "m.yaml:6:20"],
        "{error}"
    );
}

#[test]
fn what_looks_like_a_placeholder_and_is_none_is_an_error() {
    let allow = with_options(Options::new().with_allow_unresolved(true));
    for value in [
        "<path:db>",
        "<path:db#user",
        "'\\u003cpath:db#user\\u003e'",
        "'%3Cpath:db#user%3E'",
        "'&lt;path:db#user&gt;'",
        "<path:db#a#b#c>",
    ] {
        let source = format!("kind: A\nx: {value}\n");
        let error = errors(&source);
        assert!(error.starts_with("m.yaml:2:"), "{value}: {error}");
        assert_eq!(render_with(&allow, &source).unwrap(), source, "{value}");
    }
    // In the base64 of a Secret: <path:db>
    assert!(errors("kind: Secret\ndata: {a: PHBhdGg6ZGI+}\n").starts_with("m.yaml:2:"));
    // Not in comments, keys, ignored documents.
    let source = "kind: A # <path:db>\n'<path:db>': x\n---\nkind: B\nmetadata: {annotations: {avp.kubernetes.io/ignore: 'true'}}\nx: <path:db>\n";
    assert_eq!(render(source), source);
}

#[test]
fn a_comment_that_eats_a_placeholder_is_an_error() {
    let error = errors("kind: A\nx: <path:My #1 db#user>\n");
    assert!(
        error.contains("m.yaml:2:4: ") && error.contains("quote the value"),
        "{error}"
    );
    let error =
        errors("kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\nx: <key #1>\n");
    assert!(
        error.contains("m.yaml:3:4: ") && error.contains("quote the value"),
        "{error}"
    );
}

#[test]
fn a_path_with_brackets_left_in_it_says_what_to_replace() {
    let error = errors("kind: A\nx: <path:vaults/<VAULT UUID>/items/a#b>\n");
    assert!(error.contains("replace <VAULT UUID> by the id"), "{error}");
    let error = errors(
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: 'vaults/<vault id>/items/x'}}\nx: <user>\ny: <password>\n",
    );
    assert!(error.contains("replace <vault id> by the id"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    // It would reach the cluster, used or not.
    let unused = errors(
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: '<path:db#user>'}}\nx: 1\n",
    );
    assert!(
        unused.contains("still has `<path:db#user>` in it"),
        "{unused}"
    );
}

#[test]
fn the_error_says_where_in_the_text_and_which_modifier() {
    let error = errors("kind: A\nx: \"\\u0041 <path:db#user | jsonPath {.a}>\"\n");
    assert!(error.starts_with("m.yaml:2:28: "), "{error}");
    assert!(error.contains("for placeholder path:db#user"), "{error}");
}

#[test]
fn every_error_in_one_text_has_its_own_place() {
    let places = |told: &str| -> Vec<String> {
        let place = |line: &str| line.split(": ").next().unwrap_or_default().to_owned();
        told.lines().map(place).collect()
    };
    // The modifiers and paths are found wrong before anything is read, the keys afterwards.
    let planned =
        "kind: A\na: >\n  <path:db#user|b> x\n  <path:db\n  é <path:db#user|a> <path:#k>\n";
    assert_eq!(
        places(&errors(planned)),
        ["m.yaml:3:17", "m.yaml:4:3", "m.yaml:5:19", "m.yaml:5:28"]
    );
    let applied = "kind: A\na: |\n  é <path:db#b> <path:db#a>\n  x <path:no#k>\n";
    assert_eq!(
        places(&errors(applied)),
        ["m.yaml:3:5", "m.yaml:3:17", "m.yaml:4:5"]
    );
}

#[test]
fn text_inside_base64_is_not_shown_unless_it_is_plainly_a_reference() {
    use base64::Engine as _;
    let data = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let source = |text: &str| {
        format!(
            "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\ndata:\n  a: {}\n",
            data(text)
        )
    };
    for text in [
        "x <my-sentinel> y",
        "x <user | my-sentinel> y",
        "x <user | jsonPath {.my-sentinel}>",
        "x <user | jsonPath {.my-sentinel> y",
        "x <my-sentinel | bcrypt a:b>",
        "x <password | jsonParse> my-sentinel",
    ] {
        let error = errors(&source(text));
        assert!(
            error.starts_with("m.yaml:4:6: ") && error.contains("data.a"),
            "{text}: {error}"
        );
        assert!(!error.contains("sentinel"), "{text}: {error}");
    }
    let error = errors(&source("<path:db#gone>"));
    assert!(
        error.contains("<path:db#gone>") && error.contains("has no key `gone`"),
        "{error}"
    );
}
