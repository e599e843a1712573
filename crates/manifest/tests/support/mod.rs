//! Lists and judges that several tests share.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use manifill_manifest::{
    AnnotationRules, Document, Edit, ParseOptions, Replacement, Telltales, TextEdit,
};
use saphyr_parser::{Event, Parser};

/// The text that stands for a placeholder in sources.
pub const MARK: &str = "<x>";

/// What placeholders begin with in these tests.
pub const OPENERS: [&str; 2] = ["path:", "op://"];

/// What annotations that matter begin with.
pub const PREFIXES: [&str; 2] = ["avp.kubernetes.io/", "manifill.dev/"];

/// What a document must not hold if it is to be passed over.
pub fn telltales() -> Telltales {
    Telltales::new(&OPENERS, &PREFIXES, &[])
}

/// How the objects are read.
pub fn options() -> ParseOptions {
    let companions = &[
        "avp.kubernetes.io/kv-version",
        "avp.kubernetes.io/secret-version",
        "manifill.dev/backend",
    ];
    let rules = AnnotationRules::new(&PREFIXES);
    ParseOptions::new().with_annotations(rules.with_inherited("avp.kubernetes.io/path", companions))
}

/// Parses the only document of a source, keeping the scalars that hold the mark.
pub fn parse(source: &str) -> Document {
    let all = 0..source.len();
    Document::parse(source, all, &options(), |_, value| value.contains(MARK))
        .unwrap_or_else(|error| panic!("{error} at {}: {source:?}", error.offset()))
}

/// An edit that puts a text in place of every mark of a scalar.
pub fn fill(document: &Document, source: &str, scalar: usize, text: &str) -> Edit {
    let value = document.scalar(source, scalar).unwrap().value;
    let fills = value.match_indices(MARK).map(|(at, _)| TextEdit {
        range: at..at + MARK.len(),
        text: text.to_owned(),
    });
    Edit {
        scalar,
        change: Replacement::Text(fills.collect()),
    }
}

/// Fills every mark of a source.
pub fn fill_all(source: &str, text: &str) -> String {
    let document = parse(source);
    let edits: Vec<Edit> = (0..document.scalar_count())
        .map(|scalar| fill(&document, source, scalar, text))
        .collect();
    document
        .apply(source, &edits)
        .unwrap_or_else(|error| panic!("{error}: {source:?} with {text:?}"))
}

/// A text with a line break at its end, as Kubernetes' readers see one without.
pub fn finished(text: &str) -> String {
    let end = if text.ends_with(['\n', '\r']) {
        ""
    } else {
        "\n"
    };
    format!("{text}{end}")
}

/// The events of a source as a parser reads them that shares no code with ours; scalars as their
/// text, everything else by name. Anchors, tags and styles are left out.
pub fn judge(source: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for event in Parser::new_from_str(source) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        out.push(match event {
            // This parser reads nothing as `~`.
            Event::Scalar(_, saphyr_parser::ScalarStyle::Plain, ..) if span.is_empty() => {
                "=".to_owned()
            }
            Event::Scalar(value, ..) => format!("={value}"),
            Event::Alias(number) => format!("*{number}"),
            Event::SequenceStart(..) => "[".to_owned(),
            Event::SequenceEnd => "]".to_owned(),
            Event::MappingStart(..) => "{".to_owned(),
            Event::MappingEnd => "}".to_owned(),
            _ => continue,
        });
    }
    Ok(out)
}

