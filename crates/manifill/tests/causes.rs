//! One cause is told once, at its first place, with its other places (rule R12).
#![allow(clippy::unwrap_used)]

mod common;

use common::{render_with, renderer};
use manifill::policy::PathRules;
use manifill::vault::backend::memory::Memory;
use manifill::vault::{Secret, SecretRequest, VaultBackend, VaultError, VaultErrorKind};
use manifill::{Diagnostic, RenderError, Renderer, Rules, RunContext, Severity};

fn failure(renderer: &Renderer, source: &str) -> RenderError {
    render_with(renderer, source).unwrap_err()
}

/// Each error: its line, the field of its first place, and the lines of its other places.
fn causes(error: &RenderError) -> Vec<(usize, &str, Vec<usize>)> {
    let cause = |one: &'_ Diagnostic| {
        let further = one.further_places.iter().map(|place| place.line);
        (one.place.line, further.collect::<Vec<_>>())
    };
    error
        .errors()
        .map(|one| {
            let (line, further) = cause(one);
            let field = one.place.field.as_deref().unwrap_or_default();
            (line, field, further)
        })
        .collect()
}

#[test]
fn the_same_path_and_key_is_one_cause_and_another_key_another() {
    let source = "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\na: <nope>\nb: <nope>-<lost>\nc: <path:db#nope>\nd: <path:other#nope>\n";
    let error = failure(&renderer(), source);
    assert_eq!(
        causes(&error),
        [(3, "a", vec![4, 5]), (4, "b", vec![]), (6, "d", vec![])]
    );
    let first = &error.diagnostics()[0];
    assert!(
        first.message.ends_with("(also needed in 2 more places)"),
        "{first}"
    );
    let second = &first.further_places[0];
    assert_eq!(
        (second.file.as_str(), second.column, second.field.as_deref()),
        ("m.yaml", 4, Some("b"))
    );
    assert!(!error.diagnostics()[1].message.contains("also needed"));
}

#[test]
fn a_missing_path_is_one_cause_whatever_key_is_wanted() {
    let source = "kind: A\na: <path:gone#a>\nb: <path:gone#b>\nc: <path:lost#a>\n";
    assert_eq!(
        causes(&failure(&renderer(), source)),
        [(2, "a", vec![3]), (4, "c", vec![])]
    );
}

#[test]
fn a_modifier_is_a_cause_with_its_path_and_key() {
    for modifier in ["nope", "base64decode"] {
        let source = format!(
            "kind: A\na: <path:db#user | {modifier}>\nb: <path:db#user | {modifier}>\nc: <path:db#password | {modifier}>\n"
        );
        assert_eq!(
            causes(&failure(&renderer(), &source)),
            [(2, "a", vec![3]), (4, "c", vec![])],
            "{modifier}"
        );
    }
}

#[test]
fn a_rule_refuses_a_path_once_for_its_annotation_and_its_placeholders() {
    let rules = || Rules::validating(PathRules::new(["^open$"]).unwrap());
    let annotated = "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\na: <user>\nb: <password>\n";
    for (source, field, further) in [
        (
            "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\n",
            "",
            vec![],
        ),
        (
            "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\na: <user>\n",
            "a",
            vec![],
        ),
        (annotated, "a", vec![2]),
    ] {
        let error = failure(&renderer().with_rules(rules()), source);
        assert_eq!(causes(&error), [(2, field, further)], "{source}");
    }
}

#[test]
fn a_wrong_path_is_told_once() {
    let source = "kind: A\na: <path:x/<ID>/y#a>\n---\nkind: B\nmetadata: {annotations: {avp.kubernetes.io/path: 'x/<ID>/y'}}\na: <user>\nb: <user>\n";
    assert_eq!(failure(&renderer(), source).errors().count(), 2);
}

/// Fails each read in the way that its path says.
#[derive(Debug)]
struct Failing;

