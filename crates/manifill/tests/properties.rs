//! What holds for every input.

mod common;

use common::{render_with, renderer, told, with_options};
use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Options, Renderer, RunContext};
use manifill_manifest::{self as manifest, Value};
use proptest::prelude::*;

/// Pieces that make manifests, placeholders and trouble when put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("kind: A\n"),
        Just("kind: Secret\n"),
        Just("kind: List\nitems:\n"),
        Just("---\n"),
        Just("...\n"),
        Just("metadata: {annotations: {avp.kubernetes.io/path: db}}\n"),
        Just(
            "metadata:\n  annotations:\n    avp.kubernetes.io/remove-missing: \"true\"\n    avp.kubernetes.io/path: db\n"
        ),
        Just("data:\n"),
        Just("stringData:\n"),
        Just("  a: <user>\n"),
        Just("  b: '<path:db#password>'\n"),
        Just("  c: \"x\\u003cpath:db#user>\"\n"),
        Just("  d: |\n    <pem>\n    x\n"),
        Just("  e: >-\n    <user>\n"),
        Just("  f: [<user>, {g: <gone>}]\n"),
        Just("  h: PHVzZXI+\n"),
        Just("  i: PHBhdGg6ZGIjdXNlcj4=\n"),
        Just("  j: '{\"a\": \"PHBhdGg6ZGIjdXNlcj4=\"}'\n"),
        Just("8cGF0aD"),
        Just("- kind: B\n  x: <path:db#list>\n"),
        Just("x: &a <user>\n"),
        Just("y: *a\n"),
        Just("{\"kind\":\"A\",\"x\":\"<path:db#port>\"}\n"),
        Just("# <path:db#user>\n"),
        Just("<"),
        Just(">"),
        Just("|"),
        Just(" #"),
        Just("\t"),
        Just("\r\n"),
        Just("\u{feff}"),
        Just("\u{85}"),
        Just("é"),
        Just("'"),
        Just("\""),
        Just("\\"),
        Just("<path:"),
        Just("<op://a/b/c>"),
        Just("%3Cpath:db#user%3E"),
        Just("| default \"x\""),
        Just("&lt;path:db#user&gt;"),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Values that are hard to write.
