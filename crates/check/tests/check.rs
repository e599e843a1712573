//! What a look at manifests finds before they are filled.
#![allow(clippy::unwrap_used)]

#[path = "check/contents.rs"]
mod contents;
#[path = "check/depths.rs"]
mod depths;
#[path = "check/literals.rs"]
mod literals;
#[path = "check/placed.rs"]
mod placed;
#[path = "check/references.rs"]
mod references;
#[path = "check/sso.rs"]
mod sso;

use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::{Depth, Diagnostic, Input, Renderer, RunContext};
use manifill_check::{Check, Checked, check};

/// Looks at a text, with these secrets.
fn looked(source: &str, vault: Memory, options: &Check) -> Checked {
    let renderer = Renderer::with_backend("memory", vault);
    let inputs = [Input::new("a.yaml", source)];
    let context = RunContext::new();
    let looking = check(&renderer, &inputs, options, &context);
    looking.now_or_never().unwrap()
}

fn offline() -> Check {
    Check::new().with_depth(Depth::Offline)
}

/// All that is told of a text.
fn told(source: &str) -> Vec<String> {
    told_with(source, &offline())
}

fn told_with(source: &str, options: &Check) -> Vec<String> {
    told_of(looked(source, Memory::new(), options))
}

/// A line for each thing that is told: level, place and message.
fn told_of(checked: Checked) -> Vec<String> {
    let line = |one: &Diagnostic| {
        let place = &one.place;
        let field = place.field.as_deref().unwrap_or_default();
        let resource = place.resource.as_deref().unwrap_or_default();
        let at = format!("{}:{}", place.line, place.column);
        let level = one.severity.as_str();
        format!("{level} {at} {resource} {field}: {}", one.message)
    };
    match checked.found() {
        Ok(mild) => mild.iter().map(line).collect(),
        Err(error) => error.diagnostics().iter().map(line).collect(),
    }
}

#[test]
fn objects_with_mock_values_are_errors() {
    let source = "kind: A\nmetadata: {name: a, annotations: {manifill.dev/mock: 'true'}}\n";
    let told = told(source);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("error 2:") && told[0].contains("A/a"),
        "{told:?}"
    );
    assert!(told[0].contains("mock values"), "{told:?}");
}
