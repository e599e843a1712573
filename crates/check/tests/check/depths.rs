//! How far a look goes.

use manifill::vault::backend::memory::Memory;
use manifill::{Backends, Depth, Input, Renderer, Rules, RunContext};
use manifill_check::{Check, check};

use futures_util::FutureExt as _;

use super::{looked, offline, told, told_of};

const SOURCE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  \
                      user: <path:db#user>\n  port: <path:db#port | base64decode>\n";

fn vault() -> Memory {
    Memory::new().with("db", [("user", "svc"), ("port", "?")])
}

#[test]
fn offline_reads_nothing_and_needs_no_login() {
    let renderer = Renderer::new(Backends::new()).for_plans();
    let inputs = [Input::new("a.yaml", SOURCE)];
    let context = RunContext::new();
    let look = offline();
    let checked = check(&renderer, &inputs, &look, &context)
        .now_or_never()
        .unwrap();
    assert!(checked.keys().is_empty());
    assert_eq!(checked.stats().unwrap().placeholders, 2);
    assert_eq!(told_of(checked), [""; 0]);
}

#[test]
fn existing_is_told_by_type_and_class_and_no_modifier_runs() {
    let checked = looked(SOURCE, vault(), &Check::new());
    let keys: Vec<String> = checked
        .keys()
        .iter()
        .map(|key| format!("{} {:?}", key.key, key.found.map(|one| one.size.as_str())))
        .collect();
    assert_eq!(
        keys,
        [
            "port Some(\"1 to 16 bytes\")",
            "user Some(\"1 to 16 bytes\")"
        ]
    );
    assert!(!format!("{checked:?}").contains("svc"));
    assert_eq!(told_of(checked), [""; 0]);
}

#[test]
fn readable_runs_the_modifiers() {
    let checked = looked(SOURCE, vault(), &Check::new().with_depth(Depth::Readable));
    let told = told_of(checked);
    assert!(
        told[0].starts_with("error 6:25 Secret/db stringData.port: base64decode"),
        "{told:?}"
    );
}

#[test]
fn a_missing_key_is_an_error_unless_something_stands_in() {
    let source = "kind: Secret\nmetadata: {name: a}\nstringData:\n  \
                  a: <path:db#usr>\n  b: <path:db#no | default \"x\">\n  c: <path:db#no || path:db#user>\n";
    let told = told_of(looked(source, vault(), &Check::new()));
    assert_eq!(
        told,
        [
            "error 4:6 Secret/a stringData.a: missing Vault value for placeholder path:db#usr: \
          `db` has no key `usr`; it has `user`, `port`"
        ]
    );
    let removed = source.replace(
        "{name: a}",
        "{name: a, annotations: {avp.kubernetes.io/remove-missing: 'true'}}",
    );
    let checked = looked(&removed, vault(), &Check::new());
    let missing = checked.keys().iter().filter(|key| key.found.is_none());
    let missing: Vec<&str> = missing.map(|key| key.key.as_str()).collect();
    assert_eq!(missing, ["no", "usr"]);
    assert_eq!(told_of(checked), [""; 0]);
}

#[test]
fn keys_within_base64_are_looked_for_and_not_named() {
    // <user> and <usr>, under a path annotation.
    for (value, found) in [("PHVzZXI+", true), ("PHVzcj4=", false)] {
        let source = format!(
            "kind: Secret\nmetadata: {{name: a, annotations: {{avp.kubernetes.io/path: db}}}}\ndata: {{a: {value}}}\n"
        );
        let checked = looked(&source, vault(), &Check::new());
        let keys: Vec<&str> = checked.keys().iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, if found { &["‹…›"][..] } else { &[] }, "{value}");
        let told = told_of(checked);
        assert_eq!(told.is_empty(), found, "{told:?}");
        assert!(!told.iter().any(|one| one.contains("usr")), "{told:?}");
    }
}

#[test]
fn everything_is_told_at_once() {
    let source = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db>}\n---\n\
                  kind: A\na: [\n---\n\
                  apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nimagePullSecrets: [{name: db}]\n---\n\
                  kind: A\na: 1\na: 2\n";
    let told = told(source);
    let starts: Vec<&str> = told
        .iter()
        .filter_map(|one| one.split(' ').nth(1))
        .collect();
    assert_eq!(starts, ["4:21", "7:4", "12:27", "16:1"], "{told:#?}");
}

#[test]
fn every_document_is_parsed() {
    let crd = "apiVersion: x/v1\nkind: CustomResourceDefinition\nspec: {a: ]}\n";
    assert_eq!(told(crd).len(), 1);
}

#[test]
fn rules_about_paths_hold() {
    use manifill::policy::PathRules;

    let rules = Rules::validating(PathRules::new(["^shared/"]).unwrap());
    let renderer = Renderer::with_backend("memory", vault()).with_rules(rules);
    let inputs = [Input::new("a.yaml", SOURCE)];
    let (look, context) = (Check::new(), RunContext::new());
    let checked = check(&renderer, &inputs, &look, &context)
        .now_or_never()
        .unwrap();
    let error = checked.found().unwrap_err();
    assert!(
        error.errors().all(|one| one.kind.as_str() == "disallowed"),
        "{error:#}"
    );
    assert_eq!(context.requests_sent(), 0);
}

#[test]
fn a_key_that_is_taken_out_is_missed_by_what_names_it() {
    let source = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  \
                  annotations: {avp.kubernetes.io/remove-missing: 'true'}\n\
                  stringData:\n  user: <path:db#user>\n  other: <path:db#other>\n---\n\
                  apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
                  - env:\n        - valueFrom: {secretKeyRef: {name: db, key: user}}\n        \
                  - valueFrom: {secretKeyRef: {name: db, key: other}}\n";
    assert_eq!(told(source), [""; 0]);
    let checked = looked(source, vault(), &Check::new().with_depth(Depth::Readable));
    let error = checked.found().unwrap_err();
    let hint = error.diagnostics()[0].hint.clone().unwrap_or_default();
    assert_eq!(
        hint,
        "give it a value there, or mark this as `optional: true`"
    );
    assert_eq!(
        told_of(checked),
        [
            "error 17:53 Pod/web spec.containers[0].env[1].valueFrom.secretKeyRef.key: \
          Secret `db` loses its key `other`: the vault has no value for it"
        ]
    );
}
