use super::{ANNOTATED, PLAIN, STRICT, check, check_error, read};
use crate::escaped::{Escape, scan_escaped};
use crate::{Grammar, PlaceholderErrorKind as Kind, Reference};

/// What `--escaped` fills in a text.
fn filled(text: &str, grammar: Grammar) -> Vec<String> {
    scan_escaped(text, grammar)
        .map(|found| match found {
            Ok((placeholder, escape)) => {
                format!(
                    "{} = {escape:?} {}",
                    &text[placeholder.span.clone()],
                    read(&placeholder)
                )
            }
            Err(error) => {
                assert!(error.is_escaped());
                format!("{} ! {:?}", &text[error.span()], error.kind())
            }
        })
        .collect()
}

#[test]
fn escaped_placeholders_are_found() {
    let forms = [
        r"\u003cpath:a#b\u003e",
        r"\u003Cpath:a#b\u003E",
        r"\x3cpath:a#b\x3e",
        r"\u003Cop://v/i/f\u003e",
        r"\u003c\u0070ath:a\u0023b\u003e",
        "%3Cpath:a#b%3E",
        "%3cpath%3Aa%23b%3e",
        "%3Cop%3A%2F%2Fv%2Fi%2Ff%3E",
        "&lt;path:a#b&gt;",
        "&lt;op://v/i/f&gt;",
    ];
    for form in forms {
        let text = format!("ä {form} z");
        for grammar in [PLAIN, ANNOTATED, STRICT] {
            check_error(&text, grammar, Kind::Escaped, form, true);
            assert!(super::error(&text, grammar).is_escaped());
            let reads = if form.contains("op") {
                "[op://v/i|f]"
            } else {
                "[a|b]"
            };
            let filled = filled(&text, grammar);
            assert!(
                filled.len() == 1 && filled[0].starts_with(&format!("{form} = ")),
                "{filled:?}"
            );
            assert!(filled[0].ends_with(reads), "{filled:?}");
        }
    }
}

#[test]
fn what_only_looks_escaped_is_text() {
    for text in [
        r"\u003c/user\u003e",
        r"\u003cuser",
        r"\u003ca href=b\u003e",
        r"\\u003cuser\\u003e",
        "%3C5%3E",
        "&lt;user&gt;",
        "&lt;path",
        "a %3C b",
        r"\u003dpath:a#b\u003e",
        "&lt path:a#b&gt;",
        "%3",
        "\\",
        "&",
    ] {
        check(ANNOTATED, &[(text, &[])]);
        assert!(filled(text, PLAIN).is_empty(), "{text}");
    }
}

#[test]
fn a_name_that_a_machine_escaped_is_told_under_the_annotation() {
    for text in [
        r"\u003cuser\u003e",
        r"\x3cmy key | trim\x3E",
        "%3Cuser%3E",
        "%3Cpathos%3E",
    ] {
        check(ANNOTATED, &[(text, &[&format!("{text} ! Escaped")])]);
        check(PLAIN, &[(text, &[])]);
    }
    check(STRICT, &[(r"\u003cmy key\u003e", &[])]);
}

#[test]
fn the_annotation_makes_generic_ones_live() {
    assert_eq!(
        filled(r"\u003cuser | trim\u003e", ANNOTATED),
        [r"\u003cuser | trim\u003e = Json [user] trim",]
    );
    assert_eq!(
        filled("&lt;my key&gt; %3Cuser%3E", ANNOTATED),
        [
            "&lt;my key&gt; = Html [my key]",
            "%3Cuser%3E = Percent [user]",
        ]
    );
    assert!(filled("&lt;my key&gt; &lt;b\nc&gt; a &lt; b", STRICT).is_empty());
}

#[test]
fn the_inside_is_unescaped() {
    let cases = [
        (
            r#"\u003cpath:a#b | default \"x\\\"y\"\u003e"#,
            Escape::Json,
            r#"x"y"#,
        ),
        (
            r#"\u003cpath:a#b | default \"\u00e4\ud83d\ude00\/\"\u003e"#,
            Escape::Json,
            "ä😀/",
        ),
        (
            r#"\u003cpath:a#b | default \"\\u003e\"\u003e"#,
            Escape::Json,
            ">",
        ),
        (
            "%3Cpath:a%23b%20%7C%20default%20%22%C3%A4+%25%22%3E",
            Escape::Percent,
            "ä+%",
        ),
        (
            "&lt;path:a#b | default &quot;&amp;amp; &#39;x&#39;&quot;&gt;",
            Escape::Html,
            "&amp; 'x'",
        ),
    ];
    for (text, expected, default) in cases {
        let (placeholder, escape) = scan_escaped(text, PLAIN).next().unwrap().unwrap();
        assert_eq!(
            (escape, placeholder.default()),
            (expected, Some(default)),
            "{text}"
        );
        assert_eq!(placeholder.span, 0..text.len());
        assert!(
            placeholder.label().ends_with("default …"),
            "{}",
            placeholder.label()
        );
    }
}

