//! Values that go where others see them.

use super::{offline, told, told_with};

const SOURCE: &str = "kind: ConfigMap\nmetadata:\n  name: web\n  annotations: {a: <path:db#a>}\n\
    data: {b: <path:db#b>}\n---\nkind: Secret\nmetadata:\n  name: db\n  labels: {c: <path:db#c>}\n\
    stringData: {d: <path:db#d>}\n---\nkind: Widget\nmetadata: {name: w}\nspec: {e: <path:db#e>}\n";

#[test]
fn places_that_are_not_kept_secret_are_reported() {
    let told = told(SOURCE);
    let lines: Vec<&str> = told
        .iter()
        .filter_map(|one| one.split(", which").next())
        .collect();
    assert_eq!(
        lines,
        [
            "warning 4:20 ConfigMap/web metadata.annotations.a: this value goes to an annotation",
            "warning 5:11 ConfigMap/web data.b: this value goes to a ConfigMap",
            "warning 10:15 Secret/db metadata.labels.c: this value goes to a label",
        ]
    );
}

#[test]
fn all_but_some_kinds_can_be_refused() {
    let told = told_with(SOURCE, &offline().with_only_kind("Secret"));
    let starts: Vec<&str> = told
        .iter()
        .filter_map(|one| one.split(": ").next())
        .collect();
    assert_eq!(
        starts,
        [
            "error 4:20 ConfigMap/web metadata.annotations.a",
            "error 5:11 ConfigMap/web data.b",
            "error 10:15 Secret/db metadata.labels.c",
            "error 15:11 Widget/w spec.e",
        ]
    );
    let more = offline()
        .with_only_kind("Secret")
        .with_only_kind("ConfigMap");
    let more = more.with_only_kind("Widget");
    let more = more.with_allowed("ConfigMap/web:metadata.annotations.a".parse().unwrap());
    let left = told_with(SOURCE, &more);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("metadata.labels.c"), "{left:?}");
}
