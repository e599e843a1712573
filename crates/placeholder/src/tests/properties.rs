use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::escaped::scan_escaped;
use crate::*;

/// Texts that are rich in what the grammar looks at.
fn texts() -> impl Strategy<Value = String> {
    let words = select(vec![
        "<",
        "<<",
        ">",
        "\n",
        "path:",
        "op://",
        "<path:",
        "<op://",
        "a#b",
        "v/i/f",
        "#",
        "|",
        "||",
        " ",
        "\t",
        "\"",
        "\\\"",
        "{",
        "}",
        "'",
        "default ",
        "jsonPath ",
        "indent 4",
        "trim",
        "nope",
        "\\u003c",
        "\\u003e",
        "\\x3C",
        "%3C",
        "%3E",
        "%3cpath%3A",
        "&lt;",
        "&gt;",
        "\\",
        "%",
        "&",
        "?attribute=otp",
        "*",
        "!",
        "ä",
        "日",
        "😀",
        "\r",
        "\u{0}",
        "x",
        "\\ud83d",
        "%C3",
    ]);
    vec(words, 0..40).prop_map(|words| words.concat())
}

fn grammars() -> impl Strategy<Value = Grammar> {
    (any::<bool>(), any::<bool>()).prop_map(|(annotated, strict)| Grammar { annotated, strict })
}

/// All spans of a placeholder but its own.
fn inner_spans(placeholder: &Placeholder) -> Vec<Span> {
    let mut spans: Vec<Span> = placeholder
        .modifiers
        .iter()
        .map(|m| m.span.clone())
        .collect();
    for reference in &placeholder.alternatives {
        spans.push(reference.span());
        match reference {
            Reference::Path { path, key, version } => {
                spans.extend([path.span.clone(), key.span.clone()]);
                spans.extend(version.iter().map(|part| part.span.clone()));
            }
            Reference::Key { key } => spans.push(key.span.clone()),
            Reference::Op(op) => {
                spans.extend([&op.vault, &op.item, &op.field].map(|part| part.span.clone()));
                let parts = op.backend.iter().chain(&op.section);
                spans.extend(parts.map(|part| part.span.clone()));
            }
        }
    }
    spans
}

/// Spans are in order, do not overlap, and are slices of the text.
fn check_spans(text: &str, found: &[Result<Placeholder, PlaceholderError>]) {
    let mut end = 0;
    for found in found {
        let span = match found {
            Ok(placeholder) => {
                assert!(!placeholder.alternatives.is_empty());
                let whole = placeholder.span.clone();
                for inner in inner_spans(placeholder) {
                    assert!(text.get(inner.clone()).is_some(), "{inner:?}");
                    assert!(whole.start <= inner.start && inner.end <= whole.end);
                }
                whole
            }
            Err(error) => error.span(),
        };
        assert!(
            end <= span.start && span.start <= span.end,
            "{span:?} after {end}"
        );
        assert!(text.get(span.clone()).is_some(), "{span:?}");
        end = span.end;
    }
}