/// Places for a value, each with one mark. Every style, in block and flow context and JSON, at
/// every position, with every kind of neighbour.
pub const PLACES: &[&str] = &[
    // Plain
    "kind: A\nx: <x>\n",
    "kind: A\nx: <x>",
    "kind: A\nx: a <x> b\n",
    "kind: A\nx: <x> # c\ny: 1\n",
    "kind: A\nx: <x>\t# c\n",
    "kind: A\nx:    <x>   \ny: 1\n",
    "kind: A\nx:\n  <x>\n",
    "kind: A\nx:\n  # c\n  <x>\n  # d\n",
    "kind: A\nx: a\n  <x>\n  b\ny: 1\n",
    "kind: A\nx: a\n\n  <x>\n",
    "kind: A\nx: &n <x>\ny: *n\n",
    "kind: A\nx: !!str <x>\n",
    "kind: A\nx: !!str &n <x> # c\ny: *n\n",
    "kind: A\nx: &n\n  !t\n  <x>\n",
    "kind: A\nx:\n- <x>\n- b\n",
    "kind: A\nx:\n  - a\n  - <x>\n",
    "kind: A\nx:\n- - <x>\n  - b\n- c\n",
    "kind: A\nx:\n- a: <x>\n  b: 1\n",
    "kind: A\nx:\n- b: 1\n  a: <x>\n- c\n",
    "kind: A\n? x\n: <x>\n",
    "kind: A\n? x\n: - <x>\n  - b\n",
    "kind: A\n\"x y\": <x>\n'z': 1\n",
    "---\nkind: A\nx: <x>\n...\n",
    "--- # c\nkind: A\nx: <x>\n",
    "%YAML 1.1\n---\nkind: A\nx: <x>\n",
    "\u{feff}kind: A\nx: <x>\n",
    "# ünï 😀\nkind: A\nä: ö <x> ü # é\nz: 1\n",
    "kind: A\r\nx: <x>\r\ny: 1\r\n",
    "kind: A\r\nx: <x>",
    "kind: A\rx: <x>\ry: 1\r",
    "kind: A\nx: http://<x>:80/?a=b#c\n",
    "kind: A\nx: -<x>\n",
    // Flow
    "kind: A\nx: {a: <x>}\n",
    "kind: A\nx: {a: <x>, b: 1}\n",
    "kind: A\nx: {b: 1, a: <x>,}\n",
    "kind: A\nx: {a: <x>,b: 1}\n",
    "kind: A\nx: { a : <x> , b : 1 } # c\n",
    "kind: A\nx: {\"a\":<x>,\"b\":1}\n",
    "kind: A\nx: {\n  a: <x>, # c\n  b: 1\n}\n",
    "kind: A\nx: {? a : <x>, b: 1}\n",
    "kind: A\nx: [<x>]\n",
    "kind: A\nx: [a, <x>,b]\n",
    "kind: A\nx: [[<x>], {a: [<x>]}]\n",
    "kind: A\nx: [a: <x>, b]\n",
    "kind: A\nx: [\"a\":<x>]\n",
    "{kind: A, x: <x>}\n",
    "{kind: A, x: 'a<x>'}",
    "kind: A\nx: {a: \"<x>\"}\n",
    "kind: A\nx: ['<x>', \"b\"]\n",
    "kind: A\nx: [&n <x>, *n]\n",
    "kind: A\nx: [!!str <x>, b]\n",
    // Quotes
    "kind: A\nx: '<x>'\n",
    "kind: A\nx: 'it''s <x>' # c\ny: 1\n",
    "kind: A\nx: 'a\n  <x>\n\n  b'\ny: 1\n",
    "kind: A\nx: \"<x>\"\n",
    "kind: A\nx: \"<x>\"",
    "kind: A\nx: \"a <x> \\\" \\\\ \\x41 \\u00e9 \\t\"   # c\n",
    "kind: A\nx: \"\\u003cx\\u003e\"\n",
    "kind: A\nx: \"\\x3cx>\\U0001F600\\/\\e\\_\"\n",
    "kind: A\nx: \"a\n  <x>\n\n  b\"\ny: 1\n",
    "kind: A\nx: \"a \\\n  <x>\\n\\\n  b\"\n",
    "kind: A\nx: \"<x><x>\"\n",
    "kind: A\nx: \" <x> \"\n",
    "kind: A\r\nx: \"<x>\"\r\ny: '<x>'\r\n",
    // Literal
    "kind: A\nx: |\n  <x>\n",
    "kind: A\nx: |\n  <x>\ny: 1\n",
    "kind: A\nx: |\n  a\n  b <x> c\n  d\n\n\ny: 1\n",
    "kind: A\nx: |-\n  <x>\ny: 1\n",
    "kind: A\nx: |+\n  <x>\n\n\ny: 1\n",
    "kind: A\nx: |+ # c | d\n  a <x>\n",
    "kind: A\nx: |2\n    <x>\n  b\n",
    "kind: A\nx: |2- # c > d\n   a\n  <x>\ny: 1\n",
    "kind: A\nx: | # c\n\n    a\n      <x>\n    b\n  # d\ny: 1\n",
    "kind: A\nx: &n !!str |\n  <x>\ny: *n\n",
    "kind: A\nx:\n  # see | below\n  |\n  <x>\n",
    "kind: A\nx:\n- |\n  <x>\n- b\n",
    "kind: A\nx:\n  - |-\n   <x>\n   b\n  - c\n",
    "kind: A\nx:\n- a: |\n    <x>\n  b: 1\n",
    "kind: A\nx: |\n  <x>",
    "kind: A\nx: |-\n  a\n  <x>",
    "kind: A\nx: |+\n  <x>",
    "kind: A\r\nx: |\r\n  a\r\n  <x>\r\n  b\r\ny: 1\r\n",
    "kind: A\rx: |\r  a\r  <x>\r  b\ry: 1\r",
    "kind: A\nx: |\n  <x> <x>\n  <x>\n",
    "kind: A\nx: |\n  ünï <x> 😀\n",
    "kind: A\nx: |\n  \ta\n  <x>\n",
    "kind: A\nx: |\n  a\n   \n  <x>\n",
    "kind: A\nx: |\n  <x>\n...\n",
    "kind: A\nx:\n- |\n\n\n- |\n  <x>\n",
    "kind: A\nx: >\ny: | # c\n  <x>\n",
    "kind: A\nx: |\r\n  <x>\n\r",
    "kind: A\n? x\n: |\n  <x>\n",
    // Folded
    "kind: A\nx: >\n  <x>\n",
    "kind: A\nx: >- # c\n  a\n  <x>\n  b\ny: 1\n",
    "kind: A\nx: >+\n  a\n\n  <x>\n\n\ny: 1\n",
    "kind: A\nx: >2\n    a <x>\n  b\n",
    "kind: A\nx: >\n  a\n  <x>",
    "kind: A\r\nx: >\r\n  a\r\n  <x>\r\ny: 1\r\n",
    // JSON
    "{\"kind\":\"A\",\"x\":\"<x>\"}",
    "{\"kind\":\"A\",\"x\":\"\\u003cx\\u003e\"}\n",
    "{\n  \"kind\": \"A\",\n  \"x\": [\"<x>\", {\"a\": \"b<x>c\"}]\n}\n",
    "{\n\t\"x\": \"a\\\"\\/<x>\",\r\n\t\"kind\": \"A\"\n}",
];

