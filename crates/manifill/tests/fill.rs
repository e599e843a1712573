//! What becomes of a placeholder: text, types, base64, what is missing.

mod common;

use common::{errors, errors_with, named, render, render_with, with_options};
use manifill::Options;
use manifill::RunContext;

#[test]
fn only_the_scalar_changes() {
    let source = "# top\r\nkind:   Secret\r\nstringData: # all of it\r\n  'a' : &x <path:db#user>   # mine\r\n  b: *x\r\n---\r\nkind: Other\r\n";
    assert_eq!(render(source), source.replace("<path:db#user>", "\"svc\""));
}

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
fn base64_under_a_binary_tag_is_not_looked_into() {
    // <path:db#user>
    let encoded = "PHBhdGg6ZGIjdXNlcj4=";
    for source in [
        format!("kind: A\nx: !!binary {encoded}\n"),
        format!("kind: ConfigMap\nbinaryData: {{a: !!binary {encoded}}}\n"),
    ] {
        assert_eq!(render(&source), source);
    }
    // In a Secret all base64 is looked into, and what is filled cannot stay under the tag.
    let told = errors(&format!("kind: Secret\ndata: {{a: !!binary {encoded}}}\n"));
    assert!(
        told.contains("the value is not what its tag says: `!!binary`"),
        "{told}"
    );
}

#[test]
fn base64_of_a_secret_is_filled_inside() {
    // <path:db#user>:<path:db#password>
    let encoded = "PHBhdGg6ZGIjdXNlcj46PHBhdGg6ZGIjcGFzc3dvcmQ+";
    assert_eq!(
        render(&format!(
            "kind: Secret\ndata:\n  a: {encoded}\n  b: bm90aGluZw==\n"
        )),
        "kind: Secret\ndata:\n  a: \"c3ZjOnBAc3M6ICMx\"\n  b: bm90aGluZw==\n"
    );
    assert_eq!(
        render(&format!("kind: Other\ndata:\n  a: {encoded}\n")),
        format!("kind: Other\ndata:\n  a: {encoded}\n")
    );
}

#[test]
fn bytes_become_base64_once() {
    let error = errors("kind: Secret\nstringData:\n  a: <path:db#store>\n");
    assert!(
        error.contains("m.yaml:3:6: ") && error.contains("is binary"),
        "{error}"
    );
}

