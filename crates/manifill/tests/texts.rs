//! Texts that are no manifests: each format is filled so that its readers see the value and nothing
//! else changes.
#![cfg(feature = "fill")]
#![allow(clippy::unwrap_used)]

mod common;

use common::told;
use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Format, Input, Options, RenderError, Renderer, RunContext};
use manifill_manifest::Value;
use toml::de::{DeTable, DeValue};

/// Values with everything that a format could take for something else.
const NASTY: [&str; 38] = [
    "plain",
    "two words",
    " around ",
    "  ",
    "",
    "it's",
    "say \"x\"",
    "it's \"x\"",
    "a\\b",
    "a\\\\b",
    "ends\\",
    "\\n",
    "one\ntwo",
    "\nfirst and last\n",
    "a\r\nb",
    "tab\tand\u{c}feed",
    "nul\0",
    "bell\u{7}",
    "$HOME",
    "${HOME}",
    "100%",
    "`id`",
    "# hash",
    "a #b",
    "! bang",
    "key=value",
    ": colon",
    "a: b",
    "- item",
    "{a}",
    "[a]",
    "true",
    "null",
    "007",
    "1e3",
    "2001-01-01",
    "grün €\u{1f511}\u{2028}\u{85}",
    "'''\"\"\"",
];

fn renderer(value: impl Into<SecretValue>) -> Renderer {
    let vault = Memory::new().with("db", [("p", value.into())]);
    Renderer::with_backend("memory", vault)
}

fn fill_with(renderer: &Renderer, format: Format, source: &str) -> Result<String, RenderError> {
    let inputs = [Input::new("t", source).with_format(format)];
    let rendered = renderer.render(&inputs, &RunContext::new()).now_or_never();
    Ok(rendered.unwrap()?.texts()[0].to_string())
}

fn fill(value: impl Into<SecretValue>, format: Format, source: &str) -> String {
    fill_with(&renderer(value), format, source)
        .unwrap_or_else(|error| panic!("{source}: {error:#}"))
}

fn refused(value: impl Into<SecretValue>, format: Format, source: &str) -> String {
    match fill_with(&renderer(value), format, source) {
        Ok(text) => panic!("{source} gave {text}"),
        Err(error) => told(&error),
    }
}

const P: &str = "<path:db#p>";

/// The source with `P` for `@`.
fn with_placeholder(source: &str) -> String {
    source.replace('@', P)
}

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

#[test]
fn plain_text_takes_a_value_as_it_is() {
    for value in NASTY {
        let source = with_placeholder("# @\n<b>@</b> <user> <a@b.example>\r\n\t@");
        assert_eq!(fill(value, Format::Text, &source), source.replace(P, value));
    }
}

#[test]
fn everything_else_stays_byte_for_byte() {
    for (format, source) in [
        (
            Format::Json,
            "\u{feff}{\"a\" :\t[1.0,\r\n2e5] ,\"<b>\":null}\r\n",
        ),
        (
            Format::Toml,
            "a=1_000 # <b>\r\nb = \"\"\"\r\nx\"\"\"\r\n\r\n",
        ),
        (
            Format::Dotenv,
            "\u{feff}A = b c\r\n\r\n export X\n#\nB=\"\\n${X}\" # y",
        ),
        (Format::Properties, "! c\r\na:b\\\r\n  c\rd = \\u00e9\n"),
        (Format::Yaml, "a: 'b' # c\r\n\r\n...\n---\n- 0x1F\n"),
        (Format::Text, "\r\n \u{0}<x>"),
    ] {
        assert_eq!(fill("v", format, source), source, "{format:?}");
        // And with a placeholder behind it.
        let (more, written) = match format {
            Format::Json => continue,
            Format::Yaml => ("- @\n", "- v\n"),
            Format::Toml => ("z = '@'\n", "z = 'v'\n"),
            _ => ("\nZ=@\n", "\nZ=v\n"),
        };
        let filled = fill("v", format, &with_placeholder(&format!("{source}{more}")));
        assert_eq!(filled, format!("{source}{written}"), "{format:?}");
    }
}

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