/// Whether a place is JSON, so that its result must be JSON as well.
pub fn is_json(place: &str) -> bool {
    place.starts_with("{\"") || place.starts_with("{\n")
}

/// Values that some writer or reader of YAML gets wrong, each for a reason of its own.
pub fn secrets() -> Vec<String> {
    let plain = [
        "",
        "s3cr3t",
        "~",
        "null",
        "Null",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "true",
        "False",
        "0777",
        "0o17",
        "0x1F",
        "0b11",
        "1e3",
        "1_000",
        "12:30:45",
        "2021-05-06",
        "-1",
        ".5",
        ".inf",
        "NaN",
        "=",
        "<<",
        "- a",
        "-",
        "--",
        "? a",
        "?",
        ": b",
        ":",
        "a: b",
        "a:",
        "a :b",
        "a #b",
        "#c",
        "a# b",
        "@a",
        "`a",
        "*a",
        "&a",
        "!a",
        "!!int 5",
        "%a",
        "%YAML 1.2",
        "|",
        ">",
        "[a]",
        "{a}",
        "]",
        "}",
        ",",
        "a, b",
        "'",
        "''",
        "it's",
        "\"",
        "\\",
        "\\n",
        "\\u0041",
        "a\"b'c\\d",
        " a",
        "a ",
        "  ",
        "\ta",
        "a\tb",
        "a\t",
        "\t",
        "<path:a#b>",
        "<x>",
        "$$",
        "${A}",
        "{{ a }}",
        "ünï",
        "日本",
        "😀",
        "a\u{a0}b",
        "\u{2003}",
        "e\u{301}",
        "\u{202e}rtl",
        // Line breaks of every kind.
        "a\nb",
        "a\n",
        "\na",
        "\n",
        "a\n\nb",
        "a\n\n",
        "a\n b",
        " a\nb",
        "\ta\nb",
        "a\n\tb",
        "a \nb",
        "a\n \nb",
        "a\n\t\nb",
        "a\r\nb",
        "a\rb",
        "a\r",
        "\r\n",
        "---",
        "---\na",
        "a\n---\nb",
        "a\n---",
        "...",
        "a\n...\nb",
        "a\n# c\nb",
        "a\nb: c\n- d",
        "\n\na",
        "a\n\n\n\n",
        " \n a\n ",
        // Characters that readers refuse, drop or take as line breaks.
        "a\u{0}b",
        "\u{1}",
        "a\u{7}\u{8}\u{b}\u{c}\u{1b}b",
        "a\u{7f}b",
        "a\u{80}\u{9f}b",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{2029}b",
        "\u{feff}a",
        "a\u{feff}",
        "a\u{fffe}\u{ffff}b",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{e000}",
        "\u{ad}",
    ];
    let mut all: Vec<String> = plain.iter().map(|text| (*text).to_owned()).collect();
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n";
    let body = line.repeat(4);
    all.push(format!("-----BEGIN KEY-----\n{body}-----END KEY-----"));
    all.push(format!("-----BEGIN KEY-----\n{body}-----END KEY-----\n"));
    all.push(format!(
        "-----BEGIN KEY-----\r\n{body}-----END KEY-----\r\n"
    ));
    all.push("word ".repeat(300));
    all.push("x".repeat(3000));
    all.push("{\n  \"a\": [1, \"b\"]\n}\n".to_owned());
    all.push("#!/bin/sh\nset -e\n\n  echo \"$A\" # c\n".to_owned());
    all
}
