use super::{ANNOTATED, PLAIN, STRICT, check_error, error};
use crate::{Grammar, PlaceholderErrorKind as Kind};

#[test]
fn text_that_avp_leaves_alone_survives() {
    let survivors: [(&str, Kind, &str); 9] = [
        ("<path:x>", Kind::NoKey, "path:x"),
        ("<path:a#b", Kind::Unterminated, "<path:a#b"),
        ("<op://a/b/c", Kind::Unterminated, "<op://a/b/c"),
        ("<path:a#b#c#d>", Kind::TooManyHashes, "d"),
        ("<path:#b>", Kind::EmptyPath, ""),
        ("<path:a#>", Kind::EmptyKey, ""),
        ("<path:a#b#>", Kind::EmptyVersion, ""),
        ("<path:a/<b>/c>", Kind::PathHoldsBracket, "<b>"),
        ("<op://<vault>/i/f>", Kind::PathHoldsBracket, "<vault>"),
    ];
    for (text, kind, at) in survivors {
        check_error(text, PLAIN, kind, at, true);
    }
    // There is text under the annotation that AVP leaves alone, too.
    check_error(
        "<path:a#b",
        ANNOTATED,
        Kind::Unterminated,
        "<path:a#b",
        true,
    );
    check_error("<path:a \n", ANNOTATED, Kind::Unterminated, "<path:a", true);
}

#[test]
fn mistakes_in_a_placeholder_do_not_survive() {
    for (text, grammar, kind, at) in [
        ("<path:a#b | nope>", PLAIN, Kind::UnknownModifier, "nope"),
        ("<op://a/b/c | nope>", PLAIN, Kind::UnknownModifier, "nope"),
        ("<path:a#b |>", PLAIN, Kind::EmptyModifier, ""),
        ("<path:a#b | indent x>", PLAIN, Kind::InvalidParameters, "x"),
        ("<path:a#b || x>", PLAIN, Kind::AlternativeForm, "x"),
        ("<path:a#*>", PLAIN, Kind::WholeItem, "*"),
        // AVP's expression is satisfied with blanks, and reads a `#` behind `|`.
        ("<path: #b>", PLAIN, Kind::EmptyPath, ""),
        ("<path:a | jsonPath {#}>", PLAIN, Kind::NoKey, "path:a"),
        ("<path:v/<ID>#k>", PLAIN, Kind::PathHoldsBracket, "<ID>"),
        ("<path:a#b#c#d>", ANNOTATED, Kind::TooManyHashes, "d"),
        ("<path:a#>", ANNOTATED, Kind::EmptyKey, ""),
        ("<path:v/<ID>#k>", ANNOTATED, Kind::PathHoldsBracket, "<ID>"),
        ("<path:a>", STRICT, Kind::NoKey, "path:a"),
        ("<>", ANNOTATED, Kind::EmptyKey, ""),
    ] {
        check_error(text, grammar, kind, at, false);
    }
}

#[test]
fn messages_are_avps_where_people_know_them() {
    let cases = [
        (
            "<user | nope>",
            "invalid modifier: nope for placeholder user",
        ),
        (
            "<path:a#b | nope>",
            "invalid modifier: nope for placeholder path:a#b",
        ),
        ("<user | | trim>", "empty modifier for placeholder user"),
        (
            "<user | trim 1>",
            "trim: invalid parameters for placeholder user",
        ),
        (
            "<user | trim | default x>",
            "default: it must be the first modifier for placeholder user",
        ),
        (
            "<op://v/i#t/f>",
            "an op:// reference contains a character that is not allowed there: `#`",
        ),
        (
            "<op://v/a\\b/f>",
            "an op:// reference contains a character that is not allowed there: `\\`",
        ),
        (
            "<op://v/a'b/f>",
            "an op:// reference contains a character that is not allowed there: `'`",
        ),
        (
            "<op://v/a\tb/f>",
            "an op:// reference contains a character that is not allowed there: `\\t`",
        ),
        (
            "<op://v/i/f?x=y>",
            "an op:// reference has an unknown query: `x=y`",
        ),
        ("<path:a#b#c#d>", "a placeholder has more than two `#`"),
    ];
    for (text, message) in cases {
        assert_eq!(error(text, ANNOTATED).to_string(), message);
    }
}

#[test]
fn a_summary_has_no_word_of_the_source() {
    for text in [
        "<zebra | zebra>",
        "<zebra | trim zebra>",
        "<path:zebra/<zebra>#zebra>",
        "<op://zebra/é/zebra>",
        "<path:zebra#zebra#zebra#zebra>",
        "<zebra | default \"zebra>",
        "<path:zebra",
        "<zebra ||>",
        "<op://v/i/f?zebra>",
    ] {
        let error = error(text, ANNOTATED);
        assert!(
            !error.summary().contains("zebra") && !error.summary().is_empty(),
            "{text}"
        );
        assert!(!error.is_escaped());
    }
}

#[test]
fn hints_say_what_to_write() {
    let cases = [
        ("<user | trim x>", "`trim` takes no arguments"),
        (
            "<user | indent x>",
            "write `indent N` with a number from 0 to 1000",
        ),
        ("<user | default>", "write `default \"TEXT\"`"),
        ("<user | jsonPath>", "write `jsonPath EXPRESSION`"),
        ("<a || default \"x\">", "`default` follows a single `|`"),
        (
            "<path:v/<VAULT UUID>/i#k>",
            "replace <VAULT UUID> by the id",
        ),
        (
            "<path:a#>",
            "write <path:PATH#KEY> or <path:PATH#KEY#VERSION>",
        ),
        (
            "\\u003cpath:a#b\\u003e",
            "--escaped fills it and escapes the value in the same way",
        ),
    ];
    for (text, hint) in cases {
        assert_eq!(
            error(text, ANNOTATED).hint().as_deref(),
            Some(hint),
            "{text}"
        );
    }
    let contains = [
        (
            "<user | frobnicate>",
            "modifiers are base64encode, base64decode,",
        ),
        ("<>", "avp.kubernetes.io/ignore"),
        ("<path:a#b#c#d>", "the item's id"),
        ("<op://v/ä/f>", "use the id"),
        ("<op://v/i>", "id"),
    ];
    for (text, part) in contains {
        let hint = error(text, ANNOTATED).hint().unwrap();
        assert!(hint.contains(part), "{text}: {hint}");
    }
    assert_eq!(
        crate::parse("", Grammar::default()).unwrap_err().hint(),
        None
    );
}
