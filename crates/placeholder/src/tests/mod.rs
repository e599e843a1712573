//! The grammar, sentence by sentence.

mod derive;
mod errors;
mod escaped;
mod grammar;
mod modifiers;
mod op;
mod properties;

use crate::{Grammar, Placeholder, PlaceholderError, PlaceholderErrorKind, Reference, scan};

const PLAIN: Grammar = Grammar {
    annotated: false,
    strict: false,
};
const ANNOTATED: Grammar = Grammar {
    annotated: true,
    strict: false,
};
const STRICT: Grammar = Grammar {
    annotated: true,
    strict: true,
};

/// What a text holds: for each placeholder its span's text and what it reads, for each error its
/// span's text and its kind.
fn found(text: &str, grammar: Grammar) -> Vec<String> {
    scan(text, grammar)
        .map(|found| match found {
            Ok(placeholder) => format!(
                "{} = {}",
                &text[placeholder.span.clone()],
                read(&placeholder)
            ),
            Err(error) => format!("{} ! {:?}", &text[error.span()], error.kind()),
        })
        .collect()
}

/// What a placeholder reads: `[path|key|version]`, `[key]`, `[op path|op key]`, and its modifiers.
fn read(placeholder: &Placeholder) -> String {
    let mut shown = String::new();
    for reference in &placeholder.alternatives {
        shown.push_str(&match reference {
            Reference::Path {
                path,
                key,
                version: None,
            } => format!("[{}|{}]", path.text, key.text),
            Reference::Path {
                path,
                key,
                version: Some(version),
            } => {
                format!("[{}|{}|{}]", path.text, key.text, version.text)
            }
            Reference::Key { key } => format!("[{}]", key.text),
            Reference::Op(reference) => format!("[{}|{}]", reference.path(), reference.key()),
        });
    }
    for modifier in &placeholder.modifiers {
        shown.push_str(&format!(" {:?}", modifier.kind));
    }
    shown
}

/// Checks what a text holds under a grammar.
fn check(grammar: Grammar, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(found(text, grammar), *expected, "{text} {grammar:?}");
    }
}

/// The only thing that a text holds, which is an error.
fn error(text: &str, grammar: Grammar) -> PlaceholderError {
    let mut found = scan(text, grammar);
    let error = found.next().unwrap().unwrap_err();
    assert!(found.next().is_none(), "{text}");
    error
}

/// Checks the kind of an error, the text it points at, and whether AVP leaves the text alone.
fn check_error(
    text: &str,
    grammar: Grammar,
    kind: PlaceholderErrorKind,
    pointed_at: &str,
    survives: bool,
) {
    let error = error(text, grammar);
    assert_eq!(error.kind(), kind, "{text}");
    assert_eq!(&text[error.span()], pointed_at, "{text}");
    assert_eq!(error.survives(), survives, "{text} {grammar:?}");
}
