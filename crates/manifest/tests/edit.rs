//! What edits do, and which are refused.

mod support;

use manifill_manifest::{Edit, ManifestError, ManifestErrorKind, Replacement, TextEdit, TextEdits};
use support::{fill, fill_all, parse};

#[test]
fn line_separators_refuse_edits_but_not_reading() {
    for c in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let source = format!("kind: A\na: b{c}c\nx: <x>\n");
        let document = parse(&source);
        let error = document
            .apply(&source, &[fill(&document, &source, 0, "v")])
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (ManifestErrorKind::LineSeparator, 12)
        );
        assert_eq!(document.apply(&source, &[]), Ok(source.clone()));
    }
}

#[test]
fn typed_values_take_the_place_of_the_whole_scalar() {
    for (source, json, wanted) in [
        ("kind: A\nx: a <x> b # c\n", "5", "kind: A\nx: 5 # c\n"),
        ("kind: A\nx: \"<x>\"\n", "null", "kind: A\nx: null\n"),
        (
            "kind: A\nx: |-\n  <x>\n  b\ny: 1\n",
            "{\"a\": [true]}",
            "kind: A\nx: {\"a\": [true]}\ny: 1\n",
        ),
        (
            "kind: A\nx: > # c\n  <x>",
            "1.0e+21",
            "kind: A\nx: 1.0e+21 # c",
        ),
        ("kind: A\nx: [<x>,b]\n", "[]", "kind: A\nx: [[],b]\n"),
        (
            "kind: A\nx: &n '<x>'\ny: *n\n",
            "{}",
            "kind: A\nx: &n {}\ny: *n\n",
        ),
        (
            "{\"kind\":\"A\",\"x\":\"<x>\"}",
            "\"s\"",
            "{\"kind\":\"A\",\"x\":\"s\"}",
        ),
        ("kind: A\nx: !t <x>\n", "[1]", "kind: A\nx: !t [1]\n"),
    ] {
        let document = parse(source);
        let edit = Edit {
            scalar: 0,
            change: Replacement::Json(json.to_owned()),
        };
        assert_eq!(document.apply(source, &[edit]).as_deref(), Ok(wanted));
    }
}

#[test]
fn a_value_is_what_the_tag_before_it_says_or_is_refused() {
    for (tag, json, fits) in [
        ("!!str", "5", true),
        ("!!str", "true", true),
        ("!!str", "null", false),
        ("!!str", "{\"a\": 1}", false),
        ("!!str", "[1]", false),
        ("!!int", "5", true),
        ("!!int", "-5", true),
        ("!!int", "5.5", false),
        ("!!int", "1.0e+21", false),
        ("!!int", "\"5\"", false),
        ("!!float", "5.5", true),
        ("!!float", "5", true),
        ("!!bool", "false", true),
        ("!!bool", "5", false),
        ("!!null", "null", true),
        ("!!seq", "[1]", true),
        ("!!seq", "{}", false),
        ("!!map", "{}", true),
        ("!!map", "null", false),
        ("!!set", "{}", false),
        ("!!timestamp", "5", false),
        ("!", "[1]", false),
        ("!<tag:yaml.org,2002:str>", "[1]", false),
        ("!t", "[1]", true),
    ] {
        let source = format!("kind: A\nx: {tag} <x>\n");
        let document = parse(&source);
        let change = Replacement::Json(json.to_owned());
        let found = document.apply(&source, &[Edit { scalar: 0, change }]);
        let kind = found.as_ref().map_err(ManifestError::kind);
        let wanted = format!("kind: A\nx: {tag} {json}\n");
        if fits {
            assert_eq!(found, Ok(wanted))
        } else {
            assert_eq!(kind, Err(ManifestErrorKind::Type), "{tag} {json}")
        }
    }
    let source = "kind: A\nx: !!int <x>\n";
    let document = parse(source);
    let error = document
        .apply(source, &[fill(&document, source, 0, "5")])
        .unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.offset()),
        ("the value is not what its tag says: `!!int`", 17)
    );
    for (tag, fits) in [
        ("!!str", true),
        ("!t", true),
        ("!", false),
        ("!!binary", false),
        ("!!bool", false),
        ("!!map", false),
    ] {
        let source = format!("kind: A\nx: {tag} '<x>'\n");
        let document = parse(&source);
        let found = document.apply(&source, &[fill(&document, &source, 0, "v")]);
        assert_eq!(found.is_ok(), fits, "{tag}");
    }
}

