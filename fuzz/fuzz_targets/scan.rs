//! Any text through the scanner: no panic, and every span is a slice of the text, in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifill_placeholder::escaped::scan_escaped;
use manifill_placeholder::{
    Grammar, Placeholder, PlaceholderError, Reference, Span, decode_text, may_contain, parse, scan,
    split_backend, unclosed_opener,
};

fuzz_target!(|data: (u8, &str)| {
    let (flags, text) = data;
    let grammar = Grammar::new()
        .with_annotated(flags & 1 != 0)
        .with_strict(flags & 2 != 0);
    let plain: Vec<_> = scan(text, grammar).collect();
    let escaped: Vec<_> = scan_escaped(text, grammar)
        .map(|found| found.map(|(placeholder, _)| placeholder))
        .collect();
    for found in [&plain, &escaped] {
        assert!(found.is_empty() || may_contain(text));
        check_order(text, found);
    }
    for placeholder in plain.iter().flatten() {
        let alone = parse(&text[placeholder.span.clone()], grammar);
        assert_eq!(alone.map(|it| it.label()), Ok(placeholder.label()));
    }
    // What both find together is filled without a place being filled twice.
    let mut filled: Vec<Span> = plain
        .iter()
        .chain(&escaped)
        .flatten()
        .map(|placeholder| placeholder.span.clone())
        .collect();
    filled.sort_by_key(|span| span.start);
    assert!(filled.windows(2).all(|pair| pair[0].end <= pair[1].start));

    if let Some(at) = unclosed_opener(text, grammar.annotated) {
        assert!(text[at..].starts_with('<'));
    }
    let (backend, path) = split_backend(text);
    assert_eq!(
        backend.map_or(0, |name| name.len() + 1) + path.len(),
        text.len()
    );
    let _ = decode_text(text);
});

fn check_order(text: &str, found: &[Result<Placeholder, PlaceholderError>]) {
    let mut end = 0;
    for found in found {
        let span = match found {
            Ok(placeholder) => {
                placeholder
                    .alternatives
                    .iter()
                    .map(Reference::span)
                    .chain(
                        placeholder
                            .modifiers
                            .iter()
                            .map(|modifier| modifier.span.clone()),
                    )
                    .for_each(|inner| assert!(text.get(inner).is_some()));
                placeholder.span.clone()
            }
            Err(error) => {
                assert!(!error.to_string().is_empty() && !error.summary().is_empty());
                let _ = error.hint();
                error.span()
            }
        };
        assert!(
            end <= span.start && text.get(span.clone()).is_some(),
            "{span:?}"
        );
        end = span.end;
    }
}
