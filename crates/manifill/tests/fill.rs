//! What becomes of a placeholder: text, types, base64, what is missing.

mod common;

use common::{errors, render};
use manifill::RunContext;

#[test]
fn what_stands_around_the_filled_documents_stays() {
    let filled = "kind: A\nx: <path:db#user>\n";
    let plain = "# c\nkind: B\ny: 1\n---\n# only a comment\n";
    let blank = "---\n---\n";
    for parts in [
        vec![plain, blank, "---\n", filled],
        vec!["---\n", filled, "---\n", plain],
        vec![
            plain, "---\n", filled, blank, "---\n", plain, "---\n", filled,
        ],
    ] {
        for times in [1, 100] {
            let source =
                parts.concat() + "---\n" + &"---\nkind: A\nx: <path:db#user>\n".repeat(times);
            assert_eq!(render(&source), source.replace("<path:db#user>", "\"svc\""));
        }
    }
}

#[test]
fn a_value_that_its_tag_contradicts_is_an_error() {
    // All of them are told, beside what is missing.
    let told =
        errors("kind: A\nx: !!int <path:db#user>\ny: <path:db#no>\nz: !!bool <path:db#user>\n");
    let places: Vec<&str> = told.lines().filter_map(|line| line.get(..9)).collect();
    assert_eq!(places, ["m.yaml:2:", "m.yaml:3:", "m.yaml:4:"], "{told}");
    for tagged in [
        "!!int <path:db#user>",
        "!!binary <path:db#b64>",
        "! <path:db#user>",
    ] {
        let told = errors(&format!("kind: A\nx: {tagged}\n"));
        assert!(
            told.contains("the value is not what its tag says"),
            "{told}"
        );
    }
}

#[test]
fn base64_under_a_binary_tag_is_not_filled() {
    // <path:db#user>
    let encoded = "PHBhdGg6ZGIjdXNlcj4=";
    let told = errors(&format!("kind: A\nx: !!binary {encoded}\n"));
    assert!(
        told.contains("a placeholder in base64 is not filled here"),
        "{told}"
    );
    // Where base64 is looked into, what is filled cannot stay under the tag.
    for field in ["Secret\ndata", "ConfigMap\nbinaryData"] {
        let told = errors(&format!("kind: {field}: {{a: !!binary {encoded}}}\n"));
        assert!(
            told.contains("the value is not what its tag says: `!!binary`"),
            "{told}"
        );
    }
}

#[test]
fn base64_by_accident_gets_a_warning() {
    use futures_util::FutureExt as _;
    let inputs = [manifill::Input::new(
        "m.yaml",
        "kind: Secret\ndata:\n  a: <path:db#accident>\n",
    )];
    let renderer = common::renderer();
    let rendered = renderer
        .render(&inputs, &RunContext::new())
        .now_or_never()
        .unwrap()
        .unwrap();
    let warnings = rendered.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].message.contains("by accident"), "{warnings:?}");
}

#[test]
fn alternatives_are_tried_in_order() {
    let error = errors("kind: A\nx: <path:db#gone || path:nope#a>\n");
    assert!(
        error.contains("could not find secrets at path `nope`"),
        "{error}"
    );
}

#[test]
fn without_names_an_exclamation_mark_is_a_character_like_any_other() {
    assert!(errors("kind: A\nx: <path:a!b#c>\n").contains("at path `a!b`"));
}

#[test]
fn op_references_need_a_backend_of_their_type() {
    for reference in [
        "op://Home/db/password",
        "path:op://Home/db#password",
        "path:https://start.1password.com/open/i?v=x&i=y#password",
        "path:https://Start.1Password.EU/open/i?v=x&i=y#password",
    ] {
        let error = errors(&format!("kind: A\nx: <{reference}>\n"));
        assert!(
            error.contains("no backend of type `1passwordconnect`"),
            "{error}"
        );
    }
}
