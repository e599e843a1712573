use super::{ANNOTATED, PLAIN, STRICT, check, error, found};
use crate::{PlaceholderErrorKind as Kind, Reference, may_contain, parse, unclosed_opener};

#[test]
fn without_the_annotation_only_paths_with_a_key_are_live() {
    check(
        PLAIN,
        &[
            (
                "<path:vaults/Prod/items/Db#user>",
                &["<path:vaults/Prod/items/Db#user> = [vaults/Prod/items/Db|user]"],
            ),
            ("<path:db#user#7>", &["<path:db#user#7> = [db|user|7]"]),
            // AVP's case T07.
            (
                "<user> is <b>bold</b> <path:db#user>",
                &["<path:db#user> = [db|user]"],
            ),
            ("< path:a#b > <PATH:a#b> <zzpath:a#b> <> <Op://a/b/c>", &[]),
            ("a < b <path:a#b>c> d", &["<path:a#b> = [a|b]"]),
            (
                "<path:a#b><path:c#d>",
                &["<path:a#b> = [a|b]", "<path:c#d> = [c|d]"],
            ),
            ("", &[]),
        ],
    );
}

#[test]
fn under_the_annotation_all_brackets_of_a_line_are_placeholders() {
    check(
        ANNOTATED,
        &[
            ("<user>", &["<user> = [user]"]),
            ("<path:db#user>", &["<path:db#user> = [db|user]"]),
            ("< path:db#user >", &["< path:db#user > = [db|user]"]),
            // AVP's cases T13 and T11.
            (
                "<path:vaults/Prod/items/Db>",
                &["<path:vaults/Prod/items/Db> = [path:vaults/Prod/items/Db]"],
            ),
            ("<zzpath:a#b>", &["<zzpath:a#b> = [zzpath:a#b]"]),
            ("<see path:a#b>", &["<see path:a#b> = [see path:a#b]"]),
            // AVP's case T17.
            ("3 < 4 and 5 > 4", &["< 4 and 5 > = [4 and 5]"]),
            ("a < b <user>", &["<user> = [user]"]),
            (
                "<two words> <*>",
                &["<two words> = [two words]", "<*> = [*]"],
            ),
            ("<>", &[" ! EmptyKey"]),
            ("< | trim>", &[" ! EmptyKey"]),
            ("<b>bold</b>", &["<b> = [b]", "</b> = [/b]"]),
            ("<päßword>", &["<päßword> = [päßword]"]),
        ],
    );
}

#[test]
fn white_space_is_trimmed_from_every_part() {
    check(
        PLAIN,
        &[
            (
                "<path: a b #\tkey # 7 >",
                &["<path: a b #\tkey # 7 > = [a b|key|7]"],
            ),
            ("<path:a#b | trim >", &["<path:a#b | trim > = [a|b] trim"]),
        ],
    );
    // AVP's case T09.
    check(ANNOTATED, &[("<\tuser >", &["<\tuser > = [user]"])]);
}

#[test]
fn nothing_crosses_a_bracket_or_a_line() {
    check(
        PLAIN,
        &[
            // AVP's case T14 read the path `one> then <path:V`.
            (
                "<path:one> then <path:V#u>",
                &["path:one ! NoKey", "<path:V#u> = [V|u]"],
            ),
            (
                "<path:one then <path:V#u>",
                &["<path:one then ! Unterminated", "<path:V#u> = [V|u]"],
            ),
            ("<path:a\n#b>", &["<path:a ! Unterminated"]),
        ],
    );
    check(
        ANNOTATED,
        &[
            ("<us\ner> <b\n", &[]),
            ("<us\r\ner>", &[]),
            ("<a <b> c>", &["<b> = [b]"]),
            (
                "<path:one then <user>",
                &["<path:one then ! Unterminated", "<user> = [user]"],
            ),
        ],
    );
}

#[test]
fn a_run_of_brackets_belongs_to_the_placeholder() {
    // AVP's case T15.
    check(
        ANNOTATED,
        &[
            ("<<user>>", &["<<user> = [user]"]),
            ("<<<user>", &["<<<user> = [user]"]),
            ("< <user>", &["<user> = [user]"]),
            ("<<path:a#b>>", &["<<path:a#b> = [a|b]"]),
            ("<<>>", &[" ! EmptyKey"]),
        ],
    );
    // Without the annotation AVP's expression begins at the last one.
    check(PLAIN, &[("<<path:a#b>>", &["<path:a#b> = [a|b]"])]);
    check(STRICT, &[("<<user>>", &["<<user> = [user]"])]);
}

