//! How each format holds a value.

use super::{NASTY, P, fill, refused, with_placeholder};
use manifill::Format;
use manifill::vault::SecretValue;
use manifill_manifest::Value;
use toml::de::{DeTable, DeValue};

#[test]
fn json_holds_every_value_in_a_string_and_in_the_place_of_one() {
    let source = "{ \"a\": \"@\" , \"b\":@,\n  \"c\": [ 1.50, \"x@y\\u00e9\", @ ], \"d\": {\"e\": \"@@\"} }\n";
    for value in NASTY {
        let filled = fill(value, Format::Json, &with_placeholder(source));
        let read: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(read["a"], value, "{filled}");
        assert_eq!(read["b"], value, "{filled}");
        assert_eq!(read["c"][1], format!("x{value}yé"), "{filled}");
        assert_eq!(read["c"][2], value, "{filled}");
        assert_eq!(read["d"]["e"], format!("{value}{value}"), "{filled}");
    }
    assert_eq!(
        fill("it's", Format::Json, &with_placeholder(source)),
        "{ \"a\": \"it's\" , \"b\":\"it's\",\n  \"c\": [ 1.50, \"xit'sy\\u00e9\", \"it's\" ], \"d\": {\"e\": \"it'sit's\"} }\n"
    );
}

#[test]
fn values_keep_their_type_in_the_place_of_a_value_and_are_text_in_a_string() {
    let json = |text: &str| SecretValue::from_json(text).unwrap();
    for (value, bare, quoted) in [
        (
            "12345678901234567890.10",
            "12345678901234567890.10",
            "\"12345678901234567890.10\"",
        ),
        ("true", "true", "\"true\""),
        (
            "[1, {\"a\": null}]",
            "[1, {\"a\": null}]",
            "\"[1,{\\\"a\\\":null}]\"",
        ),
        ("\"5\"", "\"5\"", "\"5\""),
    ] {
        let source = with_placeholder("{\"a\": @, \"b\": \"@\"}");
        assert_eq!(
            fill(json(value), Format::Json, &source),
            format!("{{\"a\": {bare}, \"b\": {quoted}}}")
        );
    }
    for (value, bare, quoted) in [
        ("5432", "5432", "\"5432\""),
        ("1.50", "1.50", "\"1.50\""),
        ("false", "false", "\"false\""),
        ("[1.50, \"x\"]", "[1.50, \"x\"]", "\"[1.50,\\\"x\\\"]\""),
        (
            "{\"a\": {\"b c\": 1}}",
            "{ \"a\" = { \"b c\" = 1 } }",
            "\"{\\\"a\\\":{\\\"b c\\\":1}}\"",
        ),
    ] {
        let source = with_placeholder("a = @ # why\nb = \"@\"\n");
        assert_eq!(
            fill(json(value), Format::Toml, &source),
            format!("a = {bare} # why\nb = {quoted}\n")
        );
    }
    for (format, source) in [
        (Format::Dotenv, "A=@\n"),
        (Format::Properties, "A=@\n"),
        (Format::Text, "A=@\n"),
    ] {
        assert_eq!(
            fill(json("5432"), format, &with_placeholder(source)),
            "A=5432\n"
        );
    }
    assert_eq!(
        fill(json("5432"), Format::Yaml, &with_placeholder("a: @\n")),
        "a: 5432\n"
    );
    assert_eq!(
        fill("5432", Format::Yaml, &with_placeholder("a: @\n")),
        "a: \"5432\"\n"
    );
}

/// The strings of TOML with the tables and lists they stand in.
fn json_of(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), json_of(value.get_ref())))
            .collect(),
        DeValue::Array(items) => items.iter().map(|item| json_of(item.get_ref())).collect(),
        DeValue::String(text) => text.as_ref().into(),
        _ => serde_json::Value::Null,
    }
}