#[test]
fn parts_point_into_the_escaped_text() {
    let text = "x=%3Cpath%3Ateam%2Fdb%23user%7Ctrim%3E";
    let (placeholder, _) = scan_escaped(text, PLAIN).next().unwrap().unwrap();
    let Reference::Path { path, key, .. } = &placeholder.alternatives[0] else {
        panic!("{placeholder:?}");
    };
    assert_eq!(path.text, "team/db");
    assert_eq!(&text[path.span.clone()], "team%2Fdb");
    assert_eq!(&text[key.span.clone()], "user");
    assert_eq!(&text[placeholder.modifiers[0].span.clone()], "trim");
    assert_eq!(
        filled("%3Cpath%3Aa%23b%7Cn%6Fpe%3E", PLAIN),
        ["n%6Fpe ! UnknownModifier"]
    );
}

#[test]
fn broken_ones_are_errors() {
    let cases = [
        (r"\u003cpath:a#b", r"\u003cpath:a#b ! Unterminated"),
        (r"\u003cpath:a#b <c", r"\u003cpath:a#b  ! Unterminated"),
        (
            r"\u003cpath:a\n#b\u003e",
            r"\u003cpath:a\n#b\u003e ! Unterminated",
        ),
        (
            r"\\u003cpath:a#b\\u003e",
            r"\u003cpath:a#b\\u003e ! EscapedTwice",
        ),
        (
            r"\u003cpath:a#b\ud800\u003e",
            r"\u003cpath:a#b\ud800\u003e ! BrokenEscape",
        ),
        ("%3Cpath:a#b%FF%3E", "%3Cpath:a#b%FF%3E ! BrokenEscape"),
        ("&lt;path:a&gt;", "path:a ! NoKey"),
        ("&lt;path:a&lt;path:b&gt;", "&lt;path:a ! Unterminated"),
    ];
    for (text, expected) in cases {
        assert_eq!(filled(text, PLAIN)[0], expected);
    }
    assert_eq!(
        super::error(r"\\u003cpath:a#b\\u003e", PLAIN).kind(),
        Kind::EscapedTwice
    );
    // Three backslashes are an escaped one and an escape.
    assert_eq!(filled(r"\\\u003cpath:a#b\u003e", PLAIN).len(), 1);
}

#[test]
fn plain_brackets_come_first() {
    let text = r#"<path:a#b | default "\u003cuser\u003e"> \u003cpath:c#d\u003e"#;
    assert_eq!(
        filled(text, ANNOTATED),
        [r"\u003cpath:c#d\u003e = Json [c|d]"]
    );
    check(
        ANNOTATED,
        &[(
            text,
            &[
                r#"<path:a#b | default "\u003cuser\u003e"> = [a|b] default …"#,
                r"\u003cpath:c#d\u003e ! Escaped",
            ],
        )],
    );
    // In an attribute of HTML, which is no placeholder.
    check(
        PLAIN,
        &[(
            "<a href=\"?q=%3Cpath:a#b%3E\">",
            &["%3Cpath:a#b%3E ! Escaped"],
        )],
    );
}

#[test]
fn values_are_escaped_in_the_same_way() {
    let value = "a\"b\\c\n\t\r\u{8}\u{c}\u{1}<&>'/é\u{2028}~ +%";
    assert_eq!(
        Escape::Json.apply(value),
        r#"a\"b\\c\n\t\r\b\f\u0001\u003c\u0026\u003e'/é\u2028~ +%"#
    );
    assert_eq!(
        Escape::Percent.apply(value),
        "a%22b%5Cc%0A%09%0D%08%0C%01%3C%26%3E%27%2F%C3%A9%E2%80%A8~%20%2B%25"
    );
    assert_eq!(
        Escape::Html.apply("<a & \"b\" 'c'>"),
        "&lt;a &amp; &quot;b&quot; &#39;c&#39;&gt;"
    );
}
