//! The rules of argocd-vault-plugin (AVP), one by one: what is kept and what is done better.
//!
//! The numbers in the names are the rules of COMPATIBILITY.md. The recorded cases stand in
//! `avp_cases.rs`; rules about settings and the command line are tested where those live.
#![allow(clippy::unwrap_used)]

#[path = "../common/avp.rs"]
mod avp;
mod compatibility;
mod documents;
mod grammar;
mod missing;
mod modifiers;
mod results;
mod visited;

use avp::documents;
use futures_util::FutureExt as _;
use manifill::policy::PathRules;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, Input, Options, Rendered, Renderer, Rules, RunContext};
use manifill_manifest::Value;

/// The secrets of the recorded cases, and an item with bytes.
fn vault() -> Memory {
    let bytes = [("raw", SecretValue::bytes(vec![0xff, 0x00]))];
    avp::recorded().0.with("bytes", bytes)
}

fn renderer() -> Renderer {
    Renderer::with_backend("memory", vault())
}

fn allowing() -> Renderer {
    renderer().with_options(Options::new().with_allow_unresolved(true))
}

fn strict() -> Renderer {
    renderer().with_options(Options::new().with_strict(true))
}

/// With `AVP_PATH_VALIDATION`.
fn validating(expression: &str) -> Renderer {
    renderer().with_rules(Rules::validating(PathRules::new([expression]).unwrap()))
}

/// A document of this kind, whose annotation names the item with text.
fn of(kind: &str, body: &str) -> String {
    format!(
        "kind: {kind}\nmetadata: {{annotations: {{avp.kubernetes.io/path: vaults/Prod/items/Db}}}}\n{body}\n"
    )
}

/// An annotated document of no special kind.
fn foo(body: &str) -> String {
    of("Foo", body)
}

/// A document of this kind, whose annotation names the item with numbers and lists.
fn typed(kind: &str, body: &str) -> String {
    of(kind, body).replace("vaults/Prod/items/Db", "kv/typed")
}

/// A Secret or another resource that asks to leave missing entries out.
fn removing(kind: &str, body: &str) -> String {
    of(kind, body).replace(
        "items/Db",
        "items/Db, avp.kubernetes.io/remove-missing: 'true'",
    )
}

fn rendered_by<T>(
    renderer: &Renderer,
    source: &str,
    look: impl FnOnce(&Rendered<'_>) -> T,
) -> Result<T, String> {
    let inputs = [Input::new("m.yaml", source)];
    match renderer
        .render(&inputs, &RunContext::new())
        .now_or_never()
        .unwrap()
    {
        Ok(rendered) => Ok(look(&rendered)),
        Err(error) => Err(error.diagnostics().iter().map(line).collect()),
    }
}

fn line(found: &Diagnostic) -> String {
    format!("{found}; {}\n", found.hint.as_deref().unwrap_or_default())
}

fn render_by(renderer: &Renderer, source: &str) -> String {
    rendered_by(renderer, source, |rendered| rendered.texts()[0].to_string())
        .unwrap_or_else(|error| panic!("{source}{error}"))
}

fn render(source: &str) -> String {
    render_by(&renderer(), source)
}

fn error_by(renderer: &Renderer, source: &str) -> String {
    rendered_by(renderer, source, |rendered| rendered.texts()[0].to_string()).expect_err(source)
}

fn error(source: &str) -> String {
    error_by(&renderer(), source)
}

fn warnings(source: &str) -> String {
    rendered_by(&renderer(), source, |rendered| {
        rendered.warnings().iter().map(line).collect()
    })
    .unwrap()
}

/// Checks that the manifest of `body` renders to what `expected` means.
fn check(document: fn(&str) -> String, body: &str, expected: &str) {
    assert_eq!(
        documents(&render(&document(body))),
        documents(&document(expected)),
        "{body}"
    );
}

fn plain(body: &str) -> String {
    format!("kind: Foo\n{body}\n")
}

fn secret(body: &str) -> String {
    of("Secret", body)
}

fn typed_foo(body: &str) -> String {
    typed("Foo", body)
}

/// Checks that rendering fails and that the message holds every word.
fn refuse(source: &str, words: &[&str]) {
    let error = error(source);
    for word in words {
        assert!(error.contains(word), "{word} is not in: {error}");
    }
}