#[async_trait::async_trait]
impl VaultBackend for Failing {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let answer = |request: &SecretRequest| {
            let down = |kind| VaultError::new(kind, "nobody answers");
            let (kind, words) = match request.path.as_str() {
                "tries/a" => {
                    return Err(down(VaultErrorKind::Unavailable).with_tries(5));
                }
                path if path.starts_with("key") => {
                    let mut secret = Secret::new();
                    secret.insert("x", Err(down(VaultErrorKind::Unavailable)));
                    return Ok(secret);
                }
                path if path.starts_with("plain") => (VaultErrorKind::NotFound, "it is not there"),
                path if path.starts_with("vault") => (VaultErrorKind::NotFound, "no vault {}"),
                _ => (VaultErrorKind::Unavailable, "nobody answers"),
            };
            let error = VaultError::new(kind, words);
            Err(match words {
                "no vault {}" => error.with_name("Hone"),
                _ => error,
            })
        };
        requests.iter().map(answer).collect()
    }
}

#[test]
fn what_an_error_names_is_its_cause_and_else_its_path() {
    let renderer = Renderer::with_backend("test", Failing);
    // Once a server has failed, it is asked less often; and it may fail for each key.
    for (path, count) in [
        ("plain", 2),
        ("vault", 1),
        ("server", 1),
        ("tries", 1),
        ("key", 1),
    ] {
        let source = format!("kind: A\na: <path:{path}/a#x>\nb: <path:{path}/b#x>\n");
        assert_eq!(
            failure(&renderer, &source).errors().count(),
            count,
            "{path}"
        );
    }
}

#[test]
fn what_may_not_be_shown_does_not_speak_for_what_may() {
    // `<nope>` in base64, and in clear text.
    let source = "kind: Secret\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\ndata: {a: PG5vcGU+}\nstringData: {b: <nope>}\n";
    let error = failure(&renderer(), source);
    let shown: Vec<bool> = error
        .errors()
        .map(|one| one.message.contains("nope"))
        .collect();
    assert_eq!(shown, [false, true]);
}

#[test]
fn a_failed_run_tells_the_warnings_of_its_plan() {
    let source = "kind: A\nmetadata:\n  annotations:\n    avp.kubernetes.io/remove-missing: true\n    avp.kubernetes.io/path: db\na: <nope>\n";
    let error = failure(&renderer(), source);
    let told: Vec<(Severity, usize)> = error
        .diagnostics()
        .iter()
        .map(|one| (one.severity, one.place.line))
        .collect();
    assert_eq!(told, [(Severity::Warning, 4), (Severity::Error, 6)]);
}

/// Answers what is wanted and no more, without naming what there is.
#[derive(Debug)]
struct Answering;

#[async_trait::async_trait]
impl VaultBackend for Answering {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let answer = |_: &SecretRequest| {
            let mut secret = Secret::new().with_title("The Item");
            secret.insert("user", Ok("svc".into()));
            Ok(secret)
        };
        requests.iter().map(answer).collect()
    }
}

#[test]
fn a_secret_whose_keys_are_not_known_is_not_called_empty() {
    let renderer = Renderer::with_backend("test", Answering);
    let error = failure(&renderer, "kind: A\nx: <path:db#usr>\n");
    let told = &error.diagnostics()[0];
    assert_eq!(
        told.message,
        "missing Vault value for placeholder path:db#usr: `The Item` has no key `usr`; it has `user`"
    );
    assert_eq!(told.hint.as_deref(), Some("did you mean `user`?"));
    let empty = Memory::new().with("db", Vec::<(&str, &str)>::new());
    let error = failure(
        &Renderer::with_backend("memory", empty),
        "kind: A\nx: <path:db#usr>\n",
    );
    assert!(error.diagnostics()[0].message.ends_with("; it is empty"));
}

#[test]
fn a_placeholder_is_no_path_for_keys_and_nothing_is_asked() {
    use futures_util::FutureExt as _;
    for path in ["<path:db#user>", "db#user", "path:db", "<path:db"] {
        let run = RunContext::new();
        let error = renderer().keys(path, &run).now_or_never().unwrap();
        let error = error.unwrap_err();
        let hint = error.diagnostics()[0].hint.as_deref();
        assert!(hint.unwrap().contains("only the path"), "{path}: {error}");
        assert_eq!(error.to_string(), format!("`{path}` is more than a path"));
    }
}
