//! Any text into any document: it reads back, or is refused with a reason, and nothing beside it
//! changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifill_manifest::{
    Document, Edit, ManifestErrorKind, ParseOptions, Removable, Replacement, TextEdit, Value, split,
};

fuzz_target!(|data: (&str, &str)| {
    let (source, text) = data;
    for span in split(source) {
        let options = ParseOptions::default();
        let parsed = Document::parse(source, span, &options, |_, value| value.contains('<'));
        let Ok(document) = parsed else {
            continue;
        };
        for number in 0..document.scalar_count() {
            fill(source, &document, number, text);
            let typed = Value::List(vec![Value::Text(text.to_owned()), Value::Null]);
            change(
                source,
                &document,
                number,
                Replacement::Json(typed.to_json()),
            );
            let scalar = document.scalar(source, number);
            if scalar.is_some_and(|scalar| scalar.removable == Removable::MapValue) {
                let _ = document.apply(source, &[edit(number, Replacement::Remove)]);
            }
        }
    }
});

fn edit(scalar: usize, change: Replacement) -> Edit {
    Edit { scalar, change }
}

fn fill(source: &str, document: &Document, number: usize, text: &str) {
    let Some(old) = document.scalar(source, number).map(|scalar| scalar.value) else {
        return;
    };
    let fills = old.match_indices('<').map(|(at, _)| TextEdit {
        range: at..at + 1,
        text: text.to_owned(),
    });
    let Some(result) = change(source, document, number, Replacement::Text(fills.collect())) else {
        return;
    };
    let wanted = old.replace('<', text);
    let all = 0..result.len();
    let again = Document::parse(&result, all, &ParseOptions::default(), |_, _| true);
    match again {
        Ok(again) => assert!(again.scalars(&result).any(|one| one.value == wanted)),
        // The scalar was the `kind`, and it became empty.
        Err(error) => assert_eq!(error.kind(), ManifestErrorKind::MissingKind),
    }
}

/// Makes one change, and checks that the bytes around the scalar stay.
fn change(source: &str, document: &Document, number: usize, change: Replacement) -> Option<String> {
    let (all, span) = (document.span(), document.scalar(source, number)?.span);
    match document.apply(source, &[edit(number, change)]) {
        Ok(result) => {
            assert!(result.starts_with(&source[all.start..span.start]));
            assert!(result.ends_with(&source[span.end..all.end]));
            Some(result)
        }
        Err(error) => {
            let known = [ManifestErrorKind::LineSeparator, ManifestErrorKind::Type];
            assert!(known.contains(&error.kind()), "{error}");
            None
        }
    }
}
