//! Any text through everything that reads: no panic, spans that fit, and no site in a document
//! that is skipped unread.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use manifill_manifest::{
    Document, LineIndex, ParseOptions, Telltales, Value, is_blank, join, may_need_filling, read,
    split,
};

static TELLTALES: LazyLock<Telltales> = LazyLock::new(|| {
    let annotations = ["avp.kubernetes.io/", "manifill.dev/"];
    Telltales::new(&["path:", "op://"], &annotations, &[])
});

fuzz_target!(|data: (bool, &str)| {
    let (strict, source) = data;
    let options = ParseOptions::new().with_strict(strict);
    let index = LineIndex::new(source);
    let mut end = 0;
    for span in split(source) {
        assert_eq!(span.start, end);
        end = span.end;
        let text = &source[span.clone()];
        if !may_need_filling(text, &TELLTALES) {
            assert!(!is_blank(text));
            let values = read(text).unwrap_or_default();
            assert!(!values.iter().any(is_site), "skipped {text:?}");
        }
        match Document::parse(source, span.clone(), &options, |_, value| {
            value.contains('<')
        }) {
            Ok(document) => check(source, &document),
            Err(error) => {
                assert!((span.start..=span.end).contains(&error.offset()));
                index.line_column(error.offset());
            }
        }
    }
    assert_eq!(end, source.len());
    let _ = read(source);
    let _ = join(&[source, source]);
});

fn check(source: &str, document: &Document) {
    let text = &source[document.span()];
    assert_eq!(document.apply(source, &[]).as_deref(), Ok(text));
    for (number, scalar) in document.scalars(source).enumerate() {
        assert!(source.get(scalar.span.clone()).is_some());
        assert!(scalar.resource < document.resources().len());
        for (at, _) in scalar.value.match_indices('<') {
            assert!(scalar.span.contains(&document.locate(source, number, at)));
        }
        document.field_path(source, number);
    }
}

/// Whether a value holds the opener of a placeholder, or is what makes a document a Secret.
fn is_site(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains("<path:") || text.contains("<op://"),
        Value::List(items) => items.iter().any(is_site),
        Value::Map(entries) => entries.iter().any(|(_, value)| is_site(value)),
        _ => false,
    }
}