fn value() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("yes"),
        Just("0755"),
        Just("1e3"),
        Just("~"),
        Just("null"),
        Just("---"),
        Just("- a"),
        Just("a: b"),
        Just(" #c"),
        Just("'"),
        Just("\""),
        Just("\\"),
        Just("\n"),
        Just("\r"),
        Just("\t"),
        Just(" "),
        Just("\u{85}"),
        Just("\u{2028}"),
        Just("\u{feff}"),
        Just("\u{7f}"),
        Just("\u{0}"),
        Just("😀"),
        Just("é"),
        Just("<path:a#b>"),
        Just("{{ x }}"),
        Just("%"),
        Just("@"),
        Just("*x"),
        Just("&x"),
        Just("!x"),
        Just("|"),
        Just(">"),
        Just("abc"),
    ];
    prop::collection::vec(nasty, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, and a run that fails says why, with a place inside the input.
    #[test]
    fn any_text_renders_or_says_why(source in pieces(), flags in 0_u8..8) {
        let renderer = with_options(Options::new().with_strict(flags & 1 != 0).with_escaped(flags & 2 != 0).with_allow_unresolved(flags & 4 != 0));
        match render_with(&renderer, &source) {
            Ok(_) => {}
            Err(error) => {
                prop_assert!(error.errors().count() > 0);
                for diagnostic in error.diagnostics() {
                    let lines = source.split('\n').count();
                    prop_assert!(diagnostic.place.line >= 1 && diagnostic.place.line <= lines + source.matches('\r').count(), "{}", told(&error));
                    prop_assert!(!told(&error).contains("p@ss"));
                }
            }
        }
    }

    /// Without a placeholder every byte stays.
    #[test]
    fn without_a_placeholder_every_byte_stays(source in pieces()) {
        let source = source.replace('<', "(").replace("PHVzZXI+", "").replace("PHBhd", "").replace("cGF0", "").replace("u003c", "u0028").replace("%3C", "").replace("&lt;", "");
        if let Ok(text) = render_with(&renderer(), &source) {
            prop_assert_eq!(text, source);
        }
    }

    /// A document that bytes alone let skip has nothing that a full look would find.
    #[test]
    fn a_skipped_document_has_no_site(source in pieces()) {
        let strict = with_options(Options::new().with_strict(true));
        let inputs = [Input::new("m.yaml", source.as_str())];
        if let Ok(plan) = strict.plan(&inputs) {
            let skipped = manifest::split(&source).into_iter().filter(|span| !manifill::may_need_filling(&source[span.clone()]));
            for span in skipped {
                let line = source[..span.start].matches('\n').count() + 1;
                let last = source[..span.end].matches('\n').count() + 1;
                for site in plan.fields() {
                    prop_assert!(site.line < line || site.line >= last.max(line + 1), "{:?}", site);
                }
            }
        }
    }

    /// One fill changes its own scalar, and the scalar reads back as the value under YAML 1.1.
    #[test]
    fn a_fill_reads_back_as_its_value(value in value(), place in 0_usize..PLACES.len()) {
        let (before, after) = PLACES[place];
        let vault = Memory::new().with("p", [("k", value.as_str())]);
        let source = format!("{before}<path:p#k>{after}");
        let renderer = Renderer::with_backend("memory", vault);
        let inputs = [Input::new("m.yaml", source.as_str())];
        let rendered = renderer.render(&inputs, &RunContext::new()).now_or_never().unwrap();
        let rendered = match rendered {
            Ok(rendered) => rendered.texts()[0].to_string(),
            Err(error) => return Err(TestCaseError::fail(told(&error))),
        };
        // The block's own text stands around the value.
        let expected = |old: &str| old.replace("<path:p#k>", &value);
        let old = manifest::read(&source).unwrap();
        let new = manifest::read(&rendered).unwrap();
        prop_assert_eq!(new, old.into_iter().map(|document| mapped(document, &expected)).collect::<Vec<_>>(), "{}", rendered);
        let (head, _) = before.split_once('x').unwrap();
        prop_assert!(rendered.starts_with(head), "{}", rendered);
        if let Some((_, tail)) = after.split_once("y:") {
            prop_assert!(rendered.ends_with(&format!("y:{tail}")), "{}", rendered);
        }
    }
}

/// Places for a value: what stands before and after it.
const PLACES: &[(&str, &str)] = &[
    ("kind: A\nx: ", "\ny: 1\n"),
    ("kind: A\nx: ", ""),
    ("kind: A\nx: '", "' # c\ny: 1\n"),
    ("kind: A\nx: \"a\\tb ", "\"\ny: 1\n"),
    ("kind: A\nx: |\n  a\n  ", "\n  b\ny: 1\n"),
    ("kind: A\nx: |-\n  ", "\ny: 1\n"),
    ("kind: A\nx: |2+\n    a\n  ", "\n\ny: 1\n"),
    ("kind: A\nx: >\n  a\n  ", "\ny: 1\n"),
    ("kind: A\nx: [a, ", ", b]\n"),
    ("kind: A\nx: {a: ", ", b: 1}\n"),
    ("kind: A\nx:\n- ", "\n- b\n"),
    ("kind: A\r\nx: |\r\n  a\r\n  ", "\r\ny: 1\r\n"),
    ("{\"kind\": \"A\",\n \"x\": \"", "\"}\n"),
    ("kind: A\nx: &n !!str ", " # c\ny: 1\n"),
];

fn mapped(value: Value, text: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Text(old) => Value::Text(text(&old)),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| mapped(item, text)).collect())
        }
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, mapped(value, text)))
                .collect(),
        ),
        other => other,
    }
}