#[test]
fn toml_holds_every_value_in_every_string() {
    let source = "\
# @ in a comment stays
top = @ # why
basic = \"x@y\\u00e9\"
literal = 'C:\\@'

[a.\"b.c\"]
lines = \"\"\"
@
  x@y \\
  @z\"\"\"
raw = '''
@ \\n
x@'''
list = [ @, '@', { in = \"@\" } ]
when = 2001-01-01T00:00:00Z
[[more]]
hex = 0xFF
dotted.key = '@'
";
    for value in NASTY {
        let filled = fill(value, Format::Toml, &with_placeholder(source));
        let read = match DeTable::parse(&filled) {
            Ok(read) => json_of(&DeValue::Table(read.into_inner())),
            Err(error) => panic!("{value:?}: {error}\n{filled}"),
        };
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        assert_eq!(text(&read["top"]), value, "{filled}");
        assert_eq!(text(&read["basic"]), format!("x{value}yé"), "{filled}");
        assert_eq!(text(&read["literal"]), format!("C:\\{value}"), "{filled}");
        let table = &read["a"]["b.c"];
        assert_eq!(
            text(&table["lines"]),
            format!("{value}\n  x{value}y {value}z"),
            "{filled}"
        );
        assert_eq!(
            text(&table["raw"]),
            format!("{value} \\n\nx{value}"),
            "{filled}"
        );
        assert_eq!(text(&table["list"][0]), value, "{filled}");
        assert_eq!(text(&table["list"][1]), value, "{filled}");
        assert_eq!(text(&table["list"][2]["in"]), value, "{filled}");
        assert_eq!(text(&read["more"][0]["dotted"]["key"]), value, "{filled}");
        assert!(filled.starts_with(&format!("# {P} in a comment stays\n")));
    }
    let filled = fill("it", Format::Toml, &with_placeholder(source));
    assert_eq!(
        filled,
        with_placeholder(source)
            .replace(P, "it")
            .replace("# it in", &format!("# {P} in"))
            .replace("= it #", "= \"it\" #")
            .replace("[ it,", "[ \"it\",")
    );
}

#[test]
fn values_of_a_chart_are_filled_without_a_kind() {
    let source = "# @ in a comment stays\nimage: nginx # pinned\ndb: &db\n  password: @\n  url: 'x@'\n  block: |\n    a\n    @\nlist: [@, {a: @}]\n---\nmore: \"@\"\n";
    for value in NASTY {
        let filled = fill(value, Format::Yaml, &with_placeholder(source));
        let read = manifill_manifest::read(&filled).unwrap();
        let get = |value: &Value, path: &[&str]| -> Value {
            path.iter().fold(value.clone(), |value, key| match value {
                Value::Map(entries) => {
                    let found = entries.into_iter().find(|(name, _)| name == key);
                    found.unwrap().1
                }
                Value::List(items) => items[key.parse::<usize>().unwrap()].clone(),
                other => panic!("{other:?}"),
            })
        };
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(get(&read[0], &["db", "password"]), text(value), "{filled}");
        assert_eq!(
            get(&read[0], &["db", "url"]),
            text(&format!("x{value}")),
            "{filled}"
        );
        assert_eq!(get(&read[0], &["list", "0"]), text(value), "{filled}");
        assert_eq!(get(&read[0], &["list", "1", "a"]), text(value), "{filled}");
        assert_eq!(get(&read[1], &["more"]), text(value), "{filled}");
    }
    assert_eq!(
        fill("hunter2", Format::Yaml, &with_placeholder(source)),
        with_placeholder(source)
            .replace(P, "hunter2")
            .replace("# hunter2", &format!("# {P}"))
    );
}

#[test]
fn yaml_has_quotes_only_where_a_reader_could_see_something_else() {
    for (value, written) in [
        ("hunter2", "hunter2"),
        ("two words", "two words"),
        ("/usr/bin", "/usr/bin"),
        ("postgres://svc@db:5432/a#d", "postgres://svc@db:5432/a#d"),
        ("yes", "\"yes\""),
        ("NULL", "\"NULL\""),
        ("y", "\"y\""),
        ("True", "\"True\""),
        ("5", "\"5\""),
        ("5f", "\"5f\""),
        ("0xZ", "\"0xZ\""),
        ("1.2.3.4", "\"1.2.3.4\""),
        ("2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""),
        ("7kites", "7kites"),
        ("9Wq3rT", "9Wq3rT"),
        ("1 year", "1 year"),
        (".5", "\".5\""),
        ("-a", "\"-a\""),
        ("a: b", "\"a: b\""),
        ("a #b", "\"a #b\""),
        ("a:", "\"a:\""),
        ("a,b", "\"a,b\""),
        // PyYAML ends a text there in a flow map.
        ("a?", "\"a?\""),
        ("", "\"\""),
        ("~", "\"~\""),
        ("é", "\"é\""),
    ] {
        let filled = fill(value, Format::Yaml, &with_placeholder("a: @\n"));
        assert_eq!(filled, format!("a: {written}\n"), "{value}");
    }
    // A manifest in the same file is filled as a manifest.
    assert_eq!(
        fill(
            "hunter2",
            Format::Yaml,
            &with_placeholder("a: @\n---\nkind: Secret\nstringData: {a: @}\n")
        ),
        "a: hunter2\n---\nkind: Secret\nstringData: {a: \"hunter2\"}\n"
    );
}

#[test]
fn dotenv_is_written_as_every_program_reads_it() {
    for (value, written) in [
        ("plain", "plain"),
        ("p@ss-w0rd_1.x/y:z%,+=", "p@ss-w0rd_1.x/y:z%,+="),
        ("", ""),
        ("two words", "'two words'"),
        (" around ", "' around '"),
        ("it's", "\"it's\""),
        ("say \"x\"", "'say \"x\"'"),
        ("it's \"x\"", "\"it's \\\"x\\\"\""),
        ("a\\b", "'a\\b'"),
        ("a\\\\b", "\"a\\\\\\\\b\""),
        ("$HOME `id` !x", "'$HOME `id` !x'"),
        ("# hash", "'# hash'"),
        ("one\ntwo", "'one\ntwo'"),
        ("true", "true"),
        ("grün", "'grün'"),
        ("~", "'~'"),
    ] {
        let source = with_placeholder("# @\nexport A=@ \nB='@'\nC=\"@\"\nD=@ # why\n");
        let filled = fill(value, Format::Dotenv, &source);
        let rest = filled.strip_prefix(&format!("# {P}\n")).unwrap();
        assert!(
            rest.starts_with(&format!("export A={written} \n")),
            "{value}: {filled}"
        );
        let bare = if value.is_empty() { "''" } else { written };
        assert!(
            rest.ends_with(&format!("\nD={bare} # why\n")),
            "{value}: {filled}"
        );
    }
    // Beside other text.
    assert_eq!(
        fill(
            "p:s",
            Format::Dotenv,
            &with_placeholder("URL=postgres://u:@@h/${DB}\nX=\"$A@\"\n")
        ),
        "URL=postgres://u:p:sp:sh/${DB}\nX=\"$Ap:s\"\n"
    );
}

#[test]
fn what_no_quotes_make_the_same_for_every_program_is_refused() {
    for (value, message) in [
        ("it's $x", "there are no quotes in which"),
        ("it's `x`", "there are no quotes in which"),
        ("it's\\", "there are no quotes in which"),
        ("ends\\", "there are no quotes in which"),
        ("${HOME}", "contains `${…}`"),
        ("a\rb", "a carriage return"),
        ("a\0b", "a NUL byte"),
    ] {
        for source in ["A=@\n", "A='@'\n", "A=\"@\"\n"] {
            let error = refused(value, Format::Dotenv, &with_placeholder(source));
            assert!(error.contains(message), "{value}: {error}");
            assert!(
                error.starts_with("t:1:") && error.contains("[A]"),
                "{error}"
            );
        }
    }
    // What stands beside the value is expanded, and would not be in other quotes.
    let error = refused("a b", Format::Dotenv, &with_placeholder("A=$X@\n"));
    assert!(error.contains("would mean something else"), "{error}");
    let error = refused("a$b", Format::Dotenv, &with_placeholder("A=\"$X @\"\n"));
    assert!(error.contains("would mean something else"), "{error}");
    let error = refused("a", Format::Dotenv, &with_placeholder("A='b'@\n"));
    assert!(error.contains("text follows a closing quote"), "{error}");
}

#[test]
fn properties_have_the_escapes_of_java() {
    for (value, written) in [
        ("plain", "plain"),
        ("two words", "two words"),
        (" around ", "\\ around\\ "),
        (" ", "\\ "),
        ("", ""),
        ("a\\b", "a\\\\b"),
        ("one\ntwo", "one\\ntwo"),
        ("a\r\tb\u{c}", "a\\r\\tb\\f"),
        ("# a=b: !c", "# a=b: !c"),
        ("=a", "=a"),
        ("grün€", "gr\\u00FCn\\u20AC"),
        ("\u{1f511}", "\\uD83D\\uDD11"),
        ("nul\0", "nul\\u0000"),
        ("$x 'y' \"z\"", "$x 'y' \"z\""),
    ] {
        let filled = fill(
            value,
            Format::Properties,
            &with_placeholder("# @\n\na.b=@\n c : x@\\\n   y\n"),
        );
        assert_eq!(
            filled,
            format!("# {P}\n\na.b={written}\n c : x{written}\\\n   y\n")
        );
    }
    // Behind spaces alone, these would separate the key from its value.
    for (value, written) in [("=a", "\\=a"), (":a", "\\:a"), ("a=", "a=")] {
        assert_eq!(
            fill(value, Format::Properties, &with_placeholder("k @\n")),
            format!("k {written}\n")
        );
    }
    // A key may end in what would end it, and in a backslash before what does.
    for (source, written) in [
        ("a\\= @\n", "a\\= \\=b\n"),
        ("a\\:\t@\n", "a\\:\t\\=b\n"),
        ("a\\\\=@\n", "a\\\\==b\n"),
        ("a\\\\\\= @\n", "a\\\\\\= \\=b\n"),
        ("=@\n", "==b\n"),
    ] {
        let source = with_placeholder(source);
        assert_eq!(fill("=b", Format::Properties, &source), written);
    }
}
