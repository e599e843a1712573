//! What does not fit is told at its place, all at once, and never the value.

use super::{fill_with, refused, renderer, with_placeholder};
use manifill::Format;
use manifill::vault::SecretValue;

#[test]
fn bytes_and_texts_that_are_not_of_their_format_are_located_errors() {
    let bytes = SecretValue::bytes(vec![0xff, 0xfe]);
    for (format, source) in [
        (Format::Json, "{\"a\": \"@\"}"),
        (Format::Json, "{\"a\": @}"),
        (Format::Toml, "a = @"),
        (Format::Toml, "a = '@'"),
        (Format::Dotenv, "a=@"),
        (Format::Properties, "a=@"),
        (Format::Text, "a @"),
        (Format::Yaml, "a: @"),
    ] {
        let error = refused(bytes.clone(), format, &with_placeholder(source));
        assert!(
            error.contains("the value of placeholder path:db#p is binary"),
            "{error}"
        );
        assert!(
            error.starts_with("t:1:") && error.contains("base64encode"),
            "{error}"
        );
    }
    for (format, source, place, message) in [
        (
            Format::Json,
            "{\"a\": @,\n \"b\": }",
            "t:2:7",
            "not valid JSON",
        ),
        (Format::Json, "{\"a\": \"@}", "t:1:7", "not valid JSON"),
        (
            Format::Json,
            "{\"a\": <path:db#p}",
            "t:1:7",
            "no closing `>`",
        ),
        (Format::Json, "{\"@\": 1}", "t:1:2", "in a key"),
        (Format::Json, "{@: 1}", "t:1:2", "in a key"),
        (Format::Toml, "a = 1\nb = 2@\n", "t:2:5", "not valid TOML"),
        (Format::Toml, "a = \"@\n", "t:1:", "not valid TOML"),
        (Format::Toml, "\"@\" = 1", "t:1:1", "in a key"),
        (Format::Toml, "a = <path:db#p\n", "t:1:5", "no closing `>`"),
        (Format::Dotenv, "A=1\n@=1\n", "t:2:1", "in a key"),
        (Format::Dotenv, "A=\"@\n", "t:1:3", "not closed"),
        (Format::Dotenv, "A=<path:db#p\n", "t:1:3", "no closing `>`"),
        (Format::Properties, "A=1\n@=1\n", "t:2:1", "in a key"),
        (Format::Yaml, "a: 1\n\"@\": 1\n", "t:2:1", "in a key"),
        (Format::Yaml, "a: 1\n b: @\n", "t:2:", ""),
        (Format::Text, "a\n x <path:db\n", "t:2:4", "no closing `>`"),
        (
            Format::Text,
            "x \\u003cpath:db#p\\u003e",
            "t:1:3",
            "escaped brackets",
        ),
        (
            Format::Text,
            "x PHBhdGg6ZGIjcD4=",
            "t:1:3",
            "in base64 is not filled",
        ),
        (Format::Toml, "a = 'x <path:db#no>'", "t:1:8", "no key `no`"),
    ] {
        let error = refused("v", format, &with_placeholder(source));
        assert!(
            error.starts_with(place) && error.contains(message),
            "{source}: {error}"
        );
    }
    let null = refused("null", Format::Toml, "a = 1\nb = <path:db#p | jsonParse>\n");
    assert!(
        null.starts_with("t:2:5") && null.contains("TOML has none"),
        "{null}"
    );
    let large = refused(
        SecretValue::number("12345678901234567890").unwrap(),
        Format::Toml,
        &with_placeholder("a = @"),
    );
    assert!(large.contains("too large for TOML"), "{large}");
}

/// All that is wrong is told at once, at its place, and never the value.
#[test]
fn every_value_that_does_not_fit_is_told() {
    let error = refused(
        "s3ntinel $ '",
        Format::Dotenv,
        &with_placeholder("A=@\nB=1\nC='@'\n"),
    );
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(
        lines[0].starts_with("t:1:3") && lines[1].starts_with("t:3:3"),
        "{error}"
    );
    assert!(!error.contains("s3ntinel"));
}

#[test]
fn a_result_that_is_too_large_is_an_error_before_it_is_written() {
    let renderer = renderer("\u{1}".repeat(1000)).with_max_output(3000);
    let source = with_placeholder("{\"a\": \"@\"}");
    let error = fill_with(&renderer, Format::Json, &source).unwrap_err();
    assert!(
        error.to_string().contains("larger than 3000 bytes"),
        "{error}"
    );
    assert!(fill_with(&renderer, Format::Text, &source).is_ok());
}
