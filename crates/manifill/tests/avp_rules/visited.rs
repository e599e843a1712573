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
fn rule_11_names_labels_and_annotations_are_filled_t22() {
    let source = "apiVersion: v<port>\nkind: Foo\nmetadata: {name: n-<user>, namespace: <user>, labels: {l: <user>}, annotations: {avp.kubernetes.io/path: vaults/Prod/items/Db, o: <user>}}\n";
    let expected = "apiVersion: v5432\nkind: Foo\nmetadata: {name: n-svc_orders, namespace: svc_orders, labels: {l: svc_orders}, annotations: {avp.kubernetes.io/path: vaults/Prod/items/Db, o: svc_orders}}\n";
    assert_eq!(documents(&render(source)), documents(expected));
}

#[test]
fn rule_12_annotations_of_a_pod_template_steer_nothing() {
    let source = "kind: Deployment\nspec: {template: {metadata: {annotations: {avp.kubernetes.io/path: vaults/Prod/items/Db}}, x: <user>}}\n";
    assert_eq!(render(source), source);
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

#[test]
fn rule_15_items_of_a_list_are_resources_t46() {
    let source = "kind: List\nitems:\n- kind: Secret\n  metadata: {annotations: {avp.kubernetes.io/path: vaults/Prod/items/Db}}\n  data: {a: PHVzZXI+}\n- kind: ConfigMap\n  metadata: {annotations: {avp.kubernetes.io/path: kv/typed}}\n  data: {a: <n>}\n- kind: Foo\n  metadata: {annotations: {avp.kubernetes.io/ignore: 'true'}}\n  a: <path:x#y>\n- kind: Foo\n  a: <user>\n";
    assert_eq!(
        render(source),
        source
            .replace("PHVzZXI+", "\"c3ZjX29yZGVycw==\"")
            .replace("<n>", "\"3\"")
    );
}

#[test]
fn rule_15_an_item_has_the_path_of_its_list_unless_it_has_its_own() {
    let list = of(
        "List",
        "items:\n- kind: Foo\n  a: <user>\n- kind: Foo\n  metadata: {annotations: {avp.kubernetes.io/path: vaults/Prod/items/Cache}}\n  a: <user>",
    );
    let rendered = render(&list);
    assert!(
        rendered.contains("a: \"svc_orders\"") && rendered.ends_with("a: \"svc_cache\"\n"),
        "{rendered}"
    );
}

#[test]
fn rule_15_other_lists_are_one_object() {
    // Base64 of <path:vaults/Prod/items/Db#user>.
    let encoded = "PHBhdGg6dmF1bHRzL1Byb2QvaXRlbXMvRGIjdXNlcj4=";
    let source = format!(
        "kind: SecretList\nitems:\n- {}\n  stringData: {{a: <user>}}\n  data: {{b: {encoded}}}\n",
        "kind: Secret\n  metadata: {annotations: {avp.kubernetes.io/path: vaults/Prod/items/Db}}"
    );
    assert_eq!(render(&source), source);
    // A whole path is filled, and what looks like one is told, as in any object.
    let source = "kind: SecretList\nitems:\n- kind: Secret\n  stringData: {a: <path:vaults/Prod/items/Db#user>}\n";
    let wanted = source.replace("<path:vaults/Prod/items/Db#user>", "\"svc_orders\"");
    assert_eq!(render(source), wanted);
    assert!(error("kind: SecretList\nitems: [{a: '<path:x>'}]\n").contains("#KEY"));
}

#[test]
fn rule_15_an_ignored_list_is_left_alone() {
    let source = "kind: List\nmetadata: {annotations: {avp.kubernetes.io/ignore: 'true'}}\nitems:\n- kind: Foo\n  metadata: {annotations: {avp.kubernetes.io/remove-missing: 'true'}}\n  a: <path:nope#x> <path:y>\n";
    assert_eq!(render(source), source);
}
