//! Very many findings: a run keeps the first and counts the others.
#![allow(clippy::unwrap_used)]

mod common;

use common::{renderer, told};
use futures_util::FutureExt as _;
use manifill::{Input, RenderError, Rendered, RunContext, Severity};

fn render(inputs: &[Input]) -> Result<Rendered<'_>, RenderError> {
    renderer()
        .render(inputs, &RunContext::new())
        .now_or_never()
        .unwrap()
}

fn lines(error: &RenderError) -> Vec<usize> {
    error.errors().map(|found| found.place.line).collect()
}

#[test]
fn very_many_errors_are_told_in_part_and_all_counted() {
    // One scalar, in which every line is a mistake.
    let broken = format!("kind: A\nx: |\n{}", "  <path:\n".repeat(5000));
    // As many documents with one mistake each, more than one thread works on at once.
    let small = "---\nkind: A\nx: <path:db#nope>\n# and some more text to fill the document\n";
    for (source, first, step) in [(broken, 3, 1), (small.repeat(5000), 3, 4)] {
        let inputs = [Input::new("m.yaml", source)];
        let error = render(&inputs).unwrap_err();
        let wanted: Vec<usize> = (0..1000).map(|n| first + n * step).collect();
        assert_eq!(lines(&error), wanted);
        assert_eq!(error.errors_left_off(), 4000);
        assert!(error.to_string().ends_with("(and 4999 more errors)"));
    }
}

#[test]
fn a_thousand_errors_are_all_told() {
    let source = format!("kind: A\nx: |\n{}", "  <path:db#nope>\n".repeat(1000));
    let error = render(&[Input::new("m.yaml", source)]).unwrap_err();
    assert_eq!((error.errors().count(), error.errors_left_off()), (1000, 0));
}

#[test]
fn what_is_told_once_is_counted_once() {
    // Each text in base64 has the same mistake three times, in the same place.
    let odd = "---\nkind: Secret\ndata: {x: PHBhdGg6ZGIjbm9wZT4gPHBhdGg6ZGIjbm9wZT4gPHBhdGg6ZGIjbm9wZT4g}\n";
    let error = render(&[Input::new("m.yaml", odd.repeat(5001))]).unwrap_err();
    assert_eq!(
        (error.errors().count(), error.errors_left_off()),
        (1000, 4001)
    );
}

#[test]
fn the_first_errors_are_those_of_the_first_inputs() {
    let source = format!("kind: A\nx: |\n{}", "  <path:db#nope>\n".repeat(700));
    let inputs = ["a.yaml", "b.yaml", "c.yaml"].map(|name| Input::new(name, source.as_str()));
    let error = render(&inputs).unwrap_err();
    let of = |name| {
        error
            .errors()
            .filter(|found| found.place.file == name)
            .count()
    };
    assert_eq!((of("a.yaml"), of("b.yaml"), of("c.yaml")), (700, 300, 0));
    assert_eq!(error.errors_left_off(), 1100);
}

#[test]
fn an_error_behind_very_many_warnings_ends_the_run() {
    let odd = "---\nkind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db, odd: 1}}\n";
    let mut inputs = [Input::new("m.yaml", odd.repeat(1500))];
    let rendered = render(&inputs).unwrap();
    let warnings = rendered.warnings();
    assert_eq!(warnings.len(), 1001);
    assert_eq!(warnings[1000].message, "500 more warnings are not listed");
    drop(rendered);
    inputs[0].source.push_str("---\nkind: A\nx: <path:db>\n");
    let error = render(&inputs).unwrap_err();
    assert_eq!(lines(&error), [4503]);
    let last = error.diagnostics().last().unwrap();
    assert_eq!(last.severity, Severity::Warning);
    assert!(!told(&error).contains("errors"));
}
