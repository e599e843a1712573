//! What an expression selects.

use super::*;

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
        ("{.e['*']}", ""),
    ]);
    fails(&[
        (r"{['n\.a']}", "n.a is not found"),
        ("{['n.zip']}", "n.zip is not found"),
    ]);
    for key in ["*.*", "*.a", "a.*", "*"] {
        let map = SecretValue::map([(key, SecretValue::text("found"))]);
        let expression = format!("{{['{key}']}}");
        assert_eq!(run(&expression, &map).as_deref(), Ok("found"), "{key}");
    }
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
