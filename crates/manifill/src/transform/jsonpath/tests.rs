#![allow(clippy::unwrap_used)]

use super::*;

const DOCUMENT: &str = r#"{
    "hosts": [{"h": "a", "w": 1}, {"h": "b", "w": 2}, {"h": "c", "w": 3}],
    "acct": 123456789012, "big": 9007199254740993, "rate": 0.25, "precise": 1.50, "tiny": 1E-5,
    "on": true, "none": null, "s": "str", "empty": "", "é": "accent",
    "k.d": "dotted", "h<tml": "<&>", "two words": "spaced", "a]b": "bracket", "a,b": "comma",
    "back\\slash": "escaped", "q\"k": "quote",
    "e": [], "m": {}, "l": [10, 20, 30, 40], "nn": [[1, 2], [3]],
    "n": {"a": {"b": "deep"}, "x": 1},
    "mixed": [1, "1", true, null],
    "parts": [{"k": "(1)"}, {"k": ")"}, {"k": "=="}, {"k": "a]b"}]
}"#;

fn eval(expression: &str) -> Result<String, String> {
    let value = SecretValue::text(DOCUMENT);
    run(expression, &value).map_err(|error| error.to_string())
}

#[track_caller]
fn prints(table: &[(&str, &str)]) {
    for (expression, want) in table {
        assert_eq!(eval(expression).as_deref(), Ok(*want), "{expression}");
    }
}

#[track_caller]
fn fails(table: &[(&str, &str)]) {
    for (expression, want) in table {
        assert_eq!(eval(expression), Err((*want).to_owned()), "{expression}");
    }
}

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
fn keys_are_selected() {
    prints(&[
        ("{.s}", "str"),
        ("{$.s}", "str"),
        ("{@.s}", "str"),
        ("{ .s }", "str"),
        ("{.n.a.b}", "deep"),
        ("{$.n.a.b}", "deep"),
        ("{.n .a .b}", "deep"),
        ("{.é}", "accent"),
        ("{['s']}", "str"),
        ("{[\"s\"]}", "str"),
        ("{.n['a']['b']}", "deep"),
        ("{.n.['a'].b}", "deep"),
        ("{.h<tml}", "<&>"),
        ("{.empty}", ""),
    ]);
}

