//! What is told of values that do not fit where they go, and that following the hint helps.

mod common;

use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, Input, Renderer, RunContext, Severity};

const PEM: &str = r"-----BEGIN KEY-----\nQUJD\n-----END KEY-----\n";

fn vault() -> Memory {
    let json = |text| SecretValue::from_json(text).unwrap();
    Memory::new().with(
        "v",
        [("pem", json(&format!("\"{}\"", PEM.replace('\\', r"\\"))))],
    )
}

fn renderer() -> Renderer {
    Renderer::with_backend("memory", vault())
}

/// What comes out, and all that is told, a line each.
fn rendered(source: &str) -> (Option<String>, String) {
    let inputs = [Input::new("m.yaml", source)];
    let renderer = renderer();
    let run = RunContext::new();
    match renderer.render(&inputs, &run).now_or_never().unwrap() {
        Ok(rendered) => (
            Some(rendered.texts()[0].to_string()),
            told(rendered.warnings()),
        ),
        Err(error) => (None, told(error.diagnostics())),
    }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let line = |one: &Diagnostic| {
        let level = match one.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        let place = &one.place;
        format!(
            "{level} {}:{} {}: {} / {}\n",
            place.line,
            place.column,
            place.field.as_deref().unwrap_or_default(),
            one.message,
            one.hint.as_deref().unwrap_or_default()
        )
    };
    diagnostics.iter().map(line).collect()
}

/// Renders without a word.
#[track_caller]
fn quiet(source: &str) -> String {
    let (text, told) = rendered(source);
    assert_eq!(told, "", "{source}");
    text.unwrap()
}

/// What is told of a text that is rendered all the same.
#[track_caller]
fn warned(source: &str) -> String {
    let (text, told) = rendered(source);
    assert!(text.is_some() && told.starts_with("warning"), "{told}");
    told
}

#[track_caller]
fn failed(source: &str) -> String {
    let (text, told) = rendered(source);
    assert!(text.is_none(), "{text:?}");
    told
}

#[test]
fn a_pem_text_on_one_line_is_told() {
    let message = "the value of placeholder path:v#pem has \\n as two characters where a PEM text has line breaks";
    for (source, field, hint, works) in [
        (
            "kind: Secret\nstringData: {k: <path:v#pem>}\n",
            "2:17 stringData.k",
            "add | unescape",
            "kind: Secret\nstringData: {k: <path:v#pem | unescape>}\n",
        ),
        (
            "kind: Secret\ndata: {k: <path:v#pem | base64encode>}\n",
            "2:11 data.k",
            "put | unescape before | base64encode",
            "kind: Secret\ndata: {k: <path:v#pem | unescape | base64encode>}\n",
        ),
        (
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem>\n",
            "4:5 data.k",
            "add | unescape",
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem | unescape>\n",
        ),
    ] {
        assert_eq!(
            warned(source),
            format!("warning {field}: {message} / {hint}\n")
        );
        let fixed = quiet(works);
        assert!(!fixed.contains(r"KEY-----\\n"), "{fixed}");
    }
}

#[test]
fn a_pem_text_inside_a_string_of_json_is_as_it_should_be() {
    for text in [
        r#"{"key": "<path:v#pem>"}"#,
        r#"KEY="<path:v#pem>""#,
        "<path:v#pem | toJson>",
        "<path:v#pem | sha256sum>",
    ] {
        quiet(&format!("kind: ConfigMap\ndata: {{k: '{text}'}}\n"));
    }
}

#[test]
fn what_json_parse_refuses_may_be_a_pem_text() {
    let told = failed("kind: A\nx: <path:v#pem | jsonParse>\n");
    assert!(
        told.contains("jsonParse: the value is not valid JSON")
            && told.contains("use | unescape in place of | jsonParse"),
        "{told}"
    );
    quiet("kind: A\nx: <path:v#pem | unescape>\n");
}
