//! Rules 10 to 15: which text is looked at.

use crate::*;

#[test]
fn rule_10_values_at_every_depth_are_filled_and_keys_never_t20_t21() {
    check(
        foo,
        "<user>: <user>\nm: {n: {<port>: [<port>]}}\nl: [[<user>, {k: [[<user>]]}]]",
        "<user>: svc_orders\nm: {n: {<port>: ['5432']}}\nl: [[svc_orders, {k: [[svc_orders]]}]]",
    );
}

#[test]
fn rule_12_an_annotation_that_is_not_text_is_named_and_the_others_count_t23() {
    let source = foo("a: <user>").replace("items/Db}", "items/Db, build: 42, on: true}");
    assert!(render(&source).ends_with("a: \"svc_orders\"\n"));
    let warnings = warnings(&source);
    assert!(
        warnings.contains("`build`") && warnings.contains("`on`"),
        "{warnings}"
    );
}

#[test]
fn rule_13_the_kind_is_case_sensitive() {
    let numbers = "data: {a: <n>}";
    assert!(render(&typed("ConfigMap", numbers)).ends_with("data: {a: \"3\"}\n"));
    assert!(render(&typed("configmap", numbers)).ends_with("data: {a: 3}\n"));
    // <user> in base64
    let encoded = "data: {a: PHVzZXI+}";
    assert!(render(&of("Secret", encoded)).ends_with("data: {a: \"c3ZjX29yZGVycw==\"}\n"));
    let source = of("secret", encoded);
    assert_eq!(render(&source), source);
    let other_group = format!("apiVersion: example.org/v1\n{}", of("Secret", encoded));
    assert!(render(&other_group).ends_with("data: {a: \"c3ZjX29yZGVycw==\"}\n"));
}

#[test]
fn rule_14_the_annotations_stay() {
    let rendered = render(&removing("Secret", "stringData: {a: <user>}"));
    assert!(
        rendered.contains(
            "avp.kubernetes.io/path: vaults/Prod/items/Db, avp.kubernetes.io/remove-missing: 'true'"
        ),
        "{rendered}"
    );
}
