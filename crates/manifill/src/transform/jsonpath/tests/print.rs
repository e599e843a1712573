//! What an expression prints.

use super::*;

#[test]
fn text_outside_braces_is_literal() {
    prints(&[
        (".a", ".a"),
        ("x{.s}y", "xstry"),
        ("{.s}}", "str}"),
        ("{.s} {.on}", "str true"),
        ("\\n{.s}\n", "\\nstr\n"),
        ("{.n.a.b}{\"\\n\"}{.s}", "deep\nstr"),
    ]);
}

#[test]
fn results_are_printed_as_avp_prints_them() {
    prints(&[
        ("{.on}", "true"),
        ("{.none}", "null"),
        ("{.hosts[*].h}", "a b c"),
        ("{.hosts[0]}", r#"{"h":"a","w":1}"#),
        ("{.n}{.e}{.m}", r#"{"a":{"b":"deep"},"x":1}[]{}"#),
        ("{.mixed}", r#"[1,"1",true,null]"#),
        ("{.mixed[*]}", "1 1 true null"),
    ]);
}

#[test]
fn numbers_keep_their_digits() {
    prints(&[
        ("{.acct}", "123456789012"),
        ("{.big}", "9007199254740993"),
        ("{.rate}", "0.25"),
        ("{.precise}", "1.50"),
        ("{.tiny}", "1E-5"),
    ]);
}

#[test]
fn ranges_repeat_what_is_between_them() {
    prints(&[
        ("{range .hosts[*]}{.h}={.w};{end}", "a=1;b=2;c=3;"),
        ("{range .hosts[*]}{.h}{end}{.s}", "abcstr"),
        ("{range .hosts[*]}{.h}{\"\\n\"}{end}", "a\nb\nc\n"),
        ("{range .nn[*]}[{range @[*]}{@},{end}]{end}", "[1,2,][3,]"),
        ("{range .nn[*]}[{range .[*]}{@},{end}]{end}", "[1,2,][3,]"),
        ("{range}{.s}{end}", "str"),
        ("{range .mixed[*]}{@}/{end}", "1/1/true/null/"),
        ("{range .e[*]}{.h}{end}ok", "ok"),
        ("{range .hosts[?(@.h==\"zz\")]}{.w}{end}|", "|"),
        ("{range .hosts[?(@.w>1)]}{.h}{ end }", "bc"),
    ]);
    fails(&[
        ("{end}", "not in range, nothing to end"),
        ("{range .e[*]}{end}{end}", "not in range, nothing to end"),
        ("{range .hosts[*]}{.h}", "unclosed range"),
        ("{range .e[*]}{end .h}", "unrecognized identifier end"),
        ("{range .zip[*]}{end}", "zip is not found"),
    ]);
    let deep = format!("{}{}", "{range}".repeat(40), "{end}".repeat(40));
    fails(&[(
        deep.as_str(),
        "the expression is nested deeper than 32 levels",
    )]);
}

#[test]
fn quoted_texts_know_the_escapes_of_go() {
    prints(&[
        ("{'it'}", "it"),
        (r#"{"a\tb\n\r"}"#, "a\tb\n\r"),
        (r#"{'a"b'}"#, "a\"b"),
        (r#"{"a\"b"}"#, "a\"b"),
        (r"{'a\'b'}", "a'b"),
        (r#"{"\\"}"#, "\\"),
        (r#"{"\x41\u00e9\101\U0001F600"}"#, "AéA😀"),
        (r#"{"\xc3\xa9"}"#, "é"),
        (r#"{"\a\b\f\v"}"#, "\u{7}\u{8}\u{c}\u{b}"),
        ("{.s}{' '}{.on}", "str true"),
        ("{\"}{\"}", "}{"),
    ]);
    fails(&[
        (r#"{"\q"}"#, "invalid escape in a quoted string"),
        (r#"{"\xff"}"#, "invalid escape in a quoted string"),
        (r#"{"\ud800"}"#, "invalid escape in a quoted string"),
        (r#"{"\u12"}"#, "invalid escape in a quoted string"),
        (r#"{"\400"}"#, "invalid escape in a quoted string"),
        (r#"{"\x+1"}"#, "invalid escape in a quoted string"),
        ("{\"abc", "unterminated quoted string"),
        ("{'a\nb'}", "unterminated quoted string"),
        ("{\"\\", "unterminated quoted string"),
    ]);
}

#[test]
fn literals_print_themselves() {
    prints(&[
        ("{5}", "5"),
        ("{-5}", "-5"),
        ("{+5}", "5"),
        ("{007}", "7"),
        ("{1.50}", "1.50"),
        ("{1.}", "1"),
        ("{-.5}", "-0.5"),
        ("{true}", "true"),
        ("{false}", "false"),
    ]);
    fails(&[
        ("{1.2.3}", "cannot parse number 1.2.3"),
        ("{-}", "cannot parse number -"),
        ("{foo}", "unrecognized identifier foo"),
        ("{s.on}", "unrecognized identifier s"),
    ]);
}

#[test]
fn values_that_are_no_text_are_used_as_they_are() {
    let number = SecretValue::number("9007199254740993").unwrap();
    assert_eq!(run("{}", &number).unwrap(), "9007199254740993");
    let map = SecretValue::map([("a", SecretValue::list([SecretValue::text("{}")]))]);
    assert_eq!(run("{.a[0]}", &map).unwrap(), "{}");
    assert_eq!(run("{}", &SecretValue::null()).unwrap(), "null");
    assert_eq!(
        run("{.a}", &SecretValue::bytes(*br#"{"a":1}"#)).unwrap(),
        "1"
    );
    assert_eq!(
        run("{}", &SecretValue::text("clear")),
        Err(TransformErrorKind::NotJson)
    );
    assert_eq!(
        run("{}", &SecretValue::bytes([0xff])),
        Err(TransformErrorKind::Datatype("bytes"))
    );
    let binary = SecretValue::map([("a", SecretValue::bytes([0xff]))]);
    assert_eq!(
        run("{.a}", &binary),
        Err(TransformErrorKind::Datatype("bytes"))
    );
}
