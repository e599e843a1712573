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
    let small = |n| {
        format!("---\nkind: A\nx: <path:db#nope{n}>\n# and some more text to fill the document\n")
    };
    let small: String = (0..5000).map(small).collect();
    for (source, first, step) in [(broken, 3, 1), (small, 3, 4)] {
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
    let error = render(&[Input::new("m.yaml", wrong(0..1000))]).unwrap_err();
    assert_eq!((error.errors().count(), error.errors_left_off()), (1000, 0));
}

/// A text in which each of these keys is missing.
fn wrong(keys: std::ops::Range<usize>) -> String {
    let lines = keys.map(|key| format!("  <path:db#nope{key}>\n"));
    format!("kind: A\nx: |\n{}", lines.collect::<String>())
}

#[test]
fn what_is_told_once_is_counted_once() {
    // Each text in base64 has the same mistake three times, in the same place.
    let odd = "---\nkind: Secret\ndata: {x: PHBhdGg6ZGIjbm9wZT4gPHBhdGg6ZGIjbm9wZT4gPHBhdGg6ZGIjbm9wZT4g}\n";
    let error = render(&[Input::new("m.yaml", odd.repeat(5001))]).unwrap_err();
    let [only] = error.diagnostics() else {
        panic!("{}", told(&error));
    };
    assert!(
        only.message.ends_with("(also needed in 5000 more places)"),
        "{only}"
    );
    assert_eq!(
        (only.place.line, only.further_places.len()),
        (3, 5000),
        "{only}"
    );
}

#[test]
fn a_cause_has_its_first_place_and_the_number_of_all_whatever_thread_comes_first() {
    let document = "---\nkind: A\nx: <path:db#nope>\n# and some more text to fill the document\n";
    let inputs = ["a.yaml", "b.yaml"].map(|name| Input::new(name, document.repeat(20_000)));
    let error = render(&inputs).unwrap_err();
    let [only] = error.diagnostics() else {
        panic!("{}", told(&error));
    };
    assert!(
        only.message.ends_with("(also needed in 39999 more places)"),
        "{only}"
    );
    assert_eq!((only.place.file.as_str(), only.place.line), ("a.yaml", 3));
    let further = only.further_places.iter().map(|place| place.line);
    let wanted = (1..=10_000).map(|n| 3 + 4 * n);
    assert!(further.eq(wanted), "{:?}", only.further_places.last());
}

#[test]
fn the_first_errors_are_those_of_the_first_inputs() {
    let inputs = [("a.yaml", 0), ("b.yaml", 700), ("c.yaml", 1400)]
        .map(|(name, first)| Input::new(name, wrong(first..first + 700)));
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