proptest! {
    #[test]
    fn spans_are_slices_in_order(text in texts(), grammar in grammars()) {
        let found: Vec<_> = scan(&text, grammar).collect();
        check_spans(&text, &found);
        prop_assert!(found.is_empty() || may_contain(&text));
        let escaped: Vec<_> =
            scan_escaped(&text, grammar).map(|found| found.map(|(it, _)| it)).collect();
        check_spans(&text, &escaped);
        prop_assert!(escaped.is_empty() || may_contain(&text));
        // Both together fill a text without a place being filled twice.
        let mut filled: Vec<Span> =
            found.iter().chain(&escaped).flatten().map(|it| it.span.clone()).collect();
        filled.sort_by_key(|span| span.start);
        prop_assert!(filled.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let _ = unclosed_opener(&text, grammar.annotated);
    }

    #[test]
    fn a_placeholder_reads_the_same_alone(text in texts(), grammar in grammars()) {
        for placeholder in scan(&text, grammar).flatten() {
            let alone = parse(&text[placeholder.span.clone()], grammar).unwrap();
            prop_assert_eq!(alone.label(), placeholder.label());
            prop_assert_eq!(alone.alternatives.len(), placeholder.alternatives.len());
            prop_assert_eq!(
                alone.modifiers.iter().map(|m| &m.kind).collect::<Vec<_>>(),
                placeholder.modifiers.iter().map(|m| &m.kind).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn errors_can_be_shown(text in texts(), grammar in grammars()) {
        for error in scan(&text, grammar).filter_map(Result::err) {
            prop_assert!(!error.to_string().is_empty() && !error.summary().is_empty());
            prop_assert!(error.hint().is_none_or(|hint| !hint.is_empty()));
            prop_assert!(!error.is_escaped() || error.survives());
        }
    }

    #[test]
    fn a_text_without_the_four_marks_holds_nothing(
        text in "[^<%&\\\\]*",
        grammar in grammars(),
    ) {
        prop_assert_eq!(scan(&text, grammar).count(), 0);
        prop_assert_eq!(scan_escaped(&text, grammar).count(), 0);
        prop_assert!(!may_contain(&text));
    }

    #[test]
    fn the_argument_of_default_is_not_shown(
        argument in "[a-z0-9 |#{}'äé]{0,20}",
        after in select(vec!["", " | trim", "  "]),
        grammar in grammars(),
    ) {
        let argument = format!("QQ{argument}QQ");
        let text = format!("<path:a#b | default \"{argument}\"{after}>");
        let placeholder = parse(&text, grammar).unwrap();
        prop_assert_eq!(placeholder.default(), Some(argument.as_str()));
        prop_assert!(!placeholder.label().contains("QQ"));
        let debugged = format!("{placeholder:?}");
        prop_assert!(!debugged.contains("QQ"));
    }

    #[test]
    fn an_escaped_value_holds_no_mark_of_its_surroundings(value in "\\PC*|.*") {
        for (escape, marks) in [
            (escaped::Escape::Json, "<>&\n\r\t\0"),
            (escaped::Escape::Html, "<>\"'"),
            (escaped::Escape::Percent, "<>&\"' +/\n"),
        ] {
            prop_assert!(!escape.apply(&value).contains(|c| marks.contains(c)));
        }
    }

    #[test]
    fn any_text_is_survived(text in ".*", grammar in grammars()) {
        let found: Vec<_> = scan(&text, grammar).collect();
        check_spans(&text, &found);
        let _ = (decode_text(&text), split_backend(&text));
    }

    #[test]
    fn base64_reads_back(bytes in vec(any::<u8>(), 0..60)) {
        prop_assert_eq!(decode_bytes(&encode(&bytes)), Some(bytes));
    }
}

/// Texts that would take minutes if any part of them were looked at again and again.
#[test]
fn hostile_texts_cost_no_more_than_others() {
    let size = 1 << 18;
    let repeated = |unit: &str| unit.repeat(size / unit.len());
    for text in [
        repeated("<"),
        repeated("< "),
        repeated("<path:"),
        repeated("<path:a<b>"),
        repeated("<path:a#b |<c>"),
        repeated("<path:a<"),
        repeated("\\u003cpath:"),
        repeated("%3Cpath&lt;path:\\x3c"),
        repeated("\\"),
        repeated("%3C&lt;"),
        format!("<path:a{}", repeated("<b>")),
        format!("<path:a#b | default \"{}>", repeated("\\\"")),
        format!("<path:a#b {}>", repeated("\\\"")),
        format!("<path:a#b {}>", repeated("{")),
        format!("<path:a#b {}>", repeated("{|")),
        format!("<path:a#b {}>", repeated("||")),
        format!("<path:{}>", repeated("#")),
        format!("<op://{}>", repeated("/")),
        format!("\\u003cpath:a#b{}", repeated("\\u00")),
    ] {
        for grammar in [
            Grammar::default(),
            Grammar {
                annotated: true,
                strict: false,
            },
        ] {
            let _ = scan(&text, grammar).count();
            let _ = scan_escaped(&text, grammar).count();
        }
        let _ = (may_contain(&text), unclosed_opener(&text, true));
    }
    let many = "x <path:vaults/Prod/items/Db#user> ".repeat(50_000);
    assert_eq!(
        scan(&many, Grammar::default())
            .filter(Result::is_ok)
            .count(),
        50_000
    );
}

/// Found by the fuzz target `scan`: both what it cuts short and the reference that it begins were
/// told of the inner bracket.
#[test]
fn a_bracket_in_an_argument_is_told_once() {
    for text in [
        "<a | jsonPath {.b <path:c>",
        "<a | jsonPath {.b <op://c>",
        "<a | jsonPath {.b[?(@.id==\"X\")].c \\u003e@<path:shar>",
        "<a | default \"b <path:c#d <path:e#f>",
    ] {
        let found: Vec<_> = scan(text, Grammar::new().with_annotated(true)).collect();
        check_spans(text, &found);
        let first = found[0].as_ref().unwrap_err();
        assert_eq!(
            first.kind(),
            PlaceholderErrorKind::BracketInArgument,
            "{text}"
        );
        assert_eq!(&text[first.span()], "<");
    }
}

/// Found by the fuzz target `scan`: text without a closing bracket was told to hold a placeholder.
#[test]
fn what_no_bracket_closes_is_text() {
    for text in [
        "<a | default \"gt;</home\"",
        "<a | jsonPath {.b <c",
        "<a | jsonPath {.b <c\n>",
    ] {
        let found = scan(text, Grammar::new().with_annotated(true)).count();
        assert_eq!(found, 0, "{text}");
    }
}