#[test]
fn keys_with_dots_are_escaped_or_quoted() {
    prints(&[
        (r"{.k\.d}", "dotted"),
        (r"{['k\.d']}", "dotted"),
        ("{['k.d']}", "dotted"),
        ("{['n.a']}", r#"{"b":"deep"}"#),
        ("{['n.a.b']}", "deep"),
        (r"{.two\ words}", "spaced"),
        ("{['two words']}", "spaced"),
        ("{['a]b']}", "bracket"),
        ("{['a,b','s']}", "comma str"),
        (r"{.back\\slash}", "escaped"),
        (r#"{["q\"k"]}"#, "quote"),
        ("{.n['*']}", r#"{"b":"deep"} 1"#),
    ]);
    fails(&[
        (r"{['n\.a']}", "n.a is not found"),
        ("{['n.zip']}", "n.zip is not found"),
    ]);
}

#[test]
fn the_whole_is_selected() {
    let whole = run("{}", &SecretValue::text(r#"{"b": [1.0, "<"], "a": null}"#)).unwrap();
    assert_eq!(whole, r#"{"a":null,"b":[1.0,"\u003c"]}"#);
    for expression in ["{$}", "{@}", "{.}", "{ }", "{$.}"] {
        assert_eq!(eval(expression), eval("{}"), "{expression}");
    }
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
fn missing_keys_are_errors() {
    fails(&[
        ("{.zip}", "zip is not found"),
        ("{.n.zip}", "zip is not found"),
        ("{.none.x}", "x is not found"),
        ("{.s.x}", "x is not found"),
        ("{.s .on}", "on is not found"),
        ("{.hosts[*].zip}", "zip is not found"),
        ("{['s','zip']}", "zip is not found"),
        ("{..zip}", "zip is not found"),
    ]);
    prints(&[("{.e[*].zip}", ""), ("{.hosts[?(@.h==\"zz\")].zip}", "")]);
}

#[test]
fn lists_are_indexed() {
    prints(&[
        ("{.l[0]}", "10"),
        ("{.l[3]}", "40"),
        ("{.l[-1]}", "40"),
        ("{.l[-4]}", "10"),
        ("{.l[ 0 ]}", "10"),
        ("{.l[]}", "10"),
        ("{.nn[*][0]}", "1 3"),
        ("{.nn[0][1]}", "2"),
        ("{.none[0]}", ""),
    ]);
    fails(&[
        ("{.l[9]}", "array index out of bounds: index 9, length 4"),
        ("{.l[4]}", "array index out of bounds: index 4, length 4"),
        ("{.l[-9]}", "array index out of bounds: index -5, length 4"),
        ("{.e[0]}", "array index out of bounds: index 0, length 0"),
        (
            "{.nn[*][1]}",
            "array index out of bounds: index 1, length 1",
        ),
        (
            "{.l[9223372036854775807]}",
            "array index out of bounds: index 9223372036854775807, length 4",
        ),
        ("{.l[0][0]}", "number is not array or slice"),
        ("{.hosts[*].h[0]}", "text is not array or slice"),
        ("{.m[*]}", "map is not array or slice"),
        ("{..[0]}", "map is not array or slice"),
    ]);
}

#[test]
fn lists_are_sliced() {
    prints(&[
        ("{.l[*]}", "10 20 30 40"),
        ("{.l[:]}", "10 20 30 40"),
        ("{.l[1:3]}", "20 30"),
        ("{.l[:2]}", "10 20"),
        ("{.l[2:]}", "30 40"),
        ("{.l[:-1]}", "10 20 30"),
        ("{.l[-2:]}", "30 40"),
        ("{.l[::2]}", "10 30"),
        ("{.l[1::2]}", "20 40"),
        ("{.l[0:4:3]}", "10 40"),
        ("{.l[2:2]}", ""),
        ("{.l[4:]}", ""),
        ("{.e[*]}", ""),
        ("{.e[:]}", ""),
    ]);
    fails(&[
        ("{.l[1:9]}", "array index out of bounds: index 8, length 4"),
        ("{.l[5:]}", "array index out of bounds: index 5, length 4"),
        (
            "{.l[3:1]}",
            "starting index 3 is greater than ending index 1",
        ),
        ("{.l[0:4:0]}", "step must be > 0"),
        ("{.l[0:4:-1]}", "step must be > 0"),
    ]);
}

#[test]
fn unions_join_selections() {
    prints(&[
        ("{.l[0,2]}", "10 30"),
        ("{.l[0, 2]}", "10 30"),
        ("{.l[1:2,0]}", "20 10"),
        ("{.l[-1,0,0]}", "40 10 10"),
        ("{['s','on']}", "str true"),
        ("{['s', \"on\"]}", "str true"),
        ("{.hosts[*]['h','w']}", "a b c 1 2 3"),
        ("{['n.a','k\\.d']}", r#"{"b":"deep"} dotted"#),
    ]);
}

#[test]
fn wildcards_and_recursion_select_in_the_order_of_the_source() {
    prints(&[
        ("{.n.*}", r#"{"b":"deep"} 1"#),
        ("{.hosts[*].*}", "a 1 b 2 c 3"),
        ("{.s.*}", ""),
        ("{.none.*}", ""),
        ("{..b}", "deep"),
        ("{..h}", "a b c"),
        ("{.hosts..h}", "a b c"),
        ("{.n..}", r#"{"a":{"b":"deep"},"x":1} {"b":"deep"} deep"#),
        ("{.nn..}", "[[1,2],[3]] [1,2] [3]"),
        ("{.n...*}", r#"{"b":"deep"} 1 deep"#),
        ("{.n..*}", r#"{"b":"deep"} 1 deep"#),
        ("{..hosts[0].h}", "a"),
        ("{..none}", "null"),
    ]);
    fails(&[("{....h}", "invalid multiple recursive descent")]);
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
fn filters_compare() {
    prints(&[
        (r#"{.hosts[?(@.h=="b")].w}"#, "2"),
        ("{.hosts[?(@.h=='b')].w}", "2"),
        (r#"{.hosts[?( @.h == "b" )].w}"#, "2"),
        (r#"{.hosts[?(@.h!="b")].w}"#, "1 3"),
        (r#"{.hosts[?(@.h<"b")].h}"#, "a"),
        (r#"{.hosts[?(@.h>="b")].h}"#, "b c"),
        (r#"{.hosts[?("b"==@.h)].h}"#, "b"),
        (r#"{.hosts[?(@['h']=="b")].w}"#, "2"),
        (r#"{.hosts[?(@.h=="zz")].w}"#, ""),
        ("{.hosts[?(@.w==2)].h}", "b"),
        ("{.hosts[?(@.w==2.0)].h}", "b"),
        ("{.hosts[?(@.w>1)].h}", "b c"),
        ("{.hosts[?(@.w<=2)].h}", "a b"),
        ("{.hosts[?(@.w>=1.5)].h}", "b c"),
        ("{.hosts[?(@.w<-1)].h}", ""),
        ("{.l[?(@>15)]}", "20 30 40"),
        ("{.l[?(@!=20)]}", "10 30 40"),
        ("{.hosts[?(1==1)].h}", "a b c"),
        ("{.hosts[?(@.w==@.w)].h}", "a b c"),
        (r#"{.parts[?(@.k==")")].k}"#, ")"),
        (r#"{.parts[?(@.k=="(1)")].k}"#, "(1)"),
        (r#"{.parts[?(@.k=="==")].k}"#, "=="),
        (r#"{.parts[?("=="==@.k)].k}"#, "=="),
        (r#"{.parts[?(@.k=="a]b")].k}"#, "a]b"),
        ("{.nn[?(@[0]==3)]}", "[3]"),
        (r#"{.e[?(@.x=="y")]}"#, ""),
        ("{.hosts[?(true==true)].h}", "a b c"),
        ("{.nn[?(@[?(@==3)])]}", "[3]"),
    ]);
    fails(&[
        (
            r#"{.hosts[?(@.w=="2")].h}"#,
            "incompatible types for comparison",
        ),
        ("{.hosts[?(@.h==2)].h}", "incompatible types for comparison"),
        ("{.hosts[?(true>false)].h}", "invalid type for comparison"),
        ("{.nn[?(@==1)]}", "invalid type for comparison"),
        (
            "{.mixed[3:][?(@==1)]}",
            "null is not array or slice and cannot be filtered",
        ),
        (
            "{.m[?(@.x)]}",
            "map is not array or slice and cannot be filtered",
        ),
        ("{.hosts[?(@.zip==1)].h}", "zip is not found"),
        (
            "{.nn[?(@[*]==1)]}",
            "can only compare one element at a time",
        ),
    ]);
}

#[test]
fn filters_ask_whether_something_exists() {
    prints(&[
        ("{.hosts[?(@.w)].h}", "a b c"),
        ("{.hosts[?(@.zip)].h}", ""),
        ("{.nn[?(@[1])]}", "[1,2]"),
        (
            "{.hosts[?(@.h)]}",
            r#"{"h":"a","w":1} {"h":"b","w":2} {"h":"c","w":3}"#,
        ),
    ]);
}

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

mod anything {
    use proptest::prelude::*;

    use super::*;

    fn expressions() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{", "}", "[", "]", "[?(", ")]", ")", ".", "..", "*", "[*]", "'", "\"", "\\", "range ",
            "end", "@", "$", "==", "<", "!=", ",", ":", "-1", "0", "7", ".l", ".hosts", ".h", ".n",
            "s", " ", "é", "\\u00e9", "\n", "{range ", "{end}", "[0:2]", "['n.a']",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn never_panics(expression in expressions(), wrapped: bool) {
            let expression = if wrapped { format!("{{{expression}}}") } else { expression };
            let _ = eval(&expression);
        }

        #[test]
        fn text_without_braces_prints_itself(text in "[^{]*") {
            prop_assert_eq!(eval(&text), Ok(text));
        }

        #[test]
        fn a_quoted_key_finds_its_value(key in "[^\\\\'\n]{1,12}") {
            let map = SecretValue::map([(key.clone(), SecretValue::text("found"))]);
            prop_assert_eq!(run(&format!("{{['{key}']}}"), &map).unwrap(), "found");
        }
    }
}