#[test]
fn clear_text_in_the_data_of_a_secret_is_an_error() {
    let error = errors("kind: Secret\ndata:\n  a: <path:db#password>\n");
    assert!(
        error.contains("m.yaml:3:6: ") && error.contains("use stringData or | base64encode"),
        "{error}"
    );
    let error = errors("kind: Secret\ndata:\n  a: <path:db#port>\n");
    assert!(error.contains("of type number"), "{error}");
    let good = "kind: Secret\ndata:\n  a: <path:db#b64>\n  b: <path:db#password | base64encode>\n  c: <path:db#empty>\n";
    assert_eq!(
        render(good),
        "kind: Secret\ndata:\n  a: \"cGxhaW4=\"\n  b: \"cEBzczogIzE=\"\n  c: \"\"\n"
    );
    let list = errors("kind: List\nitems:\n- kind: Secret\n  data:\n    a: <path:db#password>\n");
    assert!(list.contains("m.yaml:5:8: "), "{list}");
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
fn remove_missing_takes_the_entry_out() {
    let source = "kind: Secret\nmetadata:\n  annotations:\n    avp.kubernetes.io/path: db\n    avp.kubernetes.io/remove-missing: \"true\"\nstringData:\n  a: <gone>\n  # stays\n  b: <user>\n  c: <user>-<gone>\n  d: <path:db#gone>\n";
    let rendered = render(source);
    assert!(
        rendered.ends_with("stringData:\n  # stays\n  b: \"svc\"\n"),
        "{rendered}"
    );
    let error = errors(&source.replace("a: <gone>", "a: [<gone>]"));
    assert!(error.contains("missing Vault value"), "{error}");
    let error = errors(&source.replace("path:db#gone", "path:nope#gone"));
    assert!(
        error.contains("could not find secrets at path `nope`"),
        "{error}"
    );
    let error = errors(&source.replace("kind: Secret", "kind: Deployment"));
    assert!(
        error.contains("can only be used on Secret or ConfigMap"),
        "{error}"
    );
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
fn a_backend_is_chosen_by_name_or_annotation() {
    let renderer = named();
    let rendered = render_with(
        &renderer,
        "kind: A\na: <path:shared!common#user>\nb: <path:db#user>\nc: <path:home!db#user>\n---\nkind: B\nmetadata: {annotations: {manifill.dev/backend: shared, avp.kubernetes.io/path: common}}\na: <user>\nb: <path:home!db#user>\n",
    )
    .unwrap();
    assert_eq!(rendered.matches("svc_shared").count(), 2, "{rendered}");
    assert_eq!(rendered.matches("\"svc\"").count(), 3, "{rendered}");
    let error = errors_with(&renderer, "kind: A\nx: <path:share!common#user>\n");
    assert!(
        error.contains("there is no backend `share`") && error.contains("did you mean `shared`?"),
        "{error}"
    );
    // The annotation is what is wrong, however many placeholders it concerns.
    let error = errors_with(
        &renderer,
        "kind: A\nmetadata:\n  annotations:\n    avp.kubernetes.io/path: common\n    manifill.dev/backend: share\na: <user>\nb: <path:db#user>\n",
    );
    assert!(
        error.starts_with("m.yaml:5:27: there is no backend `share` (needed in 1 more place)"),
        "{error}"
    );
    assert_eq!(error.matches("no backend").count(), 1, "{error}");
    let error = errors_with(
        &renderer,
        "kind: A\nmetadata: {annotations: {manifill.dev/backend: share}}\na: <path:a#b>\nb: <path:c#d>\nc: <path:e#f>\n",
    );
    assert!(error.contains("(needed in 2 more places)"), "{error}");
    // Without names, `!` is a character like any other.
    assert!(errors("kind: A\nx: <path:a!b#c>\n").contains("at path `a!b`"));
}

#[test]
fn escaped_forms_are_filled_on_request_and_escaped_again() {
    let renderer = with_options(Options::new().with_escaped(true));
    assert_eq!(
        render_with(&renderer, "kind: A\na: '{\"p\":\"\\u003cpath:db#pem\\u003e\"}'\nb: 'https://h/?p=%3Cpath%3Adb%23password%3E'\nc: '<b>&lt;path:db#tpl&gt;</b>'\n").unwrap(),
        "kind: A\na: '{\"p\":\"-----BEGIN KEY-----\\nQUJD\\nREVG\\n-----END KEY-----\\n\"}'\nb: 'https://h/?p=p%40ss%3A%20%231'\nc: '<b>&lt;path:a#b&gt;</b>'\n"
    );
}

#[test]
fn items_of_a_list_are_resources_of_their_own() {
    let source = "kind: List\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\nitems:\n- kind: A\n  a: <user>\n- kind: B\n  metadata: {annotations: {avp.kubernetes.io/path: other}}\n  a: <user>\n- kind: C\n  metadata: {annotations: {avp.kubernetes.io/ignore: 'true'}}\n  a: <user>\n";
    let rendered = render(source);
    assert!(
        rendered.contains("kind: A\n  a: \"svc\"")
            && rendered.contains("a: \"svc_other\"")
            && rendered.ends_with("a: <user>\n"),
        "{rendered}"
    );
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

#[test]
fn a_pem_stays_in_its_block() {
    assert_eq!(
        render(
            "kind: A\ndata:\n  key: |\n    <path:db#pem | indent 0>\n  two: |-\n    a\n    <path:db#user>\n"
        ),
        // The value ends in two line breaks now, its own and the block's: `|+` says so.
        "kind: A\ndata:\n  key: |+\n    -----BEGIN KEY-----\n    QUJD\n    REVG\n    -----END KEY-----\n\n  two: |-\n    a\n    svc\n"
    );
}
