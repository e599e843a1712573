//! A small vault and short ways to render against it.
#![allow(dead_code, clippy::unwrap_used)]

use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Options, RenderError, Renderer, RunContext};

pub(crate) fn vault() -> Memory {
    let number = |digits: &str| SecretValue::number(digits).unwrap();
    Memory::new()
        .with(
            "db",
            [
                ("user", SecretValue::text("svc")),
                ("password", SecretValue::text("p@ss: #1")),
                ("b64", SecretValue::text("cGxhaW4=")),
                ("accident", SecretValue::text("/+8A")),
                ("tpl", SecretValue::text("<path:a#b>")),
                ("port", number("5432")),
                ("big", number("12345678901234567890.10")),
                ("on", SecretValue::bool(true)),
                ("none", SecretValue::null()),
                ("empty", SecretValue::text("")),
                ("json", SecretValue::text(r#"{"a":{"b":[1,2]}}"#)),
                (
                    "list",
                    SecretValue::from_json(r#"["x",{"y":1.50}]"#).unwrap(),
                ),
                ("store", SecretValue::bytes(vec![0xff, 0xfe, 0x00, 0x01])),
                ("note", SecretValue::bytes(b"a text file\n".to_vec())),
                (
                    "pem",
                    SecretValue::text("-----BEGIN KEY-----\nQUJD\nREVG\n-----END KEY-----\n"),
                ),
            ],
        )
        .with("db#7", [("user", "svc_v7")])
        .with("other", [("user", "svc_other")])
}

pub(crate) fn renderer() -> Renderer {
    Renderer::with_backend("memory", vault())
}

pub(crate) fn render_with(renderer: &Renderer, source: &str) -> Result<String, RenderError> {
    let inputs = [Input::new("m.yaml", source)];
    Ok(renderer
        .render(&inputs, &RunContext::new())
        .now_or_never()
        .unwrap()?
        .texts()[0]
        .to_string())
}

pub(crate) fn render(source: &str) -> String {
    render_with(&renderer(), source).unwrap_or_else(|error| panic!("{}", told(&error)))
}

/// Every finding, one line each, with what hangs on it.
pub(crate) fn told(error: &RenderError) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for diagnostic in error.diagnostics() {
        let _ = write!(text, "{diagnostic}");
        if let Some(resource) = &diagnostic.place.resource {
            let _ = write!(text, " [{resource}]");
        }
        if let Some(field) = &diagnostic.place.field {
            let _ = write!(text, " [{field}]");
        }
        if let Some(placeholder) = &diagnostic.placeholder {
            let _ = write!(text, " [{placeholder}]");
        }
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(text, " hint: {hint}");
        }
        text.push('\n');
    }
    text
}

pub(crate) fn errors(source: &str) -> String {
    errors_with(&renderer(), source)
}

pub(crate) fn errors_with(renderer: &Renderer, source: &str) -> String {
    match render_with(renderer, source) {
        Ok(text) => panic!("rendered:\n{text}"),
        Err(error) => told(&error),
    }
}

pub(crate) fn with_options(options: Options) -> Renderer {
    renderer().with_options(options)
}
