use super::{ANNOTATED, PLAIN, check, check_error, error};
use crate::{MAX_MODIFIERS, MODIFIERS, ModifierKind, PlaceholderErrorKind as Kind, parse};

#[test]
fn every_modifier_of_the_table_is_read() {
    for spec in MODIFIERS {
        let argument = match spec.arguments {
            "" => "",
            "N" => "4",
            "EXPRESSION" => "{.a}",
            "\"TEXT\"" => "\"x\"",
            "[USER]" => "ann",
            "\"LABEL\" [N] [FORM]" => "\"l\" 8",
            other => panic!("{other}"),
        };
        let text = format!("<k|{} {argument}>", spec.name);
        let placeholder = parse(&text, ANNOTATED).unwrap();
        assert_eq!(placeholder.modifiers[0].kind.name(), spec.name);
        assert!(!spec.summary.is_empty());
        // Names are case-sensitive.
        let upper = format!("<k | {}>", spec.name.to_uppercase());
        assert_eq!(error(&upper, ANNOTATED).kind(), Kind::UnknownModifier);
    }
    assert_eq!(MODIFIERS.len(), 20);
}

#[test]
fn modifiers_keep_their_order_and_arguments() {
    check(
        ANNOTATED,
        &[
            (
                "<a|base64decode|jsonParse|toYaml|nindent 2>",
                &[
                    "<a|base64decode|jsonParse|toYaml|nindent 2> = [a] base64decode jsonParse toYaml nindent 2",
                ],
            ),
            (
                "<a | bcrypt | trim>",
                &["<a | bcrypt | trim> = [a] bcrypt trim"],
            ),
            (
                "<a | bcrypt ann>",
                &["<a | bcrypt ann> = [a] bcrypt \"ann\""],
            ),
            (
                "<a | bcrypt \"ann b\">",
                &["<a | bcrypt \"ann b\"> = [a] bcrypt \"ann b\""],
            ),
        ],
    );
}

#[test]
fn arguments_that_a_modifier_does_not_take() {
    for name in [
        "base64encode",
        "base64decode",
        "jsonParse",
        "yamlParse",
        "sha256sum",
        "trim",
        "urlencode",
        "toJson",
        "toYaml",
        "sha512sum",
    ] {
        check_error(
            &format!("<a | {name} x y>"),
            ANNOTATED,
            Kind::InvalidParameters,
            "x y",
            false,
        );
    }
    for name in ["indent", "nindent"] {
        for (written, number) in [("0", 0), ("+2", 2), ("1000", 1000), ("007", 7)] {
            let placeholder = parse(&format!("<a | {name} {written}>"), ANNOTATED).unwrap();
            let (ModifierKind::Indent(count) | ModifierKind::NIndent(count)) =
                &placeholder.modifiers[0].kind
            else {
                panic!("{placeholder:?}");
            };
            assert_eq!(*count, number);
        }
        for wrong in [
            "-1",
            "1001",
            "4 4",
            "x",
            "4.0",
            "0x4",
            "99999999999999999999",
            "\"4\"",
        ] {
            let text = format!("<a | {name} {wrong}>");
            check_error(&text, ANNOTATED, Kind::InvalidParameters, wrong, false);
        }
        check_error(
            &format!("<a | {name}>"),
            ANNOTATED,
            Kind::InvalidParameters,
            name,
            false,
        );
    }
    for (text, at) in [
        ("<a | jsonPath>", "jsonPath"),
        ("<a | default>", "default"),
        ("<a | default b c>", "b c"),
        ("<a | default b\"c>", "b\"c"),
        ("<a | default \"b\" c>", "\"b\" c"),
        ("<a | default \"b\"c>", "\"b\"c"),
        ("<a | bcrypt b c>", "b c"),
    ] {
        check_error(text, ANNOTATED, Kind::InvalidParameters, at, false);
    }
}

