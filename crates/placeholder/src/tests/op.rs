use super::{ANNOTATED, PLAIN, check, check_error};
use crate::{OpQuery, PlaceholderErrorKind as Kind, Reference, parse};

#[test]
fn references_are_live_everywhere() {
    for grammar in [PLAIN, ANNOTATED] {
        check(
            grammar,
            &[
                (
                    "<op://Prod/Db/user>",
                    &["<op://Prod/Db/user> = [op://Prod/Db|user]"],
                ),
                (
                    "<op://Prod/My Db/admin/pass-word_1.x>",
                    &[
                        "<op://Prod/My Db/admin/pass-word_1.x> = [op://Prod/My Db|admin/pass-word_1.x]",
                    ],
                ),
                (
                    "<op://a/b/c | trim>",
                    &["<op://a/b/c | trim> = [op://a/b|c] trim"],
                ),
                (
                    "<op://a/b/c || path:d#e>",
                    &["<op://a/b/c || path:d#e> = [op://a/b|c][d|e]"],
                ),
                ("<op://a / b / c >", &["<op://a / b / c > = [op://a/b|c]"]),
            ],
        );
    }
}

#[test]
fn queries_of_the_safe_subset() {
    for (text, query) in [
        ("attribute=otp", OpQuery::Otp),
        ("attribute=totp", OpQuery::Totp),
        ("ssh-format=openssh", OpQuery::OpenSsh),
        ("attribute=value", OpQuery::Value),
        ("attribute=type", OpQuery::Type),
        ("attribute=id", OpQuery::Id),
        ("attribute=title", OpQuery::Title),
        ("attribute=purpose", OpQuery::Purpose),
    ] {
        let placeholder = parse(&format!("<op://v/i/f?{text}>"), PLAIN).unwrap();
        let [Reference::Op(reference)] = placeholder.alternatives.as_slice() else {
            panic!("{placeholder:?}");
        };
        assert_eq!((reference.query, query.as_str()), (Some(query), text));
        assert_eq!(reference.key(), format!("f?{text}"));
    }
    for query in [
        "",
        "attribute",
        "attribute=",
        "attribute=content",
        "Attribute=otp",
        "attribute=OTP",
        "attribute=otp&attribute=otp",
        "attribute=otp?",
        "ssh-format=pem",
        "x=y",
    ] {
        check_error(
            &format!("<op://v/i/f?{query}>"),
            PLAIN,
            Kind::OpQuery,
            query,
            false,
        );
    }
}

#[test]
fn a_reference_may_name_its_backend() {
    let placeholder = parse("<op://home-1!Prod/Db/user>", PLAIN).unwrap();
    let [Reference::Op(reference)] = placeholder.alternatives.as_slice() else {
        panic!("{placeholder:?}");
    };
    assert_eq!(reference.backend.as_ref().unwrap().text, "home-1");
    assert_eq!(reference.path(), "op://Prod/Db");
    check_error(
        "<op://Home!Prod/Db/user>",
        PLAIN,
        Kind::OpCharacter,
        "!",
        false,
    );
    check_error(
        "<op://a!b!Prod/Db/user>",
        PLAIN,
        Kind::OpCharacter,
        "!",
        false,
    );
}

#[test]
fn three_or_four_segments_none_of_them_empty() {
    for (grammar, survives) in [(PLAIN, true), (ANNOTATED, false)] {
        for (text, at) in [
            ("<op://>", ""),
            ("<op://v/i>", "op://v/i"),
            ("<op://v/i/s/f/x>", "op://v/i/s/f/x"),
            ("<op://v//f>", ""),
            ("<op://v/i/ >", ""),
            ("<op://n!/i/f>", ""),
        ] {
            check_error(text, grammar, Kind::OpSegments, at, survives);
        }
    }
}

#[test]
fn other_characters_need_the_id() {
    for odd in [
        "%", "&", "+", "@", ":", "'", "\"", "#", "~", "(", "[", "{", "\t", "ä", "日", "\\",
    ] {
        let text = format!("<op://Prod/D{odd}b/user>");
        check_error(&text, PLAIN, Kind::OpCharacter, odd, false);
    }
}