#[test]
fn modifiers_alternatives_and_escapes_work_as_in_manifests() {
    let source = "{\"a\": \"<path:db#p | base64encode>\", \"b\": <path:db#no || path:db#p>, \"c\": \"<path:db#no | default \\\"x\\\">\"}";
    assert_eq!(
        fill("v", Format::Json, source),
        "{\"a\": \"dg==\", \"b\": \"v\", \"c\": \"x\"}"
    );
    assert_eq!(
        fill(
            "a b",
            Format::Dotenv,
            "A=<path:db#no | default \"it\">\nB=<path:db # p>\n"
        ),
        "A=it\nB='a b'\n"
    );
    let escaped = renderer("a&b").with_options(Options::new().with_escaped(true));
    assert_eq!(
        fill_with(
            &escaped,
            Format::Text,
            "u?p=%3Cpath:db%23p%3E &lt;path:db#p&gt;"
        )
        .unwrap(),
        "u?p=a%26b a&amp;b"
    );
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
fn a_plan_says_what_is_read_for_which_field() {
    let renderer = renderer("v");
    let inputs = [
        Input::new("a.json", "{\"a\": [1, \"<path:db#p>\"]}").with_format(Format::Json),
        Input::new("b.toml", "[x]\ny = '<path:db#p>'").with_format(Format::Toml),
        Input::new("c", "hello <path:db#p>").with_format(Format::Text),
    ];
    let plan = renderer.plan(&inputs).unwrap();
    let fields: Vec<String> = plan
        .fields()
        .map(|one| {
            format!(
                "{}:{}:{} {}{}",
                one.file, one.line, one.column, one.resource, one.field
            )
        })
        .collect();
    assert_eq!(fields, ["a.json:1:11 a[1]", "b.toml:2:5 x.y", "c:1:1 "]);
    assert_eq!(plan.reads().count(), 1);
    assert_eq!(plan.document_count(), 3);
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

/// Behind a line that ends in a backslash, TOML leaves white space out.
#[test]
fn an_empty_value_does_not_change_what_stands_beside_it() {
    let source = with_placeholder("e = \"\"\"a \\\n  @ b\"\"\"\n");
    assert_eq!(
        fill("x", Format::Toml, &source),
        "e = \"\"\"a \\\n  x b\"\"\"\n"
    );
    assert_eq!(fill("", Format::Toml, &source), "e = \"a  b\"\n");
    assert_eq!(
        fill(" x", Format::Toml, &source),
        "e = \"\"\"a \\\n  \\u0020x b\"\"\"\n"
    );
}

proptest::proptest! {
    /// Whatever a text holds, it is filled, or refused with a place in it.
    #[test]
    fn any_text_is_filled_or_refused(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "<path:db#p>", "<path:db#p", "<op://a/b/c>", "<", ">", "\"", "'", "\"\"\"", "'''", "\\", "\n", "\r\n",
                "=", ":", ",", "#", " ", "\t", "{", "}", "[", "]", "a", "é", "\u{1f511}", "\\u00e9", "\\ud83d\\udd11", "1", "$",
                "export ", "A=", "\"k\": ", "k = ", "[t]\n", "\u{feff}", "!", "| trim", "- ", "---\n",
            ]),
            0..24,
        ),
        value in ".{0,6}",
    ) {
        let source = pieces.concat();
        let renderer = renderer(value.as_str());
        for format in Format::TEXTS {
            match fill_with(&renderer, format, &source) {
                Ok(filled) if !source.contains("<path:db#p") => {
                    proptest::prop_assert_eq!(filled, source.clone());
                }
                Ok(_) => {}
                Err(error) => {
                    let told = told(&error);
                    proptest::prop_assert!(error.diagnostics().iter().all(|one| one.place.line > 0), "{}", told);
                    proptest::prop_assert!(!told.contains("did not read back"), "{:?} {:?}: {}", format, source, told);
                }
            }
        }
    }
}

#[test]
fn the_name_of_a_field_is_cut_and_marks_find_a_name_of_their_own() {
    let values: String = (0..200)
        .map(|one| format!("\"k{one}\": \"<path:db#p>\", "))
        .collect();
    let (long, underscores) = ("k".repeat(100_000), "_".repeat(100_000));
    let text = format!("{{\"{long}\": {{{values}\"mark\": \"manifill{underscores}\"}}}}");
    let inputs = [Input::new("a.json", text.clone()).with_format(Format::Json)];
    let renderer = renderer("it");
    let plan = renderer.plan(&inputs).unwrap();
    assert_eq!(plan.fields().count(), 200);
    assert!(plan.fields().all(|field| field.field.len() < 1100));
    let filled = fill_with(&renderer, Format::Json, &text).unwrap();
    assert_eq!(filled, text.replace("<path:db#p>", "it"));
}