#[test]
fn json_path_keeps_its_quotes_and_joins_its_words() {
    let cases = [
        ("{.on}   {.rate}", "{.on} {.rate}"),
        ("{.a}\t{.b}", "{.a} {.b}"),
        (".a", ".a"),
        ("{.a[?(@.n==\"x | y\")].v}", "{.a[?(@.n==\"x | y\")].v}"),
        ("{.a['b|c']}", "{.a['b|c']}"),
        ("{range .a[*]}{.b}{'|'}{end}", "{range .a[*]}{.b}{'|'}{end}"),
        (r"{.a[?(@.w\u003e1)]}", "{.a[?(@.w>1)]}"),
        (r"{.a[?(@.w\u003C=1)]}", "{.a[?(@.w<=1)]}"),
        (r"{.k\.d}", r"{.k\.d}"),
        (r#"{"\n"}"#, r#"{"\n"}"#),
        (r"{'}'}", r"{'}'}"),
        (r#"{"{"}"#, r#"{"{"}"#),
        ("a}b", "a}b"),
        (r"\u003x \", r"\u003x \"),
    ];
    for (written, expression) in cases {
        let placeholder = parse(&format!("<cfg | jsonPath {written} | trim>"), ANNOTATED).unwrap();
        assert_eq!(
            placeholder.modifiers[0].kind,
            ModifierKind::JsonPath(expression.into())
        );
        assert_eq!(placeholder.modifiers.len(), 2);
    }
}

#[test]
fn a_bracket_that_cuts_an_argument_short_is_named() {
    // AVP's case T64.
    let text = "<cfg | jsonPath {.hosts[?(@.w>1)].h}>";
    check_error(text, ANNOTATED, Kind::UnclosedBrace, "{.hosts[?(@.w", false);
    let text = "<a | default \"x > y\">";
    check_error(text, ANNOTATED, Kind::UnclosedQuote, "\"x", false);
    let text = r#"<a | default "x\>y">"#;
    check_error(text, ANNOTATED, Kind::UnclosedQuote, r#""x\"#, false);
    for text in [
        text,
        "<cfg | jsonPath {.a[?(@.b>1)]}>",
        "<a | bcrypt \"x>\">",
    ] {
        assert!(
            error(text, ANNOTATED).hint().unwrap().contains("\\u003e"),
            "{text}"
        );
    }
}

#[test]
fn an_opening_bracket_in_an_argument_is_named() {
    for grammar in [PLAIN, ANNOTATED] {
        for (text, at) in [
            ("<path:a#b | default \"<none>\">", "<none>"),
            ("<path:a#b | default \"x<y\">", "<y\">"),
            ("<path:a#b | jsonPath {.a[?(@.w<1)].h}>", "<1)].h}>"),
        ] {
            check_error(text, grammar, Kind::BracketInArgument, at, false);
            assert!(error(text, grammar).hint().unwrap().contains("\\u003c"));
        }
        check(
            grammar,
            &[(
                "<path:a#b | trim <path:c#d>",
                &["<path:a#b | trim ! Unterminated", "<path:c#d> = [c|d]"],
            )],
        );
    }
    check(
        ANNOTATED,
        &[
            (
                "<cfg | jsonPath {.a[?(@.w<1)].h}>",
                &["< ! BracketInArgument"],
            ),
            (
                "<cfg | default \"x<y\"> <z>",
                &["< ! BracketInArgument", "<z> = [z]"],
            ),
            ("a < b | c <d>", &["<d> = [d]"]),
        ],
    );
    check_error(
        "<op://a/b/c | default \"<x>\">",
        PLAIN,
        Kind::BracketInArgument,
        "<x>",
        true,
    );
}

#[test]
fn default_takes_one_text() {
    let cases = [
        ("\"\"", ""),
        ("guest", "guest"),
        ("\"two words\"", "two words"),
        ("\"  blanks  \"", "  blanks  "),
        ("\"a|b # {c\"", "a|b # {c"),
        (r#""say \"hi\" \\ \u003cb\u003E""#, r#"say "hi" \ <b>"#),
        (r"C:\dir", r"C:\dir"),
        ("it's", "it's"),
        ("'guest'", "guest"),
        ("'two words, one \"quoted\"'", "two words, one \"quoted\""),
        (r"'C:\dir \u003cb\u003E'", r"C:\dir <b>"),
        ("''", ""),
        ("'", "'"),
        ("'x'y", "'x'y"),
    ];
    for (written, text) in cases {
        let placeholder =
            parse(&format!("<path:a#b | default {written} | trim>"), ANNOTATED).unwrap();
        assert_eq!(placeholder.default(), Some(text), "{written}");
        assert_eq!(placeholder.modifiers.len(), 2);
        assert_eq!(placeholder.label(), "path:a#b | default … | trim");
    }
    assert_eq!(parse("<a | trim>", ANNOTATED).unwrap().default(), None);
    for escape in [r"\n", r"\u0041", r"\'", r"\u003", r"\U003c", r"\é"] {
        let text = format!("<a | default \"x{escape}\">");
        let pointed_at = format!("\"x{escape}\"");
        check_error(&text, ANNOTATED, Kind::UnknownEscape, &pointed_at, false);
    }
}

#[test]
fn a_text_with_escaped_quotes_is_written_in_single_ones() {
    for (written, works) in [
        (r#"default \"x\""#, "default 'x'"),
        (r#"default \"two words\""#, "default 'two words'"),
        (r#"bcrypt \"ann\""#, "bcrypt 'ann'"),
    ] {
        let text = format!("<path:a#b | {written}>");
        let error = error(&text, PLAIN);
        assert_eq!(error.kind(), Kind::InvalidParameters);
        let name = written.split(' ').next().unwrap();
        let hint = error.hint().unwrap();
        assert!(
            hint.starts_with(&format!("inside a JSON string write `{name} '")),
            "{hint}"
        );
        parse(&format!("<path:a#b | {works}>"), PLAIN).unwrap();
    }
    for wrong in ["default 'a' b", "default 'a b", r#"default "a" \"b\""#] {
        let hint = error(&format!("<path:a#b | {wrong}>"), PLAIN).hint();
        assert_eq!(hint.as_deref(), Some("write `default \"TEXT\"`"), "{wrong}");
    }
}

#[test]
fn default_comes_first() {
    check_error(
        "<a | trim | default \"x\">",
        ANNOTATED,
        Kind::LateDefault,
        "default",
        false,
    );
    check_error(
        "<a | default x | default y>",
        ANNOTATED,
        Kind::LateDefault,
        "default",
        false,
    );
}

#[test]
fn what_default_says_is_shown_nowhere() {
    for text in [
        "<path:a#b | default s3cr3t>",
        "<path:a#b | default \"s3cr3t\" | trim>",
        "<path:a#b || path:c#d | default   \"s3cr3t\"   |trim>",
    ] {
        let placeholder = parse(text, ANNOTATED).unwrap();
        assert_eq!(placeholder.default(), Some("s3cr3t"));
        assert!(!format!("{placeholder:?} {}", placeholder.label()).contains("s3cr3t"));
    }
    for text in [
        "<path:a#b | trim | default \"s3cr3t\">",
        "<path:a#b | default \"s3cr3t>",
        "<path:a#b | default \"s3cr3t\\x\">",
        "<path:a#b | default \"s3cr3t\" x>",
        "<path:a#b | default \"s3cr3t\" | nope>",
        "<path:a#b || default \"s3cr3t\">",
        "<path:a#b | \"s3cr3t\">",
        "<path:a#b | 's3cr3t'>",
        "<path:a#b | default \\\"s3cr3t\\\">",
        "<path:a#b | default 'x|s3cr3t'>",
        "<path:a#b | default \"s3cr3t\" || path:c#d>",
        "<path:a#b | default \"s3cr3t",
        "<path:a/<b>#c | default \"s3cr3t\">",
        "\\u003cpath:a#b | default \\\"s3cr3t\\\"\\u003e",
    ] {
        let error = error(text, ANNOTATED);
        let hint = error.hint().unwrap_or_default();
        let shown = format!("{error} {error:?} {hint} {}", error.summary());
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}

#[test]
fn a_placeholder_has_at_most_so_many_modifiers() {
    let with = |count: usize| format!("<path:a#b{}>", " | toJson".repeat(count));
    let most = parse(&with(MAX_MODIFIERS), PLAIN).unwrap();
    assert_eq!(most.modifiers.len(), MAX_MODIFIERS);
    let text = with(MAX_MODIFIERS).replace('>', " | trim | toYaml>");
    check_error(&text, PLAIN, Kind::TooManyModifiers, "trim", false);
    let said = error(&text, PLAIN).to_string();
    let expected =
        format!("a placeholder has more than {MAX_MODIFIERS} modifiers for placeholder path:a#b");
    assert_eq!(said, expected);
    // What they are does not matter any more.
    let wrong = with(MAX_MODIFIERS).replace('>', " | nope>");
    check_error(&wrong, PLAIN, Kind::TooManyModifiers, "nope", false);
}
