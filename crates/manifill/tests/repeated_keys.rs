//! Keys that a map has more than once: one warning a document, an error when strict.

mod common;

use common::{errors_with, renderer, with_options};
use futures_util::FutureExt as _;
use manifill::{Input, Options, RunContext};

fn warnings(source: &str) -> Vec<String> {
    let inputs = [Input::new("m.yaml", source)];
    let renderer = renderer();
    let rendered = renderer.render(&inputs, &RunContext::new()).now_or_never();
    let Some(Ok(rendered)) = rendered else {
        panic!("{source} is rendered")
    };
    rendered
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_first_is_told_once_a_document_with_the_number_of_the_others() {
    let one = "kind: Secret\nstringData:\n  a: 1\n  b: 2\n  \"a\": <path:db#user>\n";
    assert_eq!(
        warnings(one),
        ["m.yaml:5:3: this map has a key twice: `a`, first on line 3"]
    );
    let more = "kind: Secret\nx: {y: {a: 1, a: 2}, b: 1, b: 2}\nx: 3\n---\nkind: List\nitems:\n- kind: A\n  kind: A\n";
    assert_eq!(
        warnings(more),
        [
            "m.yaml:2:15: this map has a key twice: `a`, first on line 2; 2 more keys of this document stand twice",
            "m.yaml:8:3: this map has a key twice: `kind`, first on line 7"
        ]
    );
    let many: String = (0..100)
        .map(|at| format!("  key-{at}-of-many: x\n"))
        .collect();
    assert!(warnings(&format!("kind: Secret\nstringData:\n{many}")).is_empty());
    assert_eq!(
        warnings(&format!(
            "kind: Secret\nstringData:\n{many}  key-17-of-many: x\n"
        ))
        .len(),
        1
    );
    assert!(warnings("kind: Secret\n<<: {a: 1}\n<<: {a: 2}\na: 3\n").is_empty());
    let strict = with_options(Options::new().with_strict(true));
    assert!(errors_with(&strict, one).starts_with("m.yaml:5:3: this map has a key twice: `a`"));
}
