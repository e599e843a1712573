//! What is refused, and why.

use super::*;

#[test]
fn malformed_expressions_are_errors() {
    fails(&[
        ("{.s", "unclosed action"),
        ("{", "unclosed action"),
        ("{.s\n}", "unclosed action"),
        ("{.l[*]", "unclosed action"),
        (r"{.s\}", "unclosed action"),
        ("{{.s}}", "unrecognized character in action: U+007B '{'"),
        ("{!}", "unrecognized character in action: U+0021 '!'"),
        ("{\t.s}", "unrecognized character in action: U+0009 '\\t'"),
        ("{.s,.on}", "unrecognized character in action: U+002C ','"),
        ("{.s]}", "unrecognized character in action: U+005D ']'"),
        ("{.l[0}", "unterminated array"),
        ("{.l['a}", "unterminated array"),
        ("{.l[a]}", "invalid array index a"),
        ("{.l[0:1:1:1]}", "invalid array index 0:1:1:1"),
        ("{.l[+1]}", "invalid array index +1"),
        ("{.l[-]}", "invalid array index -"),
        (
            "{.l[99999999999999999999]}",
            "invalid array index 99999999999999999999",
        ),
        ("{.l[?@.x]}", "invalid array index ?@.x"),
        ("{.l[']}", "unterminated array"),
        (r#"{.hosts[?(@.h=="b"]}"#, "unterminated filter"),
        ("{.hosts[?(@.h", "unterminated filter"),
        ("{.hosts[?(@.h==1}", "unterminated filter"),
        (r#"{.hosts[?(@.h=="b")}"#, "unclosed array expect ]"),
        (
            r#"{.hosts[?(@.h="b")].h}"#,
            "unrecognized filter operator =",
        ),
        (
            r#"{.hosts[?(@.h=~"b")].h}"#,
            "unrecognized filter operator =",
        ),
        (
            r#"{.hosts[?(@.h==="b")].h}"#,
            "unrecognized filter operator ===",
        ),
        (
            r#"{.hosts[?(@.h==1!=2)].h}"#,
            "unrecognized character in action: U+0021 '!'",
        ),
        (
            "{.hosts[?(!@.h)].h}",
            "unrecognized character in action: U+0021 '!'",
        ),
        (
            r#"{.hosts[?(@.h=="b"&&@.w==2)].h}"#,
            "unrecognized character in action: U+0026 '&'",
        ),
        (
            r#"{.hosts[?(@.h=="b"||@.w==2)].h}"#,
            "unrecognized character in action: U+007C '|'",
        ),
        (r#"{.hosts[?(@.h in "b")]}"#, "unrecognized identifier in"),
    ]);
    let deep = format!("{{{}", "[?(".repeat(100_000));
    fails(&[(
        deep.as_str(),
        "the expression is nested deeper than 32 levels",
    )]);
}

#[test]
fn expressions_that_explode_are_refused() {
    let nested = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let value = SecretValue::text(nested);
    let bomb = format!("{{{}}}", "...*".repeat(8));
    assert_eq!(run(&bomb, &value), Err(JsonPathError::TooMuch.into()));
    let bomb = format!("{{{}}}", ".. . ".repeat(8));
    assert!(run(&bomb, &value).is_err());

    let long = SecretValue::text(format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)));
    assert_eq!(
        run(&"{.a}".repeat(17), &long),
        Err(TransformErrorKind::TooLarge)
    );

    // `$` is the current value, so each range doubles what the one around it repeats.
    let ranges = format!("{}x{}", "{range ['a','a']}".repeat(24), "{end}".repeat(24));
    let mut value = SecretValue::null();
    for _ in 0..24 {
        value = SecretValue::map([("a", value)]);
    }
    assert_eq!(run(&ranges, &value), Err(JsonPathError::TooMuch.into()));
}

#[test]
fn hints_say_what_to_do() {
    let error = check(r#"{.a[?(@.b==1&&@.c==2)]}"#).unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("`&&`")));
    assert!(
        check("{range .a[*]}")
            .unwrap_err()
            .hint()
            .is_some_and(|hint| hint.contains("{end}"))
    );
}