#[test]
fn strict_leaves_prose_alone() {
    check(
        STRICT,
        &[
            ("3 < 4 and 5 > 4", &[]),
            ("<> < user> <two words> <a:b> </b> <a#b> <päßword>", &[]),
            (
                "<user> <a.b-c_D9>",
                &["<user> = [user]", "<a.b-c_D9> = [a.b-c_D9]"],
            ),
            (
                "<user |trim> <user\t| trim >",
                &[
                    "<user |trim> = [user] trim",
                    "<user\t| trim > = [user] trim",
                ],
            ),
            ("<user||b>", &["<user||b> = [user][b]"]),
            (
                "< path:a#b > <op://a/b/c>",
                &["< path:a#b > = [a|b]", "<op://a/b/c> = [op://a/b|c]"],
            ),
            ("<path:a>", &["path:a ! NoKey"]),
        ],
    );
    // Without the annotation there is no generic placeholder to be strict about.
    check(
        crate::Grammar {
            annotated: false,
            strict: true,
        },
        &[("<user> <path:a#b>", &["<path:a#b> = [a|b]"])],
    );
}

#[test]
fn the_head_ends_at_the_first_bar_outside_quotes_and_braces() {
    check(
        PLAIN,
        &[
            ("<path:a#b|trim>", &["<path:a#b|trim> = [a|b] trim"]),
            ("<path:\"a|b\"#c>", &["<path:\"a|b\"#c> = [\"a|b\"|c]"]),
            ("<path:{a|b}#c>", &["<path:{a|b}#c> = [{a|b}|c]"]),
            // What is never closed is ordinary text.
            (
                "<path:27\" screen#c | trim>",
                &["<path:27\" screen#c | trim> = [27\" screen|c] trim"],
            ),
            (
                "<path:a{b#c | trim>",
                &["<path:a{b#c | trim> = [a{b|c] trim"],
            ),
            (
                "<path:a}b#c | trim>",
                &["<path:a}b#c | trim> = [a}b|c] trim"],
            ),
            // Only then it is split, so that `#` in an argument is text.
            (
                "<path:a#b | jsonPath {.x#y}>",
                &["<path:a#b | jsonPath {.x#y}> = [a|b] jsonPath \"{.x#y}\""],
            ),
            ("<path:a | jsonPath {.x#y}>", &["path:a ! NoKey"]),
            // Apostrophes mean nothing.
            (
                "<path:Ann's#b'c | trim>",
                &["<path:Ann's#b'c | trim> = [Ann's|b'c] trim"],
            ),
            ("<path:'a|trim'#c>", &["path:'a ! NoKey"]),
        ],
    );
}

#[test]
fn two_bars_separate_alternatives() {
    check(
        PLAIN,
        &[
            (
                "<path:a#b || path:c#d#2 || op://v/i/f | trim>",
                &["<path:a#b || path:c#d#2 || op://v/i/f | trim> = [a|b][c|d|2][op://v/i|f] trim"],
            ),
            (
                "<path:a#b||path:c#d>",
                &["<path:a#b||path:c#d> = [a|b][c|d]"],
            ),
            ("<path:a#b || user>", &["user ! AlternativeForm"]),
            ("<path:a#b || path:c>", &["path:c ! NoKey"]),
            (
                "<path:a#b || default \"x\">",
                &["default \"x\" ! AlternativeForm"],
            ),
        ],
    );
    check(
        ANNOTATED,
        &[
            (
                "<a || path:b#c || d>",
                &["<a || path:b#c || d> = [a][b|c][d]"],
            ),
            ("<a || >", &[" ! EmptyAlternative"]),
            ("<|| a>", &[" ! EmptyAlternative"]),
            ("<a ||| b>", &[" ! EmptyAlternative"]),
            ("<a || default \"x\">", &["default \"x\" ! AlternativeForm"]),
            ("<a || default>", &["<a || default> = [a][default]"]),
            ("<default || a>", &["<default || a> = [default][a]"]),
            ("<a | trim || b>", &["|| ! LateAlternative"]),
            ("<a | | b>", &[" ! EmptyModifier"]),
            ("<a |>", &[" ! EmptyModifier"]),
        ],
    );
}

#[test]
fn a_path_has_one_or_two_hashes_and_no_empty_part() {
    check(
        PLAIN,
        &[
            ("<path:a#b#c#d>", &["d ! TooManyHashes"]),
            ("<path:#b>", &[" ! EmptyPath"]),
            ("<path:a#>", &[" ! EmptyKey"]),
            ("<path:a# #1>", &[" ! EmptyKey"]),
            ("<path:a#b#>", &[" ! EmptyVersion"]),
            ("<path:a#*>", &["* ! WholeItem"]),
            ("<path:a# * #2>", &["* ! WholeItem"]),
            ("<path:>", &["path: ! NoKey"]),
        ],
    );
    check(ANNOTATED, &[("<path:>", &["<path:> = [path:]"])]);
}

