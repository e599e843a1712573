//! What is told of mistakes: all of them, each at its place, without a value.

mod common;

use common::{errors, render_with, with_options};
use manifill::Options;

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
}

#[test]
fn the_error_says_where_in_the_text_and_which_modifier() {
    let error = errors("kind: A\nx: \"\\u0041 <path:db#user | jsonPath {.a}>\"\n");
    assert!(error.starts_with("m.yaml:2:28: "), "{error}");
    assert!(error.contains("for placeholder path:db#user"), "{error}");
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
