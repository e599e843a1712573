use manifill_placeholder::{Grammar, MODIFIERS, parse};

use super::*;

const LOCATION: KeyLocation<'_> = KeyLocation::new("file", "vaults/Prod/items/Db", "k");

#[test]
fn the_engine_runs_every_modifier_that_the_grammar_knows() {
    for spec in MODIFIERS {
        let arguments = match spec.arguments {
            "N" => " 2",
            "EXPRESSION" => " {.a}",
            "\"TEXT\"" => " \"x\"",
            "\"LABEL\" [N] [FORM]" => " \"x\" 8",
            _ => "",
        };
        let text = format!("<path:a#b | {}{arguments}>", spec.name);
        let placeholder = parse(&text, Grammar::new()).unwrap();
        let value = SecretValue::text(r#"{"a": "b"}"#);
        if let Err(error) = run(&value, &placeholder.modifiers, &LOCATION) {
            assert_ne!(error.kind, TransformErrorKind::Unsupported, "{text}");
        }
    }
}

const CFG: &str = r#"{"hosts":[{"h":"a","w":1},{"h":"b","w":2},{"h":"c","w":3}],"acct":123456789012,"rate":0.25,"on":true,"none":null,"k.d":"dotted","h<tml":"<&>"}"#;

fn modifiers(kinds: impl IntoIterator<Item = ModifierKind>) -> Vec<Modifier> {
    let placeholder = parse("<path:a#b|trim>", Grammar::default()).unwrap();
    let [modifier] = placeholder.modifiers.as_slice() else {
        unreachable!()
    };
    let with = |kind| {
        let mut modifier = modifier.clone();
        modifier.kind = kind;
        modifier
    };
    kinds.into_iter().map(with).collect()
}

fn all(
    value: impl Into<SecretValue>,
    kinds: impl IntoIterator<Item = ModifierKind>,
) -> Result<SecretValue, TransformError> {
    run(&value.into(), &modifiers(kinds), &LOCATION).map(Cow::into_owned)
}

fn one(value: impl Into<SecretValue>, kind: ModifierKind) -> Result<SecretValue, TransformError> {
    all(value, [kind])
}

fn number(digits: &str) -> SecretValue {
    SecretValue::number(digits).unwrap()
}

fn json_path(expression: &str) -> ModifierKind {
    ModifierKind::JsonPath(expression.to_owned())
}

/// What the result is, in a form that shows its type.
#[track_caller]
fn is(result: Result<SecretValue, TransformError>, type_name: &str, text: &str) {
    let value = result.unwrap();
    assert_eq!(value.expose().type_name(), type_name);
    assert_eq!(text_of(&value).as_deref(), Some(text));
}

#[track_caller]
fn fails(result: Result<SecretValue, TransformError>, message: &str) {
    assert_eq!(result.unwrap_err().to_string(), message);
}

#[test]
fn modifiers_run_from_left_to_right() {
    use ModifierKind::*;
    is(all(" svc ", [Trim, Base64Encode]), "text", "c3Zj");
    is(all(" svc ", [Base64Encode, Trim]), "text", "IHN2YyA=");
    is(all("c3Zj", [Base64Decode, Base64Encode]), "text", "c3Zj");
    is(all("svc", []), "text", "svc");
    is(all("svc", [Default("x".to_owned())]), "text", "svc");
    is(
        all(
            CFG,
            [JsonParse, json_path("{.hosts[1]}"), JsonParse, ToYaml],
        ),
        "text",
        "h: b\nw: 2",
    );
}

#[test]
fn an_error_names_the_modifier_that_failed() {
    use ModifierKind::*;
    let error = all("{}", [Trim, JsonParse, json_path("{.zip}"), Trim]).unwrap_err();
    assert_eq!((error.modifier, error.name), (2, "jsonPath"));
    assert_eq!(error.to_string(), "jsonPath: zip is not found");
    let error = all("Z3Jl!ZW4=", [Base64Decode]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "base64decode: illegal base64 data at input byte 4"
    );
}

#[test]
fn avp_examples_of_json_path_give_avp_results() {
    for (expression, want) in [
        ("{.rate}", "0.25"),
        ("{.on}", "true"),
        ("{.none}", "null"),
        ("{.hosts[*].h}", "a b c"),
        ("{.hosts[0]}", r#"{"h":"a","w":1}"#),
        (r"{.k\.d}", "dotted"),
        ("{.on} {.rate}", "true 0.25"),
        ("{.acct}", "123456789012"),
        (".acct", ".acct"),
        ("{.h<tml}", "<&>"),
    ] {
        is(one(CFG, json_path(expression)), "text", want);
    }
}

#[test]
fn parsed_values_have_types() {
    use ModifierKind::*;
    is(one("null", JsonParse), "null", "null");
    is(one("true", JsonParse), "bool", "true");
    is(
        one("9007199254740993", JsonParse),
        "number",
        "9007199254740993",
    );
    is(one(" [1.50] ", JsonParse), "list", "[1.50]");
    is(one("\"x\"", JsonParse), "text", "x");
    is(one("", YamlParse), "null", "null");
    is(one("word", YamlParse), "text", "word");
    for text in ["", "{} {}", "clear", "{\"a\":1", "nul"] {
        fails(
            one(text, JsonParse),
            "jsonParse: the value is not valid JSON",
        );
    }
    fails(
        one("{", YamlParse),
        "yamlParse: the value is not valid YAML",
    );
}

#[test]
fn yaml_is_read_as_avp_reads_it() {
    use ModifierKind::*;
    let yaml = "a: yes\nb: 010\nc: 1.50\nd: [p, q]\n";
    is(
        one(yaml, YamlParse),
        "map",
        r#"{"a":true,"b":8,"c":1.5,"d":["p","q"]}"#,
    );
}

#[test]
fn scalars_are_accepted_where_text_is() {
    use ModifierKind::*;
    let digits = || number("9007199254740993");
    is(
        one(digits(), Base64Encode),
        "text",
        "OTAwNzE5OTI1NDc0MDk5Mw==",
    );
    is(one(true, Base64Encode), "text", "dHJ1ZQ==");
    is(
        one(number("1234"), Base64Decode).map(|_| true.into()),
        "bool",
        "true",
    );
    is(
        one(number("1"), Sha256Sum),
        "text",
        "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    );
    is(one(digits(), JsonParse), "number", "9007199254740993");
    is(one(false, YamlParse).map(|_| true.into()), "bool", "true");
    is(one(digits(), Indent(2)), "text", "9007199254740993");
    is(one(digits(), NIndent(2)), "text", "\n  9007199254740993");
    is(one(digits(), Trim), "text", "9007199254740993");
    is(one(digits(), UrlEncode), "text", "9007199254740993");
    is(one(digits(), json_path("{}")), "text", "9007199254740993");
    is(one(digits(), ToJson), "text", "9007199254740993");
    is(one(digits(), ToYaml), "text", "9007199254740993");
    is(one(digits(), Unescape), "text", "9007199254740993");
    is(one(digits(), JsonEscape), "text", "9007199254740993");
    is(one(digits(), ShellQuote), "text", "'9007199254740993'");
    is(one(digits(), XmlEscape), "text", "9007199254740993");
}

#[test]
fn what_stands_inside_other_text_is_escaped_as_it_would_stand_there() {
    use ModifierKind::*;
    let map = || SecretValue::from_json(r#"{"a": "b'"}"#).unwrap();
    is(one(map(), JsonEscape), "text", r#"{\"a\":\"b'\"}"#);
    is(one(map(), ShellQuote), "text", r#"'{"a":"b'\''"}'"#);
    is(
        one(map(), XmlEscape),
        "text",
        "{&quot;a&quot;:&quot;b&#39;&quot;}",
    );
    is(one(SecretValue::null(), JsonEscape), "text", "null");
    fails(one(map(), Unescape), "unescape: invalid datatype map");
}

#[test]
fn bytes_stay_bytes() {
    use ModifierKind::*;
    let decoded = one("/wA=", Base64Decode).unwrap();
    assert!(matches!(decoded.expose(), Exposed::Bytes([0xff, 0])));
    is(one(decoded.clone(), Base64Encode), "text", "/wA=");
    is(one(decoded.clone(), UrlEncode), "text", "%FF%00");
    is(
        one(decoded.clone(), Sha256Sum),
        "text",
        "ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f",
    );
    for kind in [
        JsonParse,
        YamlParse,
        Indent(2),
        NIndent(2),
        Trim,
        json_path("{}"),
        ToJson,
        ToYaml,
        Unescape,
        JsonEscape,
        ShellQuote,
        XmlEscape,
    ] {
        let message = format!("{}: invalid datatype bytes", kind.name());
        fails(one(decoded.clone(), kind), &message);
    }
    assert_eq!(text_of(&decoded), None);
    is(one(SecretValue::bytes(*b" a "), Trim), "text", "a");
}

#[test]
fn collections_and_null_are_refused_by_name() {
    use ModifierKind::*;
    let map = SecretValue::from_json("{\"a\":1}").unwrap();
    let list = SecretValue::from_json("[1]").unwrap();
    for (value, name) in [(map, "map"), (list, "list"), (SecretValue::null(), "null")] {
        for kind in [
            Base64Encode,
            Base64Decode,
            JsonParse,
            YamlParse,
            Sha256Sum,
            Sha512Sum,
            Indent(1),
            NIndent(1),
            Trim,
            UrlEncode,
            Bcrypt { user: None },
        ] {
            let message = format!("{}: invalid datatype {name}", kind.name());
            fails(one(value.clone(), kind), &message);
        }
        assert!(one(value.clone(), ToJson).is_ok());
        assert!(one(value.clone(), ToYaml).is_ok());
        assert!(one(value, json_path("{}")).is_ok());
    }
}

#[test]
fn white_space_is_trimmed_as_unicode_defines_it() {
    is(
        one("\u{feff}\u{a0}\t a b\u{85}\r\n", ModifierKind::Trim),
        "text",
        "\u{feff}\u{a0}\t a b",
    );
    is(
        one("\u{a0}\t a b\u{85}\r\n", ModifierKind::Trim),
        "text",
        "a b",
    );
}

#[test]
fn text_is_what_the_value_says() {
    for (value, want) in [
        (SecretValue::null(), "null"),
        (SecretValue::bool(false), "false"),
        (number("1.50"), "1.50"),
        (SecretValue::text("$1\\1${x}"), "$1\\1${x}"),
        (SecretValue::bytes(*b"abc"), "abc"),
        (
            SecretValue::from_json(r#"{"x":[1,{"y":"z"}]}"#).unwrap(),
            r#"{"x":[1,{"y":"z"}]}"#,
        ),
        (SecretValue::from_json("[]").unwrap(), "[]"),
    ] {
        assert_eq!(text_of(&value).as_deref(), Some(want));
    }
}

#[test]
fn mistakes_are_found_without_a_value() {
    let mistake = |kind| check(&modifiers([ModifierKind::Trim, kind])).unwrap_err();
    let error = mistake(json_path("{.a"));
    assert_eq!(
        (error.modifier, error.to_string().as_str()),
        (1, "jsonPath: unclosed action")
    );
    let error = mistake(ModifierKind::Bcrypt {
        user: Some("a:b".to_owned()),
    });
    assert!(error.to_string().starts_with("bcrypt: invalid parameters"));
    let fine = [
        json_path("{.a}"),
        ModifierKind::Bcrypt { user: None },
        ModifierKind::Indent(1),
    ];
    assert_eq!(check(&modifiers(fine)), Ok(()));
}

/// Every modifier on values that make it fail: whatever an error shows, it is no part of the value.
#[test]
fn errors_never_show_the_value() {
    use ModifierKind::*;
    const SENTINEL: &str = "s3ntinel";
    let text = |around: &str| SecretValue::text(around.replace('@', SENTINEL));
    let nested = |value: SecretValue| SecretValue::map([(SENTINEL, SecretValue::list([value]))]);
    let values = [
        text("@"),
        text("@!"),
        text("{\"@\": @}"),
        text("{\"@\": \"@\", \"l\": [\"@\", \"@\"], \"m\": {\"@\": 1}}"),
        text("{@: [@}"),
        text("- @\n: @: @\n\t*@"),
        text("!!@ @"),
        text("@\0@"),
        text(&"@".repeat(10)),
        nested(text("@")),
        nested(SecretValue::bytes([0xff, 0xfe])),
        SecretValue::bytes([SENTINEL.as_bytes(), &[0xff]].concat()),
        SecretValue::list([text("@")]),
        SecretValue::null(),
    ];
    let expressions = [
        "{.zip}",
        "{.l[9]}",
        "{.l[3:1]}",
        "{[0]}",
        "{.*[0]}",
        "{..[?(@.x==1)]}",
        "{.l[?(@==1)]}",
        "{.l[?(@>true)]}",
        "{.l[?(@.x==\"y\")]}",
        "{[?(@[*]==1)]}",
        "{range .l[*]}{.x}{end}",
        "{.a",
        "{.m[*]}",
        "{.*.*.*.x}",
        "{[*][*]}",
    ];
    let mut kinds = vec![
        Base64Encode,
        Base64Decode,
        JsonParse,
        YamlParse,
        Sha256Sum,
        Sha512Sum,
        Indent(usize::MAX),
        NIndent(usize::MAX),
        Trim,
        UrlEncode,
        ToJson,
        ToYaml,
        Unescape,
        JsonEscape,
        ShellQuote,
        XmlEscape,
        Default(SENTINEL.to_owned()),
    ];
    kinds.extend(expressions.map(json_path));
    // A user that is refused: hashing takes long and cannot fail.
    kinds.push(Bcrypt {
        user: Some(String::new()),
    });
    let mut failed = std::collections::BTreeSet::new();
    for value in &values {
        for kind in &kinds {
            let Err(error) = run(value, &modifiers([kind.clone()]), &LOCATION) else {
                continue;
            };
            failed.insert(kind.name());
            let shown = format!("{error} {error:?} {error:#?} {:?}", error.hint());
            assert!(!shown.contains("ntinel"), "{shown}");
            assert!(std::error::Error::source(&error).is_none());
        }
    }
    let never_fail = ["default"];
    for kind in &kinds {
        assert_eq!(
            failed.contains(kind.name()),
            !never_fail.contains(&kind.name()),
            "{}",
            kind.name()
        );
    }
    for password in [SENTINEL.repeat(10), format!("{SENTINEL}\0")] {
        let error = one(password, Bcrypt { user: None }).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ntinel"));
    }
}

#[test]
fn no_modifier_makes_a_value_of_more_than_16_mib() {
    use ModifierKind::*;
    const MIB: usize = 1 << 20;
    let text = |size: usize, c: char| SecretValue::text(c.to_string().repeat(size));
    let list = || SecretValue::list((0..5).map(|_| text(4 * MIB, 'x')));
    for (value, kind) in [
        (text(13 * MIB, 'x'), Base64Encode),
        (text(6 * MIB, ' '), UrlEncode),
        (text(3 * MIB, '\u{1}'), ToJson),
        (text(17 * MIB, 'x'), Unescape),
        (text(3 * MIB, '\u{1}'), JsonEscape),
        (text(5 * MIB, '\''), ShellQuote),
        (text(4 * MIB, '&'), XmlEscape),
        (text(3 * MIB, '\u{1}'), ToYaml),
        (list(), ToJson),
        (list(), ToYaml),
        (
            SecretValue::map([("k".repeat(17 * MIB), SecretValue::null())]),
            ToYaml,
        ),
        (text(17 * MIB, '1'), JsonParse),
        (text(17 * MIB, '1'), YamlParse),
        (text(17 * MIB, '1'), json_path("{.a}")),
        (text(17 * MIB, 'x'), Trim),
        (SecretValue::text("a\n".repeat(MIB)), Indent(1000)),
        (text(17 * MIB, 'x'), NIndent(1)),
        (list(), json_path("{[*]}")),
        (list(), json_path("{}")),
    ] {
        let name = kind.name();
        let error = one(value, kind).expect_err(name);
        assert_eq!(error.kind, TransformErrorKind::TooLarge, "{name}");
    }
    let most = one(text(12 * MIB, 'x'), Base64Encode).unwrap();
    assert_eq!(most.expose().as_text().map(str::len), Some(16 * MIB));
}

#[test]
fn a_chain_that_explodes_ends_at_the_modifier_that_makes_too_much() {
    let grow = |kind: ModifierKind| all("\"", vec![kind; 200]).unwrap_err();
    for kind in [
        ModifierKind::ToJson,
        ModifierKind::ToYaml,
        ModifierKind::Base64Encode,
    ] {
        let error = grow(kind);
        assert_eq!(error.kind, TransformErrorKind::TooLarge, "{}", error.name);
        assert!((5..120).contains(&error.modifier), "{}", error.modifier);
    }
}

#[test]
fn texts_and_numbers_are_whole_however_long() {
    for text in ["é\"".repeat(5000), "x".repeat(4096), "\u{1}".repeat(9000)] {
        let value = SecretValue::text(text);
        for kind in [ModifierKind::ToJson, ModifierKind::ToYaml] {
            let written = one(value.clone(), kind).unwrap();
            let read = one(written, ModifierKind::YamlParse).unwrap();
            assert!(read == value);
        }
    }
    let digits = format!("{}e5", "1".repeat(5000));
    let yaml = one(number(&digits), ModifierKind::ToYaml).unwrap();
    let expected = format!("{}.0e+5", "1".repeat(5000));
    assert_eq!(yaml.expose().as_text(), Some(expected.as_str()));
}

#[test]
fn time_is_asked_for_before_each_modifier() {
    use std::cell::Cell;
    let asked = Cell::new(0);
    let late = || asked.replace(asked.get() + 1) == 2;
    let modifiers = modifiers([ModifierKind::Trim, ModifierKind::Trim, ModifierKind::Trim]);
    let error = run_in_time(&SecretValue::text("x"), &modifiers, &LOCATION, late).unwrap_err();
    assert_eq!(
        (error.modifier, error.kind),
        (2, TransformErrorKind::TooLate)
    );
    assert_eq!(asked.get(), 3);
}