#[test]
fn a_path_may_be_anything_else() {
    let link = "https://start.1password.com/open/i?a=A&v=V&i=I&h=my.1password.com";
    check(
        PLAIN,
        &[
            (
                &format!("<path:{link}#user>"),
                &[&format!("<path:{link}#user> = [{link}|user]")],
            ),
            (
                "<path:homelab!a/b#c>",
                &["<path:homelab!a/b#c> = [homelab!a/b|c]"],
            ),
            ("<path:op://v/i#c>", &["<path:op://v/i#c> = [op://v/i|c]"]),
            (
                "<path:päth/日本#schlüssel>",
                &["<path:päth/日本#schlüssel> = [päth/日本|schlüssel]"],
            ),
        ],
    );
}

#[test]
fn brackets_in_a_path_are_to_be_replaced() {
    let text = "see <path:vaults/<VAULT UUID>/items/<ITEM>#k>, <path:a#b>";
    for grammar in [PLAIN, ANNOTATED] {
        check(
            grammar,
            &[
                (
                    text,
                    &["<VAULT UUID> ! PathHoldsBracket", "<path:a#b> = [a|b]"],
                ),
                (
                    "<path:a/<b>#c",
                    &if grammar.annotated {
                        vec!["<path:a/ ! Unterminated", "<b> = [b]"]
                    } else {
                        vec!["<path:a/ ! Unterminated"]
                    },
                ),
            ],
        );
    }
    let error = error("<path:vaults/<VAULT UUID>/items/x#k>", PLAIN);
    assert_eq!(
        error.hint().as_deref(),
        Some("replace <VAULT UUID> by the id")
    );
    assert_eq!(
        (error.kind(), error.survives()),
        (Kind::PathHoldsBracket, false)
    );
    check(
        PLAIN,
        &[
            ("<op://<vault>/item/field>", &["<vault> ! PathHoldsBracket"]),
            ("<path:a/<b>/c>", &["<b> ! PathHoldsBracket"]),
            (
                "<path:a/<path:b#c>/d>",
                &["<path:a/ ! Unterminated", "<path:b#c> = [b|c]"],
            ),
        ],
    );
}

#[test]
fn parts_know_where_they_stand() {
    let text = "ä <path: a/b # key #7 || op://n!v/i/s/f?attribute=otp | indent  4 |trim>";
    let placeholder = crate::scan(text, PLAIN).next().unwrap().unwrap();
    let [Reference::Path { path, key, version }, Reference::Op(op)] =
        placeholder.alternatives.as_slice()
    else {
        panic!("{placeholder:?}");
    };
    let version = version.as_ref().unwrap();
    let (backend, section) = (op.backend.as_ref().unwrap(), op.section.as_ref().unwrap());
    for part in [
        path, key, version, backend, &op.vault, &op.item, section, &op.field,
    ] {
        assert_eq!(text[part.span.clone()], part.text);
    }
    assert_eq!(backend.text, "n");
    assert_eq!(&text[op.span.clone()], "op://n!v/i/s/f?attribute=otp");
    assert_eq!(&text[placeholder.alternatives[0].span()], "a/b # key #7");
    let modifiers = placeholder.modifiers.iter();
    let modifiers: Vec<&str> = modifiers
        .map(|modifier| &text[modifier.span.clone()])
        .collect();
    assert_eq!(modifiers, ["indent  4", "trim"]);
}

#[test]
fn parse_takes_exactly_one() {
    assert!(parse("<path:a#b>", PLAIN).is_ok());
    assert!(parse("<<user>", ANNOTATED).is_ok());
    for text in [
        "",
        "a",
        " <path:a#b>",
        "<path:a#b> ",
        "<path:a#b><path:a#b>",
        "<user>",
    ] {
        assert_eq!(
            parse(text, PLAIN).unwrap_err().kind(),
            Kind::NotOne,
            "{text}"
        );
    }
    assert_eq!(parse("<path:a>", PLAIN).unwrap_err().kind(), Kind::NoKey);
}

#[test]
fn a_text_without_brackets_is_known_at_a_glance() {
    for text in [
        "",
        "a",
        "a > b",
        "a < b",
        "100% & more \\ less",
        "&gt;",
        "%3E",
        "\\u003e",
        "> <",
    ] {
        assert!(!may_contain(text), "{text}");
        assert!(found(text, ANNOTATED).is_empty());
    }
    for text in [
        "<a>",
        "<path:",
        "a <op://",
        "\\u003Cpath:",
        "%3cpath",
        "&lt;op://",
        "\\x3c",
    ] {
        assert!(may_contain(text), "{text}");
    }
}

#[test]
fn an_opener_at_the_end_of_a_scalar() {
    let cases = [
        ("<path:vaults/Prod/items/C", Some(0), Some(0)),
        ("x <path:a#b> <op://v/i", Some(13), Some(13)),
        ("<path:a#b>", None, None),
        ("a <b", None, Some(2)),
        ("<path:a\nb", None, None),
        ("plain", None, None),
    ];
    for (text, plain, annotated) in cases {
        assert_eq!(unclosed_opener(text, false), plain, "{text}");
        assert_eq!(unclosed_opener(text, true), annotated, "{text}");
    }
}