#[test]
fn what_is_written_shows_in_no_debug_text() {
    let source = "kind: A\nx: <x>\ny: <x>\n";
    let document = parse(source);
    let draft = document.as_index();
    let mut editor = draft.edit(source, "sentinel".to_owned());
    let filled = fill(&document, source, 0, "sentinel");
    let typed = Replacement::Json("[\"sentinel\"]".to_owned());
    editor.change(0, &filled.change).unwrap();
    editor.change(1, &typed).unwrap();
    let fill = TextEdit {
        range: 0..3,
        text: "sentinel".to_owned(),
    };
    let shown = format!("{filled:?} {typed:?} {fill:?} {editor:?} {editor:#?}");
    assert!(
        shown.contains("0..3") && !shown.contains("sentinel"),
        "{shown}"
    );
    assert!(editor.finish().unwrap().contains("[\"sentinel\"]"));
}

#[test]
fn unfitting_edits_are_refused() {
    let source = "kind: A\nx: é<x>\n";
    let document = parse(source);
    let empty = |range| {
        let mut fills = TextEdits::new();
        fills.push(range, "");
        Replacement::Text(fills)
    };
    for change in [
        Replacement::Json("a\nb".into()),
        Replacement::Json(String::new()),
        Replacement::Json("a # b".into()),
        Replacement::Json("a: b: c".into()),
        Replacement::Json("[1".into()),
        empty(1..3),
        empty(2..9),
    ] {
        let error = document.apply(
            source,
            &[Edit {
                scalar: 0,
                change: change.clone(),
            }],
        );
        assert_eq!(
            error.unwrap_err().kind(),
            ManifestErrorKind::Internal,
            "{change:?}"
        );
    }
    let edit = fill(&document, source, 0, "v");
    for edits in [
        vec![edit.clone(), edit.clone()],
        vec![Edit { scalar: 7, ..edit }],
    ] {
        assert_eq!(
            document.apply(source, &edits).unwrap_err().kind(),
            ManifestErrorKind::Internal
        );
    }
    assert_eq!(
        document.apply("kind", &[]).unwrap_err().kind(),
        ManifestErrorKind::Internal
    );
}

#[test]
fn a_result_that_does_not_read_back_is_refused() {
    // The document is not the one that was parsed: the check must notice.
    let source = "kind: A\nx: <x>\ny: b\n";
    let document = parse(source);
    let other = "kind: A\nx: <x>\ny: c\n";
    let error = document
        .apply(other, &[fill(&document, source, 0, "v")])
        .unwrap_err();
    assert_eq!(error.kind(), ManifestErrorKind::Internal);
    assert!(error.to_string().contains("did not read back"));
}

#[test]
fn styles_stay_where_they_can() {
    let pem = "-----BEGIN-----\nabc\n\ndef\n-----END-----";
    let with_break = format!("{pem}\n");
    let lines = "-----BEGIN-----\n    abc\n\n    def\n    -----END-----";
    for (source, secret, wanted) in [
        (
            "kind: A\nx: |\n    <x>\n",
            pem,
            format!("kind: A\nx: |\n    {lines}\n"),
        ),
        (
            "kind: A\nx: |-\n    <x>\n",
            with_break.as_str(),
            format!("kind: A\nx: |\n    {lines}\n"),
        ),
        (
            "kind: A\nx: |\n    <x>\n",
            with_break.as_str(),
            format!("kind: A\nx: |+\n    {lines}\n\n"),
        ),
        (
            "kind: A\nx: '<x>'\n",
            "it's",
            "kind: A\nx: 'it''s'\n".into(),
        ),
        (
            "kind: A\nx: '<x>'\n",
            "a\tb",
            "kind: A\nx: \"a\\tb\"\n".into(),
        ),
        (
            "kind: A\nx: \"\\x41<x>\"\n",
            "\u{0}\u{7f}\u{2028}😀",
            "kind: A\nx: \"\\x41\\u0000\\u007F\\u2028😀\"\n".into(),
        ),
        (
            "kind: A\nx: | # c\n  a <x>\n\ny: 1\n",
            "\r",
            "kind: A\nx: \"a \\r\\n\" # c\n\ny: 1\n".into(),
        ),
    ] {
        assert_eq!(fill_all(source, secret), wanted);
    }
}
