//! Texts that are no manifests: each format is filled so that its readers see the value and nothing
//! else changes.
#![cfg(feature = "fill")]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod formats;
mod mistakes;

use common::told;
use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Format, Input, Options, RenderError, Renderer, RunContext};

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
